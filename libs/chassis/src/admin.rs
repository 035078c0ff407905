//! The admin port: for whoever runs the process, and for the machines that do it for them.
//!
//! | path | answer |
//! |---|---|
//! | `/healthz` | 200: the process lives and answers |
//! | `/readyz` | 200: each service in it can do its work; 503 until then, and from the soft stop on; a line for each |
//! | `/metrics` | figures as Prometheus reads them |

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use tokio::net::TcpListener;
use tonic::service::Routes;

use crate::life::Life;
use crate::metrics;
use crate::refusal::{self, Reason, Refusal};
use crate::server::{self, Port, ServerSettings};

/// The media type of `OpenMetrics`, which Prometheus asks for.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves the admin port, as a part of this life: returns at once.
pub(crate) fn serve(listener: TcpListener, settings: ServerSettings, life: &Life) {
    refusal::tell_of_all();
    let routes = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readiness))
        .route("/metrics", get(figures))
        .with_state(life.clone());
    let port = Port::new("the admin port", Routes::default()).with_http(routes);
    life.spawn("the admin port", server::serve(listener, port, settings, life.clone()));
}

async fn readiness(State(life): State<Life>) -> Response {
    let services = life.services();
    let is_ready = !services.is_empty() && services.iter().all(|(_, ready)| *ready);
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let told =
        |(name, ready): &(String, bool)| format!("{name}: {}ready\n", if *ready { "" } else { "not " });
    let told: String = services.iter().map(told).collect();
    let told = if told.is_empty() { "the process is starting\n".to_owned() } else { told };
    (status, told).into_response()
}

async fn figures() -> Response {
    match metrics::text() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            Refusal::new(Reason::Internal, "the figures cannot be written").caused_by(error).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::watch;

    use super::*;

    async fn get(address: std::net::SocketAddr, path: &str) -> String {
        let mut tcp = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        tcp.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_process_is_ready_when_all_its_services_are() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let life = Life::new(Duration::ZERO);
        serve(listener, ServerSettings::default(), &life);

        let answer = get(address, "/readyz").await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.ends_with("the process is starting\n"), "{answer}");

        let (first, second) = (watch::Sender::new(true), watch::Sender::new(false));
        life.watch("test.First", first.subscribe());
        life.watch("test.Second", second.subscribe());
        let answer = get(address, "/readyz").await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.ends_with("test.First: ready\ntest.Second: not ready\n"), "{answer}");

        second.send_replace(true);
        let answer = get(address, "/readyz").await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

        first.send_replace(false);
        assert!(get(address, "/readyz").await.starts_with("HTTP/1.1 503 "));
        assert!(get(address, "/healthz").await.starts_with("HTTP/1.1 200 "));
        assert!(get(address, "/nowhere").await.starts_with("HTTP/1.1 404 "));
    }
}
