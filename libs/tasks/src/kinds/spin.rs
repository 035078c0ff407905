//! Nothing useful, for a given time: for demonstrations, load tests and fault tests.
//!
//! The thread computes all the while, so a spinning job loads a calculator as a real one does; only its length does
//! not depend on the machine. The result is the label, so that of an empty label is an empty text.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use abacus_api::v1::{self, task};

use super::{Content, Description, Kind, kernel::unless_broken};
use crate::{Cost, Limits, Run, Size, Stop, Violations, limits::Limit};

const DURATION_MS: Limit = Limit {
    name: "spin.duration_ms",
    default: 600_000,
    // A day.
    ceiling: 86_400_000,
    summary: "The longest duration, in milliseconds.",
};

/// The longest label, in characters.
const LABEL_CHARACTERS: usize = 64;

/// What an absent duration means.
const DEFAULT_DURATION: prost_types::Duration = prost_types::Duration { seconds: 1, nanos: 0 };

/// Steps of the mixing function between two looks at the clock: a millisecond or less.
const STEPS: u32 = 400_000;

const NANOS_PER_SECOND: i128 = 1_000_000_000;
const NANOS_PER_MS: i128 = 1_000_000;

impl Kind for v1::Spin {
    const DESCRIPTION: Description = Description {
        name: "spin",
        summary: "Keeps one thread busy for a given time, then answers its label.",
        limits: &[DURATION_MS],
        example: || {
            let duration = Some(prost_types::Duration { seconds: 0, nanos: 1_000_000 });
            v1::Task { task: Some(task::Task::Spin(v1::Spin { label: "hello".into(), duration })) }
        },
    };

    fn check(&mut self, limits: &Limits, violations: &mut Violations) {
        if let Some(description) = label_fault(&self.label) {
            violations.push("label", description);
        }
        match normalised(self.duration.unwrap_or(DEFAULT_DURATION), limits.get(&DURATION_MS)) {
            Ok(duration) => self.duration = Some(duration),
            Err(description) => violations.push("duration", description),
        }
    }

    fn content(&self) -> Content {
        Content::Text
    }

    fn cost(&self) -> Cost {
        let result_bytes = super::kernel::length(self.label.as_bytes());
        Cost { compute: time(self), result_bytes, memory_bytes: 1 << 20 }
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        let whole = time(self);
        let start = Instant::now();
        let mut state = 0;
        loop {
            let elapsed = start.elapsed();
            let fraction = if elapsed < whole { elapsed.div_duration_f64(whole) } else { 1.0 };
            unless_broken(run.report(fraction, "spinning"))?;
            if elapsed >= whole {
                break;
            }
            state = black_box(mix(state));
        }
        if !self.label.is_empty() {
            unless_broken(run.write(self.label.as_bytes()))?;
        }
        Ok(Size::Count(u64::try_from(self.label.chars().count()).expect("a label is short")))
    }
}

/// What is wrong with a label.
fn label_fault(label: &str) -> Option<String> {
    // A character has at most 4 bytes; nothing longer needs to be counted.
    if label.len() > 4 * LABEL_CHARACTERS || label.chars().count() > LABEL_CHARACTERS {
        return Some(format!("has more than {LABEL_CHARACTERS} characters"));
    }
    let (index, control) = label.chars().enumerate().find(|(_, character)| character.is_control())?;
    Some(format!("has the control character {control:?} as character {}", index + 1))
}

/// The duration with `nanos` from 0 to 999,999,999, or what is wrong with it.
fn normalised(duration: prost_types::Duration, most_ms: u64) -> Result<prost_types::Duration, String> {
    let nanos = i128::from(duration.seconds) * NANOS_PER_SECOND + i128::from(duration.nanos);
    if nanos < 0 {
        return Err("is negative".to_owned());
    }
    if nanos > i128::from(most_ms) * NANOS_PER_MS {
        let ms = nanos.unsigned_abs().div_ceil(NANOS_PER_MS.unsigned_abs());
        return Err(format!("is {ms} ms; the limit {} is {most_ms} ms", DURATION_MS.name));
    }
    Ok(prost_types::Duration {
        seconds: i64::try_from(nanos / NANOS_PER_SECOND).expect("at most the seconds of a day"),
        nanos: i32::try_from(nanos % NANOS_PER_SECOND).expect("less than a second"),
    })
}

/// How long a checked task spins.
fn time(spin: &v1::Spin) -> Duration {
    let duration = spin.duration.unwrap_or(DEFAULT_DURATION);
    // A checked duration is neither negative nor out of form; another one has no time to spend.
    Duration::try_from(duration).unwrap_or_default()
}

/// About a millisecond's work of one core, which no compiler can leave out: each step needs the one before.
///
/// The step is that of `SplitMix64` (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014), fed with its own result.
fn mix(mut state: u64) -> u64 {
    for _ in 0..STEPS {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
    }
    state
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Task, kinds::trial};

    fn task(label: &str, duration: Option<(i64, i32)>) -> task::Task {
        let duration = duration.map(|(seconds, nanos)| prost_types::Duration { seconds, nanos });
        task::Task::Spin(v1::Spin { label: label.to_owned(), duration })
    }

    fn job(task: task::Task) -> crate::JobId {
        trial::check(task).unwrap().job().clone()
    }

    #[test]
    fn absent_means_one_second_and_zero_means_zero() {
        assert_eq!(job(task("a", None)), job(task("a", Some((1, 0)))));
        assert_ne!(job(task("a", None)), job(task("a", Some((0, 0)))));
        assert_eq!(trial::check(task("", None)).unwrap().cost().compute, Duration::from_secs(1));
    }

    #[test]
    fn wrong_fields_are_named_all_at_once() {
        let faults = trial::faults(task("a\tb", Some((601, 0))));
        assert_eq!(faults[0], r"task.spin.label: has the control character '\t' as character 2");
        assert_eq!(faults[1], "task.spin.duration: is 601000 ms; the limit spin.duration_ms is 600000 ms");
        let negative = trial::faults(task(&"x".repeat(65), Some((0, -1))));
        assert_eq!(
            negative,
            ["task.spin.label: has more than 64 characters", "task.spin.duration: is negative"]
        );
        for extreme in [(i64::MAX, i32::MAX), (i64::MIN, i32::MIN)] {
            assert_eq!(trial::faults(task("", Some(extreme))).len(), 1);
        }
        assert!(trial::check(task(&"é".repeat(64), Some((600, 0)))).is_ok());
    }

    #[test]
    fn the_result_is_the_label() {
        assert_eq!(trial::compute(task("hé", Some((0, 1_000_000)))), ("hé".to_owned(), Size::Count(2)));
        assert_eq!(trial::compute(task("", Some((0, 0)))), (String::new(), Size::Count(0)));
    }

    #[test]
    fn it_lasts_as_long_as_asked_and_reports_on_the_way() {
        let task = trial::check(task("x", Some((0, 30_000_000)))).unwrap();
        let mut run = trial::Trial::default();
        let start = Instant::now();
        task.run(&mut run).unwrap();
        assert!(start.elapsed() >= Duration::from_millis(30));
        assert_eq!(run.reports.last(), Some(&(1.0, "spinning")));
        assert!(run.reports[0].0 < 1.0);
    }

    #[test]
    fn it_stops_at_any_call() {
        // The number of reports differs from run to run, so only calls that surely happen are tried.
        let long = trial::check(task("label", Some((60, 0)))).unwrap();
        for break_at in [1, 2, 3] {
            assert!(trial::interrupt(&long, break_at).is_empty(), "nothing is written before the end");
        }
        let none = trial::check(task("label", Some((0, 0)))).unwrap();
        assert_eq!(trial::interrupt(&none, 2), b"label");
    }

    proptest! {
        #[test]
        fn equal_durations_are_one_job(seconds in 1_i64..500, nanos in 0_i32..1_000_000_000) {
            let plain = job(task("", Some((seconds, nanos))));
            prop_assert_eq!(&plain, &job(task("", Some((seconds - 1, nanos + 1_000_000_000)))));
            prop_assert_eq!(&plain, &job(task("", Some((seconds + 1, nanos - 1_000_000_000)))));
            let task = trial::check(task("", Some((seconds, nanos)))).unwrap();
            prop_assert_eq!(Task::check(task.to_message(), &Limits::default()), Ok(task));
        }
    }
}
