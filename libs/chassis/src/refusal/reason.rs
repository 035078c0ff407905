//! The table of refusals: one row per way in which Abacus says no.
//!
//! A row fixes what callers may rely on: the name in `ErrorInfo`, the gRPC code, the HTTP status, and whether
//! the same request may succeed later. `docs/errors.md` explains each row to callers; a test compares the
//! two.

use std::time::Duration;

use http::StatusCode;
use tonic::Code;

/// What is fixed for a reason.
struct Row {
    name: &'static str,
    code: Code,
    http: u16,
    /// `None`: the same request will be refused again. `Some`: ask again after this many milliseconds.
    retry_ms: Option<u64>,
}

macro_rules! reasons {
    ($( #[doc = $doc:literal] $variant:ident: $name:literal, $code:ident, $http:literal, $retry_ms:expr; )+) => {
        /// Why a request was refused. Its name is the `reason` of `google.rpc.ErrorInfo`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason {
            $( #[doc = $doc] $variant, )+
        }

        impl Reason {
            /// Every reason, in the order of `docs/errors.md`.
            pub const ALL: &[Self] = &[$( Self::$variant, )+];

            const fn row(self) -> Row {
                match self {
                    $( Self::$variant => Row { name: $name, code: Code::$code, http: $http, retry_ms: $retry_ms }, )+
                }
            }
        }
    };
}

reasons! {
    /// Fields are out of range or malformed; `BadRequest` lists every violation.
    InvalidField: "INVALID_FIELD", InvalidArgument, 400, None;
    /// The message is not valid Protobuf or not the expected type.
    MalformedMessage: "MALFORMED_MESSAGE", InvalidArgument, 400, None;
    /// The message is larger than the port accepts.
    MessageTooLarge: "MESSAGE_TOO_LARGE", ResourceExhausted, 413, None;
    /// The headers of an HTTP request are larger than the port accepts.
    HeadersTooLarge: "HEADERS_TOO_LARGE", ResourceExhausted, 431, None;
    /// The body of an HTTP request is of a media type that its route does not read.
    MediaTypeUnsupported: "MEDIA_TYPE_UNSUPPORTED", InvalidArgument, 415, None;
    /// The message is compressed in a way the port does not accept.
    EncodingUnsupported: "ENCODING_UNSUPPORTED", Unimplemented, 415, None;
    /// The cursor was not made by Abacus or not for this target and format.
    CursorInvalid: "CURSOR_INVALID", InvalidArgument, 400, None;
    /// The job that the cursor belongs to is no longer kept.
    CursorExpired: "CURSOR_EXPIRED", OutOfRange, 410, None;
    /// The page token was not made by Abacus or not for this list.
    PageTokenInvalid: "PAGE_TOKEN_INVALID", InvalidArgument, 400, None;
    /// No such job is known, or it is no longer kept.
    JobNotFound: "JOB_NOT_FOUND", NotFound, 404, None;
    /// The client has no such request.
    RequestNotFound: "REQUEST_NOT_FOUND", NotFound, 404, None;
    /// No such worker is alive.
    WorkerNotFound: "WORKER_NOT_FOUND", NotFound, 404, None;
    /// The health of a service was asked for that this port does not serve.
    ServiceNotFound: "SERVICE_NOT_FOUND", NotFound, 404, None;
    /// The kind is suspended and the caller asked not to queue.
    KindSuspended: "KIND_SUSPENDED", FailedPrecondition, 409, None;
    /// The result was asked for before the job ended.
    JobNotFinished: "JOB_NOT_FINISHED", FailedPrecondition, 409, None;
    /// The job ended without a result.
    NoResult: "NO_RESULT", FailedPrecondition, 409, None;
    /// A retry was asked for a job that has not failed.
    JobNotDead: "JOB_NOT_DEAD", FailedPrecondition, 409, None;
    /// The request id was used before, with another task.
    RequestIdReused: "REQUEST_ID_REUSED", AlreadyExists, 409, None;
    /// The queue of this kind and lane is at its bound.
    QueueFull: "QUEUE_FULL", ResourceExhausted, 429, Some(1_000);
    /// The task would cost more than the configured budget.
    BudgetExceeded: "BUDGET_EXCEEDED", ResourceExhausted, 422, None;
    /// The result is too large to be converted to the format asked for.
    FormatTooLarge: "FORMAT_TOO_LARGE", ResourceExhausted, 413, None;
    /// The result cannot be told in any media type that the caller accepts.
    NotAcceptable: "NOT_ACCEPTABLE", InvalidArgument, 406, None;
    /// The range of bytes that was asked for lies behind the end of the result.
    RangeNotSatisfiable: "RANGE_NOT_SATISFIABLE", OutOfRange, 416, None;
    /// The port has as many open streams as it may have.
    TooManyStreams: "TOO_MANY_STREAMS", ResourceExhausted, 429, Some(5_000);
    /// The port has as many calls in progress as it may have.
    Overloaded: "OVERLOADED", ResourceExhausted, 429, Some(1_000);
    /// Every slot of the worker in the task's lane is busy.
    NoFreeSlot: "NO_FREE_SLOT", ResourceExhausted, 429, Some(1_000);
    /// The worker takes no more work.
    WorkerDraining: "WORKER_DRAINING", FailedPrecondition, 409, None;
    /// The broker cannot be reached.
    BrokerUnavailable: "BROKER_UNAVAILABLE", Unavailable, 503, Some(1_000);
    /// A service behind the one that was asked cannot be reached.
    PeerUnavailable: "PEER_UNAVAILABLE", Unavailable, 503, Some(1_000);
    /// The process is shutting down.
    ShuttingDown: "SHUTTING_DOWN", Unavailable, 503, Some(500);
    /// The stream has reached the greatest age a stream may have.
    StreamLifetime: "STREAM_LIFETIME", Unavailable, 503, Some(100);
    /// The caller's deadline or the port's time-out has passed.
    DeadlineExceeded: "DEADLINE_EXCEEDED", DeadlineExceeded, 504, None;
    /// The port serves no such method, and no such path.
    UnknownMethod: "UNKNOWN_METHOD", Unimplemented, 404, None;
    /// The path is served, but not with this HTTP method.
    MethodNotAllowed: "METHOD_NOT_ALLOWED", Unimplemented, 405, None;
    /// A page of another site tried to change something.
    CrossSite: "CROSS_SITE", PermissionDenied, 403, None;
    /// The caller gave up.
    Cancelled: "CANCELLED", Cancelled, 499, None;
    /// A fault of Abacus; the cause is in its log.
    Internal: "INTERNAL", Internal, 500, None;
}

impl Reason {
    /// The name in `ErrorInfo`, in problem+json, in logs: `UPPER_SNAKE`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The reason of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.name() == name)
    }

    /// The code of the gRPC status.
    #[must_use]
    pub const fn code(self) -> Code {
        self.row().code
    }

    /// The status of the HTTP answer.
    #[must_use]
    pub fn http_status(self) -> StatusCode {
        // The table holds valid statuses only, as a test checks.
        StatusCode::from_u16(self.row().http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// After how long the same request may succeed, unless a refusal says otherwise; `None` if repeating it
    /// unchanged is pointless.
    #[must_use]
    pub fn retry_delay(self) -> Option<Duration> {
        self.row().retry_ms.map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_distinct_and_found_again() {
        let names: HashSet<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), Reason::ALL.len());
        for &reason in Reason::ALL {
            assert_eq!(Reason::from_name(reason.name()), Some(reason));
        }
        assert_eq!(Reason::from_name("queue_full"), None);
    }

    #[test]
    fn names_are_the_variants_in_upper_snake() {
        for reason in Reason::ALL {
            let mut upper_snake = String::new();
            for letter in format!("{reason:?}").chars() {
                if letter.is_ascii_uppercase() && !upper_snake.is_empty() {
                    upper_snake.push('_');
                }
                upper_snake.push(letter.to_ascii_uppercase());
            }
            assert_eq!(reason.name(), upper_snake);
        }
    }

    #[test]
    fn every_row_has_an_http_error_status() {
        for reason in Reason::ALL {
            let status = reason.http_status();
            assert_eq!(status.as_u16(), reason.row().http);
            assert!(status.is_client_error() || status.is_server_error(), "{reason:?}: {status}");
        }
    }
}
