//! JSON Schemas (draft 2020-12) of the contract's messages, as `rest::json` reads and writes them.

use abacus_tasks::{Limits, limits::Limit};
use prost::Name;
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use prost_types::{Duration, Timestamp};
use serde_json::{Map, Value, json};

use super::{INPUT, pattern, reference};
use crate::rest::json::{self, LARGEST_NUMBER};

/// What the contract says of a field in words only, in the words of JSON Schema.
const SAID: [(&str, &str); 5] = [
    ("abacus.v1.SubmitJobRequest.client", r#"{"type":"string","pattern":"^[A-Za-z0-9._-]{0,64}$"}"#),
    (
        "abacus.v1.SubmitJobRequest.request_id",
        r#"{"type":"string","anyOf":[{"format":"uuid"},{"const":""}]}"#,
    ),
    ("abacus.v1.ListRequestsRequest.page_size", r#"{"type":"integer","minimum":0,"maximum":1000}"#),
    (
        "abacus.v1.SubscribeResultsRequest.max_chunk_bytes",
        r#"{"type":"integer","anyOf":[{"const":0},{"minimum":1024,"maximum":1048576}]}"#,
    ),
    (
        "abacus.v1.Spin.label",
        r#"{"type":"string","maxLength":64,"pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]*$"}"#,
    ),
];

/// Schemas under the limits in force.
pub(super) struct Schemas<'l> {
    pub(super) limits: &'l Limits,
}

/// The message of this name.
pub(super) fn descriptor(name: &str) -> Option<MessageDescriptor> {
    json::pool().get_message_by_name(&format!("abacus.v1.{name}"))
}

impl Schemas<'_> {
    /// The message of this name, as it is told; with [`INPUT`] behind it, as it is given.
    pub(super) fn message(&self, name: &str) -> Value {
        let given = name.strip_suffix(INPUT).and_then(descriptor);
        match given {
            Some(message) => self.given(&message),
            None => descriptor(name).map_or_else(|| json!({}), |message| told(&message)),
        }
    }

    /// Integers from 0 to the limit of this name.
    pub(super) fn up_to(&self, limit: &str) -> Value {
        json!({"anyOf": integers(self.limit(limit).unwrap_or(u64::MAX))})
    }

    fn given(&self, message: &MessageDescriptor) -> Value {
        let properties: Map<_, _> =
            message.fields().map(|field| (field.json_name().to_owned(), self.given_field(&field))).collect();
        let required: Vec<_> =
            message.fields().filter(is_required).map(|field| field.json_name().to_owned()).collect();
        let schema = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        let mut schema = if message.oneofs().any(|oneof| oneof.fields().len() == message.fields().len()) {
            one_of(&schema)
        } else {
            schema
        };
        schema["description"] = comment(message.path(), &message.parent_file()).into();
        schema
    }

    fn given_field(&self, field: &FieldDescriptor) -> Value {
        let mut choices = said(field).map_or_else(|| self.given_value(field), |schema| vec![schema]);
        if !kind_of(field).is_empty() && field.kind() == Kind::String && choices.len() == 1 {
            choices.push(exact_number());
        }
        // By the JSON mapping null is as good as absent, so it will not do for what is required.
        if !is_required(field) && field.containing_oneof().is_none() {
            choices.push(json!({"type": "null"}));
        }
        json!({"description": told_of(field), "anyOf": choices})
    }

    fn given_value(&self, field: &FieldDescriptor) -> Vec<Value> {
        match field.kind() {
            Kind::Bool => vec![json!({"type": "boolean"})],
            Kind::Uint64 | Kind::Uint32 => self.unsigned(field),
            Kind::String => self.text(field),
            Kind::Enum(named) => vec![names(&named)],
            Kind::Message(inner) if inner.full_name() == Duration::full_name() => vec![self.duration(field)],
            Kind::Message(inner) => vec![reference(&format!("{}{INPUT}", inner.name()))],
            // What no request has yet is not bounded.
            _ => vec![json!({})],
        }
    }

    fn unsigned(&self, field: &FieldDescriptor) -> Vec<Value> {
        let range = if field.kind() == Kind::Uint32 { u64::from(u32::MAX) } else { u64::MAX };
        let most = self.limit(&format!("{}.{}", kind_of(field), field.name())).unwrap_or(range);
        integers(most)
    }

    /// Text; integers as text in the parameters of a kind that has a limit on digits.
    fn text(&self, field: &FieldDescriptor) -> Vec<Value> {
        let Some(digits) = self.limit(&format!("{}.digits", kind_of(field))) else {
            return vec![json!({"type": "string"})];
        };
        let most = u32::try_from(digits).ok().and_then(|digits| 10_u64.checked_pow(digits));
        let most = most.map_or(LARGEST_NUMBER, |power| (power - 1).min(LARGEST_NUMBER));
        let least = i64::try_from(most).map_or(i64::MIN, |most| -most);
        vec![
            json!({"type": "integer", "minimum": least, "maximum": most}),
            json!({"type": "string", "pattern": format!("^[+-]?[0-9]{{1,{digits}}}$")}),
        ]
    }

    fn duration(&self, field: &FieldDescriptor) -> Value {
        let most_ms = self.limit(&format!("{}.{}_ms", kind_of(field), field.name()));
        // The longest duration of the contract is 10,000 years.
        let pattern = pattern::seconds_up_to(most_ms.unwrap_or(315_576_000_000_000));
        json!({"type": "string", "pattern": pattern})
    }

    fn limit(&self, name: &str) -> Option<u64> {
        Limits::declared().find(|limit| limit.name == name).map(|limit: &Limit| self.limits.get(limit))
    }
}

/// A number that stands for its digits.
pub(super) fn exact_number() -> Value {
    let most = i64::try_from(LARGEST_NUMBER).unwrap_or(i64::MAX);
    json!({"type": "integer", "minimum": -most, "maximum": most})
}

/// Integers from 0 to `most`, as numbers or as text.
fn integers(most: u64) -> Vec<Value> {
    vec![
        json!({"type": "integer", "minimum": 0, "maximum": most.min(LARGEST_NUMBER)}),
        json!({"type": "string", "pattern": pattern::up_to(most)}),
    ]
}

/// An object with exactly one of the properties of this one; the others may be null, which is as good as absent.
fn one_of(object: &Value) -> Value {
    let properties = object["properties"].as_object().into_iter().flatten();
    let alternatives = properties.map(|(chosen, _)| {
        let mut alternative = object.clone();
        for (name, schema) in alternative["properties"].as_object_mut().into_iter().flatten() {
            if name != chosen {
                *schema = json!({"type": "null"});
            }
        }
        alternative["required"] = json!([chosen]);
        alternative
    });
    json!({"oneOf": alternatives.collect::<Vec<_>>()})
}

/// The name of the kind whose parameters the field is one of; empty for others.
fn kind_of(field: &FieldDescriptor) -> String {
    let within = Kind::Message(field.parent_message().clone());
    let task = descriptor("Task");
    let kind = task.and_then(|task| task.fields().find(|kind| kind.kind() == within));
    kind.map(|kind| kind.name().to_owned()).unwrap_or_default()
}

fn said(field: &FieldDescriptor) -> Option<Value> {
    said_of(field.full_name())
}

/// What is said of the field with this full name.
pub(super) fn said_of(field: &str) -> Option<Value> {
    let (_, schema) = SAID.iter().find(|(name, _)| *name == field)?;
    Some(serde_json::from_str(schema).expect("the table holds JSON, as a test checks"))
}

/// A message as it is told. New fields may come at any time, so that others are not excluded.
fn told(message: &MessageDescriptor) -> Value {
    let properties: Map<_, _> =
        message.fields().map(|field| (field.json_name().to_owned(), told_field(&field))).collect();
    let required: Vec<_> = message
        .fields()
        .filter(|field| !field.supports_presence())
        .map(|field| field.json_name().to_owned())
        .collect();
    json!({
        "type": "object",
        "description": comment(message.path(), &message.parent_file()),
        "properties": properties,
        "required": required,
    })
}

fn told_field(field: &FieldDescriptor) -> Value {
    let mut schema = told_value(field);
    if field.is_list() {
        schema = json!({"type": "array", "items": schema});
    }
    // Beside a reference, which a description may stand beside since OpenAPI 3.1.
    schema["description"] = told_of(field).into();
    schema
}

fn told_value(field: &FieldDescriptor) -> Value {
    match field.kind() {
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({"type": "integer"}),
        Kind::Uint64 | Kind::Fixed64 => json!({"type": "string", "pattern": "^[0-9]+$"}),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => json!({"type": "string", "pattern": "^-?[0-9]+$"}),
        Kind::Double | Kind::Float => json!({"type": "number"}),
        Kind::String => json!({"type": "string"}),
        Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
        Kind::Enum(named) => names(&named),
        Kind::Message(inner) if inner.full_name() == Duration::full_name() => {
            json!({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$"})
        }
        Kind::Message(inner) if inner.full_name() == Timestamp::full_name() => {
            json!({"type": "string", "format": "date-time"})
        }
        Kind::Message(inner) => reference(inner.name()),
    }
}

fn names(choices: &EnumDescriptor) -> Value {
    let names: Vec<_> = choices.values().map(|value| value.name().to_owned()).collect();
    json!({"type": "string", "enum": names})
}

/// The query that tells these fields of a message, as parameters.
pub(super) fn parameters(message: &MessageDescriptor, but: &[&str]) -> Vec<Value> {
    let told = message.fields().filter(|field| !but.contains(&field.name()));
    let parameter = |field: FieldDescriptor| {
        let schema = said(&field).unwrap_or_else(|| match field.kind() {
            Kind::Uint32 | Kind::Uint64 => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
            _ => told_value(&field),
        });
        json!({"name": field.name(), "in": "query", "description": told_of(&field), "schema": schema})
    };
    told.map(parameter).collect()
}

/// By the contract's habit the comment of a required field says so at its end.
pub(super) fn is_required(field: &FieldDescriptor) -> bool {
    told_of(field).ends_with("Required.")
}

fn told_of(field: &FieldDescriptor) -> String {
    comment(field.path(), &field.parent_message().parent_file())
}

/// The comment in front of what stands at this path of a file, in one line.
fn comment(path: &[i32], file: &prost_reflect::FileDescriptor) -> String {
    let source = file.file_descriptor_proto().source_code_info.as_ref();
    let found = source.and_then(|source| source.location.iter().find(|location| location.path == path));
    let comment = found.map(|location| location.leading_comments().to_owned()).unwrap_or_default();
    comment.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_in_words_is_of_fields_that_are_there() {
        for (name, _) in SAID {
            let (message, field) = name.rsplit_once('.').unwrap();
            let message = json::pool().get_message_by_name(message).unwrap();
            assert!(said(&message.get_field_by_name(field).unwrap()).is_some(), "{name}");
        }
    }

    #[test]
    fn each_limit_bounds_a_field() {
        let limits = Limits::default();
        for limit in Limits::declared() {
            let (kind, name) = limit.name.split_once('.').unwrap();
            let task = descriptor("Task").unwrap().get_field_by_name(kind).unwrap().kind();
            let parameters = task.as_message().unwrap().clone();
            let name = name.strip_suffix("_ms").unwrap_or(name);
            let digits = parameters.fields().any(|field| field.kind() == Kind::String) && name == "digits";
            assert!(digits || parameters.get_field_by_name(name).is_some(), "{}", limit.name);
            let schema = Schemas { limits: &limits }.given(&parameters).to_string();
            assert!(schema.contains("pattern"), "{schema}");
        }
    }

    #[test]
    fn comments_of_the_contract_are_told() {
        let task = told(&descriptor("Task").unwrap());
        assert!(task["description"].as_str().unwrap().starts_with("A task: a kind with its parameters."));
        assert_eq!(task["properties"]["sum2"]["description"], "The sum of two integers.");
    }
}
