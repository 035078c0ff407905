//! Parts of replies, read without trust in their shape: what is not there reads as nothing.

use std::str::FromStr;

use bytes::Bytes;
use redis::Value;

/// The elements of a list.
pub(super) fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(list) | Value::Set(list) => list,
        _ => Vec::new(),
    }
}

/// The names and values of a map, which older protocol versions and scripts give as a list.
pub(super) fn map(value: Value) -> Vec<(Value, Value)> {
    match value {
        Value::Map(map) => map,
        value => {
            let mut list = list(value).into_iter();
            std::iter::from_fn(|| Some((list.next()?, list.next()?))).collect()
        }
    }
}

/// A value's bytes.
pub(super) fn bytes(value: Value) -> Option<Bytes> {
    match value {
        Value::BulkString(bytes) => Some(bytes.into()),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text.into_bytes().into()),
        Value::Int(number) => Some(number.to_string().into_bytes().into()),
        _ => None,
    }
}

/// A text.
pub(super) fn string(value: Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => String::from_utf8(bytes).ok(),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text),
        _ => None,
    }
}

/// The texts of a list.
pub(super) fn strings(value: Value) -> Vec<String> {
    list(value).into_iter().filter_map(string).collect()
}

/// A whole number, also one that is written as text.
pub(super) fn int(value: Value) -> Option<i64> {
    number(value)
}

/// A number of any sort, also one that is written as text.
pub(super) fn number<N: FromStr>(value: Value) -> Option<N> {
    match value {
        Value::Int(number) => number.to_string().parse().ok(),
        value => string(value)?.parse().ok(),
    }
}
