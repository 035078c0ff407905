//! Several gateways and notifiers: all of them serve, and each can be killed.

use super::stack::{Stack, bare, eventually, exchange, text};

/// Calls that follow each other after a death.
const CALLS: u32 = 10;

/// A job that nobody asked for before is computed and followed to its end.
fn compute(stack: &Stack, number: u32) {
    let request = format!(r#"{{"task":{{"sum2":{{"first":"1","second":"{number}"}}}}}}"#);
    assert_eq!(text(&stack.ask("JobService/RunJob", &request)), (number + 1).to_string());
}

/// How many requests a service has got, as Envoy counts them.
fn requests(stack: &Stack, cluster: &str, name: &str) -> u64 {
    let clusters = exchange(&stack.field("envoy ", "admin="), &bare("GET /clusters", "")).body;
    let address = stack.field(&format!("started {name} "), "address=");
    let clusters = String::from_utf8_lossy(&clusters).into_owned();
    let key = format!("{cluster}::{address}::rq_total::");
    let count = clusters.lines().find_map(|line| line.strip_prefix(&key));
    count.unwrap_or_else(|| panic!("{key} is not told:\n{clusters}")).parse().unwrap()
}

#[test]
fn all_of_them_are_used() {
    let stack = Stack::start(&["--gateways", "2", "--notifiers", "2"]);
    let mut number = 0;
    for (cluster, names) in
        [("gateway", ["gateway-1", "gateway-2"]), ("notifier", ["notifier-1", "notifier-2"])]
    {
        eventually("both have been asked", || {
            number += 1;
            compute(&stack, number);
            names.iter().all(|name| requests(&stack, cluster, name) > 0).then_some(())
        });
    }
}

#[test]
fn each_can_be_killed_and_nobody_who_comes_then_notices() {
    let mut stack = Stack::start(&["--gateways", "2", "--notifiers", "2"]);
    compute(&stack, 0);
    for (round, name) in (0..).zip(["gateway-1", "notifier-2", "gateway-2", "notifier-1"]) {
        stack.kill(name);
        for call in 1..=CALLS {
            compute(&stack, round * CALLS + call);
        }
        // The next one dies only when this one serves again, as far as Envoy can tell.
        let cluster = name.split('-').next().unwrap();
        stack.wait_for(&format!("started {name} "));
        eventually("it is healthy", || {
            let clusters = exchange(&stack.field("envoy ", "admin="), &bare("GET /clusters", "")).body;
            let address = stack.field(&format!("started {name} "), "address=");
            String::from_utf8_lossy(&clusters)
                .contains(&format!("{cluster}::{address}::health_flags::healthy"))
                .then_some(())
        });
    }
}
