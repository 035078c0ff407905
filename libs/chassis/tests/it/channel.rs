//! Calls to other services of the mesh.

use abacus_chassis::channel::{channel, relayed};
use abacus_chassis::{Reason, Refusal};
use tokio::net::TcpListener;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use crate::harness::{Running, soon};

#[tokio::test]
async fn a_peer_that_is_away_is_told_as_such() {
    // A port that nobody listens on: bound to learn its number, then closed.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let mut client = HealthClient::new(channel(uri));
    let status = soon(client.check(HealthCheckRequest::default())).await.unwrap_err();
    let status = relayed("notifier", status);
    assert_eq!(Refusal::reason_of(&status), Some(Reason::PeerUnavailable));
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.get_details_retry_info().is_some());
    assert_eq!(status.get_details_resource_info().unwrap().resource_name, "notifier");
}

#[tokio::test]
async fn what_the_peer_refuses_is_relayed_as_it_was_said() {
    let port = Running::start().await;
    let mut client = HealthClient::new(port.channel());
    let request = HealthCheckRequest { service: "test.Other".to_owned() };
    let said = soon(client.check(request)).await.unwrap_err();
    let told = relayed("notifier", said.clone());
    assert_eq!(Refusal::reason_of(&told), Some(Reason::ServiceNotFound));
    assert_eq!((told.code(), told.message(), told.details()), (said.code(), said.message(), said.details()));
    assert!(told.metadata().is_empty());
}

#[tokio::test]
async fn a_status_of_the_transport_is_not_relayed() {
    let told = relayed("calculator", Status::internal("h2 protocol error: stream reset by 10.0.0.7"));
    assert_eq!(Refusal::reason_of(&told), Some(Reason::PeerUnavailable));
    assert!(!told.message().contains("10.0.0.7"));
}
