//! Pages of other sites may read what CORS lets them, and change nothing: a browser sends some requests before it asks
//! whether it may.
//!
//! Browsers tell by `Sec-Fetch-Site` (W3C Fetch Metadata) where a request comes from, and where they trust the way less,
//! as over plain HTTP to another machine, by `Origin` alone. Programs send neither.

use abacus_chassis::{Reason, Refusal};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header, uri::Authority};

use super::{Of, incoming::text_of};

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets a request pass that changes nothing, or comes from the gateway's own page, a listed origin, or a program.
pub(super) async fn own_or_listed(State(rest): Of, request: Request, next: Next) -> Response {
    if request.method().is_safe() || may_change(request.headers(), request.uri(), &rest.origins) {
        return next.run(request).await;
    }
    let message = "pages of other sites may change nothing here, unless --cors-origins lists their origin";
    Refusal::new(Reason::CrossSite, message).into_response()
}

fn may_change(headers: &HeaderMap, uri: &Uri, listed: &[HeaderValue]) -> bool {
    let origin = headers.get(header::ORIGIN);
    let is_listed = origin.is_some_and(|origin| listed.contains(origin));
    match text_of(headers, SITE) {
        Some("cross-site" | "same-site") => is_listed,
        Some(_) => true,
        None => origin.is_none() || is_listed || is_own(headers, uri),
    }
}

/// Whether the origin is that of the host which was asked; over HTTP/2 its name stands in the target.
fn is_own(headers: &HeaderMap, uri: &Uri) -> bool {
    let asked = uri.authority().map(Authority::as_str).or_else(|| text_of(headers, header::HOST));
    let origin = text_of(headers, header::ORIGIN).and_then(|origin| origin.split_once("://"));
    origin.is_some_and(|(_, own)| asked == Some(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_other_sites_that_are_not_listed_may_not() {
        let listed = [HeaderValue::from_static("https://lab.example")];
        let of = |headers: &[(HeaderName, &'static str)]| {
            let pairs = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            may_change(&pairs.collect(), &Uri::from_static("/fib"), &listed)
        };
        assert!(of(&[]) && of(&[(SITE, "same-origin")]) && of(&[(SITE, "none")]));
        assert!(!of(&[(SITE, "cross-site")]) && !of(&[(SITE, "same-site")]));
        let cross = (SITE, "cross-site");
        let own = HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static("https://mesh.example"))]);
        assert!(may_change(&own, &Uri::from_static("https://mesh.example/fib"), &[]));
        let (origin, host) = ((header::ORIGIN, "http://mesh:8080"), (header::HOST, "mesh:8080"));
        assert!(of(&[origin.clone(), host]) && !of(&[origin, (header::HOST, "other:8080")]));
        assert!(!of(&[(header::ORIGIN, "null")]) && of(&[(header::ORIGIN, "https://lab.example")]));
        assert!(of(&[cross.clone(), (header::ORIGIN, "https://lab.example")]));
        assert!(!of(&[cross, (header::ORIGIN, "https://evil.example")]));
    }
}
