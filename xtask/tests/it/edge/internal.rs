//! The internal listener: gateways reach notifiers by it, operators reach calculators.

use std::collections::BTreeSet;

use super::stack::{Stack, call, eventually, messages};

#[test]
fn operators_reach_each_calculator_and_gateways_a_notifier() {
    let stack = Stack::start(&["--calculators", "2"]);
    let internal = stack.field("envoy ", "internal=");
    let mut workers = BTreeSet::new();
    eventually("both calculators have answered", || {
        let told = messages(&call(&internal, "WorkerService/GetWorker", "{}"));
        workers.insert(told[0]["worker"]["id"].as_str().unwrap().to_owned());
        (workers.len() == 2).then_some(())
    });

    let sum = r#"{"task":{"sum2":{"first":"40","second":"2"}}}"#;
    let computed = messages(&call(&internal, "WorkerService/Calculate", sum));
    assert!(computed.iter().any(|message| message.to_string().contains("\"42\"")), "{computed:?}");

    let submitted = stack.ask("JobService/SubmitJob", sum);
    let job = submitted[0]["job"]["id"].as_str().unwrap();
    let watched = call(&internal, "WatchService/Watch", &format!(r#"{{"subscription":{{"job":"{job}"}}}}"#));
    let frames = messages(&watched);
    assert!(frames.last().unwrap().to_string().contains("JOB_STATE_SUCCEEDED"), "{frames:?}");
}

#[test]
fn no_worker_is_drained_by_chance_and_the_gateways_services_are_not_here() {
    let stack = Stack::start(&[]);
    let internal = stack.field("envoy ", "internal=");
    for method in ["WorkerService/Drain", "OperatorService/GetStats"] {
        let refused = call(&internal, method, "{}");
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(told.contains("Code: Unimplemented"), "{method}: {told}");
    }
}
