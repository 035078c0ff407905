//! Cancelling by dropping.

use abacus_tasks::RequestName;

use crate::{Cancelled, Client, Error};

/// Cancels a request when it is dropped, unless told to [keep](CancelGuard::keep) it.
///
/// Dropping only starts the cancelling, on the runtime that the client was made in: a program that ends right after it
/// may leave the job running. [`CancelGuard::cancel`] waits for the answer.
#[derive(Debug)]
#[must_use = "dropping it cancels the request"]
pub struct CancelGuard {
    client: Client,
    request: Option<RequestName>,
}

impl CancelGuard {
    pub(crate) fn new(client: Client, request: RequestName) -> Self {
        Self { client, request: Some(request) }
    }

    /// Leaves the request alone.
    pub fn keep(mut self) {
        self.request = None;
    }

    /// Cancels now.
    ///
    /// # Errors
    /// As [`Client::cancel`].
    ///
    /// # Cancel safety
    /// Dropping the future does what dropping the guard does.
    pub async fn cancel(mut self) -> Result<Cancelled, Error> {
        let Some(request) = self.request.clone() else { unreachable!("only `keep` and `drop` take it away") };
        let cancelled = self.client.cancel(&request).await?;
        self.request = None;
        Ok(cancelled)
    }

    /// Watches over another request from now on.
    pub(crate) fn pass_to(&mut self, request: &RequestName) {
        self.request = Some(request.clone());
    }
}

impl Drop for CancelGuard {
    fn drop(&mut self) {
        if let Some(request) = self.request.take() {
            let client = self.client.clone();
            // Nobody is left to be told of a failure.
            self.client.runtime().spawn(async move { client.cancel(&request).await });
        }
    }
}
