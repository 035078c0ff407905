//! How a port ends: gently where it can, at the cut where it must.

use std::process::ExitCode;
use std::time::Duration;

use abacus_chassis::{Reason, Refusal, ServerSettings};
use bytes::Bytes;
use tokio::net::TcpStream;

use crate::harness::{Running, soon};

#[tokio::test]
async fn at_the_soft_stop_streams_end_with_a_refusal_and_the_port_closes() {
    let port = Running::start().await;
    let mut stream = port.streaming("/test.Service/Bound", Bytes::new()).await.unwrap();
    assert_eq!(soon(stream.message()).await.unwrap().unwrap(), "one");
    port.life.stop();
    let status = soon(stream.message()).await.unwrap_err();
    assert_eq!(Refusal::reason_of(&status), Some(Reason::ShuttingDown));
    assert_eq!(soon(port.life.finish()).await, ExitCode::SUCCESS);
    assert!(TcpStream::connect(port.address).await.is_err());
}

#[tokio::test]
async fn what_does_not_end_is_cut_after_the_grace_period() {
    let settings = ServerSettings { grace: Duration::from_millis(100), ..ServerSettings::default() };
    let port = Running::start_with(settings, |port| port).await;
    let mut stream = port.streaming("/test.Service/Unbound", Bytes::new()).await.unwrap();
    assert_eq!(soon(stream.message()).await.unwrap().unwrap(), "one");
    port.life.stop();
    let (status, code) = tokio::join!(soon(stream.message()), soon(port.life.finish()));
    assert_eq!(Refusal::reason_of(&status.unwrap_err()), None);
    assert_eq!(code, ExitCode::FAILURE);
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_shutdown() {
    let port = Running::start().await;
    port.unary("/grpc.health.v1.Health/Check", Bytes::new()).await.unwrap();
    let _http = TcpStream::connect(port.address).await.unwrap();
    let _channel = port.channel();
    port.life.stop();
    assert_eq!(soon(port.life.finish()).await, ExitCode::SUCCESS);
}
