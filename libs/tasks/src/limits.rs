//! Limits on the parameters of tasks. Each kind declares its own, with a name, a default and a sentence; a service
//! overrides them by name, so that a new kind's limits become settings without any service knowing them.

use std::{collections::BTreeMap, fmt, str::FromStr};

use crate::kinds;

/// The declaration of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// `<kind>.<parameter>`, for example `fibonacci.n`.
    pub name: &'static str,
    /// Its value unless set otherwise.
    pub default: u64,
    /// The largest value it can be set to.
    pub ceiling: u64,
    /// What it bounds, with its unit.
    pub summary: &'static str,
}

/// The limits in force: the declared defaults, some of them overridden.
///
/// Read from text as `name=value` pairs separated by commas: `fibonacci.n=1000000,sum2.digits=5000`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits(BTreeMap<&'static str, u64>);

/// Why a text is no set of limits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// A part is not of the form `name=value`.
    #[error("{0:?} is not of the form name=value with a whole number as value")]
    Malformed(String),
    /// No kind declares this limit.
    #[error("there is no limit {name:?}; there are: {known}")]
    Unknown {
        /// The name that was given.
        name: String,
        /// All names, separated by commas.
        known: String,
    },
    /// The value is larger than what the kind can do.
    #[error("{name} can be at most {ceiling}")]
    TooLarge {
        /// The limit's name.
        name: &'static str,
        /// Its largest possible value.
        ceiling: u64,
    },
}

impl Limits {
    /// The value in force of a declared limit.
    #[must_use]
    pub fn get(&self, limit: &Limit) -> u64 {
        self.0.get(limit.name).copied().unwrap_or(limit.default)
    }

    /// Every limit that a kind declares, in the order of the kinds.
    pub fn declared() -> impl Iterator<Item = &'static Limit> {
        kinds::all().iter().flat_map(|kind| kind.limits)
    }

    /// Sets the limit `name` to `value`.
    ///
    /// # Errors
    /// [`LimitsError::Unknown`] and [`LimitsError::TooLarge`].
    pub fn set(&mut self, name: &str, value: u64) -> Result<(), LimitsError> {
        let Some(limit) = Self::declared().find(|limit| limit.name == name) else {
            let known: Vec<_> = Self::declared().map(|limit| limit.name).collect();
            return Err(LimitsError::Unknown { name: name.to_owned(), known: known.join(", ") });
        };
        if value > limit.ceiling {
            return Err(LimitsError::TooLarge { name: limit.name, ceiling: limit.ceiling });
        }
        self.0.insert(limit.name, value);
        Ok(())
    }
}

impl FromStr for Limits {
    type Err = LimitsError;

    fn from_str(text: &str) -> Result<Self, LimitsError> {
        let mut limits = Self::default();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let malformed = || LimitsError::Malformed(pair.to_owned());
            let (name, value) = pair.split_once('=').ok_or_else(malformed)?;
            let value = value.trim().parse().map_err(|_| malformed())?;
            limits.set(name.trim(), value)?;
        }
        Ok(limits)
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{name}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_override_defaults_and_read_back() {
        let limits: Limits = "fibonacci.n=5, sum2.digits=7".parse().unwrap();
        let value = |name| limits.get(Limits::declared().find(|limit| limit.name == name).unwrap());
        assert_eq!((value("fibonacci.n"), value("sum2.digits"), value("mult3.digits")), (5, 7, 1_000_000));
        assert_eq!(limits.to_string().parse::<Limits>(), Ok(limits));
        assert_eq!("".parse(), Ok(Limits::default()));
    }

    #[test]
    fn what_cannot_be_set_is_refused_with_the_way_out() {
        let message = |text: &str| text.parse::<Limits>().unwrap_err().to_string();
        assert!(message("fibonacci").contains("name=value"));
        assert!(message("fibonacci.n=-1").contains("whole number"));
        assert!(message("fibonaci.n=1").contains("fibonacci.n"), "the known names are told");
        assert!(message("fibonacci.n=18446744073709551615").contains("at most"));
    }

    #[test]
    fn each_limit_is_named_after_its_kind() {
        for kind in kinds::all() {
            for limit in kind.limits {
                assert!(limit.name.starts_with(&format!("{}.", kind.name)), "{}", limit.name);
                assert!(limit.default <= limit.ceiling, "{}", limit.name);
            }
        }
    }
}
