//! Random requests to the HTTP routes: an answer or a refusal, never a fault.

use futures_util::{StreamExt, stream};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRng, TestRunner},
};
use tonic::{
    codegen::{Service, http::Request},
    transport::{Channel, Endpoint},
};

use super::{AT_ONCE, MESSAGES};
use crate::process::Mesh;

#[tokio::test]
async fn random_requests_to_the_http_routes_are_refused_or_answered() {
    let mesh = Mesh::start_with(&["--log", "warn", "--limits", "fibonacci.n=5000,spin.duration_ms=0"]);
    // The bodies of answers are not read, and what arrives of them after all counts as faults of the server.
    let endpoint = Endpoint::from_shared(format!("http://{}", mesh.door)).unwrap();
    let channel = endpoint.http2_max_local_error_reset_streams(None).connect().await.unwrap();
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let requests = requests();
    let calls = (0..MESSAGES).map(|_| requests.new_tree(&mut runner).unwrap().current());
    let refused = stream::iter(calls)
        .map(|request| {
            let channel = channel.clone();
            async move { (request.clone(), ask(channel, request).await) }
        })
        .buffer_unordered(AT_ONCE)
        .fold(0_usize, async |refused, (request, status)| {
            assert!(status < 500, "{request:?} was answered {status}");
            refused + usize::from(status >= 400)
        })
        .await;
    assert!(refused > MESSAGES / 2, "only {refused} of {MESSAGES} were refused");
    assert_eq!(mesh.get("/v1/kinds", &[]).await.status, 200, "it serves on");
}

/// Method, path with query, a header with its value, body.
type Asked = (&'static str, String, (&'static str, String), Vec<u8>);

/// Requests to routes that are there, with random parts.
fn requests() -> impl Strategy<Value = Asked> {
    const METHODS: [&str; 4] = ["GET", "POST", "DELETE", "HEAD"];
    const PATHS: [&str; 16] = [
        "/",
        "/fib",
        "/primes",
        "/result/",
        "/tasks",
        "/process",
        "/get_requests_status",
        "/set_processes_status",
        "/v1/jobs",
        "/v1/jobs/",
        "/v1/jobs/sum2-00000000000000000000000000000000/result",
        "/v1/jobs/sum2-00000000000000000000000000000000/events",
        "/v1/clients/a/requests",
        "/v1/clients/",
        "/v1/kinds/",
        "/v1/stats",
    ];
    const HEADERS: [&str; 9] = [
        "accept",
        "range",
        "if-range",
        "if-none-match",
        "prefer",
        "idempotency-key",
        "last-event-id",
        "content-type",
        "sec-fetch-site",
    ];
    let target = (prop::sample::select(&PATHS[..]), "[ -~]{0,12}", "([a-z_]{1,12}=[ -~]{0,12}&?){0,2}")
        .prop_map(|(path, name, query)| {
            let tail = if path.ends_with('/') { escaped(&name) } else { String::new() };
            format!("{path}{tail}?{}", escaped(&query))
        });
    let well_formed =
        br#"{"task":{"sum2":{"first":"12","second":7}},"client":"c","name":"x","n":5}"#.to_vec();
    let changed = (any::<prop::sample::Index>(), any::<u8>()).prop_map(move |(at, byte)| {
        let mut body = well_formed.clone();
        let at = at.index(body.len());
        body[at] = byte;
        body
    });
    let body = prop_oneof![prop::collection::vec(any::<u8>(), 0..60), changed];
    let header = (prop::sample::select(&HEADERS[..]), "[ -~]{0,24}");
    (prop::sample::select(&METHODS[..]), target, header, body)
}

/// A text as it may stand in a target: all but letters, digits, `=`, `&` and `%` is escaped.
fn escaped(text: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"=&%_".contains(&byte);
    text.bytes()
        .map(|byte| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") })
        .collect()
}

/// Sends it over HTTP/2 and tells the status of the answer.
async fn ask(mut channel: Channel, (method, target, (name, value), body): Asked) -> u16 {
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header("content-type", "application/json")
        .header(name, value)
        .body(tonic::body::Body::new(axum::body::Body::from(body)))
        .unwrap();
    std::future::poll_fn(|context| channel.poll_ready(context)).await.unwrap();
    channel.call(request).await.unwrap().status().as_u16()
}
