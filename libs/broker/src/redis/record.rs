//! Jobs as scripts tell them, and what is written into their fields.
//!
//! Fields are texts with spaces between their parts; a part that may contain spaces stands last.

use std::time::Duration;

use abacus_tasks::{Disposition, JobId, Lane, Size, State, WorkerId};
use bytes::Bytes;
use redis::Value;
use uuid::Uuid;

use super::reply;
use crate::{Failure, Progress, Snapshot, Summary, Timestamp};

/// Reads the snapshot of a job: the fields in the order of the function `snapshot` of the scripts.
pub(super) fn snapshot(job: &JobId, value: Value) -> Option<Snapshot> {
    let mut fields = reply::list(value).into_iter();
    let mut next = || fields.next().unwrap_or(Value::Nil);
    let time = |value| reply::number(value).map(Timestamp::from_millis);
    Some(Snapshot {
        task: reply::bytes(next())?,
        lane: lane(&reply::string(next())?)?,
        state: state(&reply::string(next())?)?,
        sequence: reply::number(next())?,
        attempt: reply::number(next())?,
        worker: reply::bytes(next()).as_deref().and_then(worker),
        chunks: reply::number(next())?,
        bytes: reply::number(next())?,
        summary: reply::bytes(next()).as_deref().and_then(read_summary),
        failure: reply::string(next()).map(|text| read_failure(&text)),
        create_time: time(next())?,
        start_time: time(next()),
        end_time: time(next()),
        expire_time: time(next()),
        trace: reply::string(next()).unwrap_or_default(),
        requests: reply::number(next())?,
        progress: reply::string(next()).and_then(|text| read_progress(&text)),
        suspended: reply::int(next()) == Some(1),
        job: job.clone(),
    })
}

/// The letter of a lane.
pub(super) fn lane_letter(lane: Lane) -> &'static str {
    match lane {
        Lane::Instant => "i",
        Lane::Short => "s",
        Lane::Long => "l",
    }
}

/// The lane of a letter.
pub(super) fn lane(letter: &str) -> Option<Lane> {
    Lane::ALL.into_iter().find(|lane| lane_letter(*lane) == letter)
}

/// The state of a letter.
pub(super) fn state(letter: &str) -> Option<State> {
    match letter {
        "q" => Some(State::Queued),
        "r" => Some(State::Running),
        "s" => Some(State::Succeeded),
        "f" => Some(State::Failed),
        "c" => Some(State::Cancelled),
        _ => None,
    }
}

/// The disposition of a letter; that of a request whose answer was never noted is taken for the first one.
pub(super) fn disposition(letter: u8) -> Disposition {
    match letter {
        b'j' => Disposition::Joined,
        b'h' => Disposition::Cached,
        _ => Disposition::Created,
    }
}

/// The 16 bytes of a worker's id.
pub(super) fn worker_bytes(worker: &WorkerId) -> [u8; 16] {
    let digits = worker.as_str().trim_start_matches("worker-");
    Uuid::try_parse(digits).expect("a worker's id is made from a UUID").into_bytes()
}

/// The worker of 16 bytes.
pub(super) fn worker(bytes: &[u8]) -> Option<WorkerId> {
    Uuid::from_slice(bytes).ok().map(WorkerId::new)
}

/// SHA-256, then size, compute time in nanoseconds, bytes and chunks.
pub(super) fn write_summary(summary: &Summary) -> Vec<u8> {
    let size = match summary.size {
        Size::Digits(digits) => format!("d{digits}"),
        Size::Count(count) => format!("c{count}"),
    };
    let (compute, bytes, chunks) = (summary.compute.as_nanos(), summary.bytes, summary.chunks);
    let mut text = summary.sha256.to_vec();
    text.extend(format!("{size} {compute} {bytes} {chunks}").into_bytes());
    text
}

fn read_summary(bytes: &[u8]) -> Option<Summary> {
    let (sha256, rest) = bytes.split_first_chunk::<32>()?;
    let mut parts = std::str::from_utf8(rest).ok()?.split(' ');
    let size = match parts.next()?.split_at_checked(1)? {
        ("d", digits) => Size::Digits(digits.parse().ok()?),
        (_, count) => Size::Count(count.parse().ok()?),
    };
    let compute = Duration::from_nanos(parts.next()?.parse().ok()?);
    let (bytes, chunks) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some(Summary { bytes, chunks, size, sha256: *sha256, compute })
}

/// The reason, then the message.
pub(super) fn write_failure(failure: &Failure) -> String {
    format!("{} {}", failure.reason, failure.message)
}

fn read_failure(text: &str) -> Failure {
    let (reason, message) = text.split_once(' ').unwrap_or((text, ""));
    Failure::new(reason, message)
}

/// The fraction, the time left in nanoseconds or `-`, then the phase.
pub(super) fn write_progress(progress: &Progress) -> String {
    let remaining = progress.remaining.map_or_else(|| "-".to_owned(), |time| time.as_nanos().to_string());
    format!("{} {remaining} {}", progress.fraction, progress.phase)
}

fn read_progress(text: &str) -> Option<Progress> {
    let mut parts = text.splitn(3, ' ');
    let fraction = parts.next()?.parse().ok()?;
    let remaining = parts.next()?.parse().ok().map(Duration::from_nanos);
    Some(Progress { fraction, phase: parts.next()?.to_owned(), remaining })
}

/// The bytes of a chunk or of a task.
pub(super) fn contents(values: impl IntoIterator<Item = Value>) -> Vec<Bytes> {
    values.into_iter().map_while(reply::bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let summary = Summary {
            bytes: 1 << 40,
            chunks: 3,
            size: Size::Digits(u64::MAX),
            sha256: [0x20; 32],
            compute: Duration::new(7, 1),
        };
        assert_eq!(read_summary(&write_summary(&summary)), Some(summary));

        let failure = Failure::new(Failure::WORKER_LOST, "it was  gone");
        assert_eq!(read_failure(&write_failure(&failure)), failure);

        for remaining in [None, Some(Duration::from_millis(1500))] {
            let progress = Progress { fraction: 0.1, phase: "two words".to_owned(), remaining };
            assert_eq!(read_progress(&write_progress(&progress)), Some(progress));
        }

        let id = WorkerId::new(Uuid::from_u128(0x1234));
        assert_eq!(worker(&worker_bytes(&id)), Some(id));
        for each in Lane::ALL {
            assert_eq!(lane(lane_letter(each)), Some(each));
        }
    }
}
