//! What is told about one method of one path.

use abacus_chassis::Reason;
use prost::Name;
use serde_json::{Map, Value, json};

use super::{reference, schema};

/// How any operation may be refused.
const ANY: [Reason; 8] = [
    Reason::MalformedMessage,
    Reason::MessageTooLarge,
    Reason::EncodingUnsupported,
    Reason::HeadersTooLarge,
    Reason::Overloaded,
    Reason::DeadlineExceeded,
    Reason::BrokerUnavailable,
    Reason::Internal,
];

/// A method of a path.
pub(in crate::rest) struct Operation {
    path: &'static str,
    method: &'static str,
    told: Map<String, Value>,
    parameters: Vec<Value>,
    answers: Map<String, Value>,
    reasons: Vec<Reason>,
}

impl Operation {
    /// An operation with its id and what it does, in a sentence.
    pub(in crate::rest) fn new(
        method: &'static str,
        path: &'static str,
        id: &'static str,
        summary: &'static str,
    ) -> Self {
        let mut told = Map::new();
        told.insert("operationId".to_owned(), id.into());
        told.insert("summary".to_owned(), summary.into());
        told.insert("tags".to_owned(), json!(["abacus"]));
        let mut reasons = ANY.to_vec();
        if method != "get" {
            reasons.push(Reason::CrossSite);
        }
        Self { path, method, told, parameters: Vec::new(), answers: Map::new(), reasons }
    }

    /// One of the replaced systems' own.
    pub(in crate::rest) fn classic(mut self) -> Self {
        self.told.insert("tags".to_owned(), json!(["classic"]));
        self
    }

    /// A name in its path.
    pub(in crate::rest) fn name(self, name: &str, description: &str) -> Self {
        let schema = match name {
            "job" => json!({"type": "string", "pattern": "^[a-z0-9_]{1,32}-[0-9a-f]{32}$"}),
            "client" => json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}),
            "request" => json!({"type": "string", "format": "uuid"}),
            _ => json!({"enum": abacus_tasks::kinds::all().iter().map(|kind| kind.name).collect::<Vec<_>>()}),
        };
        self.parameter(json!({
            "name": name, "in": "path", "required": true, "description": description, "schema": schema,
        }))
    }

    /// A header that is heeded.
    pub(in crate::rest) fn header(self, name: &str, description: &str) -> Self {
        let schema = json!({"type": "string"});
        self.parameter(json!({"name": name, "in": "header", "description": description, "schema": schema}))
    }

    /// The header that chooses among the media types of its answer.
    pub(in crate::rest) fn accepts(self, media_types: &[&str]) -> Self {
        // Other wildcards, lists and weights do as well, and cannot be told in a schema.
        let choices: Vec<_> = media_types.iter().chain(&["*/*", ""]).collect();
        let schema = json!({"type": "string", "enum": choices});
        let description = "How the answer is to be told.";
        self.parameter(
            json!({"name": "Accept", "in": "header", "description": description, "schema": schema}),
        )
    }

    /// The header that makes a submission safe to repeat.
    pub(in crate::rest) fn key(self) -> Self {
        let schema = json!({"type": "string", "format": "uuid"});
        let description = "The `requestId`, when the body tells none.";
        self.parameter(json!({
            "name": "Idempotency-Key", "in": "header", "description": description, "schema": schema,
        }))
    }

    /// A value in the query that is required.
    pub(in crate::rest) fn query(self, name: &str, description: &str, schema: &Value) -> Self {
        self.parameter(json!({
            "name": name, "in": "query", "required": true, "description": description, "schema": schema,
        }))
    }

    /// A value in the query that may be left out.
    pub(in crate::rest) fn optional_query(self, name: &str, description: &str, schema: &Value) -> Self {
        self.parameter(json!({"name": name, "in": "query", "description": description, "schema": schema}))
    }

    /// The fields of a message in the query, but for some.
    pub(in crate::rest) fn queries<M: Name>(mut self, but: &[&str]) -> Self {
        let message =
            schema::descriptor(M::NAME).expect("the descriptor set describes every generated message");
        self.parameters.extend(schema::parameters(&message, but));
        self
    }

    fn parameter(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// A body in JSON.
    pub(in crate::rest) fn takes(mut self, schema: &Value) -> Self {
        let content = json!({"application/json": {"schema": schema}});
        self.told.insert("requestBody".to_owned(), json!({"required": true, "content": content}));
        self
    }

    /// An answer in JSON.
    pub(in crate::rest) fn answers(self, status: u16, description: &str, schema: Value) -> Self {
        self.answers_with(status, description, vec![("application/json", schema)])
    }

    /// An answer in these media types.
    pub(in crate::rest) fn answers_with(
        mut self,
        status: u16,
        description: &str,
        content: Vec<(&str, Value)>,
    ) -> Self {
        let content: Map<_, _> = content
            .into_iter()
            .map(|(media, schema)| (media.to_owned(), json!({"schema": schema})))
            .collect();
        self.answers.insert(status.to_string(), json!({"description": description, "content": content}));
        self
    }

    /// An answer without a body.
    pub(in crate::rest) fn answers_nothing(mut self, status: u16, description: &str) -> Self {
        self.answers.insert(status.to_string(), json!({"description": description}));
        self
    }

    /// Reasons for which it may be refused.
    pub(in crate::rest) fn refuses(mut self, reasons: &[Reason]) -> Self {
        self.reasons.extend(reasons);
        self
    }

    /// Path, method, and what is told.
    pub(super) fn told(mut self) -> (String, &'static str, Value) {
        for reason in &self.reasons {
            let status = reason.http_status().as_u16();
            let key = status.to_string();
            if !self.answers.contains_key(&key) {
                self.answers.insert(key, refusal(status, &self.reasons));
            }
        }
        self.told.insert("parameters".to_owned(), self.parameters.into());
        self.told.insert("responses".to_owned(), self.answers.into());
        (self.path.to_owned(), self.method, self.told.into())
    }
}

/// The answer with this status, for whichever of the reasons have it.
fn refusal(status: u16, reasons: &[Reason]) -> Value {
    let mut names: Vec<_> = reasons
        .iter()
        .filter(|reason| reason.http_status().as_u16() == status)
        .map(|reason| reason.name())
        .collect();
    names.sort_unstable();
    names.dedup();
    let schema = json!({"allOf": [reference("Problem")], "properties": {"reason": {"enum": names}}});
    json!({
        "description": names.join(", "),
        "content": {"application/problem+json": {"schema": schema}},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_by_status() {
        let operation = Operation::new("post", "/x", "x", "x").refuses(&[
            Reason::JobNotFound,
            Reason::QueueFull,
            Reason::Overloaded,
        ]);
        let (path, method, told) = operation.told();
        assert_eq!((path.as_str(), method), ("/x", "post"));
        let busy = &told["responses"]["429"]["content"]["application/problem+json"]["schema"];
        assert_eq!(busy["properties"]["reason"]["enum"], json!(["OVERLOADED", "QUEUE_FULL"]));
        assert_eq!(told["responses"]["404"]["description"], "JOB_NOT_FOUND");
        assert!(told["responses"].get("403").is_some());
    }
}
