//! A finished result as the body of an answer, streamed: its memory is that of a piece, whatever its length.

use abacus_api::v1::{
    self, chunk::Content as Piece, job_service_server::JobService, read_result_response::Event,
};
use abacus_broker::{Snapshot, Summary};
use abacus_chassis::{Reason, Refusal};
use abacus_tasks::{format::Format, identity::hex, kinds::Content};
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, future};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use serde_json::Value;
use tonic::Status;

use super::{
    Of, Rest, Route, accept,
    envelope::Envelope,
    incoming::{At, call, no_query},
    json,
    openapi::{self, Operation},
    range::{self, Asked},
};
use crate::grpc::not_finished;

/// A digest of the whole result (RFC 9530).
const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");

/// The media types of results.
pub(super) const MEDIA_TYPES: [&str; 3] = ["text/plain", "application/json", "application/octet-stream"];

/// How a result is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As text: digits, or primes in lines, or text.
    Plain,
    /// As a JSON object, with what is known about it.
    Json,
    /// In bytes: integers in two's complement, primes as gaps if they are kept so and else as a bitmap, text as it is.
    Octets,
}

impl Form {
    /// The form that the caller likes best.
    ///
    /// # Errors
    /// `NOT_ACCEPTABLE`.
    pub(super) fn liked(headers: &HeaderMap) -> Result<Self, Refusal> {
        match accept::best(headers, &MEDIA_TYPES) {
            Some(0) => Ok(Self::Plain),
            Some(1) => Ok(Self::Json),
            Some(_) => Ok(Self::Octets),
            None => {
                let message = format!("results are told as {}; accept one of these", MEDIA_TYPES.join(", "));
                Err(Refusal::new(Reason::NotAcceptable, message))
            }
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Plain => "text/plain; charset=utf-8",
            Self::Json => MEDIA_TYPES[1],
            Self::Octets => MEDIA_TYPES[2],
        }
    }

    /// The format in which the result is read for it.
    pub(super) fn format(self, content: &Content) -> v1::ResultFormat {
        match (self, content) {
            (Self::Octets, Content::Integer) => v1::ResultFormat::Binary,
            (Self::Octets, Content::Primes { .. }) => v1::ResultFormat::Bitmap,
            (Self::Plain | Self::Json, Content::Gaps { .. }) => v1::ResultFormat::Values,
            _ => v1::ResultFormat::Unspecified,
        }
    }

    /// Whether the body is the stored result byte for byte, so that any part of it can be told.
    fn is_native(self, content: &Content) -> bool {
        self != Self::Json && self.format(content) == v1::ResultFormat::Unspecified
    }

    /// The strong tag: the SHA-256 of the result, and how it is told if that is another representation of it.
    fn tag(self, content: &Content, summary: &Summary) -> String {
        let suffix = match self {
            _ if self.is_native(content) => "",
            Self::Json => ".json",
            Self::Plain => ".txt",
            Self::Octets => ".bin",
        };
        format!("\"{}{suffix}\"", hex(&summary.sha256))
    }
}

/// The forms, for the description.
pub(super) fn forms() -> Vec<(&'static str, Value)> {
    vec![
        (MEDIA_TYPES[0], openapi::any_text()),
        (MEDIA_TYPES[1], openapi::result()),
        (MEDIA_TYPES[2], openapi::any_bytes()),
    ]
}

pub(super) fn route() -> Route {
    let path = "/v1/jobs/{job}/result";
    let operation = Operation::new("get", path, "readResult", "Streams a finished result, or a part of it.")
        .name("job", "The job's id.")
        .accepts(&MEDIA_TYPES)
        .header("Range", "One range of bytes, of the representation that is kept: it has `Accept-Ranges`.")
        .header("If-Range", "The `ETag` that the range belongs to.")
        .header("If-None-Match", "The `ETag`s that are held already.")
        .answers_with(200, "The whole result.", forms())
        .answers_with(206, "The part that was asked for.", forms())
        .answers_nothing(304, "The caller holds it already.")
        .refuses(&[Reason::InvalidField, Reason::MalformedMessage, Reason::RangeNotSatisfiable])
        .refuses(openapi::READING)
        .refuses(&[Reason::NotAcceptable]);
    Route { path, methods: get(read), operations: vec![operation] }
}

async fn read(
    State(rest): Of,
    At(job): At,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    no_query(&uri)?;
    let form = Form::liked(&headers)?;
    let told = Told::of(&rest, &job, form).await?;
    let length = form.is_native(&told.content).then_some(told.summary.bytes);
    let asked = range::asked(&headers, &form.tag(&told.content, &told.summary), length);
    match asked {
        Asked::Nothing => Ok(told.headed(StatusCode::NOT_MODIFIED, Body::empty())),
        Asked::Beyond => Ok(beyond(told.summary.bytes)),
        Asked::Whole | Asked::Part(_) if method == Method::HEAD => Ok(told.part(&asked, Body::empty())),
        Asked::Whole | Asked::Part(_) => {
            let body = told.body(&rest, &headers, &asked).await?;
            Ok(told.part(&asked, body))
        }
    }
}

/// The whole result of a job, for a caller that did not ask under conditions.
///
/// # Errors
/// Those of `ReadResult`.
pub(super) async fn tell(
    rest: &Rest,
    headers: &HeaderMap,
    job: &str,
    form: Form,
) -> Result<Response, Refusal> {
    let told = Told::of(rest, job, form).await?;
    let body = told.body(rest, headers, &Asked::Whole).await?;
    Ok(told.part(&Asked::Whole, body))
}

/// The bytes of a finished result in the order of its native format, from the handler that serves them over gRPC.
///
/// # Errors
/// Those of `ReadResult`.
pub(super) async fn pieces(
    rest: &Rest,
    headers: &HeaderMap,
    request: v1::ReadResultRequest,
) -> Result<impl Stream<Item = Result<Bytes, Refusal>> + Send + use<>, Refusal> {
    let messages = rest.jobs.read_result(call(headers, request)).await?.into_inner();
    Ok(messages.filter_map(|message| future::ready(piece(message))))
}

fn piece(message: Result<v1::ReadResultResponse, Status>) -> Option<Result<Bytes, Refusal>> {
    match message.map(|message| message.event) {
        Ok(Some(Event::Chunk(chunk))) => chunk.content.map(|content| {
            Ok(match content {
                Piece::Text(text) => text.into(),
                Piece::Binary(bytes) => bytes,
            })
        }),
        Ok(_) => None,
        Err(status) => {
            let refusal = Refusal::from(status);
            // The head of the answer is gone: all that is left is to cut the body.
            refusal.log();
            Some(Err(refusal))
        }
    }
}

/// A result that is about to be told.
struct Told {
    form: Form,
    content: Content,
    summary: Summary,
    snapshot: Snapshot,
}

impl Told {
    async fn of(rest: &Rest, job: &str, form: Form) -> Result<Self, Refusal> {
        let snapshot = rest.jobs.snapshot(job).await?;
        let Some(summary) = snapshot.summary.clone() else { return Err(not_finished(&snapshot)) };
        Ok(Self { form, content: snapshot.content(), summary, snapshot })
    }

    async fn body(&self, rest: &Rest, headers: &HeaderMap, asked: &Asked) -> Result<Body, Refusal> {
        let (offset, limit) = match asked {
            Asked::Part(part) => (part.start, part.end - part.start),
            _ => (0, 0),
        };
        let request = v1::ReadResultRequest {
            job: self.snapshot.job.to_string(),
            offset,
            limit,
            format: self.form.format(&self.content).into(),
            max_chunk_bytes: 0,
        };
        let pieces = pieces(rest, headers, request).await?;
        Ok(match self.form {
            Form::Json => Body::from_stream(Envelope::member(&self.members(), &self.content).around(pieces)),
            Form::Plain | Form::Octets => Body::from_stream(pieces),
        })
    }

    /// The beginning of the JSON object, up to the value. How long it took to compute is left out: the same result has
    /// the same tag and so the same bytes.
    fn members(&self) -> String {
        let mut summary = self.summary.to_message(Format::native(&self.content));
        summary.compute_time = None;
        let mut members = json::write(&summary);
        members["job"] = self.snapshot.job.as_str().into();
        let text = members.to_string();
        let open = text.strip_suffix('}').expect("an object ends with a brace");
        format!("{open},\"value\":")
    }

    fn part(&self, asked: &Asked, body: Body) -> Response {
        let whole = self.summary.bytes;
        let (status, length) = match asked {
            Asked::Part(part) => (StatusCode::PARTIAL_CONTENT, part.end - part.start),
            _ => (StatusCode::OK, whole),
        };
        let mut answer = self.headed(status, body);
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.form.media_type()));
        if self.form.is_native(&self.content) {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        if let Asked::Part(part) = asked {
            headers.insert(header::CONTENT_RANGE, within(&format!("{}-{}", part.start, part.end - 1), whole));
        }
        answer
    }

    /// An answer with what any answer about this result tells.
    fn headed(&self, status: StatusCode, body: Body) -> Response {
        let mut answer = (status, body).into_response();
        let tag = self.form.tag(&self.content, &self.summary);
        let headers = answer.headers_mut();
        headers.insert(header::ETAG, visible(&tag));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        if self.form.is_native(&self.content) {
            headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
            let digest = BASE64_STANDARD.encode(self.summary.sha256);
            headers.insert(REPR_DIGEST, visible(&format!("sha-256=:{digest}:")));
        }
        answer
    }
}

/// The refusal of a range behind the end, which tells where the end is.
fn beyond(length: u64) -> Response {
    let message = format!("the result has {length} bytes; ask for a range that begins within them");
    let mut answer = Refusal::new(Reason::RangeNotSatisfiable, message).into_response();
    answer.headers_mut().insert(header::CONTENT_RANGE, within("*", length));
    answer
}

fn within(part: &str, length: u64) -> HeaderValue {
    visible(&format!("bytes {part}/{length}"))
}

fn visible(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("it is of visible ASCII characters and spaces")
}
