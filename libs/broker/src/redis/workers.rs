//! What workers tell of themselves, as one text: a line for each property.

use std::fmt::Write as _;

use abacus_tasks::Lane;
use redis::Value;

use super::{record, reply};
use crate::{Timestamp, WorkerLane, WorkerRecord, WorkerState};

/// Writes a record; a line break in a text becomes a space.
pub(super) fn write(worker: &WorkerRecord) -> String {
    let line = |text: &str| text.replace('\n', " ");
    let mut lanes = String::new();
    for WorkerLane { lane, slots, busy } in &worker.lanes {
        // Writing to a string cannot fail.
        let _ = write!(lanes, "{} {slots} {busy},", record::lane_letter(*lane));
    }
    let state = match worker.state {
        WorkerState::Serving => "serving",
        WorkerState::Draining => "draining",
        WorkerState::Stuck => "stuck",
    };
    let (address, version, kinds) =
        (line(&worker.address), line(&worker.version), line(&worker.kinds.join(",")));
    let (started, finished) = (worker.start_time.as_millis(), worker.finished);
    format!("{address}\n{version}\n{kinds}\n{lanes}\n{state}\n{started}\n{finished}")
}

/// Reads `{worker, record, announced (ms)}`.
pub(super) fn read(value: Value) -> Option<WorkerRecord> {
    let mut parts = reply::list(value).into_iter();
    let id = record::worker(&reply::bytes(parts.next()?)?)?;
    let text = reply::string(parts.next()?)?;
    let heartbeat_time = Timestamp::from_millis(reply::number(parts.next()?)?);
    let mut lines = text.split('\n');
    let mut next = || lines.next();
    let list =
        |text: &str| text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    Some(WorkerRecord {
        id,
        address: next()?.to_owned(),
        version: next()?.to_owned(),
        kinds: list(next()?),
        lanes: list(next()?).iter().filter_map(|text| read_lane(text)).collect(),
        state: match next()? {
            "serving" => WorkerState::Serving,
            "draining" => WorkerState::Draining,
            _ => WorkerState::Stuck,
        },
        start_time: Timestamp::from_millis(next()?.parse().ok()?),
        heartbeat_time,
        finished: next()?.parse().ok()?,
    })
}

fn read_lane(text: &str) -> Option<WorkerLane> {
    let mut parts = text.split(' ');
    let lane: Lane = record::lane(parts.next()?)?;
    Some(WorkerLane { lane, slots: parts.next()?.parse().ok()?, busy: parts.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use abacus_tasks::WorkerId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_record_reads_back() {
        let worker = WorkerRecord {
            id: WorkerId::new(Uuid::from_u128(7)),
            address: "host:1".to_owned(),
            version: "0.1.0".to_owned(),
            kinds: vec!["sum2".to_owned(), "spin".to_owned()],
            lanes: vec![
                WorkerLane { lane: Lane::Instant, slots: 2, busy: 1 },
                WorkerLane { lane: Lane::Long, slots: 1, busy: 0 },
            ],
            state: WorkerState::Draining,
            start_time: Timestamp::from_millis(5),
            heartbeat_time: Timestamp::from_millis(9),
            finished: 11,
        };
        let parts = vec![
            Value::BulkString(record::worker_bytes(&worker.id).to_vec()),
            Value::BulkString(write(&worker).into_bytes()),
            Value::Int(9),
        ];
        assert_eq!(read(Value::Array(parts)), Some(worker));
    }
}
