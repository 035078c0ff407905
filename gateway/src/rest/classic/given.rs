//! What a classic route is given: names and values, in the query, in a form or in a JSON object, as each client of old
//! sends them.

use abacus_chassis::{Reason, Refusal};
use abacus_tasks::Violations;
use http::{HeaderMap, Uri};
use serde_json::{Map, Value};

use super::super::incoming;

/// Values by name, and what is wrong with them.
pub(super) struct Given {
    values: Map<String, Value>,
    violations: Violations,
    asked: Vec<&'static str>,
}

impl Given {
    /// What stands in the query and the body. A body that begins with a brace is JSON whatever it is said to be: curl
    /// says of everything that it is a form.
    ///
    /// # Errors
    /// `MALFORMED_MESSAGE`.
    pub(super) fn with(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        Self::read(incoming::query(uri), body, incoming::is_json(headers))
    }

    fn read(query: Vec<(String, String)>, body: &[u8], said_to_be_json: bool) -> Result<Self, Refusal> {
        let mut given = Self { values: Map::new(), violations: Violations::new(), asked: Vec::new() };
        for (name, value) in query {
            given.add(name, Value::String(value));
        }
        let body = body.trim_ascii();
        if body.starts_with(b"{") || (said_to_be_json && !body.is_empty()) {
            let Value::Object(members) = incoming::parse(body)? else {
                return Err(Refusal::new(Reason::MalformedMessage, "the body must be a JSON object"));
            };
            for (name, value) in members {
                given.add(name, value);
            }
        } else {
            for (name, value) in incoming::pairs(body) {
                given.add(name, Value::String(value));
            }
        }
        Ok(given)
    }

    fn add(&mut self, name: String, value: Value) {
        if self.values.contains_key(&name) {
            self.violations.push(name, "is given twice; give it once");
        } else {
            self.values.insert(name, value);
        }
    }

    /// The value of this name, which has to be given. What is missing is noted, and null.
    pub(super) fn required(&mut self, name: &'static str) -> Value {
        let value = self.optional(name);
        if value.is_null() {
            self.violations.push(name, "is required");
        }
        value
    }

    /// The value of this name, or null.
    pub(super) fn optional(&mut self, name: &'static str) -> Value {
        self.asked.push(name);
        self.values.remove(name).unwrap_or_default()
    }

    /// Every name with its value, of a route that takes any.
    pub(super) fn all(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.values)
    }

    /// Notes that a value is wrong.
    pub(super) fn wrong(&mut self, name: &str, description: String) {
        self.violations.push(name, description);
    }

    /// What is wrong, once everything was asked for: what nobody asked for is unknown.
    pub(super) fn into_violations(mut self) -> Violations {
        for (name, _) in self.values {
            self.violations.push(name, format!("is unknown here; there are: {}", self.asked.join(", ")));
        }
        self.violations
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given(query: &[(&str, &str)], body: &str) -> Given {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Given::read(query.collect(), body.as_bytes(), false).unwrap()
    }

    fn wrong(given: Given) -> Vec<String> {
        given.into_violations().into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn query_form_and_json_are_alike() {
        for mut given in [given(&[("n", "42")], ""), given(&[], "n=42"), given(&[], r#" {"n":"42"} "#)] {
            assert_eq!(given.required("n"), "42");
            assert_eq!(wrong(given), [""; 0]);
        }
        assert_eq!(given(&[], r#"{"n":42}"#).required("n"), json!(42));
    }

    #[test]
    fn what_is_missing_twice_or_unknown_is_noted() {
        let mut given = given(&[("x", "1"), ("n", "1")], "n=2");
        given.required("n");
        given.required("m");
        assert!(given.optional("o").is_null());
        assert_eq!(wrong(given), ["n", "m", "x"]);
    }

    #[test]
    fn what_is_said_to_be_json_must_be_an_object() {
        for body in ["[1]", "7", "x", "\"n\""] {
            let refusal = Given::read(Vec::new(), body.as_bytes(), true).err().unwrap();
            assert_eq!(refusal.reason(), Reason::MalformedMessage, "{body}");
        }
        assert!(Given::read(Vec::new(), b" ", true).is_ok());
        assert!(Given::read(Vec::new(), b"{", false).is_err());
    }
}
