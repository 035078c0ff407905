//! The mesh as processes of their own over a Redis server, and what it survives: each of them killed, stopped or
//! ended in the middle of work.
//!
//! Seen from outside throughout: by a subscriber at the gateway who resumes with the cursor.

use std::time::{Duration, Instant};

use abacus_api::v1::{
    self, job_service_client::JobServiceClient, operator_service_client::OperatorServiceClient,
};
use tokio::time::sleep;
use tonic::transport::{Channel, Endpoint};

use program::program;
use running::Running;
use server::Server;

mod admin;
mod calculators;
mod doors;
mod everything;
mod orders;
mod outage;
mod parts;
mod scaling;
mod subscriber;
mod tasks;

#[path = "../../../libs/chassis/tests/services/program.rs"]
pub(crate) mod program;
#[path = "../../../libs/chassis/tests/services/running.rs"]
pub(crate) mod running;
#[path = "../../../libs/broker/tests/it/redis/server.rs"]
pub(crate) mod server;

/// How long a condition is waited for on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// Between two looks at a condition that nothing tells of.
const PACE: Duration = Duration::from_millis(10);

/// A Redis server, a notifier and a gateway. Calculators are added as each test needs them.
pub(crate) struct Apart {
    pub(crate) redis: Server,
    pub(crate) notifier: Running,
    pub(crate) gateway: Running,
    settings: Vec<String>,
}

impl Apart {
    /// Starts with these settings of the broker, the same for every process.
    pub(crate) fn start(settings: &[&str]) -> Self {
        // With `everysec` the server answers while a slow sync of the disk holds its writes back in memory, where a
        // kill loses them. What the server loses is not what is tested here.
        let redis = Server::start(&["--appendonly", "yes", "--appendfsync", "always"]);
        let url = format!("redis://127.0.0.1:{}", redis.port);
        let settings = [&["--broker-url", &url], settings].concat();
        let (notifier, gateway) = doors(&settings);
        let settings = settings.iter().map(ToString::to_string).collect();
        Self { redis, notifier, gateway, settings }
    }

    /// Starts another notifier, and a gateway that uses it.
    fn doors(&self) -> (Running, Running) {
        doors(&self.settings())
    }

    /// Starts a calculator, with further arguments.
    fn calculator(&self, arguments: &[&str]) -> Running {
        Running::start(&program("abacus-calculator"), &[&self.settings()[..], arguments].concat())
    }

    fn settings(&self) -> Vec<&str> {
        self.settings.iter().map(String::as_str).collect()
    }

    pub(crate) fn jobs(&self) -> JobServiceClient<Channel> {
        JobServiceClient::new(channel(&self.gateway))
    }

    fn operators(&self) -> OperatorServiceClient<Channel> {
        OperatorServiceClient::new(channel(&self.gateway))
    }

    /// A job as it stands, as soon as that can be told.
    async fn job(&self, id: &str) -> v1::Job {
        let mut jobs = self.jobs();
        eventually("the job is told", async || {
            let told = jobs.get_job(v1::GetJobRequest { job: id.to_owned() }).await;
            told.ok()?.into_inner().job
        })
        .await
    }

    /// Waits until so many workers are announced.
    async fn await_workers(&self, count: usize) -> Vec<v1::Worker> {
        let mut operators = self.operators();
        eventually("the workers are announced", async || {
            let workers =
                operators.list_workers(v1::ListWorkersRequest {}).await.unwrap().into_inner().workers;
            (workers.len() == count).then_some(workers)
        })
        .await
    }
}

/// Starts a notifier, and a gateway that uses it.
fn doors(settings: &[&str]) -> (Running, Running) {
    let notifier = Running::start(&program("abacus-notifier"), settings);
    let watched = format!("http://{}", notifier.address);
    let settings = [settings, &["--notifier", &watched]].concat();
    let gateway = Running::start(&program("abacus-gateway"), &settings);
    (notifier, gateway)
}

/// A connection to a service that is opened anew when it broke.
fn channel(service: &Running) -> Channel {
    Endpoint::from_shared(format!("http://{}", service.address)).unwrap().connect_lazy()
}

/// The id of the worker that a calculator is.
fn worker(calculator: &Running) -> String {
    running::field(&calculator.logged("calculator starts"), "worker")
}

/// Looks again and again until there is something.
async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begin.elapsed() < LIMIT, "waited too long until {what}");
        sleep(PACE).await;
    }
}
