//! The rescuer: takes back the leases of dead workers.
//!
//! What wakes it: more than once a second, never in step with the rescuers of other workers; one of them alive is enough.
//! What it changes: jobs whose lease has run out wait again, or fail when their attempts are used up. If it dies,
//! the process stops. It ends at the soft stop.

use std::{sync::Arc, time::Duration};

use abacus_broker::Rescued;
use tokio::{select, time::sleep};

use crate::{backoff::jittered, worker::Worker};

/// With its jitter below a second, so that a job runs again within the lease and a second.
const INTERVAL: Duration = Duration::from_millis(700);

/// Rescues until the soft stop.
pub(crate) async fn rescuer(worker: Arc<Worker>) {
    loop {
        select! {
            () = worker.life.soft().cancelled() => return,
            () = sleep(jittered(INTERVAL)) => {}
        }
        match worker.broker.rescue().await {
            Ok(rescued) => rescued.iter().for_each(tell),
            Err(error) => tracing::debug!(cause = %error, "cannot rescue"),
        }
    }
}

fn tell(Rescued { key, dead }: &Rescued) {
    let (job, kind, attempt) = (&key.job, key.job.kind(), key.attempt);
    let event = if *dead { "job died with its worker" } else { "job rescued" };
    tracing::info!(job.id = %job, kind, attempt, worker = %key.worker, "{event}");
}
