//! Messages of the contract as JSON and back, by the proto's JSON mapping
//! (<https://protobuf.dev/programming-guides/json/>), driven by the descriptor set: a new message or field needs nothing
//! here.
//!
//! Stricter and kinder than the mapping where exactness asks for it. A JSON number beyond 2^53 - 1, which many programs
//! round without a word, is refused; a parameter of a task that is text may be given as a number; all wrong and all
//! unknown fields are named at once. Answers tell 64-bit integers as strings and every field that has no presence, so
//! that a zero is told too.

mod read;
mod write;

use std::sync::LazyLock;

use abacus_tasks::Violations;
use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use serde_json::Value;

use self::read::{Reading, Source};

/// The largest integer that every JSON program holds exactly: 2^53 - 1 (RFC 8259, section 6).
pub(super) const LARGEST_NUMBER: u64 = (1 << 53) - 1;

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(abacus_api::DESCRIPTOR_SET)
        .expect("it is built in, and reflection reads it at each start")
});

/// The contract's descriptors.
pub(super) fn pool() -> &'static DescriptorPool {
    &POOL
}

/// Reads a message. What is wrong is noted, with the paths of fields as the contract spells them, and left out.
pub(super) fn read<M: Message + Name + Default>(value: Value, violations: &mut Violations) -> M {
    reading(value, Source::Json, violations)
}

/// Reads a message from the pairs of a query, whose values are all text.
pub(super) fn read_query<M: Message + Name + Default>(
    pairs: Vec<(String, String)>,
    violations: &mut Violations,
) -> M {
    let mut object = serde_json::Map::new();
    for (name, value) in pairs {
        if object.insert(name.clone(), Value::String(value)).is_some() {
            violations.push(name, "is given twice; give it once");
        }
    }
    reading(Value::Object(object), Source::Query, violations)
}

fn reading<M: Message + Name + Default>(value: Value, source: Source, violations: &mut Violations) -> M {
    let message = Reading { source, violations }.message(&descriptor::<M>(), value, "");
    message.transcode_to().expect("it was made after the description of this very type")
}

/// A message as JSON.
pub(super) fn write<M: Message + Name>(message: &M) -> Value {
    let mut dynamic = DynamicMessage::new(descriptor::<M>());
    dynamic.transcode_from(message).expect("it is decoded after the description of this very type");
    write::message(&dynamic)
}

/// A message as the text of one JSON value.
pub(super) fn text<M: Message + Name>(message: &M) -> String {
    write(message).to_string()
}

fn descriptor<M: Name>() -> MessageDescriptor {
    POOL.get_message_by_name(&M::full_name()).expect("the descriptor set describes every generated message")
}

#[cfg(test)]
mod tests {
    use abacus_api::v1;
    use serde_json::json;

    use super::*;

    /// What is read, and which fields are wrong.
    fn submission(value: Value) -> (v1::SubmitJobRequest, Vec<(String, String)>) {
        let mut violations = Violations::new();
        let message = read(value, &mut violations);
        (message, violations.into_iter().map(|one| (one.field, one.description)).collect())
    }

    fn wrong_fields(value: Value) -> Vec<String> {
        submission(value).1.into_iter().map(|(field, _)| field).collect()
    }

    fn task(value: &Value) -> Option<v1::task::Task> {
        let (message, wrong) = submission(json!({"task": value}));
        assert_eq!(wrong, [], "nothing is wrong");
        message.task.unwrap().task
    }

    #[test]
    fn integers_are_strings_of_any_size_or_exact_numbers() {
        let fibonacci = |n| Some(v1::task::Task::Fibonacci(v1::Fibonacci { n }));
        assert_eq!(task(&json!({"fibonacci": {"n": 42}})), fibonacci(42));
        assert_eq!(task(&json!({"fibonacci": {"n": 42.0}})), fibonacci(42));
        // Read from text: more digits than a float holds, though it is one.
        let text = r#"{"fibonacci": {"n": 1954796034828889.0}}"#;
        assert_eq!(task(&serde_json::from_str(text).unwrap()), fibonacci(1_954_796_034_828_889));
        assert_eq!(task(&json!({"fibonacci": {"n": "18446744073709551615"}})), fibonacci(u64::MAX));
        assert_eq!(task(&json!({"fibonacci": {"n": LARGEST_NUMBER}})), fibonacci(LARGEST_NUMBER));
        let first = "1".repeat(1000);
        let sum = v1::Sum2 { first: first.clone(), second: "-7".to_owned() };
        assert_eq!(task(&json!({"sum2": {"first": first, "second": -7}})), Some(v1::task::Task::Sum2(sum)));

        let (_, wrong) = submission(json!({"task": {"fibonacci": {"n": LARGEST_NUMBER + 1}}}));
        assert_eq!(wrong[0].0, "task.fibonacci.n");
        assert!(wrong[0].1.contains("string"), "{wrong:?}");
        let beyond: Value =
            serde_json::from_str(r#"{"task":{"sum2":{"first":123456789012345678901,"second":"1"}}}"#)
                .unwrap();
        assert_eq!(wrong_fields(beyond), ["task.sum2.first"]);
        for wrong in [
            json!(1.5),
            json!(-1),
            json!("1x"),
            json!("+1"),
            json!(""),
            json!(true),
            json!("18446744073709551616"),
        ] {
            assert_eq!(wrong_fields(json!({"task": {"fibonacci": {"n": wrong}}})), ["task.fibonacci.n"]);
        }
    }

    #[test]
    fn fields_have_both_spellings_and_null_is_absent() {
        for name in ["request_id", "requestId"] {
            assert_eq!(submission(json!({name: "7"})).0.request_id, "7");
        }
        let primes = v1::Primes { start: 0, end: 9, count_only: true, ..v1::Primes::default() };
        let value = json!({"primes": {"start": null, "end": "9", "countOnly": true}});
        assert_eq!(task(&value), Some(v1::task::Task::Primes(primes)));
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let value = json!({
            "task": {"fibonaci": {"n": 1}}, "client": 7, "requestId": ["7"], "rejectIfSuspended": "true", "x": 1,
        });
        let fields = ["client", "reject_if_suspended", "request_id", "task.fibonaci", "x"];
        assert_eq!(wrong_fields(value), fields);
        let (_, wrong) = submission(json!({"task": {"fibonaci": {}}}));
        assert!(wrong[0].1.contains("fibonacci, primes, sum2"), "{wrong:?}");
        assert_eq!(wrong_fields(json!({"task": {"fibonacci": {}, "primes": {}}})), ["task.primes"]);
        assert_eq!(wrong_fields(json!([1])), ["body"]);
        assert_eq!(wrong_fields(json!({"task": {"spin": {"duration": "soon"}}})), ["task.spin.duration"]);
    }

    #[test]
    fn durations_and_lists_are_read() {
        let spin = v1::Spin {
            label: "7".into(),
            duration: Some(prost_types::Duration { seconds: 1, nanos: 500_000_000 }),
        };
        assert_eq!(
            task(&json!({"spin": {"label": 7, "duration": "1.5s"}})),
            Some(v1::task::Task::Spin(spin))
        );
        let mut violations = Violations::new();
        let batch: v1::BatchSubmitJobsRequest =
            read(json!({"requests": [{"client": "a"}, {"client": 1}]}), &mut violations);
        assert_eq!(batch.requests[0].client, "a");
        assert_eq!(
            violations.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(),
            ["requests[1].client"]
        );
    }

    #[test]
    fn queries_are_read_by_the_same_names() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut violations = Violations::new();
        let pairs = vec![
            pair("cursor", "abc"),
            pair("format", "RESULT_FORMAT_HEX"),
            pair("max_chunk_bytes", "1024"),
            pair("metadataOnly", "true"),
        ];
        let message: v1::SubscribeResultsRequest = read_query(pairs, &mut violations);
        assert_eq!(
            (message.cursor.as_str(), message.max_chunk_bytes, message.metadata_only),
            ("abc", 1024, true)
        );
        assert_eq!((message.format(), violations.is_empty()), (v1::ResultFormat::Hex, true));
        let pairs = vec![pair("format", "hex"), pair("cursor", "1"), pair("cursor", "2"), pair("x", "")];
        let _: v1::SubscribeResultsRequest = read_query(pairs, &mut violations);
        let fields: Vec<_> = violations.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["cursor", "format", "x"]);
    }

    #[test]
    fn the_contract_has_no_maps() {
        let mut fields = pool().all_messages().flat_map(|message| message.fields().collect::<Vec<_>>());
        assert!(fields.all(|field| !field.is_map()));
    }

    #[test]
    fn answers_tell_zeros_and_64_bit_integers_as_strings() {
        let summary = v1::ResultSummary {
            format: v1::ResultFormat::Decimal.into(),
            bytes: u64::MAX,
            size: Some(v1::result_summary::Size::Digits(20)),
            compute_time: Some(prost_types::Duration { seconds: 1, nanos: 500_000_000 }),
            ..v1::ResultSummary::default()
        };
        let expected = json!({
            "format": "RESULT_FORMAT_DECIMAL", "bytes": "18446744073709551615", "chunks": 0, "digits": "20",
            "sha256": "", "computeTime": "1.500s",
        });
        assert_eq!(write(&summary), expected);
        let worker = v1::Worker {
            start_time: Some(prost_types::Timestamp { seconds: 1_700_000_000, nanos: 250_000_000 }),
            lanes: vec![v1::LaneSlots { lane: 99, ..v1::LaneSlots::default() }],
            ..v1::Worker::default()
        };
        let written = write(&worker);
        assert_eq!(written["startTime"], "2023-11-14T22:13:20.250Z");
        assert_eq!(written["kinds"], json!([]));
        assert_eq!(written["lanes"][0]["lane"], 99, "an enum value that only a newer version knows");
        assert!(written.get("heartbeatTime").is_none());
        let chunk = v1::Chunk {
            content: Some(v1::chunk::Content::Binary(vec![0xff, 0].into())),
            ..v1::Chunk::default()
        };
        assert_eq!(write(&chunk)["binary"], "/wA=");
    }
}
