//! The client of Abacus, a mesh that computes exact integers of any size.
//!
//! ```no_run
//! # async fn example() -> Result<(), abacus_client::Error> {
//! use abacus_client::{Client, Task};
//!
//! let client = Client::builder("http://127.0.0.1:8080").build()?;
//! let submitted = client.submit(Task::fibonacci(1000)).await?;
//! let number = client.result(submitted.job().id()).integer().await?;
//! println!("{number}");
//! # Ok(())
//! # }
//! ```
//!
//! - [`Client::submit`] asks for a [`Task`] and is answered with its job. Equal tasks share one job, whoever asks.
//! - [`Client::run`] and [`Client::subscribe`] follow jobs: a stream of [`Event`]s (progress, chunks of the result, the
//!   end) that goes on by itself after any cut.
//! - [`Client::result`] reads a result: as bytes, as a [`BigInt`], as primes.
//! - [`Client::cancel`] and [`Client::cancel_on_drop`] take a request back.
//! - [`Client::operators`] has what operators ask. [`blocking`] is for programs without a runtime.
//!
//! # Exactness
//!
//! Each chunk is compared with its CRC-32C, each whole result with its length and SHA-256. Damage on the way is asked for
//! again; what stays damaged is [`Error::Damaged`] and never a wrong number.
//!
//! # What is tried again
//!
//! Cut connections, and refusals that come with a delay (`QUEUE_FULL`, `SHUTTING_DOWN` and the like), with growing, random
//! waits: calls for 15 s, streams for 15 minutes without news, unless [`Builder`] says otherwise. A submission carries a
//! request id, so that repeating it asks once.
//!
//! # Memory
//!
//! A stream that is not read holds back the mesh, not memory: at most 1 MiB of each stream is under way, and one chunk (up
//! to 1 MiB, 256 KiB by default) is being handed over. Results of any size can be streamed. Only
//! [`StoredResult::integer`] and [`StoredResult::text`] hold a result as a whole.

pub mod blocking;
mod builder;
mod cancel;
mod client;
mod connection;
mod error;
mod event;
mod follower;
mod integer;
mod job;
mod operators;
mod patience;
mod primes;
mod reader;
pub mod reason;
mod received;
mod run;
mod stored;
mod submission;
mod subscription;
mod task;

pub use num_bigint::BigInt;
pub use uuid::Uuid;

pub use abacus_tasks::{ClientName, Disposition, Format, JobId, Lane, RequestName, State, WorkerId};

pub use builder::Builder;
pub use cancel::CancelGuard;
pub use client::{Cancelled, Client};
pub use error::{Error, NoResult, Refusal, Unreachable, Violation};
pub use event::{Chunk, Disconnected, End, Event, Outcome};
pub use job::{Failure, Job, Progress, Request, Summary};
pub use operators::{Kind, KindStatus, Operators, Stats, Worker, WorkerState};
pub use primes::Primes;
pub use received::Received;
pub use run::Run;
pub use stored::{Digits, Piece, Pieces, StoredResult};
pub use submission::{Submission, Submitted};
pub use subscription::{Cursor, Follow, Subscription};
pub use task::Task;

/// So that the program in the README is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
