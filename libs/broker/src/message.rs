//! What the broker knows, as messages of the contract: one conversion for gateway, notifier and calculator.

use std::time::Duration;

use abacus_api::v1;
use abacus_tasks::{Size, Task, format::Format, identity::hex, kinds::Content};
use bytes::Bytes;

use crate::{
    Counters, Failure, Progress, QueueStats, RequestRecord, Snapshot, Summary, WorkerLane, WorkerRecord,
    WorkerState, clock::Timestamp,
};

/// The longest task, in canonical bytes, that frames and lists tell.
pub const BRIEF_TASK_BYTES: usize = 4 * 1024;

impl Snapshot {
    /// The job without a task of more than [`BRIEF_TASK_BYTES`]: for frames and lists.
    #[must_use]
    pub fn to_brief(&self) -> v1::Job {
        // A long task is not even read.
        let task = (self.task.len() <= BRIEF_TASK_BYTES).then(|| self.told_task()).flatten();
        self.to_job(task)
    }

    /// What its result is made of. A task of a kind that only a newer version knows counts as text: its result
    /// passes as it is.
    #[must_use]
    pub fn content(&self) -> Content {
        Task::content_of(&self.task).unwrap_or(Content::Text)
    }

    /// The task; one of a kind that only a newer version knows is left out.
    fn told_task(&self) -> Option<v1::Task> {
        Task::from_canonical(&self.task).ok().map(|task| task.to_message())
    }

    fn to_job(&self, task: Option<v1::Task>) -> v1::Job {
        let result = self.summary.as_ref().map(|summary| summary.to_message(Format::native(&self.content())));
        v1::Job {
            id: self.job.to_string(),
            kind: self.job.kind().to_owned(),
            task,
            state: v1::JobState::from(self.state).into(),
            suspended: self.suspended,
            lane: v1::Lane::from(self.lane).into(),
            attempt: self.attempt,
            sequence: self.sequence,
            requests: self.requests,
            worker: self.worker.as_ref().map(ToString::to_string).unwrap_or_default(),
            progress: self.progress.as_ref().map(Into::into),
            chunks: self.chunks,
            bytes: self.bytes,
            result,
            failure: self.failure.as_ref().map(Into::into),
            create_time: Some(self.create_time.into()),
            start_time: self.start_time.map(Into::into),
            end_time: self.end_time.map(Into::into),
            expire_time: self.expire_time.map(Into::into),
        }
    }
}

impl Summary {
    /// The summary as of a result in its native format, which is `format`.
    #[must_use]
    pub fn to_message(&self, format: Format) -> v1::ResultSummary {
        let size = match self.size {
            Size::Digits(digits) => v1::result_summary::Size::Digits(digits),
            Size::Count(count) => v1::result_summary::Size::Count(count),
        };
        v1::ResultSummary {
            format: v1::ResultFormat::from(format).into(),
            bytes: self.bytes,
            chunks: self.chunks,
            size: Some(size),
            sha256: hex(&self.sha256),
            compute_time: Some(duration(self.compute)),
        }
    }
}

/// A piece of a result, with its checksum. Of a format made of characters, bytes that are no UTF-8 (a text that is
/// read from within a character) are told as bytes.
#[must_use]
pub fn chunk(index: u32, offset: u64, bytes: Bytes, format: Format) -> v1::Chunk {
    let crc32c = crc32c::crc32c(&bytes);
    let text = format.is_text().then(|| str::from_utf8(&bytes).ok()).flatten().map(str::to_owned);
    let content = text.map_or(v1::chunk::Content::Binary(bytes), v1::chunk::Content::Text);
    v1::Chunk { index, offset, content: Some(content), crc32c }
}

/// A duration of the contract; beyond its range (10,000 years), the longest there is.
#[must_use]
pub fn duration(duration: Duration) -> prost_types::Duration {
    const LONGEST: prost_types::Duration = prost_types::Duration { seconds: 315_576_000_000, nanos: 0 };
    duration.try_into().unwrap_or(LONGEST)
}

/// The whole job, with its task.
impl From<&Snapshot> for v1::Job {
    fn from(snapshot: &Snapshot) -> Self {
        snapshot.to_job(snapshot.told_task())
    }
}

impl From<&Progress> for v1::Progress {
    fn from(progress: &Progress) -> Self {
        Self {
            fraction: progress.fraction,
            phase: progress.phase.clone(),
            remaining: progress.remaining.map(duration),
        }
    }
}

impl From<&Failure> for v1::Failure {
    fn from(failure: &Failure) -> Self {
        Self { reason: failure.reason.clone(), message: failure.message.clone() }
    }
}

impl From<&RequestRecord> for v1::Request {
    fn from(record: &RequestRecord) -> Self {
        Self {
            name: record.name.to_string(),
            client: record.name.client.to_string(),
            job: record.job.to_string(),
            create_time: Some(record.create_time.into()),
            disposition: v1::Disposition::from(record.disposition).into(),
            state: record.state.map_or(v1::JobState::Unspecified, Into::into).into(),
        }
    }
}

impl From<&WorkerRecord> for v1::Worker {
    fn from(worker: &WorkerRecord) -> Self {
        Self {
            id: worker.id.to_string(),
            address: worker.address.clone(),
            version: worker.version.clone(),
            kinds: worker.kinds.clone(),
            lanes: worker.lanes.iter().map(Into::into).collect(),
            state: v1::WorkerState::from(worker.state).into(),
            start_time: Some(worker.start_time.into()),
            heartbeat_time: Some(worker.heartbeat_time.into()),
            finished: worker.finished,
        }
    }
}

impl From<&WorkerLane> for v1::LaneSlots {
    fn from(lane: &WorkerLane) -> Self {
        Self { lane: v1::Lane::from(lane.lane).into(), slots: lane.slots, busy: lane.busy }
    }
}

impl From<WorkerState> for v1::WorkerState {
    fn from(state: WorkerState) -> Self {
        match state {
            WorkerState::Serving => Self::Serving,
            WorkerState::Draining => Self::Draining,
            WorkerState::Stuck => Self::Stuck,
        }
    }
}

impl From<&QueueStats> for v1::QueueStats {
    fn from(queue: &QueueStats) -> Self {
        Self {
            kind: queue.kind.clone(),
            lane: v1::Lane::from(queue.lane).into(),
            queued: queue.queued,
            running: queue.running,
            oldest: queue.oldest.map(duration),
        }
    }
}

impl From<&Counters> for v1::Counters {
    fn from(counters: &Counters) -> Self {
        let Counters { created, joined, cached, succeeded, failed, cancelled, retried } = *counters;
        Self { created, joined, cached, succeeded, failed, cancelled, retried }
    }
}

impl From<Timestamp> for prost_types::Timestamp {
    fn from(timestamp: Timestamp) -> Self {
        let millis = timestamp.as_millis();
        let seconds = i64::try_from(millis / 1000).expect("a thousandth of a u64 fits an i64");
        let nanos = i32::try_from(millis % 1000).expect("less than 1000") * 1_000_000;
        Self { seconds, nanos }
    }
}

#[cfg(test)]
mod tests {
    use abacus_tasks::{Lane, Limits, State};

    use super::*;

    fn snapshot(canonical: Bytes) -> Snapshot {
        Snapshot {
            job: abacus_tasks::JobId::derive("sum2", &canonical),
            task: canonical,
            lane: Lane::Instant,
            state: State::Succeeded,
            suspended: false,
            sequence: 7,
            attempt: 2,
            requests: 1,
            worker: None,
            progress: None,
            chunks: 1,
            bytes: 3,
            summary: Some(Summary {
                bytes: 3,
                chunks: 1,
                size: Size::Digits(3),
                sha256: [0xab; 32],
                compute: Duration::from_millis(1500),
            }),
            failure: None,
            create_time: Timestamp::from_millis(1_234),
            start_time: Some(Timestamp::from_millis(2_000)),
            end_time: None,
            expire_time: None,
            trace: String::new(),
        }
    }

    fn sum(first: &str) -> Task {
        let parameters = v1::Sum2 { first: first.to_owned(), second: "1".to_owned() };
        let message = v1::Task { task: Some(v1::task::Task::Sum2(parameters)) };
        Task::check(message, &Limits::default()).unwrap()
    }

    #[test]
    fn a_job_is_told_as_it_is() {
        let task = sum("998");
        let job = v1::Job::from(&snapshot(task.canonical().clone()));
        assert_eq!(job.task, Some(task.to_message()));
        assert_eq!((job.kind.as_str(), job.id.as_str()), ("sum2", task.job().as_str()));
        assert_eq!(job.create_time, Some(prost_types::Timestamp { seconds: 1, nanos: 234_000_000 }));
        let result = job.result.unwrap();
        assert_eq!(result.format(), v1::ResultFormat::Decimal);
        assert_eq!(result.sha256, "ab".repeat(32));
        assert_eq!(result.compute_time, Some(prost_types::Duration { seconds: 1, nanos: 500_000_000 }));
    }

    #[test]
    fn frames_and_lists_leave_a_long_task_out() {
        let (short, long) = (sum("998"), sum(&"9".repeat(5_000)));
        assert!(snapshot(short.canonical().clone()).to_brief().task.is_some());
        let long = snapshot(long.canonical().clone());
        assert!(long.to_brief().task.is_none());
        assert!(v1::Job::from(&long).task.is_some());
    }

    #[test]
    fn a_task_of_an_unknown_kind_is_left_out() {
        let job = v1::Job::from(&snapshot(Bytes::from_static(b"\xff")));
        assert_eq!(job.task, None);
        assert_eq!(job.result.unwrap().format(), v1::ResultFormat::Unspecified);
    }

    #[test]
    fn chunks_are_characters_or_bytes_by_format_and_carry_the_castagnoli_checksum() {
        let digits = Bytes::from_static(b"123456789");
        let text = chunk(3, 10, digits.clone(), Format::Decimal);
        assert_eq!(text.content, Some(v1::chunk::Content::Text("123456789".to_owned())));
        assert_eq!((text.index, text.offset), (3, 10));
        // The check value of CRC-32/ISCSI in the catalogue of parametrised CRC algorithms.
        assert_eq!(text.crc32c, 0xe306_9283);
        let binary = chunk(0, 0, digits.clone(), Format::Binary);
        assert_eq!(binary.content, Some(v1::chunk::Content::Binary(digits)));
        let cut = Bytes::from_static(b"\xa4x");
        let content = chunk(0, 0, cut.clone(), Format::Text).content;
        assert_eq!(content, Some(v1::chunk::Content::Binary(cut)));
    }

    #[test]
    fn durations_beyond_the_contract_are_the_longest_of_it() {
        assert_eq!(duration(Duration::from_millis(1)).nanos, 1_000_000);
        assert_eq!(duration(Duration::MAX).seconds, 315_576_000_000);
    }
}
