//! What is wrong with a caller's input: all of it at once, so that nobody mends one field to learn of the next.

/// The wrong fields of one input, in the order they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field's path within the request, such as `task.primes.end`.
    pub field: String,
    /// What is wrong with it and what is allowed.
    pub description: String,
}

impl Violations {
    /// Nothing wrong so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that `field` is wrong.
    pub fn push(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.0.push(Violation { field: field.into(), description: description.into() });
    }

    /// Takes over what was found in a part of the input, putting `prefix` and a dot before each path.
    pub fn extend_under(&mut self, prefix: &str, part: Violations) {
        self.0.extend(part.0.into_iter().map(|violation| Violation {
            field: format!("{prefix}.{}", violation.field),
            description: violation.description,
        }));
    }

    /// Takes over what was found by another check of the same input, but for fields that are noted already.
    pub fn merge(&mut self, other: Violations) {
        let known = self.0.len();
        for violation in other {
            if self.0[..known].iter().all(|noted| noted.field != violation.field) {
                self.0.push(violation);
            }
        }
    }

    /// `value` when nothing was found wrong.
    ///
    /// # Errors
    /// The violations, when there are some.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// True when nothing was found wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The wrong fields, in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_noted_is_not_noted_again_by_another_check() {
        let of = |fields: &[&str]| Violations(fields.iter().map(|field| violation(field)).collect());
        let mut first = of(&["a", "b"]);
        first.merge(of(&["b", "c", "c"]));
        assert_eq!(first, of(&["a", "b", "c", "c"]));
    }

    fn violation(field: &str) -> Violation {
        Violation { field: field.to_owned(), description: "wrong".to_owned() }
    }

    #[test]
    fn parts_keep_their_order_and_gain_a_prefix() {
        let mut part = Violations::new();
        part.push("start", "too large");
        part.push("end", "too small");
        let mut whole = Violations::new();
        whole.push("client", "empty");
        whole.extend_under("task.primes", part);
        let fields: Vec<_> = whole.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["client", "task.primes.start", "task.primes.end"]);
        assert!(whole.clone().into_result(1).is_err());
        assert_eq!(Violations::new().into_result(1), Ok(1));
    }
}
