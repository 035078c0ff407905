//! The calculator: claims jobs, computes them, keeps their leases, rescues the jobs of dead workers.
//!
//! | part | one idea |
//! |---|---|
//! | `worker` | one claim loop per lane takes what has a free slot; a drain hands everything back |
//! | `execution` | one attempt: from a lease to an outcome, each write fenced |
//! | `compute` | threads of its own per lane, where kinds run |
//! | `division` | a long task in parts: others compute some, this worker the rest; what was needed lately stays at hand |
//! | `handover` | where a compute thread and its follower meet |
//! | `heartbeat` | a thread that renews the leases while the claim loops live |
//! | `rescuer` | takes back what dead workers held |
//! | `grpc` | `WorkerService`: show, drain, compute past the queue |
//! | `address` | where others reach it |
//! | `figures` | what Prometheus reads of it |
//!
//! It knows the broker's trait and no implementation of it, and no other service.

mod address;
mod backoff;
mod compute;
mod config;
mod division;
mod error;
mod execution;
mod figures;
mod grpc;
mod handover;
mod heartbeat;
mod leases;
mod rescuer;
mod slots;
mod status;
mod worker;

use std::sync::Arc;

use abacus_broker::{Clock, SharedBroker};
use abacus_chassis::{
    Life, ServerSettings,
    health::{self, Services},
    server::{self, Port},
    streams::Streams,
};
use abacus_tasks::{Limits, WorkerId};
use tokio::net::TcpListener;
use uuid::Uuid;

use self::{
    compute::{Compute, Cut},
    division::Shelf,
    heartbeat::Heartbeat,
    leases::Leases,
    slots::Slots,
    status::{Identity, Status},
    worker::Worker,
};
pub use self::{config::Settings, error::Error};

/// What a calculator works with.
pub struct Parts {
    /// What is its own.
    pub settings: Settings,
    /// The bounds of its port.
    pub server: ServerSettings,
    /// The limits on tasks that are computed past the queue.
    pub limits: Limits,
    /// The broker.
    pub broker: SharedBroker,
    /// The broker again, by a connection that nothing else can hold up: for the heartbeat alone.
    pub heartbeat_broker: SharedBroker,
    /// The time.
    pub clock: Clock,
}

/// Starts a calculator whose parts run in the life it is given, and tells its id. At the soft stop it hands back
/// what it has, and its parts end.
///
/// # Errors
/// [`Error`]; the life is then to be stopped, for some parts may run already.
///
/// # Panics
/// Outside of a tokio runtime.
pub fn serve(listener: TcpListener, parts: Parts, life: &Life) -> Result<WorkerId, Error> {
    let Parts { settings, server, limits, broker, heartbeat_broker, clock } = parts;
    let id = WorkerId::new(Uuid::new_v4());
    let address = listener.local_addr().map_err(Error::Listener)?;
    let address = settings.advertise.clone().unwrap_or_else(|| address::announced(address));
    tracing::info!(worker = %id, address, slots = ?settings.slots(), "calculator starts");

    let slots = Slots::new(settings.slots());
    let drain = life.soft().child_token();
    let identity = Identity { id: id.clone(), address, kinds: settings.served_kinds() };
    let status = Status::new(identity, slots.clone(), clock, (drain, settings.patience(broker.patience())));
    let chunk_bytes = settings.chunk_bytes(broker.terms().max_chunk_bytes);
    let cut = Cut { chunk_bytes, progress_interval: settings.progress_interval };
    let compute = Compute::start(settings.threads(), settings.job_threads(), cut).map_err(Error::Thread)?;
    let leases = Leases::default();
    let claim_wait = settings.claim_wait;
    let (shelf, life_of_worker) = (Shelf::new(settings.part_cache_bytes()), life.clone());
    let worker = Worker { status, slots, compute, leases, broker, shelf, claim_wait, life: life_of_worker };
    let worker = Arc::new(worker);

    let streams = Streams::new(&server, life);
    let services = Services { names: &[grpc::NAME], descriptors: abacus_api::DESCRIPTOR_SET };
    let (readiness, routes) = health::well_known(services, &streams, life)?;
    let service = grpc::Service { worker: Arc::clone(&worker), limits, streams };
    let routes = routes.add_service(service.into_server(server.max_message_bytes()));
    life.spawn("worker port", server::serve(listener, Port::new("calculator", routes), server, life.clone()));

    let interval = settings.renew_interval;
    let heartbeat = Heartbeat { worker: Arc::clone(&worker), broker: heartbeat_broker, readiness, interval };
    heartbeat.start().map_err(Error::Thread)?;
    life.spawn("drainer", worker::drainer(Arc::clone(&worker)));
    life.spawn("rescuer", rescuer::rescuer(Arc::clone(&worker)));
    for lane in worker.slots.lanes() {
        life.spawn("claim loop", worker::claim_loop(Arc::clone(&worker), lane));
    }
    Ok(id)
}
