//! A port with a few test services, and clients that send what no generated client would.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use abacus_chassis::health::{Readiness, Services, well_known};
use abacus_chassis::server::{Port, serve};
use abacus_chassis::streams::Streams;
use abacus_chassis::{Life, ServerSettings};
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic::{Status, Streaming};

use crate::raw::RawCodec;

/// Long enough for anything on a busy machine, short enough to notice that it never comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The name under which the test service is known.
pub(crate) const NAME: &str = "test.Service";

/// Awaits something that must happen.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("it should have happened by now")
}

/// A running port.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) life: Life,
    pub(crate) readiness: Readiness,
}

impl Running {
    /// A port with default settings.
    pub(crate) async fn start() -> Self {
        Self::start_with(ServerSettings::default(), |port| port).await
    }

    /// A port with `test.Service`, HTTP routes under `/http`, and what `arrange` makes of it.
    pub(crate) async fn start_with(settings: ServerSettings, arrange: impl FnOnce(Port) -> Port) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let life = Life::new(settings.grace);
        let streams = Streams::new(&settings, &life);
        let services = Services { names: &[NAME], descriptors: tonic_health::pb::FILE_DESCRIPTOR_SET };
        let (readiness, well_known) = well_known(services, &streams, &life).unwrap();
        let routes = well_known.into_axum_router().merge(test_service(streams));
        let http = axum::Router::new()
            .route("/http/hello", get(async || "hello"))
            .route("/http/never", get(async || std::future::pending::<()>().await));
        let port = arrange(Port::new("test port", Routes::from(routes)).with_http(http));
        life.spawn("test port", serve(listener, port, settings, life.clone()));
        Self { address, life, readiness }
    }

    pub(crate) fn channel(&self) -> Channel {
        let uri = format!("http://{}", self.address).parse().unwrap();
        abacus_chassis::channel::channel(uri)
    }

    /// Calls a unary method with these bytes as message.
    pub(crate) async fn unary(&self, path: &'static str, message: impl Into<Bytes>) -> Result<Bytes, Status> {
        self.unary_request(path, tonic::Request::new(message.into())).await
    }

    pub(crate) async fn unary_request(
        &self,
        path: &'static str,
        request: tonic::Request<Bytes>,
    ) -> Result<Bytes, Status> {
        let mut client = tonic::client::Grpc::new(self.channel());
        client.ready().await.unwrap();
        let call = client.unary(request, http::uri::PathAndQuery::from_static(path), RawCodec);
        soon(call).await.map(tonic::Response::into_inner)
    }

    /// Calls a server-streaming method with these bytes as message.
    pub(crate) async fn streaming(
        &self,
        path: &'static str,
        message: impl Into<Bytes>,
    ) -> Result<Streaming<Bytes>, Status> {
        let mut client = tonic::client::Grpc::new(self.channel());
        client.ready().await.unwrap();
        let request = tonic::Request::new(message.into());
        let call = client.server_streaming(request, http::uri::PathAndQuery::from_static(path), RawCodec);
        soon(call).await.map(tonic::Response::into_inner)
    }

    /// Sends an HTTP/1.1 request as it stands and reads the answer until the end of the connection.
    pub(crate) async fn http(&self, head: &str, body: &[u8]) -> String {
        let mut tcp = TcpStream::connect(self.address).await.unwrap();
        let head = head.trim().replace('\n', "\r\n");
        let length = body.len();
        let head = format!("{head}\r\nhost: test\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        tcp.write_all(head.as_bytes()).await.unwrap();
        tcp.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        soon(tcp.read_to_end(&mut answer)).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// `Never` (unary) does not answer; `Bound` streams one message and then nothing, within the bounds of
/// streams; `Unbound` does so without bounds.
fn test_service(streams: Streams) -> axum::Router {
    axum::Router::new()
        .route("/test.Service/Never", post(async || std::future::pending::<()>().await))
        .route("/test.Service/Bound", post(move |request| answer_stream(request, Some(streams))))
        .route("/test.Service/Unbound", post(|request| answer_stream(request, None)))
}

type Messages = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;

async fn answer_stream(request: Request, streams: Option<Streams>) -> Response {
    let service = tower::service_fn(move |request: tonic::Request<Bytes>| {
        let streams = streams.clone();
        async move {
            let messages = stream::iter([Ok(Bytes::from_static(b"one"))]).chain(stream::pending());
            let messages: Messages = match streams {
                Some(streams) => streams.admit(request.metadata().as_ref())?.bind(messages).boxed(),
                None => messages.boxed(),
            };
            Ok::<_, Status>(tonic::Response::new(messages))
        }
    });
    tonic::server::Grpc::new(RawCodec).server_streaming(service, request).await.map(axum::body::Body::new)
}
