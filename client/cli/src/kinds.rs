//! The kinds of tasks as commands, read from the contract: one for each arm of `Task`, its fields in their order as what
//! is typed after it, its comments as help.

use std::{fs, ops::RangeInclusive, path::Path};

use abacus_api::v1;
use abacus_client::Task;
use clap::{Arg, ArgAction, ArgMatches, error::ErrorKind};
use prost_reflect::{FieldDescriptor, Kind as FieldKind, MessageDescriptor};
use serde_json::{Map, Value};

use crate::contract;

/// Short names for what is typed most.
const SHORT: [(&str, &str); 1] = [("fibonacci", "fib")];

/// A kind of task.
pub(crate) struct Kind(FieldDescriptor);

impl Kind {
    /// Every kind, in the order of the contract.
    pub(crate) fn all() -> Vec<Self> {
        let task = contract::descriptor("Task");
        let mut arms: Vec<_> = task.fields().collect();
        arms.sort_by_key(FieldDescriptor::number);
        arms.into_iter().map(Self).collect()
    }

    /// The kind of this name.
    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|kind| kind.0.name() == name)
    }

    /// The command that computes such a task, on top of what all of them share.
    pub(crate) fn command(&self, shared: clap::Command) -> clap::Command {
        let parameters = self.parameters();
        let about = contract::comment(&self.0.parent_file(), self.0.path());
        let details = contract::comment(&parameters.parent_file(), parameters.path());
        let short = SHORT.iter().find(|(name, _)| *name == self.0.name()).map(|(_, short)| *short);
        shared
            .name(self.0.name().to_owned())
            .about(about.trim_end_matches('.').to_owned())
            .long_about(details)
            .visible_aliases(short)
            .args(fields(&parameters).iter().map(argument))
    }

    /// The task that was typed; the mesh checks it.
    pub(crate) fn task(&self, matches: &ArgMatches) -> Result<Task, clap::Error> {
        let mut parameters = Map::new();
        for field in fields(&self.parameters()) {
            if let FieldKind::Bool = field.kind() {
                parameters.insert(field.name().to_owned(), matches.get_flag(field.name()).into());
            } else if let Some(text) = matches.get_one::<String>(field.name()) {
                let value = value(&field, text).map_err(|problem| wrong(field.name(), &problem))?;
                parameters.insert(field.name().to_owned(), value);
            }
        }
        let task = Map::from_iter([(self.0.name().to_owned(), Value::Object(parameters))]);
        task_of(&Value::Object(task)).map_err(|problem| wrong(self.0.name(), &problem))
    }

    fn parameters(&self) -> MessageDescriptor {
        match self.0.kind() {
            FieldKind::Message(message) => message,
            _ => unreachable!("each arm of Task is a message, as buf's rules for the contract demand"),
        }
    }
}

/// A task from the contract's JSON form.
///
/// # Errors
/// What is wrong with it, for people.
pub(crate) fn task_from_json(text: &str) -> Result<Task, String> {
    let json: Value = serde_json::from_str(text).map_err(|error| format!("the task is not JSON: {error}"))?;
    task_of(&json).map_err(|problem| format!("this is no task: {problem}"))
}

fn task_of(json: &Value) -> Result<Task, String> {
    contract::from_json::<v1::Task>("Task", json).map(Task::from)
}

fn fields(message: &MessageDescriptor) -> Vec<FieldDescriptor> {
    let mut fields: Vec<_> = message.fields().collect();
    fields.sort_by_key(FieldDescriptor::number);
    fields
}

/// A yes or no is a flag, all else stands in its place. What the contract can tell from absent may be left out.
fn argument(field: &FieldDescriptor) -> Arg {
    let help = contract::comment(&field.parent_file(), field.path());
    let argument = Arg::new(field.name().to_owned()).help(help.trim_end_matches('.').to_owned());
    if let FieldKind::Bool = field.kind() {
        let long = field.name().replace('_', "-");
        let short = long.strip_suffix("-only").map(str::to_owned);
        return argument.long(long).visible_aliases(short).action(ArgAction::SetTrue);
    }
    let is_required = !field.supports_presence();
    argument.value_name(field.name().to_uppercase()).required(is_required).allow_negative_numbers(true)
}

/// The JSON form of what was typed for a field.
fn value(field: &FieldDescriptor, text: &str) -> Result<Value, String> {
    match field.kind() {
        FieldKind::String => operand(text).map(Value::String),
        FieldKind::Message(message) if message.full_name() == "google.protobuf.Duration" => {
            let duration =
                humantime::parse_duration(text).map_err(|error| format!("{error}; as in 500ms or 3s"))?;
            Ok(format!("{}.{:09}s", duration.as_secs(), duration.subsec_nanos()).into())
        }
        // In the JSON form a number may be a string.
        kind => match range(&kind) {
            Some(range) => whole_number(&range, text).map(Value::String),
            None => serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}")),
        },
    }
}

/// What a field for whole numbers can hold; nothing for the other fields.
fn range(kind: &FieldKind) -> Option<RangeInclusive<i128>> {
    use FieldKind::{Fixed32, Fixed64, Int32, Int64, Sfixed32, Sfixed64, Sint32, Sint64, Uint32, Uint64};
    match kind {
        Uint32 | Fixed32 => Some(0..=u32::MAX.into()),
        Uint64 | Fixed64 => Some(0..=u64::MAX.into()),
        Int32 | Sint32 | Sfixed32 => Some(i32::MIN.into()..=i32::MAX.into()),
        Int64 | Sint64 | Sfixed64 => Some(i64::MIN.into()..=i64::MAX.into()),
        _ => None,
    }
}

/// The digits of a whole number, which in the JSON form may be a string.
fn whole_number(range: &RangeInclusive<i128>, text: &str) -> Result<String, String> {
    let digits = text.replace('_', "");
    let unsigned = digits.strip_prefix('-').unwrap_or(&digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("{text:?} is no whole number"));
    }
    match digits.parse() {
        Ok(number) if range.contains(&number) => Ok(number.to_string()),
        _ => Err(format!("{text} must be from {} to {}", range.start(), range.end())),
    }
}

/// A text as it is, or of a file for what is too long to be typed: `@file`.
fn operand(text: &str) -> Result<String, String> {
    let Some(path) = text.strip_prefix('@') else { return Ok(text.to_owned()) };
    let read =
        fs::read_to_string(Path::new(path)).map_err(|error| format!("{path} cannot be read: {error}"))?;
    Ok(read.trim_end().to_owned())
}

fn wrong(name: &str, problem: &str) -> clap::Error {
    clap::Error::raw(ErrorKind::ValueValidation, format!("{name}: {problem}\n"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn typed(words: &[&str]) -> Result<Task, clap::Error> {
        let kind = Kind::find(words[0]).unwrap();
        kind.task(&kind.command(clap::Command::default()).try_get_matches_from(words)?)
    }

    #[test]
    fn every_kind_is_a_command_with_help_from_the_contract() {
        let names: Vec<_> = Kind::all().iter().map(|kind| kind.0.name().to_owned()).collect();
        assert_eq!(names[..3], ["fibonacci", "primes", "sum2"], "in the order of the contract");
        for kind in Kind::all() {
            let mut command = kind.command(clap::Command::default());
            command.build();
            assert!(
                command.get_about().is_some_and(|about| about.to_string().len() > 10),
                "{}",
                kind.0.name()
            );
            let arguments = command.get_arguments().filter(|one| one.get_id() != "help");
            for argument in arguments {
                assert!(argument.get_help().is_some_and(|help| !help.to_string().is_empty()), "{argument}");
            }
        }
    }

    #[test]
    fn what_is_typed_becomes_the_task() {
        let is = |words: &[&str], task: Task| assert_eq!(typed(words).unwrap(), task, "{words:?}");
        is(&["fibonacci", "1_000_000"], Task::fibonacci(1_000_000));
        is(&["primes", "1", "100"], Task::primes(1..=100));
        is(&["primes", "1", "100", "--count"], Task::prime_count(1..=100));
        is(&["primes", "--count-only", "1", "100"], Task::prime_count(1..=100));
        is(
            &["sum2", "-5", "123456789012345678901234567890"],
            Task::sum2(-5, 123_456_789_012_345_678_901_234_567_890_i128),
        );
        is(&["mult3", "1", "-2", "3"], Task::mult3(1, -2, 3));
        is(&["factorial", "1000"], Task::factorial(1000));
        is(&["binomial", "1000", "500"], Task::binomial(1000, 500));
        is(&["power", "-3", "1000"], Task::power(-3, 1000));
        is(&["nth_prime", "1_000_000"], Task::nth_prime(1_000_000));
        is(&["surprise", "2"], Task::surprise(2));
        is(&["spin", "tea", "1m 500ms"], Task::spin("tea", Duration::from_millis(60_500)));
        let spin = v1::task::Task::Spin(v1::Spin { label: "tea".into(), duration: None });
        is(&["spin", "tea"], v1::Task { task: Some(spin) }.into());
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_name() {
        let wrong: [(&[&str], &str); 6] = [
            (&["fibonacci", "many"], "n: \"many\" is no whole number"),
            (&["fibonacci", "-"], "n: \"-\" is no whole number"),
            (&["fibonacci", "-1"], "n: -1 must be from 0 to 18446744073709551615"),
            (&["primes", "1", "99999999999999999999"], "end: 99999999999999999999 must be from 0"),
            (&["primes", "1e3", "2"], "start: \"1e3\" is no whole number"),
            (&["spin", "x", "soon"], "duration: "),
        ];
        for (words, told) in wrong {
            let error = typed(words).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
        assert!(typed(&["sum2", "@/no/such/file", "1"]).unwrap_err().to_string().contains("/no/such/file"));
    }

    #[test]
    fn tasks_are_read_from_json() {
        assert_eq!(task_from_json(r#"{"fibonacci": {"n": "10"}}"#), Ok(Task::fibonacci(10)));
        assert_eq!(task_from_json(r#"{"fibonacci": {"n": 10}}"#), Ok(Task::fibonacci(10)));
        assert_eq!(
            task_from_json(r#"{"primes": {"start": 1, "end": "9", "countOnly": true}}"#),
            Ok(Task::prime_count(1..=9))
        );
        for wrong in
            ["", "{", "[]", r#"{"prime": {}}"#, r#"{"fibonacci": {"m": 1}}"#, r#"{"fibonacci": {"n": -1}}"#]
        {
            assert!(task_from_json(wrong).is_err(), "{wrong}");
        }
    }
}
