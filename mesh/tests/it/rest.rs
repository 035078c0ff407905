//! The REST door: submitting, waiting, reading in parts, following, paging, cancelling.

use abacus_tasks::identity::hex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{follow::FIBONACCI_MILLION_SHA256, process::Mesh};

const FIBONACCI_1000: &str = r#"{"fibonacci":{"n":1000}}"#;
const FIBONACCI_1000_SHA256: &str = "30ad6e2a0cbbd0a636a53ce8df4f703ece426736cf4777519f1c5cffbea2e220";

#[tokio::test]
async fn a_submission_is_accepted_and_told_where_to_look() {
    let mesh = Mesh::start();
    let answer =
        mesh.post("/v1/jobs", r#"{"task":{"spin":{"label":"x","duration":"60s"}},"client":"alice"}"#).await;
    assert_eq!((answer.status, answer.header("retry-after")), (202, "1"));
    let job = answer.json()["job"].clone();
    assert_eq!(job["task"], json!({"spin": {"label": "x", "duration": "60s"}}));
    assert_eq!((&job["sequence"], &job["requests"]), (&json!("1"), &json!(1)), "64-bit integers are strings");
    let path = answer.header("location");
    assert_eq!(path, format!("/v1/jobs/{}", job["id"].as_str().unwrap()));

    let looked = mesh.get(path, &[]).await;
    assert_eq!(looked.json()["job"]["id"], job["id"]);
    assert!(looked.header("etag").starts_with("w/"), "{looked:?}");
    let waited = mesh
        .ask(
            "POST",
            "/v1/jobs",
            &["content-type: application/json", "prefer: respond-async, wait=0"],
            br#"{"task":{"spin":{"label":"x","duration":"60s"}},"client":"bob"}"#,
        )
        .await;
    assert_eq!((waited.status, waited.header("preference-applied")), (202, "respond-async, wait=0"));
    assert_eq!(waited.json()["request"]["disposition"], "DISPOSITION_JOINED");
}

#[tokio::test]
async fn the_name_of_those_who_divide_is_taken() {
    let mesh = Mesh::start();
    let body = format!(r#"{{"task":{FIBONACCI_1000},"client":"abacus.parts"}}"#);
    let refused = mesh.post("/v1/jobs", &body).await;
    assert_eq!((refused.status, refused.reason().as_str()), (400, "INVALID_FIELD"));
    assert!(refused.text().contains("choose another"), "{refused:?}");
}

#[tokio::test]
async fn an_unchanged_job_is_not_told_again() {
    let mesh = Mesh::start();
    let path = format!("/v1/jobs/{}", mesh.computed(FIBONACCI_1000).await);
    let tag = mesh.get(&path, &[]).await.header("etag").to_uppercase();
    let again = mesh.get(&path, &[&format!("if-none-match: {tag}")]).await;
    assert_eq!((again.status, again.body.len(), again.header("etag").to_uppercase()), (304, 0, tag));
    mesh.post("/v1/jobs", &format!(r#"{{"task":{FIBONACCI_1000}}}"#)).await;
    assert_eq!(mesh.get(&path, &["if-none-match: W/\"0-0-0-0\""]).await.status, 200);
}

#[tokio::test]
async fn a_result_can_be_waited_for_and_is_told_as_the_caller_likes() {
    let mesh = Mesh::start();
    let ask = async |accept: &str, task: &str| {
        let headers = ["content-type: application/json", "prefer: wait=30", accept];
        mesh.ask("POST", "/v1/jobs", &headers, format!(r#"{{"task":{task}}}"#).as_bytes()).await
    };
    let sum = r#"{"sum2":{"first":"-256","second":0}}"#;
    let plain = ask("accept: text/plain", sum).await;
    assert_eq!((plain.status, plain.text()), (200, "-256"));
    assert_eq!(plain.header("preference-applied"), "wait=30");
    assert_eq!(ask("accept: application/octet-stream", sum).await.body, [0xff, 0x00]);
    let told = ask("accept: application/json", sum).await.json();
    assert_eq!((&told["value"], &told["digits"], &told["bytes"]), (&json!("-256"), &json!("3"), &json!("4")));

    let primes = r#"{"primes":{"start":"4","end":11}}"#;
    assert_eq!(ask("accept: text/plain", primes).await.text(), "5\n7\n11\n");
    assert_eq!(ask("accept: application/json", primes).await.json()["value"], json!(["5", "7", "11"]));
    assert_eq!(ask("accept: application/octet-stream", primes).await.body, [0b0000_0110]);
    let gaps = r#"{"primes":{"start":"4","end":11,"gaps":true}}"#;
    let plain = ask("accept: text/plain", gaps).await;
    assert_eq!((plain.text(), plain.header("accept-ranges")), ("5\n7\n11\n", ""));
    assert_eq!(ask("accept: application/json", gaps).await.json()["value"], json!(["5", "7", "11"]));
    let octets = ask("accept: application/octet-stream", gaps).await;
    assert_eq!((&octets.body[..], octets.header("accept-ranges")), (&[1, 1, 2][..], "bytes"));
    assert_eq!(octets.header("etag"), format!("\"{}\"", hex(&Sha256::digest([1, 1, 2]))));
    assert_ne!(plain.header("etag"), octets.header("etag"), "another representation");
    let spin = r#"{"spin":{"label":"a\"é","duration":"0s"}}"#;
    assert_eq!(ask("accept: application/json", spin).await.json()["value"], "a\"é");

    let refused = ask("accept: image/png", r#"{"spin":{"label":"never","duration":"0s"}}"#).await;
    assert_eq!((refused.status, refused.reason().as_str()), (406, "NOT_ACCEPTABLE"));
    let stats = mesh.get("/v1/stats", &[]).await.json();
    assert_eq!(stats["counters"]["created"], "4", "what cannot be told is not submitted");
}

#[tokio::test]
async fn a_result_is_read_in_parts_under_conditions() {
    let mesh = Mesh::start();
    let path = format!("/v1/jobs/{}/result", mesh.computed(FIBONACCI_1000).await);
    let whole = mesh.get(&path, &[]).await;
    let tag = format!("\"{FIBONACCI_1000_SHA256}\"");
    assert_eq!(
        (whole.status, whole.header("etag"), whole.header("content-length")),
        (200, tag.as_str(), "209")
    );
    assert_eq!(hex(&Sha256::digest(&whole.body)), FIBONACCI_1000_SHA256);
    assert_eq!((whole.header("accept-ranges"), whole.header("vary")), ("bytes", "accept"));

    for (range, part) in [("0-9", 0..10), ("200-", 200..209), ("-9", 200..209), ("100-999", 100..209)] {
        let told = mesh.get(&path, &[&format!("range: bytes={range}"), &format!("if-range: {tag}")]).await;
        assert_eq!((told.status, &told.body[..]), (206, &whole.body[part.clone()]), "{range}");
        let (first, last) = (part.start, part.end - 1);
        assert_eq!(told.header("content-range"), format!("bytes {first}-{last}/209"));
    }
    let beyond = mesh.get(&path, &["range: bytes=209-"]).await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */209"));
    assert_eq!(beyond.reason(), "RANGE_NOT_SATISFIABLE");
    assert_eq!(mesh.get(&path, &["range: bytes=0-9", "if-range: \"other\""]).await.status, 200);
    assert_eq!(mesh.get(&path, &["range: bytes=0-9", "accept: application/json"]).await.status, 200);

    let known = mesh.get(&path, &[&format!("if-none-match: {tag}")]).await;
    assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, tag.as_str()));
    let json = mesh.get(&path, &["accept: application/json", &format!("if-none-match: {tag}")]).await;
    assert_eq!(json.status, 200, "another representation has another tag");
    assert_ne!(json.header("etag"), tag);

    let head = mesh.ask("HEAD", &path, &[], b"").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "209", 0));
    let head = mesh.ask("HEAD", &path, &["range: bytes=0-9"], b"").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (206, "10", 0));
}

#[tokio::test]
async fn a_request_is_repeated_safely_by_its_key() {
    let mesh = Mesh::start();
    let key = "idempotency-key: \"67e55044-10b1-426f-9247-bb680e5fe0c8\"";
    let submit = async |task: &str| {
        let headers = ["content-type: application/json", key];
        mesh.ask("POST", "/v1/jobs", &headers, format!(r#"{{"task":{task}}}"#).as_bytes()).await
    };
    let first = submit(FIBONACCI_1000).await.json()["request"].clone();
    assert!(first["name"].as_str().unwrap().ends_with("67e55044-10b1-426f-9247-bb680e5fe0c8"));
    let second = submit(FIBONACCI_1000).await.json()["request"].clone();
    assert_eq!((&second["name"], &second["createTime"]), (&first["name"], &first["createTime"]));
    let other = submit(r#"{"fibonacci":{"n":1001}}"#).await;
    assert_eq!((other.status, other.reason().as_str()), (409, "REQUEST_ID_REUSED"));
    let two = br#"{"task":{"fibonacci":{}},"requestId":"77e55044-10b1-426f-9247-bb680e5fe0c8"}"#;
    let two = mesh.ask("POST", "/v1/jobs", &["content-type: application/json", key], two).await;
    assert_eq!(two.json()["violations"][0]["field"], "request_id");
}

#[tokio::test]
async fn events_are_pushed_resumed_and_end_for_good() {
    let mesh = Mesh::start();
    let path = format!("/v1/jobs/{}/events", mesh.computed(r#"{"fibonacci":{"n":1000000}}"#).await);
    let answer = mesh.get(&format!("{path}?max_chunk_bytes=20000"), &["accept: text/event-stream"]).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/event-stream"));
    let events = events(answer.text());
    let names: Vec<_> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!((names[0], names[1], names[names.len() - 1]), ("snapshot", "chunk", "terminal"));
    assert_eq!(hex(&Sha256::digest(digits(&events))), FIBONACCI_MILLION_SHA256);

    for cut in 0..events.len() - 1 {
        let resumed = mesh
            .get(&format!("{path}?max_chunk_bytes=20000"), &[&format!("last-event-id: {}", events[cut].id)])
            .await;
        let rest = self::events(resumed.text());
        assert_eq!(digits(&events[..=cut]) + &digits(&rest), digits(&events), "cut after {cut}");
    }
    let over = mesh.get(&path, &[&format!("last-event-id: {}", events[events.len() - 1].id)]).await;
    assert_eq!((over.status, over.body.len()), (204, 0));
    let damaged = mesh.get(&path, &["last-event-id: x"]).await;
    assert_eq!((damaged.status, damaged.reason().as_str()), (400, "CURSOR_INVALID"));
    let other = mesh.get(&path, &["accept: application/json"]).await;
    assert_eq!((other.status, other.reason().as_str()), (406, "NOT_ACCEPTABLE"));
}

#[tokio::test]
async fn requests_are_paged_and_cancelled() {
    let mesh = Mesh::start();
    for label in ["a", "b", "c"] {
        let body = json!({"task": {"spin": {"label": label, "duration": "60s"}}, "client": "alice"});
        assert_eq!(mesh.post("/v1/jobs", &body.to_string()).await.status, 202);
    }
    let first = mesh.get("/v1/clients/alice/requests?page_size=2", &[]).await.json();
    assert_eq!(first["requests"].as_array().unwrap().len(), 2);
    let token = first["nextPageToken"].as_str().unwrap();
    let second =
        mesh.get(&format!("/v1/clients/alice/requests?page_size=2&page_token={token}"), &[]).await.json();
    assert_eq!((second["requests"].as_array().unwrap().len(), &second["nextPageToken"]), (1, &json!("")));
    let foreign = mesh.get(&format!("/v1/clients/bob/requests?page_token={token}"), &[]).await;
    assert_eq!((foreign.status, foreign.reason().as_str()), (400, "PAGE_TOKEN_INVALID"));

    let name = second["requests"][0]["name"].as_str().unwrap();
    let cancelled = mesh.ask("DELETE", &format!("/v1/{name}"), &[], b"").await;
    assert_eq!(cancelled.json()["request"]["state"], "JOB_STATE_CANCELLED");
    let unknown = "/v1/clients/alice/requests/67e55044-10b1-426f-9247-bb680e5fe0c8";
    let unknown = mesh.ask("DELETE", unknown, &[], b"").await;
    assert_eq!((unknown.status, unknown.reason().as_str()), (404, "REQUEST_NOT_FOUND"));
}

#[tokio::test]
async fn operators_see_and_steer() {
    let mesh = Mesh::start();
    let kinds = mesh.get("/v1/kinds", &[]).await.json();
    assert_eq!(kinds["kinds"][0]["example"]["fibonacci"]["n"], "1000");
    let suspended = mesh.ask("POST", "/v1/kinds/primes:suspend", &[], b"").await;
    assert_eq!(suspended.json()["kind"]["status"], "KIND_STATUS_SUSPENDED");
    let resumed = mesh.ask("POST", "/v1/kinds/primes:resume", &[], b"").await;
    assert_ne!(resumed.json()["kind"]["status"], "KIND_STATUS_SUSPENDED");
    let unknown = mesh.ask("POST", "/v1/kinds/primes:stop", &[], b"").await;
    assert_eq!((unknown.status, unknown.reason().as_str()), (404, "UNKNOWN_METHOD"));
    assert!(mesh.get("/v1/workers", &[]).await.json()["workers"].is_array());
    assert_eq!(mesh.get("/v1/stats", &[]).await.json()["counters"]["failed"], "0");
    let described = mesh.get("/openapi.json", &[]).await.json();
    assert_eq!((&described["openapi"], described["paths"].as_object().unwrap().len()), (&json!("3.1.0"), 22));
}

#[tokio::test]
async fn what_http_alone_can_get_wrong_is_told() {
    let mesh = Mesh::start_with(&["--max-message-size", "4KiB", "--max-header-size", "4KiB"]);
    let json = "content-type: application/json";
    let put = mesh.ask("PUT", "/v1/jobs", &[], b"").await;
    assert_eq!((put.status, put.reason().as_str(), put.header("allow")), (405, "METHOD_NOT_ALLOWED", "post"));
    let delete = mesh.ask("DELETE", "/v1/kinds", &[], b"").await;
    assert_eq!((delete.status, delete.header("allow")), (405, "get,head"));
    let form =
        mesh.ask("POST", "/v1/jobs", &["content-type: application/x-www-form-urlencoded"], b"{}").await;
    assert_eq!((form.status, form.reason().as_str()), (415, "MEDIA_TYPE_UNSUPPORTED"));
    let gzip = mesh.ask("POST", "/v1/jobs", &[json, "content-encoding: gzip"], b"{}").await;
    assert_eq!((gzip.status, gzip.reason().as_str()), (415, "ENCODING_UNSUPPORTED"));
    let long = mesh.post("/v1/jobs", &" ".repeat(5000)).await;
    assert_eq!((long.status, long.reason().as_str()), (413, "MESSAGE_TOO_LARGE"));
    let heads = mesh.get("/v1/kinds", &[&format!("x: {}", "y".repeat(5000))]).await;
    assert_eq!((heads.status, heads.reason().as_str()), (431, "HEADERS_TOO_LARGE"));
    let bytes = mesh.get("/v1/jobs/%ff", &[]).await;
    assert_eq!((bytes.status, bytes.reason().as_str()), (400, "MALFORMED_MESSAGE"));
    let query = mesh.get("/v1/kinds?x=1", &[]).await;
    assert_eq!((query.status, &query.json()["violations"][0]["field"]), (400, &json!("x")));
    let cross = mesh.ask("POST", "/v1/kinds/primes:suspend", &["sec-fetch-site: cross-site"], b"").await;
    assert_eq!((cross.status, cross.reason().as_str()), (403, "CROSS_SITE"));
}

#[tokio::test]
async fn a_caller_who_leaves_gives_its_stream_back() {
    let mesh = Mesh::start_with(&["--max-streams", "1", "--log", "warn"]);
    let task = r#"{"primes":{"start":0,"end":"30000000"}}"#;
    let mut job = Value::Null;
    while job["job"]["state"] != "JOB_STATE_SUCCEEDED" {
        job = mesh.post("/v1/jobs", &format!(r#"{{"task":{task}}}"#)).await.json();
    }
    let path = format!("/v1/jobs/{}/result", job["job"]["id"].as_str().unwrap());
    let mut leaving = TcpStream::connect(&mesh.door).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", mesh.door);
    leaving.write_all(request.as_bytes()).await.unwrap();
    leaving.read_exact(&mut [0; 64]).await.unwrap();
    // It is longer than all buffers on the way, so that its stream is open as long as it is not read.
    let other = mesh.get(&path, &["range: bytes=0-9"]).await;
    assert_eq!((other.status, other.reason().as_str()), (429, "TOO_MANY_STREAMS"));
    assert_eq!(other.header("retry-after"), "5");
    drop(leaving);
    while mesh.get(&path, &["range: bytes=0-9"]).await.status != 206 {}
}

/// A server-sent event.
struct Pushed {
    name: String,
    id: String,
    data: Value,
}

/// The events of a stream, without what only tells when to come back.
fn events(text: &str) -> Vec<Pushed> {
    let events = text.split_terminator("\n\n").filter(|event| event.contains("event: "));
    let field = |event: &str, name: &str| {
        let found = event.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap_or_default().to_owned()
    };
    let read = |event| Pushed {
        name: field(event, "event: "),
        id: field(event, "id: "),
        data: serde_json::from_str(&field(event, "data: ")).unwrap(),
    };
    events.map(read).collect()
}

fn digits(events: &[Pushed]) -> String {
    events.iter().filter_map(|event| event.data["chunk"]["text"].as_str()).collect()
}
