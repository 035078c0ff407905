//! The bounds and durations a broker works by.

use std::time::Duration;

/// Bounds and durations. Every one is a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// How long a lease holds without being renewed. Default 5 s.
    pub lease: Duration,
    /// How many attempts a job has before it fails. Default 3.
    pub max_attempts: u32,
    /// How long a finished job and its result are kept. Default 24 h.
    pub result_ttl: Duration,
    /// How long a client's list of requests is kept after the last one. Default 24 h.
    pub request_ttl: Duration,
    /// How long a worker counts as alive after it was announced. Default 10 s.
    pub worker_ttl: Duration,
    /// How many jobs may wait in one queue (kind and lane). Default 1,000,000.
    pub max_queued: usize,
    /// How many bytes the jobs that wait or run may take beside their results: their tasks, and 128 bytes for each
    /// request that wants one. The first job fits however large it is. Default 1 GiB.
    pub max_queued_bytes: u64,
    /// How many bytes of finished results are kept, each with its task and 128 bytes for each request that wanted it:
    /// beyond, the longest finished are forgotten first. Default 4 GiB.
    pub max_kept_bytes: u64,
    /// How many requests of one client are kept: beyond, the oldest are forgotten first. Default 10,000.
    pub max_requests: usize,
    /// The largest chunk. Default 1 MiB.
    pub max_chunk_bytes: usize,
    /// How many notices of a partition are kept. Default 100,000.
    pub max_notices: usize,
    /// How many dead letters are kept: beyond, the oldest are forgotten first. Default 10,000.
    pub max_dead: usize,
}

impl Default for Terms {
    fn default() -> Self {
        let day = Duration::from_hours(24);
        Self {
            lease: Duration::from_secs(5),
            max_attempts: 3,
            result_ttl: day,
            request_ttl: day,
            worker_ttl: Duration::from_secs(10),
            max_queued: 1_000_000,
            max_queued_bytes: 1 << 30,
            max_kept_bytes: 4 << 30,
            max_requests: 10_000,
            max_chunk_bytes: 1 << 20,
            max_notices: 100_000,
            max_dead: 10_000,
        }
    }
}
