//! One port: gRPC, and beside it plain HTTP and grpc-web where a service has them.
//!
//! What a request passes, from the outside in: connection (cut at the hard stop), CORS, grpc-web,
//! `metered`, `explain` (of HTTP: the size of the headers), limits of unary calls, the service. Streams are bounded by the services themselves,
//! with [`crate::streams`].

mod connection;
mod limits;
mod metered;
mod settings;

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, Method, header};
use tokio::net::TcpListener;
use tonic::Status;
use tonic::service::Routes;
use tonic_web::GrpcWebLayer;
use tower_http::cors::{AllowHeaders, CorsLayer};

use self::limits::Limits;
use self::metered::metered;
pub use self::settings::ServerSettings;
use crate::explain::explain;
use crate::life::Life;
use crate::refusal::{Reason, Refusal, chain};

/// How long a browser may remember what it is allowed to call; Chromium caps it at this value.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_hours(2);

/// What a port serves.
#[derive(Debug)]
pub struct Port {
    name: &'static str,
    grpc: Routes,
    http: Router,
    browsers: Browsers,
}

/// Whether web pages may call the gRPC services.
#[derive(Debug)]
enum Browsers {
    No,
    /// Pages of the port itself, and of these origins.
    GrpcWeb(Vec<HeaderValue>),
}

impl Port {
    /// A port that serves these gRPC services. `name` is what logs and the answer to unknown paths call it.
    #[must_use]
    pub fn new(name: &'static str, grpc: Routes) -> Self {
        Self { name, grpc, http: Router::new(), browsers: Browsers::No }
    }

    /// Serves these HTTP routes beside the gRPC services. They answer refusals as problem+json.
    #[must_use]
    pub fn with_http(mut self, routes: Router) -> Self {
        self.http = self.http.merge(routes);
        self
    }

    /// Serves grpc-web too, to pages of this port's own origin and of `origins` (see
    /// [`crate::config::origin`]).
    #[must_use]
    pub fn with_grpc_web(mut self, origins: Vec<HeaderValue>) -> Self {
        self.browsers = Browsers::GrpcWeb(origins);
        self
    }
}

/// Serves a port until the soft stop, then until all its connections have ended, at most until the hard stop.
///
/// To be run with [`Life::spawn`]. A service applies `settings.max_message_bytes()` to its own gRPC servers:
/// tonic knows that limit per service only.
///
/// # Cancel safety
/// Dropped, it stops to accept; the connections live on until the hard stop.
pub async fn serve(listener: TcpListener, port: Port, settings: ServerSettings, life: Life) {
    let name = port.name;
    let address = listener.local_addr().ok().map(|address| address.to_string());
    tracing::info!(address, "{name} listens");
    let served = tonic::transport::Server::builder()
        .accept_http1(true)
        .http2_keepalive_interval(Some(settings.http2_keepalive_interval))
        .http2_keepalive_timeout(Some(settings.http2_keepalive_timeout))
        .http2_max_header_list_size(u32::try_from(settings.max_header_size.as_u64()).ok())
        .serve_with_incoming_shutdown(
            Routes::from(router(port, &settings)).prepare(),
            connection::accepted(listener, life.hard().clone()),
            life.soft().clone().cancelled_owned(),
        )
        .await;
    if let Err(error) = served {
        tracing::error!(cause = chain(&error), "{name} cannot be served");
    }
}

/// All routes of a port under their layers.
fn router(port: Port, settings: &ServerSettings) -> Router {
    let Port { name, grpc, http, browsers } = port;
    let limits = Limits::new(settings);
    // Without `reset_fallback` unknown HTTP paths would be answered with status 200 and a gRPC error.
    let grpc = grpc
        .into_axum_router()
        .reset_fallback()
        .layer(from_fn_with_state(limits.clone().for_grpc(), limits::limited))
        .layer(map_response(explain))
        .layer(from_fn(metered));
    let http = http
        .layer(from_fn_with_state(limits.for_http(), limits::limited))
        .layer(from_fn_with_state(settings.max_header_size, limits::short_headers))
        .layer(from_fn(metered));
    let beside_http =
        |grpc: Router| grpc.merge(http).fallback(async move |request: Request| unknown(name, request).await);
    match browsers {
        Browsers::No => beside_http(grpc),
        // grpc-web is laid on the gRPC side only: it answers 400 to plain HTTP.
        Browsers::GrpcWeb(origins) => beside_http(grpc.layer(GrpcWebLayer::new())).layer(cors(origins)),
    }
}

/// Lets pages of these origins call, and read what gRPC and HTTP say in headers.
fn cors(origins: Vec<HeaderValue>) -> CorsLayer {
    let grpc = ["grpc-status", "grpc-message", "grpc-status-details-bin"];
    let exposed = grpc.map(http::HeaderName::from_static).into_iter();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(
            exposed
                .chain([header::CONTENT_RANGE, header::ETAG, header::LOCATION, header::RETRY_AFTER])
                .chain([http::HeaderName::from_static("preference-applied")])
                .collect::<Vec<_>>(),
        )
        .max_age(PREFLIGHT_MAX_AGE)
}

/// Answers a path that nobody serves, in the protocol of the request.
async fn unknown(name: &str, request: Request) -> Response {
    let began = Instant::now();
    let response = refused(name, request).await;
    metered::count(metered::UNKNOWN.to_owned(), &response, began);
    response
}

async fn refused(name: &str, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    pass_over(body).await;
    let grpc = parts.headers.get(header::CONTENT_TYPE);
    let grpc = grpc.filter(|sort| sort.as_bytes().starts_with(b"application/grpc"));
    let Some(content_type) = grpc else {
        let message = format!(
            "no such path; `grpcurl -plaintext HOST:PORT list` tells what {name} serves over gRPC, and /openapi.json, \
             where there is one, what over HTTP"
        );
        return Refusal::new(Reason::UnknownMethod, message).into_response();
    };
    let refusal =
        Refusal::new(Reason::UnknownMethod, "this port serves no such method; list them by reflection");
    let mut response = Status::from(refusal).into_http::<Body>();
    // A grpc-web client expects its own flavour back; the status stands in the headers in all of them.
    response.headers_mut().insert(header::CONTENT_TYPE, content_type.clone());
    response
}

/// Reads a body that nobody wants, if it is short and comes soon: an answer that overtakes its request may cost the
/// connection, and others on it.
async fn pass_over(body: Body) {
    const MOST_BYTES: usize = 64 * 1024;
    const LONGEST: Duration = Duration::from_secs(5);
    // Whatever it comes to, there is an answer.
    let _ = tokio::time::timeout(LONGEST, axum::body::to_bytes(body, MOST_BYTES)).await;
}
