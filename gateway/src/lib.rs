//! The public door of Abacus.
//!
//! [`serve`] reads as the list of the gateway's parts. Every door goes through one intake; jobs are followed
//! through the notifier, finished results are read from the broker. The gateway keeps nothing: any number of them can
//! stand side by side.

use std::sync::Arc;

use abacus_api::v1::{
    job_service_server::{JobServiceServer, SERVICE_NAME as JOB_SERVICE},
    operator_service_server::{OperatorServiceServer, SERVICE_NAME as OPERATOR_SERVICE},
};
use abacus_broker::SharedBroker;
use abacus_chassis::{
    Life,
    health::{Services, well_known},
    server::{self, Port, ServerSettings},
    streams::Streams,
};
use tokio::net::TcpListener;

mod config;
mod error;
mod figures;
mod grpc;
mod intake;
mod page;
mod page_token;
mod rest;
mod watch;

pub use config::Settings;
pub use intake::Intake;
pub use watch::Watch;

/// What a gateway works with.
pub struct Parts {
    /// Where jobs are queued and results kept.
    pub broker: SharedBroker,
    /// The line to the notifier.
    pub watch: Watch,
    /// What it accepts.
    pub settings: Settings,
    /// The bounds of its port.
    pub server: ServerSettings,
}

/// Serves the gateway on a bound listener, as a part of this life: returns at once.
///
/// # Errors
/// When the built-in descriptor set cannot be read, which a test rules out.
pub fn serve(listener: TcpListener, parts: Parts, life: &Life) -> anyhow::Result<()> {
    let Parts { broker, watch, settings, server } = parts;
    let streams = Streams::new(&server, life);

    let services =
        Services { names: &[JOB_SERVICE, OPERATOR_SERVICE], descriptors: abacus_api::DESCRIPTOR_SET };
    let (readiness, routes) = well_known(services, &streams, life)?;

    if server.admin_listen.is_some() {
        figures::tell_of_mesh(broker.clone(), life);
    }
    let jobs = Arc::new(grpc::Jobs {
        intake: Intake::new(broker.clone(), settings.limits.clone(), settings.budget()),
        broker: broker.clone(),
        watch,
        streams,
        conversions: settings.conversions(),
    });
    let operators = Arc::new(grpc::Operators { broker });
    let most = server.max_message_bytes();
    let routes = routes
        .add_service(JobServiceServer::from_arc(Arc::clone(&jobs)).max_decoding_message_size(most))
        .add_service(OperatorServiceServer::from_arc(Arc::clone(&operators)).max_decoding_message_size(most));
    let rest = rest::Rest {
        jobs,
        operators,
        max_body_bytes: most,
        origins: settings.cors_origins.clone(),
        limits: settings.limits,
    };

    let port = Port::new("the gateway", routes)
        .with_http(rest::routes(rest).merge(page::routes()))
        .with_grpc_web(settings.cors_origins);
    life.spawn("the gateway's port", server::serve(listener, port, server, life.clone()));
    readiness.serving();
    Ok(())
}
