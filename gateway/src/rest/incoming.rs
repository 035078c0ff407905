//! What comes with a request: names in its path, its query, its body, its headers as gRPC metadata. What cannot be read
//! is refused as everything else is.

use abacus_chassis::{Reason, Refusal};
use abacus_tasks::Violations;
use axum::{
    body::Body,
    extract::{FromRequestParts, Path, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, Uri, header, request::Parts};
use prost::{Message, Name};
use serde_json::Value;
use tonic::metadata::MetadataMap;

use super::{Of, json};
use crate::error::invalid;

/// The one name in the path of a route.
pub(super) struct At(pub(super) String);

/// The two names in the path of a route.
pub(super) struct Within(pub(super) String, pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for At {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Path(name) = Path::from_request_parts(parts, state).await.map_err(|_| unreadable_path())?;
        Ok(Self(name))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Within {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Path((outer, inner)) =
            Path::from_request_parts(parts, state).await.map_err(|_| unreadable_path())?;
        Ok(Self(outer, inner))
    }
}

fn unreadable_path() -> Refusal {
    Refusal::new(Reason::MalformedMessage, "the path is not valid UTF-8 once its percent signs are decoded")
}

/// A call of the gRPC door's handlers with the headers of an HTTP request, which may hold a trace and a deadline.
pub(super) fn call<M>(headers: &HeaderMap, message: M) -> tonic::Request<M> {
    let metadata = MetadataMap::from_headers(headers.clone());
    tonic::Request::from_parts(metadata, tonic::Extensions::default(), message)
}

/// A header's value, if it is there and readable.
pub(super) fn text_of(headers: &HeaderMap, name: impl Into<HeaderName>) -> Option<&str> {
    headers.get(name.into()).and_then(|value| value.to_str().ok())
}

/// The pairs of a query.
pub(super) fn query(uri: &Uri) -> Vec<(String, String)> {
    pairs(uri.query().unwrap_or_default().as_bytes())
}

/// The pairs of a query or a form.
pub(super) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// The message that a query tells.
///
/// # Errors
/// `INVALID_FIELD` with everything that is wrong.
pub(super) fn asked<M: Message + Name + Default>(pairs: Vec<(String, String)>) -> Result<M, Refusal> {
    let mut violations = Violations::new();
    let message = json::read_query(pairs, &mut violations);
    violations.into_result(message).map_err(invalid)
}

/// Refuses a query where none is read.
///
/// # Errors
/// `INVALID_FIELD` with the name of each pair.
pub(super) fn no_query(uri: &Uri) -> Result<(), Refusal> {
    let mut violations = Violations::new();
    for (name, _) in query(uri) {
        violations.push(name, "is unknown here: this route takes nothing in its query");
    }
    violations.into_result(()).map_err(invalid)
}

/// Reads the whole body before its route is asked, which then may answer at any time: an answer that overtakes its
/// request may cost the connection, and others on it.
pub(super) async fn whole(State(rest): Of, request: Request, next: Next) -> Response {
    let (parts, arriving) = request.into_parts();
    match body(&parts.headers, arriving, rest.max_body_bytes).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// The whole body, of at most `most` bytes.
async fn body(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, Refusal> {
    if text_of(headers, header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(Refusal::new(Reason::EncodingUnsupported, "send the body uncompressed"));
    }
    let mut whole = BytesMut::new();
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        let cut = |_| Refusal::new(Reason::MalformedMessage, "the body has not arrived in full");
        let part = part.map_err(cut)?;
        if whole.len() + part.len() > most {
            let message = format!("the body is larger than {most} bytes; send a smaller one");
            return Err(Refusal::new(Reason::MessageTooLarge, message));
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.freeze())
}

/// Whether the body is said to be JSON: `application/json`, or another type with its syntax (RFC 6839).
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let essence = text_of(headers, header::CONTENT_TYPE).and_then(|text| text.split(';').next());
    let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The JSON value that a body is.
///
/// # Errors
/// `MALFORMED_MESSAGE` with the place of the fault.
pub(super) fn parse(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|fault| {
        Refusal::new(Reason::MalformedMessage, format!("the body is not valid JSON: {fault}"))
    })
}

#[cfg(test)]
mod tests {
    use abacus_api::v1;
    use http::HeaderValue;

    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[tokio::test]
    async fn a_body_is_bounded_and_uncompressed() {
        let none = HeaderMap::new();
        assert_eq!(body(&none, Body::from("12345"), 5).await.unwrap(), "12345");
        let large = body(&none, Body::from("123456"), 5).await.unwrap_err();
        assert_eq!(large.reason(), Reason::MessageTooLarge);
        let gzip = headers(header::CONTENT_ENCODING, "gzip");
        assert_eq!(body(&gzip, Body::empty(), 5).await.unwrap_err().reason(), Reason::EncodingUnsupported);
        let parts = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("reset"))]);
        let cut = body(&none, Body::from_stream(parts), 5).await.unwrap_err();
        assert_eq!(cut.reason(), Reason::MalformedMessage);
    }

    #[test]
    fn json_is_known_by_its_media_type() {
        for json in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
            assert!(is_json(&headers(header::CONTENT_TYPE, json)), "{json}");
        }
        for other in ["text/plain", "application/x-www-form-urlencoded", "text/json", ""] {
            assert!(!is_json(&headers(header::CONTENT_TYPE, other)), "{other}");
        }
        assert_eq!(parse(b"{").unwrap_err().reason(), Reason::MalformedMessage);
    }

    #[test]
    fn queries_become_messages_or_refusals() {
        let uri: Uri = "/?page_size=7&page_token=a%20b".parse().unwrap();
        let message: v1::ListRequestsRequest = asked(query(&uri)).unwrap();
        assert_eq!((message.page_size, message.page_token.as_str()), (7, "a b"));
        let refusal = asked::<v1::ListRequestsRequest>(vec![("size".into(), "7".into())]).unwrap_err();
        assert_eq!(refusal.violations().map(|(field, _)| field).collect::<Vec<_>>(), ["size"]);
        assert!(no_query(&uri).is_err() && no_query(&"/".parse().unwrap()).is_ok());
    }
}
