//! The description of the door, `OpenAPI` 3.1 (<https://spec.openapis.org/oas/v3.1.1>): routes from the list that serves
//! them, messages from the contract's descriptors with its comments, refusals from the one table, bounds from the limits
//! in force.

mod operation;
mod pattern;
mod schema;

use std::collections::BTreeSet;

use abacus_chassis::Reason;
use abacus_tasks::{Limits, kinds};
use prost::Name;
use serde_json::{Map, Value, json};

pub(super) use self::operation::Operation;
use self::schema::Schemas;

/// Why a submission may be refused.
pub(super) const SUBMITTING: &[Reason] =
    &[Reason::InvalidField, Reason::MalformedMessage, Reason::QueueFull, Reason::BudgetExceeded];

/// Why a result may not be read.
pub(super) const READING: &[Reason] = &[
    Reason::JobNotFound,
    Reason::JobNotFinished,
    Reason::NoResult,
    Reason::FormatTooLarge,
    Reason::TooManyStreams,
    Reason::ShuttingDown,
];

/// Why what a classic route is given may be refused.
pub(super) const GIVING: &[Reason] = &[Reason::InvalidField, Reason::MalformedMessage];

/// Behind the name of a message as it is given: looser than as it is told.
const INPUT: &str = "Input";

/// Before the name of a limit: integers from 0 to the limit.
const UP_TO: &str = "UpTo.";

/// A message that a body gives.
pub(super) fn given<M: Name>() -> Value {
    reference(&format!("{}{INPUT}", M::NAME))
}

/// A message that an answer tells.
pub(super) fn told<M: Name>() -> Value {
    reference(M::NAME)
}

/// An integer from 0 to the limit of this name.
pub(super) fn up_to(limit: &str) -> Value {
    reference(&format!("{UP_TO}{limit}"))
}

pub(super) fn any_text() -> Value {
    json!({"type": "string"})
}

/// The label of a spin.
pub(super) fn label() -> Value {
    json!({"anyOf": [schema::said_of("abacus.v1.Spin.label"), schema::exact_number()]})
}

/// One server-sent event.
pub(super) fn event() -> Value {
    let names = "snapshot progress chunk retrying suspended resumed heartbeat terminal problem";
    json!({
        "type": "object",
        "description": "`data` holds a frame; in a problem, the reason for which the stream ends early.",
        "properties": {
            "event": {"enum": names.split(' ').collect::<Vec<_>>()},
            "data": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": {"anyOf": [reference("Frame"), reference("Problem")]},
            },
            "id": {"type": "string", "description": "The frame's cursor; a heartbeat has none."},
        },
        "required": ["event", "data"],
    })
}

pub(super) fn any_bytes() -> Value {
    json!({"type": "string", "contentMediaType": "application/octet-stream"})
}

/// A result as a JSON object.
pub(super) fn result() -> Value {
    let summary = reference("ResultSummary");
    let value = json!({
        "description": "An integer or a text; of primes, each of them.",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string", "pattern": "^[0-9]+$"}}],
    });
    json!({
        "allOf": [summary],
        "properties": {"job": {"type": "string"}, "value": value},
        "required": ["job", "value"],
    })
}

/// The status of each kind in a word.
pub(super) fn status_words() -> Value {
    let word = json!({"enum": ["active", "error", "queue", "suspended"]});
    let names = kinds::all().iter().map(|kind| kind.name);
    let words: Map<_, _> = names.clone().map(|name| (name.to_owned(), word.clone())).collect();
    json!({"type": "object", "properties": words, "required": names.collect::<Vec<_>>()})
}

/// What a kind's status can be set to, by kind.
pub(super) fn wanted_words() -> Value {
    let word = json!({"enum": ["active", "suspended"]});
    let words: Map<_, _> = kinds::all().iter().map(|kind| (kind.name.to_owned(), word.clone())).collect();
    json!({"type": "object", "properties": words, "additionalProperties": false, "minProperties": 1})
}

/// A kind with its parameters, and who asks.
pub(super) fn process() -> Value {
    let task = schema::descriptor("Task").expect("the contract has it");
    let choices = task.fields().filter_map(|kind| {
        let parameters = kind.kind().as_message()?.clone();
        let told = reference(&format!("{}{INPUT}", parameters.name()));
        let (required, told) = if parameters.fields().any(|field| schema::is_required(&field)) {
            (vec!["task", "params"], told)
        } else {
            (vec!["task"], json!({"anyOf": [told, {"type": "null"}]}))
        };
        Some(json!({
            "type": "object",
            "properties": {
                "task": {"const": kind.name()},
                "client_name": {"$ref": "#/components/schemas/SubmitJobRequestInput/properties/client"},
                "params": told,
            },
            "required": required,
            "additionalProperties": false,
        }))
    });
    json!({"oneOf": choices.collect::<Vec<_>>()})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("{REFERENCE}{name}")})
}

const REFERENCE: &str = "#/components/schemas/";

/// The operation that tells this description.
pub(super) fn operation() -> Operation {
    Operation::new("get", "/openapi.json", "getOpenapi", "This description.").answers(
        200,
        "OpenAPI 3.1.",
        json!({"type": "object", "required": ["openapi", "paths"]}),
    )
}

/// The whole description.
pub(super) fn document(operations: Vec<Operation>, limits: &Limits) -> Value {
    let mut paths = Map::new();
    for operation in operations {
        let (path, method, told) = operation.told();
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[method] = told;
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Abacus",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Long exact-integer computations: submit a task, follow its job, read its result. The same \
                            contract is served over gRPC on this port; `proto/abacus/v1` explains every field.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "tags": [
            {"name": "abacus", "description": "The contract."},
            {"name": "classic", "description": "The commands of the systems that Abacus replaces."},
        ],
        "paths": paths,
    });
    document["components"] = json!({"schemas": components(&document, limits)});
    document
}

/// Every schema that is referred to, also by another one.
fn components(document: &Value, limits: &Limits) -> Map<String, Value> {
    let schemas = Schemas { limits };
    let mut wanted = BTreeSet::new();
    refer(document, &mut wanted);
    let mut components = Map::new();
    while let Some(name) = wanted.pop_first() {
        let schema = match (name.as_str(), name.strip_prefix(UP_TO)) {
            ("Problem", _) => problem(),
            (_, Some(limit)) => schemas.up_to(limit),
            (name, None) => schemas.message(name),
        };
        let mut inner = BTreeSet::new();
        refer(&schema, &mut inner);
        components.insert(name, schema);
        wanted.extend(inner.into_iter().filter(|name| !components.contains_key(name)));
    }
    components
}

/// Notes the names of the schemas that `value` refers to.
fn refer(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) =
                members.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix(REFERENCE))
            {
                names.extend(name.split('/').next().map(str::to_owned));
            }
            members.values().for_each(|member| refer(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| refer(item, names)),
        _ => {}
    }
}

/// A refusal, as `abacus_chassis` renders it (RFC 9457).
fn problem() -> Value {
    let pairs = |first: &str, second: &str| {
        let properties = json!({first: {"type": "string"}, second: {"type": "string"}});
        json!({"type": "array", "items": {"type": "object", "properties": properties, "required": [first, second]}})
    };
    json!({
        "type": "object",
        "description": "Why a request was refused; docs/errors.md explains each reason.",
        "properties": {
            "type": {"const": "about:blank"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What to do, for people."},
            "reason": {"type": "string", "description": "Why, for programs."},
            "retry_after_ms": {"type": "integer", "description": "When to ask again; absent when that does not help."},
            "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
            "violations": pairs("field", "description"),
            "resource": {"type": "object", "properties": {"type": {"type": "string"}, "name": {"type": "string"}}},
            "quota": pairs("subject", "description"),
            "preconditions": pairs("subject", "description"),
        },
        "required": ["type", "title", "status", "detail", "reason"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_that_is_referred_to_is_there() {
        let operations = [super::super::jobs::routes(), super::super::classic::routes()];
        let operations = operations.into_iter().flatten().flat_map(|route| route.operations).collect();
        let document = document(operations, &Limits::default());
        let mut names = BTreeSet::new();
        refer(&document, &mut names);
        let schemas = document["components"]["schemas"].as_object().unwrap();
        assert!(names.iter().all(|name| schemas.contains_key(name)));
        for name in ["TaskInput", "Task", "Problem", "Job", "UpTo.primes.end"] {
            assert!(schemas.contains_key(name), "{name}");
        }
    }

    #[test]
    fn limits_in_force_are_told() {
        let limits: Limits = "fibonacci.n=41,sum2.digits=5,spin.duration_ms=2500".parse().unwrap();
        let operations = vec![Operation::new("post", "/", "x", "x").takes(&given::<abacus_api::v1::Task>())];
        let document = document(operations, &limits);
        let schemas = &document["components"]["schemas"];
        let n = &schemas["FibonacciInput"]["properties"]["n"]["anyOf"];
        assert_eq!(
            (&n[0]["maximum"], &n[1]["pattern"]),
            (&json!(41), &json!("^0*(?:[0-9]|[0-3][0-9]|4[0-0]|41)$"))
        );
        let first = &schemas["Sum2Input"]["properties"]["first"]["anyOf"];
        assert_eq!(first[1]["pattern"], "^[+-]?[0-9]{1,5}$");
        assert_eq!((&first[0]["minimum"], &first[0]["maximum"]), (&json!(-99_999), &json!(99_999)));
        assert_eq!(schemas["Sum2Input"]["required"], json!(["first", "second"]));
        let duration =
            schemas["SpinInput"]["properties"]["duration"]["anyOf"][0]["pattern"].as_str().unwrap();
        assert!(duration.contains("|0*2(?:"), "{duration}");
        let kinds = schemas["TaskInput"]["oneOf"].as_array().unwrap();
        let one = kinds.iter().find(|one| one["required"] == json!(["mult3"])).unwrap();
        assert_eq!(one["properties"]["spin"], json!({"type": "null"}), "one kind at a time");
    }
}
