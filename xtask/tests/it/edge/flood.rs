//! The flood guard, with buckets that are soon empty and do not fill again while the test runs.

use std::fs;

use super::stack::{Stack, bare, by_grpc_web, call};
use crate::tree::root;

/// Requests until the bucket is empty.
const BURST: usize = 3;

/// The bucket of everybody, and that of each address.
const BUCKETS: [&str; 2] = [
    "token_bucket: { max_tokens: 20000, tokens_per_fill: 20000, fill_interval: 1s }",
    "token_bucket: { max_tokens: 10000, tokens_per_fill: 10000, fill_interval: 1s }",
];

#[test]
fn beyond_the_burst_of_either_bucket_everybody_is_refused_in_his_own_words() {
    for bucket in BUCKETS {
        refuses_beyond(bucket);
    }
}

/// Makes this bucket small, and tries clients of all sorts.
fn refuses_beyond(bucket: &str) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("envoy.yaml");
    let plain = fs::read_to_string(root().join("envoy/envoy.yaml")).unwrap();
    let small = format!("token_bucket: {{ max_tokens: {BURST}, tokens_per_fill: 1, fill_interval: 3600s }}");
    assert!(plain.contains(bucket), "the flood guard is told otherwise now");
    fs::write(&file, plain.replace(bucket, &small)).unwrap();
    let stack = Stack::start(&["--calculators", "0", "--envoy", file.to_str().unwrap()]);

    for _ in 0..BURST {
        let passed = stack.exchange(&bare("GET /nowhere", "")).head;
        assert!(passed.starts_with("http/1.1 404"), "{passed}");
    }
    let refused = stack.exchange(&bare("GET /nowhere", "")).head;
    assert!(refused.starts_with("http/1.1 429") && refused.contains("retry-after: 1"), "{refused}");
    let refused = call(&stack.door(), "OperatorService/GetStats", "{}");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("Code: ResourceExhausted"), "{told}");
    let refused = stack.exchange(&by_grpc_web("abacus.v1.OperatorService/GetStats", "")).head;
    assert!(refused.starts_with("http/1.1 200") && refused.contains("grpc-status: 8"), "{refused}");
    let health = stack.exchange(&bare("GET /healthz", "")).head;
    assert!(health.starts_with("http/1.1 200"), "a flood is no outage: {health}");
}
