//! A subscription that was checked: what to follow, from where, and how results are to be written.
//!
//! Gateway and notifier check the same message by the same function. Whether the format fits is known only with each
//! job, and is not checked here.

use std::collections::HashSet;

use abacus_api::v1::{
    self, ResultFormat, SubscribeResultsRequest, subscribe_results_request::Target as Message,
};

use crate::{ClientName, Cursor, JobId, Violations, cursor::Scope};

/// The most jobs that one subscription names.
pub const MAX_JOBS: usize = 100;
/// The largest chunk when a caller does not choose, in bytes.
pub const DEFAULT_CHUNK_BYTES: usize = 256 * 1024;
/// The smallest largest chunk that a caller may choose, in bytes.
pub const MIN_CHUNK_BYTES: usize = 1024;
/// The largest chunk that a caller may choose, in bytes.
pub const MAX_CHUNK_BYTES: usize = 1024 * 1024;

/// A checked subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// What to follow.
    pub target: Target,
    /// From where: `None` from the start.
    pub cursor: Option<Cursor>,
    /// How results are to be written; unspecified: each in its native format.
    pub format: ResultFormat,
    /// The largest chunk to be sent, in bytes.
    pub max_chunk_bytes: usize,
    /// True: no chunks are wanted.
    pub metadata_only: bool,
}

/// What a subscription follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// These jobs, 1 to [`MAX_JOBS`], each once.
    Jobs(Vec<JobId>),
    /// Every job that this client asks for.
    Client(ClientName),
}

/// Why a message is no subscription.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Some fields are wrong: all of them, the cursor included.
    #[error("some fields are wrong")]
    Fields(Violations),
    /// Nothing is wrong but the cursor: it was not issued, or for another target or format.
    #[error("the cursor was not issued for such a subscription")]
    Cursor,
}

impl Subscription {
    /// Checks what a caller sent.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn check(message: &SubscribeResultsRequest) -> Result<Self, Unusable> {
        let mut violations = Violations::new();
        let target = check_target(message.target.as_ref(), &mut violations);
        let format = check_format(message.format, &mut violations);
        let max_chunk_bytes = check_max_chunk_bytes(message.max_chunk_bytes, &mut violations);
        let scope = target.as_ref().map(|target| target.scope(format));
        let cursor = check_cursor(&message.cursor, scope);
        if !violations.is_empty() && cursor.is_err() {
            violations.push("cursor", "was not issued for such a subscription");
        }
        let Some(target) = target else { return Err(Unusable::Fields(violations)) };
        violations.into_result(()).map_err(Unusable::Fields)?;
        let metadata_only = message.metadata_only;
        Ok(Self { target, cursor: cursor?, format, max_chunk_bytes, metadata_only })
    }
}

impl Subscription {
    /// What its cursors are of.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.target.scope(self.format)
    }
}

impl Target {
    /// What cursors of a subscription to it in this format are of; the order of jobs does not matter.
    fn scope(&self, format: ResultFormat) -> Scope {
        let (sort, mut names) = match self {
            Self::Jobs(jobs) => ("jobs", jobs.iter().map(JobId::as_str).collect()),
            Self::Client(client) => ("client", vec![client.as_str()]),
        };
        names.sort_unstable();
        Scope::of([format.as_str_name(), sort].into_iter().chain(names))
    }
}

/// The format of this number; notes a violation of `format` for one that is not known.
pub fn check_format(format: i32, violations: &mut Violations) -> ResultFormat {
    ResultFormat::try_from(format).unwrap_or_else(|_| {
        violations.push("format", "must be a format of ResultFormat");
        ResultFormat::Unspecified
    })
}

/// The largest chunk to be sent; notes a violation of `max_chunk_bytes` when it is out of range.
pub fn check_max_chunk_bytes(bytes: u32, violations: &mut Violations) -> usize {
    match usize::try_from(bytes) {
        Ok(0) => DEFAULT_CHUNK_BYTES,
        Ok(bytes @ MIN_CHUNK_BYTES..=MAX_CHUNK_BYTES) => bytes,
        _ => {
            let range =
                format!("must be 0 (for {DEFAULT_CHUNK_BYTES}) or {MIN_CHUNK_BYTES} to {MAX_CHUNK_BYTES}");
            violations.push("max_chunk_bytes", range);
            DEFAULT_CHUNK_BYTES
        }
    }
}

/// The target; `None` exactly when a violation was noted.
fn check_target(target: Option<&Message>, violations: &mut Violations) -> Option<Target> {
    match target {
        None => {
            violations.push("target", "is required: exactly one of job, jobs, client");
            None
        }
        Some(Message::Job(job)) => checked(job, "job", violations).map(|job| Target::Jobs(vec![job])),
        Some(Message::Jobs(list)) => check_jobs(list, violations).map(Target::Jobs),
        Some(Message::Client(client)) => checked(client, "client", violations).map(Target::Client),
    }
}

fn check_jobs(list: &v1::JobList, violations: &mut Violations) -> Option<Vec<JobId>> {
    if !(1..=MAX_JOBS).contains(&list.jobs.len()) {
        violations.push("jobs.jobs", format!("must be 1 to {MAX_JOBS} jobs, not {}", list.jobs.len()));
        return None;
    }
    let mut seen = HashSet::new();
    let mut jobs = Vec::with_capacity(list.jobs.len());
    for (index, text) in list.jobs.iter().enumerate() {
        let field = format!("jobs.jobs[{index}]");
        if let Some(job) = checked::<JobId>(text, &field, violations) {
            if !seen.insert(job.clone()) {
                violations.push(field, "stands in the list already");
            }
            jobs.push(job);
        }
    }
    // A job that is missing was noted, and one that stands twice makes the set smaller.
    (seen.len() == list.jobs.len()).then_some(jobs)
}

/// The name that `text` is; notes a violation of `field` when it is none.
fn checked<N>(text: &str, field: &str, violations: &mut Violations) -> Option<N>
where
    N: std::str::FromStr<Err = crate::identity::Malformed>,
{
    text.parse()
        .map_err(|malformed: crate::identity::Malformed| violations.push(field, malformed.to_string()))
        .ok()
}

/// The cursor, which must be of that scope; `None` is that of a target that is wrong.
fn check_cursor(token: &str, scope: Option<Scope>) -> Result<Option<Cursor>, Unusable> {
    if token.is_empty() {
        return Ok(None);
    }
    let cursor = Cursor::from_token(token).map_err(|_| Unusable::Cursor)?;
    match scope {
        Some(scope) if cursor.scope() != scope => Err(Unusable::Cursor),
        _ => Ok(Some(cursor)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Position;

    fn job(name: &str) -> JobId {
        JobId::derive("sum2", name.as_bytes())
    }

    fn of(target: Message) -> SubscribeResultsRequest {
        SubscribeResultsRequest { target: Some(target), ..SubscribeResultsRequest::default() }
    }

    fn list(jobs: impl IntoIterator<Item = String>) -> Message {
        Message::Jobs(v1::JobList { jobs: jobs.into_iter().collect() })
    }

    fn wrong_fields(message: &SubscribeResultsRequest) -> Vec<String> {
        match Subscription::check(message).unwrap_err() {
            Unusable::Fields(violations) => violations.into_iter().map(|violation| violation.field).collect(),
            Unusable::Cursor => panic!("only the cursor is wrong"),
        }
    }

    #[test]
    fn each_target_is_read_and_defaults_are_filled_in() {
        let one = Subscription::check(&of(Message::Job(job("a").to_string()))).unwrap();
        assert_eq!(one.target, Target::Jobs(vec![job("a")]));
        assert_eq!((one.cursor, one.max_chunk_bytes, one.metadata_only), (None, 256 * 1024, false));
        assert_eq!(one.format, ResultFormat::Unspecified);
        let many = Subscription::check(&of(list((0..100).map(|n| job(&n.to_string()).to_string())))).unwrap();
        assert!(matches!(many.target, Target::Jobs(jobs) if jobs.len() == 100));
        let client = Subscription::check(&of(Message::Client("alice".to_owned()))).unwrap();
        assert_eq!(client.target, Target::Client("alice".parse().unwrap()));
    }

    #[test]
    fn every_wrong_field_is_told_at_once() {
        assert_eq!(wrong_fields(&SubscribeResultsRequest::default()), ["target"]);
        assert_eq!(wrong_fields(&of(Message::Client("two words".to_owned()))), ["client"]);
        assert_eq!(wrong_fields(&of(list([]))), ["jobs.jobs"]);
        let many = (0..101).map(|n| job(&n.to_string()).to_string());
        assert_eq!(wrong_fields(&of(list(many))), ["jobs.jobs"]);
        let a = job("a").to_string();
        let mut message = of(list([a.clone(), "x".to_owned(), a]));
        message.format = 99;
        message.max_chunk_bytes = 1023;
        message.cursor = "*".to_owned();
        let fields = ["jobs.jobs[1]", "jobs.jobs[2]", "format", "max_chunk_bytes", "cursor"];
        assert_eq!(wrong_fields(&message), fields);
    }

    #[test]
    fn chunk_sizes_have_bounds() {
        let checked = |bytes| {
            let mut violations = Violations::new();
            let checked = check_max_chunk_bytes(bytes, &mut violations);
            violations.into_result(checked).ok()
        };
        assert_eq!(checked(1 << 10), Some(1 << 10));
        assert_eq!(checked(1 << 20), Some(1 << 20));
        assert_eq!(checked((1 << 20) + 1), None);
        assert_eq!(checked(u32::MAX), None);
    }

    #[test]
    fn a_cursor_is_of_its_target_and_format() {
        let (a, b) = (job("a").to_string(), job("b").to_string());
        let client = |name: &str| of(Message::Client(name.to_owned()));
        let in_hex =
            SubscribeResultsRequest { format: ResultFormat::Hex.into(), ..of(Message::Job(a.clone())) };
        let subscriptions = [
            of(Message::Job(a.clone())),
            in_hex,
            of(list([a.clone(), b.clone()])),
            client("alice"),
            client("bob"),
        ];
        for (index, issuer) in subscriptions.iter().enumerate() {
            let mut cursor = Cursor::new(Subscription::check(issuer).unwrap().scope());
            cursor.set_position(&job("a"), Position { offset: 5, ..Position::default() });
            for (other, message) in subscriptions.iter().enumerate() {
                let message = SubscribeResultsRequest { cursor: cursor.to_token(), ..message.clone() };
                let checked = Subscription::check(&message).map(|subscription| subscription.cursor);
                let wanted = if index == other { Ok(Some(cursor.clone())) } else { Err(Unusable::Cursor) };
                assert_eq!(checked, wanted, "{index} {other}");
            }
        }
        let cursor = Cursor::new(Subscription::check(&subscriptions[2]).unwrap().scope()).to_token();
        let turned = SubscribeResultsRequest { cursor, ..of(list([b, a])) };
        assert!(Subscription::check(&turned).is_ok(), "the order of jobs does not matter");
        let forged = SubscribeResultsRequest { cursor: "forged".to_owned(), ..client("alice") };
        assert_eq!(Subscription::check(&forged), Err(Unusable::Cursor));
    }
}
