//! The verbs of those who ask: submit, cancel, and the list of a client's requests.
//!
//! A client's list and a job lie in different slots, so that asking is two or three steps. A request is noted in the
//! list first, then its job is asked for, then the note is corrected where the answer was another than expected.
//! Whatever happens in between, the same request again leads to the same end.
//!
//! Whoever reads the list on and on must not pass a request between the first two steps: its job is missing then, or
//! stands where another life has left it. So the list ends before it, until it is answered or its asker is given up.

use abacus_tasks::{JobId, RequestName, State};
use bytes::Bytes;
use futures_util::future;
use redis::Value;
use tokio::time::{Duration, Instant, sleep};
use uuid::Uuid;

use super::{Redis, millis, record, reply, scripts, trouble::Pauses};
use crate::{
    Direction, Error, Page, RequestQuery, RequestRecord, Result, Snapshot, Submission, Submitted, Timestamp,
};

/// How long a reader waits for the answer of the request at which the list ends.
const ANSWER_WAIT: Duration = Duration::from_millis(200);

/// A request as its client's list holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Noted {
    /// `?` while its answer is not known, `C` while it is taken for created, else the letter of its disposition.
    disposition: u8,
    cancelled: bool,
    order: u64,
    create_time: Timestamp,
    job: JobId,
}

/// A part of a client's list.
struct Listed {
    records: Vec<RequestRecord>,
    more: bool,
    /// True when the list ends before a request that is not answered yet.
    cut: bool,
}

/// What the job's partition answered.
struct Asked {
    disposition: u8,
    snapshot: Snapshot,
}

impl Redis {
    pub(super) async fn do_submit(&self, submission: Submission) -> Result<Submitted> {
        let name = RequestName {
            client: submission.client.clone(),
            id: submission.request_id.unwrap_or_else(Uuid::now_v7),
        };
        if submission.request_id.is_some() {
            return self.submit_repeatable(name, &submission).await;
        }
        // Nobody else knows this id, so both steps may be under way at once. To the same server they go over the
        // same connection, in this order.
        let job = submission.task.job();
        let (noted, asked) = future::join(self.reserve(&name, job, "C"), self.ask(&name, &submission)).await;
        let (noted, asked) = match (noted, asked) {
            (Ok((_, noted)), Ok(asked)) => (noted, asked),
            (Ok(_), Err(error)) => return self.withdraw(&name, error).await,
            (Err(error), _) => return Err(error),
        };
        if asked.disposition == b'c' {
            return Ok(answer(name, &Noted { disposition: b'c', ..noted }, asked.snapshot));
        }
        let marks = char::from(asked.disposition).to_string();
        self.note_answer(name, noted, asked, &marks).await
    }

    /// Submits a request whose id the client may use again.
    async fn submit_repeatable(&self, name: RequestName, submission: &Submission) -> Result<Submitted> {
        let job = submission.task.job();
        let (known, noted) = self.reserve(&name, job, "?").await?;
        if noted.job != *job {
            return Err(Error::RequestIdReused(noted.job));
        }
        // Nobody cancels what was not answered.
        let answered = noted.disposition != b'?' || noted.cancelled;
        if answered && let Some(snapshot) = self.do_snapshot(job).await? {
            return Ok(answer(name, &noted, snapshot));
        }
        let asked = match self.ask(&name, submission).await {
            Ok(asked) => asked,
            Err(error) if known => return Err(error),
            Err(error) => return self.withdraw(&name, error).await,
        };
        let anew = if answered { "." } else { "" };
        let marks = format!("{}{anew}", char::from(asked.disposition));
        self.note_answer(name, noted, asked, &marks).await
    }

    /// Notes how a request was answered. It may have been cancelled since its job was asked for, or just before.
    async fn note_answer(
        &self,
        name: RequestName,
        noted: Noted,
        asked: Asked,
        marks: &str,
    ) -> Result<Submitted> {
        let cancelled = self.mark(&name, marks).await?;
        if cancelled {
            self.detach(&name, &noted.job).await?;
        }
        let noted = Noted { disposition: asked.disposition, cancelled, ..noted };
        Ok(answer(name, &noted, asked.snapshot))
    }

    pub(super) async fn do_cancel(&self, name: &RequestName) -> Result<RequestRecord> {
        let call = self.call(&scripts::FIND, &self.keys.of_client(&name.client));
        let ttl = millis(self.terms.request_ttl);
        let found = reply::string(self.server.run(&call.arg(name.id.as_bytes()).arg(ttl)).await?);
        let noted = found.as_deref().and_then(read_noted);
        let mut noted = noted.ok_or_else(|| Error::NoSuchRequest(name.clone()))?;
        let (state, detached) = self.detach(name, &noted.job).await?;
        if detached && !noted.cancelled {
            self.mark(name, "x").await?;
            noted.cancelled = true;
        }
        Ok(noted.into_record(name.clone(), state))
    }

    /// Detaches a request from its job; answers where the job stands and whether the request is detached.
    async fn detach(&self, name: &RequestName, job: &JobId) -> Result<(Option<State>, bool)> {
        let call = self.job_call(&scripts::DETACH, job).arg(asker(name));
        let mut reply = reply::list(self.server.run(&call).await?).into_iter();
        let state = reply.next().and_then(reply::string).as_deref().and_then(record::state);
        Ok((state, reply.next().and_then(reply::int) == Some(1)))
    }

    pub(super) async fn do_requests(&self, query: &RequestQuery) -> Result<Page<RequestRecord>> {
        let deadline = Instant::now() + ANSWER_WAIT;
        let mut pauses = Pauses::new();
        loop {
            let Listed { records, more, cut } = self.list(query).await?;
            if cut && records.is_empty() && Instant::now() < deadline {
                sleep(pauses.next()).await;
                continue;
            }
            let last = records.last().map(|record| record.order).or(query.after).unwrap_or_default();
            return Ok(Page { entries: records, next: (more || cut).then_some(last) });
        }
    }

    async fn list(&self, query: &RequestQuery) -> Result<Listed> {
        let limit = query.limit.max(1);
        let direction = match query.direction {
            Direction::OldestFirst => "old",
            Direction::NewestFirst => "new",
        };
        let after = query.after.map(|order| order.to_string()).unwrap_or_default();
        let call = self
            .call(&scripts::LIST, &self.keys.of_client(&query.client))
            .arg(millis(self.terms.request_ttl))
            .arg((direction, after))
            .arg(limit.saturating_add(1));
        let mut reply = reply::list(self.server.run(&call).await?).into_iter();
        let now = Timestamp::from_millis(reply.next().and_then(reply::number).unwrap_or_default());
        let listed = reply::map(Value::Array(reply.collect()));
        let mut listed: Vec<_> = listed.into_iter().filter_map(read_listed).collect();
        let mut more = listed.len() > limit;
        listed.truncate(limit);
        let named: Vec<_> = listed
            .into_iter()
            .map(|(id, noted)| (RequestName { client: query.client.clone(), id }, noted))
            .collect();
        let found = self.look_up(&named).await?;
        let mut cut = false;
        let mut records = Vec::with_capacity(named.len());
        for ((name, mut noted), (state, asker)) in named.into_iter().zip(found) {
            let asker = asker.and_then(|asker| asker.first().copied());
            // A succeeded job answers whoever asks.
            let answered = noted.settled() || asker.is_some() || state == Some(State::Succeeded);
            if query.direction == Direction::OldestFirst && !answered && self.may_be_asked(&noted, now) {
                (cut, more) = (true, false);
                break;
            }
            if let (b'?', Some(disposition)) = (noted.disposition, asker) {
                noted.disposition = disposition;
            }
            records.push(noted.into_record(name, state));
        }
        Ok(Listed { records, more, cut })
    }

    /// True while whoever noted the request may still be asking for its job: for the longest time of the two calls,
    /// and a second for what was on its way.
    fn may_be_asked(&self, noted: &Noted, now: Timestamp) -> bool {
        now.since(noted.create_time) < 2 * self.settings.timeout + Duration::from_secs(1)
    }

    /// Looks up where the jobs of requests stand and how their askers were answered, with one call for each partition.
    async fn look_up(
        &self,
        requests: &[(RequestName, Noted)],
    ) -> Result<Vec<(Option<State>, Option<Bytes>)>> {
        let mut places = vec![Vec::new(); self.keys.partitions().len()];
        for (place, (_, noted)) in requests.iter().enumerate() {
            places[self.keys.partition_of(&noted.job)].push(place);
        }
        let look_up = places.iter().zip(self.keys.partitions()).filter(|(places, _)| !places.is_empty());
        let look_up = look_up.map(|(places, base)| {
            let call = places.iter().fold(self.call(&scripts::STATES, base), |call, place| {
                let (name, noted) = &requests[*place];
                call.arg(noted.job.as_str()).arg(asker(name))
            });
            async move { self.server.run(&call).await.map(|states| (places, reply::list(states))) }
        });
        let mut states = vec![(None, None); requests.len()];
        for (places, found) in future::try_join_all(look_up).await? {
            for (place, found) in places.iter().zip(found) {
                let mut found = reply::list(found).into_iter();
                let state = found.next().and_then(reply::string).as_deref().and_then(record::state);
                states[*place] = (state, found.next().and_then(reply::bytes));
            }
        }
        Ok(states)
    }

    /// Notes a request in its client's list; answers whether it stood there already.
    async fn reserve(&self, name: &RequestName, job: &JobId, disposition: &str) -> Result<(bool, Noted)> {
        let call = self
            .call(&scripts::RESERVE, &self.keys.of_client(&name.client))
            .arg(name.id.as_bytes())
            .arg((job.as_str(), disposition))
            .arg(self.terms.max_requests.max(1))
            .arg(millis(self.terms.request_ttl));
        let mut reply = reply::list(self.server.run(&call).await?).into_iter();
        let known = reply.next().and_then(reply::string).as_deref() == Some("known");
        let noted = reply.next().and_then(reply::string).as_deref().and_then(read_noted);
        Ok((known, noted.ok_or_else(|| super::unreadable("a client's list"))?))
    }

    /// Asks for the job.
    async fn ask(&self, name: &RequestName, submission: &Submission) -> Result<Asked> {
        let task = &submission.task;
        let call = self
            .job_call(&scripts::SUBMIT, task.job())
            .arg(record::lane_letter(submission.lane))
            .arg(&task.canonical()[..])
            .arg(asker(name))
            .arg(name.client.as_str())
            .arg(&submission.trace)
            .arg(u8::from(submission.reject_if_suspended))
            .arg(self.terms.max_queued.div_ceil(self.keys.partitions().len()))
            .arg(self.terms.max_queued_bytes / u64::from(self.settings.partitions));
        let mut reply = reply::list(self.server.run(&call).await?).into_iter();
        let kind = || task.job().kind().to_owned();
        match reply.next().and_then(reply::string).as_deref() {
            Some("suspended") => return Err(Error::KindSuspended(kind())),
            Some("full") => {
                let (lane, bound) = (submission.lane, self.terms.max_queued);
                return Err(Error::QueueFull { kind: kind(), lane, bound });
            }
            Some("heavy") => return Err(Error::TasksFull { bound: self.terms.max_queued_bytes }),
            _ => {}
        }
        let disposition = reply.next().and_then(reply::bytes).and_then(|letter| letter.first().copied());
        let snapshot = reply.next().and_then(|value| record::snapshot(task.job(), value));
        let asked = disposition.zip(snapshot).map(|(disposition, snapshot)| Asked { disposition, snapshot });
        asked.ok_or_else(|| super::unreadable("a job"))
    }

    /// Takes a note back whose job was refused, and answers why.
    async fn withdraw<T>(&self, name: &RequestName, error: Error) -> Result<T> {
        if !matches!(error, Error::Unavailable(_)) {
            self.mark(name, "-").await?;
        }
        Err(error)
    }

    /// Corrects a note; answers whether the request stands as cancelled.
    async fn mark(&self, name: &RequestName, what: &str) -> Result<bool> {
        let call = self.call(&scripts::MARK, &self.keys.of_client(&name.client));
        let reply = self.server.run(&call.arg(name.id.as_bytes()).arg(what)).await?;
        Ok(reply::string(reply).as_deref() == Some("x"))
    }
}

fn answer(name: RequestName, noted: &Noted, snapshot: Snapshot) -> Submitted {
    let request = noted.clone().into_record(name, Some(snapshot.state));
    Submitted { request, snapshot }
}

impl Noted {
    /// True when the note itself tells that the request was answered.
    fn settled(&self) -> bool {
        self.cancelled || !matches!(self.disposition, b'?' | b'C')
    }

    fn into_record(self, name: RequestName, state: Option<State>) -> RequestRecord {
        RequestRecord {
            name,
            job: self.job,
            order: self.order,
            create_time: self.create_time,
            disposition: record::disposition(self.disposition),
            state: if self.cancelled { Some(State::Cancelled) } else { state },
        }
    }
}

/// Who asks, as a field of the job: the client, NUL, the 16 bytes of the request's id.
fn asker(name: &RequestName) -> Vec<u8> {
    [name.client.as_str().as_bytes(), &[0], name.id.as_bytes()].concat()
}

/// Reads `<disposition><mark><order> <asked, ms> <job>`.
fn read_noted(text: &str) -> Option<Noted> {
    let (marks, rest) = text.split_at_checked(2)?;
    let [disposition, mark] = marks.as_bytes() else { return None };
    let mut parts = rest.split(' ');
    let order = parts.next()?.parse().ok()?;
    let create_time = Timestamp::from_millis(parts.next()?.parse().ok()?);
    let job = parts.next()?.parse().ok()?;
    Some(Noted { disposition: *disposition, cancelled: *mark == b'x', order, create_time, job })
}

fn read_listed((id, noted): (Value, Value)) -> Option<(Uuid, Noted)> {
    let id = Uuid::from_slice(&reply::bytes(id)?).ok()?;
    Some((id, read_noted(&reply::string(noted)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_read_back() {
        let job = JobId::derive("sum2", b"x");
        let noted = read_noted(&format!("jx12 1700000000000 {job}")).unwrap();
        let create_time = Timestamp::from_millis(1_700_000_000_000);
        assert_eq!(noted, Noted { disposition: b'j', cancelled: true, order: 12, create_time, job });
        assert_eq!(read_noted("j"), None);
    }
}
