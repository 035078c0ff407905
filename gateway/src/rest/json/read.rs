//! From JSON to a message, noting what is wrong.

use std::{fmt, ops::RangeInclusive};

use abacus_tasks::Violations;
use base64::{Engine, prelude::BASE64_STANDARD};
use prost::Name;
use prost_reflect::{
    DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value as Field,
};
use serde_json::{Map, Value};

use super::LARGEST_NUMBER;

/// Where values come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A JSON text, whose values have types.
    Json,
    /// The query of a URL, whose values are text.
    Query,
}

/// A reading under way.
pub(super) struct Reading<'v> {
    pub(super) source: Source,
    pub(super) violations: &'v mut Violations,
}

/// A value that cannot be the field's.
struct Wrong(String);

type Read = Result<Field, Wrong>;

fn wrong<T>(description: impl fmt::Display) -> Result<T, Wrong> {
    Err(Wrong(description.to_string()))
}

impl Reading<'_> {
    /// The message that `value` tells, without what is wrong.
    pub(super) fn message(
        &mut self,
        descriptor: &MessageDescriptor,
        value: Value,
        path: &str,
    ) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        if let Value::Object(object) = value {
            self.fields(&mut message, object, path);
        } else {
            let path = if path.is_empty() { "body" } else { path };
            self.violations.push(path, format!("must be an object: {}", descriptor.name()));
        }
        message
    }

    fn fields(&mut self, message: &mut DynamicMessage, object: Map<String, Value>, path: &str) {
        let descriptor = message.descriptor();
        for (name, value) in object {
            let known =
                descriptor.get_field_by_json_name(&name).or_else(|| descriptor.get_field_by_name(&name));
            let at = under(path, known.as_ref().map_or(name.as_str(), FieldDescriptor::name));
            let Some(field) = known else {
                self.violations.push(at, unknown(&descriptor));
                continue;
            };
            // By the mapping, null is as good as absent.
            if value.is_null() {
                continue;
            }
            if let Some(other) = rival(message, &field) {
                self.violations.push(at, format!("stands beside {}; give one of them", other.name()));
                continue;
            }
            if let Some(value) = self.field(&field, value, &at) {
                message.set_field(&field, value);
            }
        }
    }

    fn field(&mut self, field: &FieldDescriptor, value: Value, path: &str) -> Option<Field> {
        match value {
            Value::Array(items) if field.is_list() => {
                let items = items.into_iter().enumerate();
                let read =
                    items.filter_map(|(index, item)| self.single(field, item, &format!("{path}[{index}]")));
                Some(Field::List(read.collect()))
            }
            _ if field.is_list() => self.note(path, wrong("must be an array")),
            single => self.single(field, single, path),
        }
    }

    fn single(&mut self, field: &FieldDescriptor, value: Value, path: &str) -> Option<Field> {
        match field.kind() {
            Kind::Message(inner) if inner.full_name() == prost_types::Duration::full_name() => {
                self.note(path, duration(inner, &value))
            }
            Kind::Message(inner) => Some(Field::Message(self.message(&inner, value, path))),
            _ => self.note(path, scalar(field, value, self.source)),
        }
    }

    /// The value, or none once it is noted what is wrong with it.
    fn note(&mut self, path: &str, read: Read) -> Option<Field> {
        read.map_err(|Wrong(description)| self.violations.push(path, description)).ok()
    }
}

fn under(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn unknown(descriptor: &MessageDescriptor) -> String {
    let names: Vec<_> = descriptor.fields().map(|field| field.name().to_owned()).collect();
    if names.is_empty() {
        return format!("is no field of {}, which has none", descriptor.name());
    }
    format!("is no field of {}; there are: {}", descriptor.name(), names.join(", "))
}

/// The field of the same oneof that was given already.
fn rival(message: &DynamicMessage, field: &FieldDescriptor) -> Option<FieldDescriptor> {
    let oneof = field.containing_oneof()?;
    oneof.fields().find(|other| other != field && message.has_field(other))
}

fn scalar(field: &FieldDescriptor, value: Value, source: Source) -> Read {
    match field.kind() {
        Kind::Bool => boolean(&value, source),
        Kind::String => text(field, value),
        Kind::Bytes => bytes(&value),
        Kind::Enum(choices) => choice(&choices, &value),
        Kind::Double => {
            value.as_f64().map_or_else(|| wrong("must be a number"), |number| Ok(Field::F64(number)))
        }
        Kind::Float => wrong("is of a type that this door does not read"),
        Kind::Uint64 | Kind::Fixed64 => integer(&value, &(u64::MIN..=u64::MAX)).map(Field::U64),
        Kind::Uint32 | Kind::Fixed32 => integer(&value, &(u32::MIN..=u32::MAX)).map(Field::U32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
            integer(&value, &(i64::MIN..=i64::MAX)).map(Field::I64)
        }
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            integer(&value, &(i32::MIN..=i32::MAX)).map(Field::I32)
        }
        Kind::Message(_) => wrong("must be an object"),
    }
}

fn boolean(value: &Value, source: Source) -> Read {
    match value {
        Value::Bool(told) => Ok(Field::Bool(*told)),
        Value::String(told) if source == Source::Query && told == "true" => Ok(Field::Bool(true)),
        Value::String(told) if source == Source::Query && told == "false" => Ok(Field::Bool(false)),
        _ => wrong("must be true or false"),
    }
}

/// Text, or in the parameters of a task an exact number, which stands for its digits.
fn text(field: &FieldDescriptor, value: Value) -> Read {
    match value {
        Value::String(text) => Ok(Field::String(text)),
        Value::Number(_) if is_parameter(field) => {
            let most = i128::from(LARGEST_NUMBER);
            integer(&value, &(-most..=most)).map(|number: i128| Field::String(number.to_string()))
        }
        _ => wrong("must be a string"),
    }
}

/// Whether the field is one of a kind's own, directly in the message that tells its task.
fn is_parameter(field: &FieldDescriptor) -> bool {
    let within = Kind::Message(field.parent_message().clone());
    let task = super::descriptor::<abacus_api::v1::Task>();
    task.fields().any(|kind| kind.kind() == within)
}

fn bytes(value: &Value) -> Read {
    let decoded = value.as_str().and_then(|text| BASE64_STANDARD.decode(text).ok());
    decoded.map_or_else(|| wrong("must be base64"), |bytes| Ok(Field::Bytes(bytes.into())))
}

fn choice(choices: &EnumDescriptor, value: &Value) -> Read {
    let found = value.as_str().and_then(|name| choices.get_value_by_name(name));
    found.map_or_else(
        || {
            let names: Vec<_> = choices.values().map(|value| value.name().to_owned()).collect();
            wrong(format!("must be one of {}", names.join(", ")))
        },
        |value| Ok(Field::EnumNumber(value.number())),
    )
}

fn duration(descriptor: MessageDescriptor, value: &Value) -> Read {
    let read: Option<prost_types::Duration> = value.as_str().and_then(|text| text.parse().ok());
    let Some(read) = read else { return wrong("must be seconds with an s behind them, such as \"1.5s\"") };
    let mut message = DynamicMessage::new(descriptor);
    message.transcode_from(&read).expect("it is decoded after the description of this very type");
    Ok(Field::Message(message))
}

/// An integer from a string of digits, or from a number that every JSON program holds exactly.
fn integer<N>(value: &Value, bounds: &RangeInclusive<N>) -> Result<N, Wrong>
where
    N: TryFrom<i128> + PartialOrd + fmt::Display,
{
    let told = match value {
        Value::String(digits) => of_digits(digits),
        Value::Number(number) => Some(of_number(number)?),
        _ => None,
    };
    let (least, most) = (bounds.start(), bounds.end());
    let fits = told.and_then(|told| N::try_from(told).ok()).filter(|told| bounds.contains(told));
    fits.map_or_else(|| wrong(format!("must be an integer from {least} to {most}")), Ok)
}

fn of_digits(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let exact = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // What does not fit 128 bits fits no field either.
    if exact { text.parse().ok() } else { None }
}

fn of_number(number: &serde_json::Number) -> Result<i128, Wrong> {
    let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    let told = match (whole, number.as_f64()) {
        (Some(whole), _) => whole,
        (None, Some(float)) if float.fract() == 0.0 => exactly(float).unwrap_or(i128::MAX),
        _ => return wrong("must be an integer"),
    };
    if told.unsigned_abs() > u128::from(LARGEST_NUMBER) {
        return wrong(format!(
            "is a number beyond {LARGEST_NUMBER}, which many programs round: send it as a string"
        ));
    }
    Ok(told)
}

/// A whole float, such as 42.0 or 1e3, within the range where floats are exact.
fn exactly(float: f64) -> Option<i128> {
    // Displayed without an exponent, so that no cast can round.
    (float.abs() <= 9_007_199_254_740_991.0).then(|| format!("{float:.0}").parse().ok()).flatten()
}
