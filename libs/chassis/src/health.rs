//! Health and reflection: what every port serves beside its own services.
//!
//! `grpc.health.v1.Health` answers for the port (the empty name) and for each of its services by one flag,
//! which the service sets when it can do its work. At the soft stop it turns to `NOT_SERVING` for good.
//! Reflection (v1 and v1alpha) lets `grpcurl` list and call the services without having their definitions.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body as AxumBody;
use axum::extract::Request as AxumRequest;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::life::Life;
use crate::refusal::{Reason, Refusal};
use crate::streams::Streams;

/// The services of a port, as health and reflection know them.
#[derive(Clone, Copy, Debug)]
pub struct Services<'a> {
    /// Full names, as in `abacus.v1.JobService`.
    pub names: &'a [&'a str],
    /// The encoded `FileDescriptorSet` with the files of these services and all that they import.
    pub descriptors: &'a [u8],
}

/// Whether the services of a port can do their work. Clones share the flag.
#[derive(Clone, Debug)]
pub struct Readiness {
    ready: Arc<watch::Sender<bool>>,
}

/// The descriptor set that was given for reflection cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the descriptor set of the services cannot be read")]
pub struct InvalidDescriptors(#[source] tonic_reflection::server::Error);

/// Health and reflection of a port, to which the service adds its own routes. Not ready until
/// [`Readiness::serving`].
///
/// # Errors
/// [`InvalidDescriptors`], which a test of the service rules out: the set is built in.
pub fn well_known(
    services: Services<'_>,
    streams: &Streams,
    life: &Life,
) -> Result<(Readiness, Routes), InvalidDescriptors> {
    let ready = Arc::new(watch::Sender::new(false));
    for name in services.names {
        life.watch(name, ready.subscribe());
    }
    let health = HealthService {
        names: services.names.iter().map(ToString::to_string).chain([String::new()]).collect(),
        ready: Arc::clone(&ready),
        streams: streams.clone(),
        soft: life.soft().clone(),
    };
    let routes = Routes::new(HealthServer::new(health)).into_axum_router();
    let routes = routes.merge(reflection(services, life.soft())?);
    Ok((Readiness { ready }, Routes::from(routes)))
}

impl Readiness {
    /// The services can do their work.
    pub fn serving(&self) {
        self.set(true);
    }

    /// The services cannot do their work now.
    pub fn not_serving(&self) {
        self.set(false);
    }

    /// Watchers are told of changes only.
    fn set(&self, serving: bool) {
        self.ready.send_if_modified(|ready| std::mem::replace(ready, serving) != serving);
    }
}

/// Both versions of reflection. They list the services of this port, not all that the descriptor set describes, and
/// know the messages of error details, so that clients can show them.
fn reflection(services: Services<'_>, soft: &CancellationToken) -> Result<Router, InvalidDescriptors> {
    use tonic_reflection::pb::{v1, v1alpha};
    let builder = || {
        let builder = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(services.descriptors)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(v1::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(v1alpha::FILE_DESCRIPTOR_SET)
            .include_reflection_service(false);
        let known = [
            tonic_health::pb::health_server::SERVICE_NAME,
            v1::server_reflection_server::SERVICE_NAME,
            v1alpha::server_reflection_server::SERVICE_NAME,
        ];
        let names = services.names.iter().copied().chain(known);
        names.fold(builder, tonic_reflection::server::Builder::with_service_name)
    };
    let routes = Routes::new(builder().build_v1().map_err(InvalidDescriptors)?)
        .add_service(builder().build_v1alpha().map_err(InvalidDescriptors)?);
    // A client that keeps its side of a reflection stream open would hold up the shutdown: at the soft stop
    // its requests end, and with them the stream.
    let soft = soft.clone();
    let until_stop = move |request: AxumRequest| {
        let stop = soft.clone().cancelled_owned();
        request.map(|body| AxumBody::from_stream(body.into_data_stream().take_until(stop)))
    };
    let routes = routes.into_axum_router().reset_fallback();
    Ok(routes.layer(tower::util::MapRequestLayer::new(until_stop)))
}

struct HealthService {
    names: BTreeSet<String>,
    ready: Arc<watch::Sender<bool>>,
    streams: Streams,
    soft: CancellationToken,
}

#[tonic::async_trait]
impl Health for HealthService {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let name = &request.get_ref().service;
        if !self.names.contains(name) {
            let message = "this port has no service of that name; list them by reflection";
            return Err(Refusal::new(Reason::ServiceNotFound, message).resource("service", name).into());
        }
        let serving = *self.ready.borrow() && !self.soft.is_cancelled();
        Ok(Response::new(answer(status_of(serving))))
    }

    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let admission = self.streams.admit(request.metadata().as_ref())?;
        // The protocol wants the call for an unknown service to be answered and kept open.
        let statuses = if self.names.contains(&request.get_ref().service) {
            changes(self.ready.subscribe()).boxed()
        } else {
            stream::iter([ServingStatus::ServiceUnknown]).chain(stream::pending()).boxed()
        };
        let answers = admission.bind(statuses.map(|status| Ok(answer(status)))).flat_map(with_farewell);
        Ok(Response::new(answers.boxed()))
    }
}

/// The status as it is, then each change of it.
fn changes(mut ready: watch::Receiver<bool>) -> impl Stream<Item = ServingStatus> + Send + 'static {
    ready.mark_changed();
    stream::unfold(ready, |mut ready| async move {
        ready.changed().await.ok()?;
        let serving = *ready.borrow_and_update();
        Some((status_of(serving), ready))
    })
}

/// Puts `NOT_SERVING` before the refusal with which a stream ends at the soft stop.
fn with_farewell(
    item: Result<HealthCheckResponse, Refusal>,
) -> impl Stream<Item = Result<HealthCheckResponse, Status>> + Send {
    let stopping = matches!(&item, Err(refusal) if refusal.reason() == Reason::ShuttingDown);
    let farewell = stopping.then(|| Ok(answer(ServingStatus::NotServing)));
    stream::iter(farewell.into_iter().chain([item.map_err(Status::from)]))
}

fn status_of(serving: bool) -> ServingStatus {
    if serving { ServingStatus::Serving } else { ServingStatus::NotServing }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}
