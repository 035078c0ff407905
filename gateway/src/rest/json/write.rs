//! From a message to JSON.

use base64::{Engine, prelude::BASE64_STANDARD};
use prost::Name;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value as Field};
use prost_types::{Duration, Timestamp};
use serde_json::{Map, Value};

/// The message as an object; a duration or a time as text.
pub(super) fn message(message: &DynamicMessage) -> Value {
    let name = message.descriptor();
    if name.full_name() == Duration::full_name() {
        return told_as_text::<Duration>(message);
    }
    if name.full_name() == Timestamp::full_name() {
        return told_as_text::<Timestamp>(message);
    }
    let told = name.fields().filter(|field| !field.supports_presence() || message.has_field(field));
    let members = told.map(|field| {
        let value = written(&field, message.get_field(&field).as_ref());
        (field.json_name().to_owned(), value)
    });
    Value::Object(members.collect::<Map<_, _>>())
}

/// A well-known type, which writes itself by the mapping.
fn told_as_text<T: prost::Message + Default + ToString>(message: &DynamicMessage) -> Value {
    let known: T = message.transcode_to().expect("it is decoded after the description of this very type");
    Value::String(known.to_string())
}

fn written(field: &FieldDescriptor, value: &Field) -> Value {
    match value {
        Field::Bool(told) => (*told).into(),
        Field::I32(number) => (*number).into(),
        Field::U32(number) => (*number).into(),
        Field::I64(number) => number.to_string().into(),
        Field::U64(number) => number.to_string().into(),
        Field::F32(number) => (*number).into(),
        Field::F64(number) => (*number).into(),
        Field::String(text) => text.as_str().into(),
        Field::Bytes(bytes) => BASE64_STANDARD.encode(bytes).into(),
        Field::EnumNumber(number) => named(field, *number),
        Field::Message(inner) => message(inner),
        Field::List(items) => items.iter().map(|item| written(field, item)).collect(),
        Field::Map(_) => unreachable!("the contract has no maps, as a test checks"),
    }
}

/// The name of an enum's value; the number of one that only a newer version knows.
fn named(field: &FieldDescriptor, number: i32) -> Value {
    let Kind::Enum(descriptor) = field.kind() else { return number.into() };
    descriptor.get_value(number).map_or_else(|| number.into(), |value| value.name().into())
}
