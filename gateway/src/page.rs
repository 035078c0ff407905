//! The page for browsers: the files of `web/dist`, built into the program.
//!
//! The one idea: files keep their names, and a strong `ETag` tells a new build from an old one; so browsers ask each
//! time, and are answered 304. The page may load nothing from elsewhere, and nothing may frame it.

use std::sync::LazyLock;

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

/// A file of the page.
struct File {
    /// Its path within `web/dist`.
    path: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! file {
    ($path:literal, $content_type:literal) => {
        File {
            path: $path,
            content_type: $content_type,
            bytes: include_bytes!(concat!("../../web/dist/", $path)),
        }
    };
}

/// All files of the page; the first one is the page itself.
static FILES: [File; 4] = [
    file!("index.html", "text/html; charset=utf-8"),
    file!("assets/icon.svg", "image/svg+xml"),
    file!("assets/index.css", "text/css; charset=utf-8"),
    file!("assets/page.js", "text/javascript; charset=utf-8"),
];

/// The tag of each file: the SHA-256 of its bytes.
static TAGS: LazyLock<[HeaderValue; FILES.len()]> =
    LazyLock::new(|| std::array::from_fn(|index| tag(FILES[index].bytes)));

/// What browsers are to hold the page to (<https://www.w3.org/TR/CSP3/>, <https://fetch.spec.whatwg.org/>).
const RULES: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-cache"),
];

/// The files that the page loads. The page itself is [`page`], at whatever path.
pub(crate) fn routes() -> Router {
    (1..FILES.len()).fold(Router::new(), |router, index| {
        let path = format!("/{}", FILES[index].path);
        router.route(&path, get(async move |headers: HeaderMap| answer(index, &headers)))
    })
}

/// Answers with the page, which computes what its address asks for (`/?n=42`).
pub(crate) async fn page(headers: HeaderMap) -> Response {
    answer(0, &headers)
}

fn answer(index: usize, asked: &HeaderMap) -> Response {
    let File { content_type, bytes, .. } = FILES[index];
    let tag = TAGS[index].clone();
    let mut headers = HeaderMap::with_capacity(RULES.len() + 2);
    headers.extend(RULES.map(|(name, value)| (name, HeaderValue::from_static(value))));
    let known = holds(asked, &tag);
    headers.insert(header::ETAG, tag);
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    (headers, bytes).into_response()
}

/// Whether `If-None-Match` lists the tag (RFC 9110, section 13.1.2: the comparison is weak).
fn holds(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let lists = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    lists
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known).as_bytes() == tag.as_bytes())
}

fn tag(bytes: &[u8]) -> HeaderValue {
    let digits = Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    HeaderValue::try_from(format!("\"{digits}\""))
        .expect("hexadecimal digits and quotes are visible characters")
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    const DIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/dist");

    /// The files below a directory, as paths within `root`.
    fn files(directory: &Path, root: &Path) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for path in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                found.append(&mut files(&path, root));
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
        found
    }

    #[test]
    fn every_built_file_is_served_and_no_other() {
        let built = files(Path::new(DIST), Path::new(DIST));
        let served: BTreeSet<String> = FILES.iter().map(|file| file.path.to_owned()).collect();
        assert_eq!(served, built);
        assert_eq!(served.len(), FILES.len());
    }

    #[test]
    fn types_fit_the_names() {
        let ends =
            [("html", "text/html"), ("css", "text/css"), ("js", "text/javascript"), ("svg", "image/svg")];
        for File { path, content_type, .. } in &FILES {
            let (_, start) = ends.iter().find(|(end, _)| path.ends_with(&format!(".{end}"))).unwrap();
            assert!(content_type.starts_with(start), "{path} as {content_type}");
        }
    }

    #[test]
    fn the_page_holds_to_its_rules() {
        let page = std::str::from_utf8(FILES[0].bytes).unwrap();
        assert!(!page.contains("<style") && !page.contains("style=") && !page.contains("http"), "{page}");
        for (start, _) in page.match_indices("<script") {
            assert!(
                page[start..].starts_with("<script type=\"module\" crossorigin src=\"/assets/"),
                "{page}"
            );
        }
        let reply = answer(0, &HeaderMap::new());
        assert_eq!(reply.status(), StatusCode::OK);
        for (name, value) in RULES {
            assert_eq!(reply.headers()[name], value);
        }
    }

    #[test]
    fn a_file_that_is_held_is_not_sent_again() {
        let first = answer(3, &HeaderMap::new());
        let tag = first.headers()[header::ETAG].clone();
        for list in [tag.to_str().unwrap(), &format!("\"other\", W/{}", tag.to_str().unwrap()), "*"] {
            let asked = HeaderMap::from_iter([(header::IF_NONE_MATCH, list.parse().unwrap())]);
            let again = answer(3, &asked);
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{list}");
            assert_eq!(again.headers()[header::ETAG], tag);
            assert!(!again.headers().contains_key(header::CONTENT_TYPE));
        }
        let asked = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static("\"other\""))]);
        assert_eq!(answer(3, &asked).status(), StatusCode::OK);
        assert_ne!(answer(2, &HeaderMap::new()).headers()[header::ETAG], tag);
    }
}
