//! Pages: grpc-web through Envoy, and who answers those of other origins.

use std::collections::BTreeSet;
use std::fs;

use super::stack::{Stack, bare, by_grpc_web};
use crate::tree::root;

const STATS: &str = "abacus.v1.OperatorService/GetStats";

/// The preflight of a page of this origin.
fn preflight(origin: &str) -> Vec<u8> {
    let headers = format!(
        "origin: {origin}\r\naccess-control-request-method: POST\r\n\
         access-control-request-headers: content-type,x-grpc-web\r\n"
    );
    bare(&format!("OPTIONS /{STATS}"), &headers)
}

/// How often a header is there, and its last value.
fn header<'a>(head: &'a str, name: &str) -> (usize, &'a str) {
    let values = head.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    values.fold((0, ""), |(count, _), value| (count + 1, value))
}

#[test]
fn a_page_of_the_door_itself_is_answered_with_trailers_in_the_body() {
    let stack = Stack::start(&["--calculators", "0"]);
    let answer = stack.exchange(&by_grpc_web(STATS, ""));
    assert!(answer.head.starts_with("http/1.1 200"), "{}", answer.head);
    assert_eq!(header(&answer.head, "content-type"), (1, "application/grpc-web+proto"));
    assert!(String::from_utf8_lossy(&answer.body).contains("grpc-status:0"), "{:?}", answer.body);

    let refused = stack.exchange(&by_grpc_web("abacus.v1.JobService/SubmitJob", ""));
    let whole = format!("{}{}", refused.head, String::from_utf8_lossy(&refused.body));
    assert!(whole.contains("grpc-status-details-bin"), "the reason has to arrive: {whole}");
}

#[test]
fn pages_of_the_gateways_origins_may_call_and_others_may_not() {
    let stack = Stack::start(&["--calculators", "0", "--gateway-args", "--cors-origins https://lab.example"]);
    let allowed = stack.exchange(&preflight("https://lab.example")).head;
    assert!(allowed.starts_with("http/1.1 200"), "{allowed}");
    assert_eq!(header(&allowed, "access-control-allow-origin"), (1, "https://lab.example"));
    assert_eq!(header(&allowed, "access-control-allow-headers"), (1, "content-type,x-grpc-web"));
    let refused = stack.exchange(&preflight("https://evil.example")).head;
    assert_eq!(header(&refused, "access-control-allow-origin"), (0, ""));

    let called = stack.exchange(&by_grpc_web(STATS, "origin: https://lab.example\r\n")).head;
    assert_eq!(header(&called, "access-control-allow-origin"), (1, "https://lab.example"));
    let (count, exposed) = header(&called, "access-control-expose-headers");
    assert_eq!(count, 1, "{called}");
    for name in ["grpc-status", "grpc-message", "grpc-status-details-bin"] {
        assert!(exposed.split(',').any(|word| word.trim() == name), "{name} is not exposed: {exposed}");
    }
}

#[test]
fn an_origin_in_envoys_own_list_is_answered_by_envoy_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("envoy.yaml");
    let plain = fs::read_to_string(root().join("envoy/envoy.yaml")).unwrap();
    let listed = plain.replace(
        "allow_origin_string_match: []",
        "allow_origin_string_match: [{ exact: https://edge.example }]",
    );
    assert_ne!(listed, plain);
    fs::write(&file, listed).unwrap();
    let both = "--cors-origins https://edge.example,https://lab.example";
    let stack =
        Stack::start(&["--calculators", "0", "--envoy", file.to_str().unwrap(), "--gateway-args", both]);
    let mut exposed = Vec::new();
    for origin in ["https://edge.example", "https://lab.example"] {
        let allowed = stack.exchange(&preflight(origin)).head;
        assert_eq!(header(&allowed, "access-control-allow-origin"), (1, origin));
        let called = stack.exchange(&by_grpc_web(STATS, &format!("origin: {origin}\r\n"))).head;
        assert_eq!(header(&called, "access-control-allow-origin"), (1, origin));
        let (count, names) = header(&called, "access-control-expose-headers");
        assert_eq!(count, 1, "{called}");
        exposed.push(names.split(',').map(|name| name.trim().to_owned()).collect::<BTreeSet<_>>());
    }
    assert!(exposed[0].is_superset(&exposed[1]), "Envoy exposes less than the gateway: {exposed:?}");
}
