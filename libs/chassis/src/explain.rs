//! A reason for the statuses that tonic makes by itself.
//!
//! Before a handler is reached, tonic refuses what it cannot decode, what is too large, what it does not
//! know. Its statuses stand in the headers of a response without a body ("trailers-only", for unary and
//! streaming methods alike) and have no details. Refusals of Abacus always have details, so the two are told
//! apart by the header `grpc-status-details-bin`. Codes are corrected too where tonic's would mislead a
//! caller about what to do: a message that cannot be decoded is the caller's fault, not INTERNAL.

use axum::response::Response;
use http::HeaderMap;
use tonic::{Code, Status};

use crate::refusal::{Reason, Refusal};

/// Gives a status of tonic's own its reason; every other response passes unchanged.
pub(crate) async fn explain(mut response: Response) -> Response {
    if let Some(status) = explained(response.headers()) {
        let headers = response.headers_mut();
        // What cannot be put into a header is left as tonic said it.
        if status.add_header(headers).is_ok() {
            response.extensions_mut().insert(status);
        }
    }
    response
}

/// The status that a response should have instead.
fn explained(headers: &HeaderMap) -> Option<Status> {
    if !headers.contains_key(Status::GRPC_STATUS) || headers.contains_key(Status::GRPC_STATUS_DETAILS) {
        return None;
    }
    let status = Status::from_header_map(headers)?;
    let (reason, advice) = match status.code() {
        Code::Internal => {
            (Reason::MalformedMessage, "the request is not one valid message of the method's type")
        }
        Code::OutOfRange => (Reason::MessageTooLarge, "send a smaller message"),
        Code::Unimplemented if headers.contains_key("grpc-accept-encoding") => {
            (Reason::EncodingUnsupported, "send the message uncompressed")
        }
        Code::Unimplemented => {
            (Reason::UnknownMethod, "this port serves no such method; list them by reflection")
        }
        Code::Unavailable | Code::ResourceExhausted => (Reason::Overloaded, "ask again later"),
        Code::DeadlineExceeded => (Reason::DeadlineExceeded, "ask with a longer deadline"),
        Code::Cancelled => (Reason::Cancelled, "the call was given up before it was answered"),
        Code::Unknown => (Reason::Internal, "a fault of this server; its log tells more"),
        // tonic makes no others; a handler has said exactly this.
        _ => return None,
    };
    let message = match status.message() {
        "" => advice.to_owned(),
        said => format!("{advice} ({said})"),
    };
    Some(Status::from(Refusal::new(reason, message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained_code(code: Code) -> Option<(Code, Option<Reason>)> {
        let response = Status::new(code, "tonic's words").into_http::<()>();
        let status = explained(response.headers())?;
        assert!(status.message().ends_with("(tonic's words)"), "{}", status.message());
        Some((status.code(), Refusal::reason_of(&status)))
    }

    #[test]
    fn each_code_that_tonic_uses_gets_a_reason() {
        let cases = [
            (Code::Internal, Reason::MalformedMessage),
            (Code::OutOfRange, Reason::MessageTooLarge),
            (Code::Unimplemented, Reason::UnknownMethod),
            (Code::Unavailable, Reason::Overloaded),
            (Code::ResourceExhausted, Reason::Overloaded),
            (Code::DeadlineExceeded, Reason::DeadlineExceeded),
            (Code::Cancelled, Reason::Cancelled),
            (Code::Unknown, Reason::Internal),
        ];
        for (code, reason) in cases {
            assert_eq!(explained_code(code), Some((reason.code(), Some(reason))), "{code:?}");
        }
        assert_eq!(explained_code(Code::NotFound), None);
        assert_eq!(explained_code(Code::Ok), None);
    }

    #[test]
    fn refusals_and_plain_http_pass() {
        let refusal = Status::from(Refusal::new(Reason::CursorExpired, "subscribe anew"));
        assert!(explained(refusal.into_http::<()>().headers()).is_none());
        assert!(explained(&HeaderMap::new()).is_none());
    }
}
