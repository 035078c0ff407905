//! A calculator under test, and how tests ask and wait.

use std::{future::Future, sync::Arc, time::Duration};

use abacus_api::v1::{
    self, GetWorkerRequest, task, worker_service_client::WorkerServiceClient,
    worker_service_server::SERVICE_NAME,
};
use abacus_broker::{Broker, Clock, Embedded, SharedBroker, Snapshot, Submission, Submitted, Terms};
use abacus_calculator::{Parts, Settings, serve};
use abacus_chassis::{Life, ServerSettings};
use abacus_tasks::{ClientName, JobId, Lane, Limits, Task, WorkerId};
use tokio::{net::TcpListener, time::timeout};
use tonic::transport::Channel;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// No test waits longer for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// A running calculator. It is cut when dropped.
pub(crate) struct Calculator {
    pub(crate) id: WorkerId,
    pub(crate) life: Life,
    pub(crate) client: WorkerServiceClient<Channel>,
    health: HealthClient<Channel>,
}

/// Settings that let tests be quick: one slot per costly lane, small chunks, a fast heartbeat.
pub(crate) fn settings() -> Settings {
    Settings {
        instant_slots: 2,
        short_slots: Some(1),
        long_slots: Some(1),
        renew_interval: Duration::from_millis(20),
        claim_wait: Duration::from_millis(100),
        chunk_size: "1KiB".parse().unwrap(),
        progress_interval: Duration::from_millis(10),
        ..Settings::default()
    }
}

/// An embedded broker on the system's clock.
pub(crate) fn broker() -> Arc<Embedded> {
    Embedded::new(Terms::default(), Clock::system())
}

impl Calculator {
    /// Starts one on a port of its own, whose heartbeat goes by the same broker.
    pub(crate) async fn start(settings: Settings, broker: &SharedBroker) -> Self {
        Self::start_apart(settings, broker, broker).await
    }

    /// Starts one whose heartbeat goes by another broker.
    pub(crate) async fn start_apart(
        settings: Settings,
        broker: &SharedBroker,
        heartbeat: &SharedBroker,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let life = Life::new(Duration::from_secs(10));
        let parts = Parts {
            settings,
            server: ServerSettings::default(),
            limits: Limits::default(),
            broker: Arc::clone(broker),
            heartbeat_broker: Arc::clone(heartbeat),
            clock: Clock::system(),
        };
        let id = serve(listener, parts, &life).unwrap();
        let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
        let (client, health) = (WorkerServiceClient::new(channel.clone()), HealthClient::new(channel));
        Self { id, life, client, health }
    }

    /// What the worker tells of itself.
    pub(crate) async fn worker(&self) -> v1::Worker {
        self.client.clone().get_worker(GetWorkerRequest {}).await.unwrap().into_inner().worker.unwrap()
    }

    /// How many slots of a lane are busy.
    pub(crate) async fn busy(&self, lane: Lane) -> u32 {
        let lanes = self.worker().await.lanes;
        lanes.iter().find(|slots| slots.lane() == v1::Lane::from(lane)).map_or(0, |slots| slots.busy)
    }

    /// Waits until so many slots of a lane are busy.
    pub(crate) async fn until_busy(&self, lane: Lane, busy: u32) {
        until("slots are busy", async || (self.busy(lane).await == busy).then_some(())).await;
    }

    /// Waits until health is as expected, for the port and for its service.
    pub(crate) async fn until_health(&self, expected: ServingStatus) {
        for service in ["", SERVICE_NAME] {
            let request = HealthCheckRequest { service: service.to_owned() };
            let mut statuses = self.health.clone().watch(request).await.unwrap().into_inner();
            let arrives = async { while statuses.message().await.unwrap().unwrap().status() != expected {} };
            timeout(DEADLINE, arrives).await.expect("health is as expected");
        }
    }
}

impl Drop for Calculator {
    fn drop(&mut self) {
        self.life.cut();
    }
}

/// A checked task.
pub(crate) fn checked(parameters: task::Task) -> Task {
    Task::check(v1::Task { task: Some(parameters) }, &Limits::default()).unwrap()
}

/// The n-th Fibonacci number.
pub(crate) fn fibonacci(n: u64) -> Task {
    checked(task::Task::Fibonacci(v1::Fibonacci { n }))
}

/// A sum.
pub(crate) fn sum(first: &str, second: &str) -> Task {
    checked(task::Task::Sum2(v1::Sum2 { first: first.to_owned(), second: second.to_owned() }))
}

/// A busy thread. Its label tells it from others.
pub(crate) fn spin(label: &str, duration: Duration) -> Task {
    let duration = Some(duration.try_into().unwrap());
    checked(task::Task::Spin(v1::Spin { label: label.to_owned(), duration }))
}

/// Longer than any test.
pub(crate) const FOR_EVER: Duration = Duration::from_mins(10);

/// Asks for a task, in its lane.
pub(crate) async fn submit(broker: &dyn Broker, task: &Task) -> Submitted {
    let submission = Submission {
        task: task.clone(),
        lane: Lane::of(&task.cost()),
        client: ClientName::anonymous(),
        request_id: None,
        reject_if_suspended: false,
        trace: String::new(),
    };
    broker.submit(submission).await.unwrap()
}

/// What is known about a job that is kept.
pub(crate) async fn snapshot(broker: &dyn Broker, job: &JobId) -> Snapshot {
    broker.snapshot(job).await.unwrap().expect("the job is kept")
}

/// Waits until a job is as described.
pub(crate) async fn until_job(
    broker: &dyn Broker,
    job: &JobId,
    as_described: impl Fn(&Snapshot) -> bool,
) -> Snapshot {
    until("the job is as described", async || {
        let snapshot = snapshot(broker, job).await;
        as_described(&snapshot).then_some(snapshot)
    })
    .await
}

/// Waits until a job is in a final state.
pub(crate) async fn until_ended(broker: &dyn Broker, job: &JobId) -> Snapshot {
    until_job(broker, job, |snapshot| snapshot.state.is_terminal()).await
}

/// The whole result of a job, and the lengths of its chunks.
pub(crate) async fn result(broker: &dyn Broker, job: &JobId) -> (Vec<u8>, Vec<usize>) {
    let chunks = broker.chunks(job, 0, usize::MAX).await.unwrap();
    (chunks.concat(), chunks.iter().map(bytes::Bytes::len).collect())
}

/// Waits until a condition holds, looking again and again.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, condition: impl Fn() -> F) -> T {
    let holds = async {
        let mut looks = tokio::time::interval(Duration::from_millis(2));
        loop {
            looks.tick().await;
            if let Some(value) = condition().await {
                return value;
            }
        }
    };
    timeout(DEADLINE, holds).await.unwrap_or_else(|_| panic!("not within {DEADLINE:?}: {what}"))
}
