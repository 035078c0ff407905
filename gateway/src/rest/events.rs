//! The frames of a job as server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>), which a
//! browser follows and resumes by itself.
//!
//! An event is named after its frame and holds it as JSON; its id is the frame's cursor. A heartbeat has none, as
//! nothing was delivered. A browser that comes back after the terminal event is answered 204, which ends its
//! reconnecting.

use std::time::Duration;

use abacus_api::v1::{
    self, frame::Event as Happened, job_service_server::JobService, subscribe_results_request::Target,
};
use abacus_chassis::{Reason, Refusal};
use abacus_tasks::{JobId, Subscription};
use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
    routing::get,
};
use futures_util::{Stream, StreamExt, future, stream};
use http::{HeaderMap, HeaderName, StatusCode, Uri};
use tonic::Status;

use super::{
    Of, Route, accept,
    incoming::{At, asked, call, query, text_of},
    json,
    openapi::{self, Operation},
};
use crate::grpc::one_wrong;

const MEDIA_TYPE: &str = "text/event-stream";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// After how long a browser whose stream was cut comes back.
const RECONNECT: Duration = Duration::from_secs(1);

pub(super) fn route() -> Route {
    let path = "/v1/jobs/{job}/events";
    let operation =
        Operation::new("get", path, "followJob", "Streams what happens to a job, and its result.")
            .name("job", "The job's id.")
            .queries::<v1::SubscribeResultsRequest>(&["job", "jobs", "client"])
            .header("Last-Event-ID", "The id of the last event received; goes on behind it.")
            .accepts(&[MEDIA_TYPE])
            .answers_with(200, "The events: each is a frame.", vec![(MEDIA_TYPE, openapi::event())])
            .answers_nothing(204, "The terminal event was received already.")
            .refuses(&[Reason::InvalidField, Reason::CursorInvalid, Reason::MalformedMessage])
            .refuses(&[
                Reason::JobNotFound,
                Reason::CursorExpired,
                Reason::NotAcceptable,
                Reason::FormatTooLarge,
            ])
            .refuses(&[Reason::TooManyStreams, Reason::PeerUnavailable, Reason::ShuttingDown]);
    Route { path, methods: get(events), operations: vec![operation] }
}

async fn events(State(rest): Of, At(job): At, uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    if accept::best(&headers, &[MEDIA_TYPE]).is_none() {
        return Err(Refusal::new(Reason::NotAcceptable, "events are told as text/event-stream only"));
    }
    let mut request: v1::SubscribeResultsRequest = asked(query(&uri))?;
    if request.target.replace(Target::Job(job)).is_some() {
        return Err(one_wrong("target", "stands in the path; leave it out of the query".to_owned()));
    }
    // A browser that comes back repeats the query it began with.
    if let Some(cursor) = text_of(&headers, LAST_EVENT_ID) {
        cursor.clone_into(&mut request.cursor);
    }
    if is_over(&request) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let frames = rest.jobs.subscribe_results(call(&headers, request)).await?.into_inner();
    Ok(Sse::new(told(frames)).into_response())
}

/// Whether the cursor is behind the terminal frame of the job.
fn is_over(request: &v1::SubscribeResultsRequest) -> bool {
    let Some(Target::Job(job)) = &request.target else { return false };
    let checked = Subscription::check(request).ok().zip(job.parse::<JobId>().ok());
    let position = checked.and_then(|(subscription, job)| subscription.cursor?.position(&job));
    position.is_some_and(|position| position.done)
}

type Told = Result<Event, std::convert::Infallible>;

/// The frames as events. A stream that ends early ends with an event that tells why.
fn told(
    frames: impl Stream<Item = Result<v1::SubscribeResultsResponse, Status>> + Send + 'static,
) -> impl Stream<Item = Told> + Send + 'static {
    let reconnect = stream::iter([Ok(Event::default().retry(RECONNECT))]);
    let events = frames.filter_map(|message| {
        future::ready(match message {
            Ok(message) => message.frame.map(|frame| Ok(event(&frame))),
            Err(status) => {
                let problem = Refusal::from(status).into_problem();
                Some(Ok(Event::default().event("problem").data(problem)))
            }
        })
    });
    reconnect.chain(events)
}

fn event(frame: &v1::Frame) -> Event {
    let name = frame.event.as_ref().map_or("frame", name);
    let event = Event::default().event(name).data(json::text(frame));
    // A cursor is URL-safe base64: it holds nothing that an id may not.
    if name == "heartbeat" || frame.cursor.is_empty() { event } else { event.id(&frame.cursor) }
}

fn name(event: &Happened) -> &'static str {
    match event {
        Happened::Snapshot(_) => "snapshot",
        Happened::Progress(_) => "progress",
        Happened::Chunk(_) => "chunk",
        Happened::Retrying(_) => "retrying",
        Happened::Suspended(_) => "suspended",
        Happened::Resumed(_) => "resumed",
        Happened::Heartbeat(_) => "heartbeat",
        Happened::Terminal(_) => "terminal",
    }
}

#[cfg(test)]
mod tests {
    use abacus_tasks::cursor::{Cursor, Position};
    use axum::body::to_bytes;

    use super::*;

    fn response(event: Happened) -> v1::SubscribeResultsResponse {
        let frame =
            v1::Frame { job: "j".into(), cursor: "c1".into(), event: Some(event), ..Default::default() };
        v1::SubscribeResultsResponse { frame: Some(frame) }
    }

    async fn written(messages: Vec<Result<v1::SubscribeResultsResponse, Status>>) -> String {
        let body = Sse::new(told(stream::iter(messages))).into_response().into_body();
        String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn frames_are_events_with_their_cursor_and_heartbeats_have_none() {
        let text = written(vec![
            Ok(response(Happened::Terminal(v1::Terminal::default()))),
            Ok(response(Happened::Heartbeat(v1::Heartbeat {}))),
        ])
        .await;
        let events: Vec<_> = text.split_terminator("\n\n").collect();
        assert_eq!(events[0], "retry: 1000");
        assert!(events[1].contains("event: terminal\n") && events[1].contains("\nid: c1"), "{text}");
        assert!(events[1].contains(r#""terminal":{"state":"JOB_STATE_UNSPECIFIED"}"#), "{text}");
        assert!(events[2].contains("event: heartbeat") && !events[2].contains("id: "), "{text}");
    }

    #[tokio::test]
    async fn an_early_end_is_told() {
        let refusal = Refusal::new(Reason::ShuttingDown, "resume with the last cursor");
        let text = written(vec![Err(refusal.into())]).await;
        assert!(text.contains("event: problem\n") && text.contains(r#""reason":"SHUTTING_DOWN""#), "{text}");
    }

    #[test]
    fn it_is_over_behind_the_terminal_frame_only() {
        let job = JobId::derive("sum2", b"a");
        let mut request =
            v1::SubscribeResultsRequest { target: Some(Target::Job(job.to_string())), ..Default::default() };
        assert!(!is_over(&request));
        let scope = Subscription::check(&request).unwrap().scope();
        for done in [false, true] {
            let mut cursor = Cursor::new(scope);
            cursor.set_position(&job, Position { done, ..Position::default() });
            request.cursor = cursor.to_token();
            assert_eq!(is_over(&request), done);
        }
        request.cursor.push('x');
        assert!(!is_over(&request), "a damaged cursor is refused, not obeyed");
    }
}
