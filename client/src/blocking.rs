//! The client for programs without a runtime: the same calls, each of which blocks its thread.
//!
//! ```no_run
//! # fn example() -> Result<(), abacus_client::Error> {
//! use abacus_client::{Task, blocking::Client};
//!
//! let client = Client::new(abacus_client::Client::builder("http://127.0.0.1:8080"))?;
//! println!("{}", client.compute(Task::sum2(20, 22))?);
//! # Ok(())
//! # }
//! ```
//!
//! Must not be used within a runtime: there, use the client itself.

use std::{io, sync::Arc};

use abacus_tasks::{JobId, RequestName};
use futures_util::{Stream, StreamExt};
use num_bigint::BigInt;
use tokio::runtime::{Builder as RuntimeBuilder, Runtime};
use tokio_util::io::SyncIoBridge;

use crate::{Builder, Cancelled, Error, Event, Job, Submission, Submitted};

/// A client with a runtime of its own, one thread. Clones share both.
#[derive(Debug, Clone)]
pub struct Client {
    runtime: Arc<Runtime>,
    client: crate::Client,
}

/// A stream as an iterator that blocks until there is a next item.
struct Blocking<S> {
    runtime: Arc<Runtime>,
    stream: S,
}

impl Client {
    /// Starts a runtime and makes the client.
    ///
    /// # Errors
    /// Those of [`Builder::build`], and [`Error::Setup`] when no thread can be started.
    pub fn new(builder: Builder) -> Result<Self, Error> {
        let runtime = RuntimeBuilder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| Error::Setup(format!("no runtime can be started: {error}")))?;
        let client = runtime.block_on(async { builder.build() })?;
        Ok(Self { runtime: Arc::new(runtime), client })
    }

    /// As [`Client::submit`](crate::Client::submit).
    ///
    /// # Errors
    /// Its own.
    pub fn submit(&self, submission: impl Into<Submission>) -> Result<Submitted, Error> {
        self.block_on(self.client.submit(submission))
    }

    /// Submits a task whose result is an integer, and waits for it.
    ///
    /// # Errors
    /// Those of [`Client::submit`](crate::Client::submit) and of [`StoredResult`](crate::StoredResult).
    pub fn compute(&self, submission: impl Into<Submission>) -> Result<BigInt, Error> {
        let submitted = self.submit(submission)?;
        self.block_on(self.client.result(submitted.job().id()).integer())
    }

    /// As [`Client::run`](crate::Client::run), as an iterator.
    ///
    /// # Errors
    /// Its own.
    pub fn run(
        &self,
        submission: impl Into<Submission>,
    ) -> Result<impl Iterator<Item = Result<Event, Error>>, Error> {
        let run = self.block_on(self.client.run(submission))?;
        Ok(self.iterate(run))
    }

    /// As [`Client::job`](crate::Client::job).
    ///
    /// # Errors
    /// Its own.
    pub fn job(&self, job: &JobId) -> Result<Job, Error> {
        self.block_on(self.client.job(job))
    }

    /// The bytes of a result, as [`StoredResult::bytes`](crate::StoredResult::bytes). Reading fails with an
    /// [`io::Error`] that holds the [`Error`].
    #[must_use]
    pub fn bytes(&self, job: &JobId) -> impl io::Read + use<> {
        SyncIoBridge::new_with_handle(self.client.result(job).bytes(), self.runtime.handle().clone())
    }

    /// The primes of a list, as [`StoredResult::primes`](crate::StoredResult::primes).
    pub fn primes(&self, job: &JobId) -> impl Iterator<Item = Result<u64, Error>> + use<> {
        self.iterate(self.client.result(job).primes())
    }

    /// As [`Client::cancel`](crate::Client::cancel).
    ///
    /// # Errors
    /// Its own.
    pub fn cancel(&self, request: &RequestName) -> Result<Cancelled, Error> {
        self.block_on(self.client.cancel(request))
    }

    /// The client behind this one, for [`block_on`](Client::block_on).
    #[must_use]
    pub fn asynchronous(&self) -> &crate::Client {
        &self.client
    }

    /// Waits for any other call.
    pub fn block_on<F: Future>(&self, call: F) -> F::Output {
        self.runtime.block_on(call)
    }

    fn iterate<S: Stream + Unpin>(&self, stream: S) -> Blocking<S> {
        Blocking { runtime: self.runtime.clone(), stream }
    }
}

impl<S: Stream + Unpin> Iterator for Blocking<S> {
    type Item = S::Item;

    fn next(&mut self) -> Option<S::Item> {
        self.runtime.block_on(self.stream.next())
    }
}
