//! The door with TLS: HTTP/2 by ALPN, no old protocols, and no way in by plain HTTP.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use super::stack::{Stack, bare, call, exchange, grpcurl, messages, text};

/// What openssl's client makes of the door; it sends `request` once it is connected.
fn s_client(stack: &Stack, args: &[&str], request: &[u8]) -> Output {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &stack.door(), "-CAfile", &stack.field("certificate ", " ")]);
    command.args(["-verify_return_error", "-ign_eof"]).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut client = command.spawn().expect("openssl is installed");
    client.stdin.take().unwrap().write_all(request).unwrap();
    client.wait_with_output().unwrap()
}

#[test]
fn grpc_and_pages_are_served_over_tls_only() {
    let stack = Stack::start(&["--tls"]);
    let certificate = stack.field("certificate ", " ");
    let request = r#"{"task":{"sum2":{"first":"40","second":"2"}}}"#;
    let mut over_tls =
        grpcurl(&["-max-time", "60", "-cacert", &certificate], &stack.door(), "JobService/RunJob", request);
    assert_eq!(text(&messages(&over_tls.output().unwrap())), "42");
    let refused = call(&stack.door(), "OperatorService/GetStats", "{}");
    assert!(!refused.status.success(), "the door answers without TLS");

    // Whoever speaks no HTTP after the handshake is sent away, so that openssl ends.
    let chosen = s_client(&stack, &["-alpn", "h2,http/1.1"], b"not HTTP\r\n\r\n");
    let told = String::from_utf8_lossy(&chosen.stdout).into_owned();
    assert!(told.contains("ALPN protocol: h2") && told.contains("TLSv1.3"), "{told}");
    let old = s_client(&stack, &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], b"");
    let told = String::from_utf8_lossy(&old.stderr).into_owned();
    assert!(!old.status.success() && told.contains("alert protocol version"), "{told}");

    let page = s_client(&stack, &["-quiet", "-alpn", "http/1.1"], &bare("GET /nowhere", ""));
    let told = String::from_utf8_lossy(&page.stdout).to_lowercase();
    assert!(told.contains("strict-transport-security: max-age=31536000"), "{told}");
}

#[test]
fn plain_http_is_sent_on_and_tells_its_health() {
    let stack = Stack::start(&["--tls", "--calculators", "0"]);
    let (redirect, door) = (stack.field("envoy ", "redirect="), stack.door());
    let sent_on = exchange(&redirect, &bare("GET /v1/kinds?a=1", "")).head;
    let port = door.rsplit(':').next().unwrap();
    assert!(sent_on.starts_with("http/1.1 308"), "{sent_on}");
    assert!(sent_on.contains(&format!("location: https://abacus.example:{port}/v1/kinds?a=1")), "{sent_on}");
    assert!(exchange(&redirect, &bare("GET /healthz", "")).head.starts_with("http/1.1 200"));
}
