//! Health and reflection as a client sees them.

use std::process::ExitCode;

use abacus_chassis::{Reason, Refusal};
use futures_util::{StreamExt as _, stream};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::harness::{NAME, Running, soon};

fn about(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

#[tokio::test]
async fn health_follows_readiness() {
    let port = Running::start().await;
    let mut client = HealthClient::new(port.channel());
    for service in ["", NAME] {
        let mut check = async || soon(client.check(about(service))).await.unwrap().into_inner().status();
        assert_eq!(check().await, ServingStatus::NotServing);
        port.readiness.serving();
        assert_eq!(check().await, ServingStatus::Serving);
        port.readiness.not_serving();
        assert_eq!(check().await, ServingStatus::NotServing);
    }
    let status = soon(client.check(about("test.Other"))).await.unwrap_err();
    assert_eq!(Refusal::reason_of(&status), Some(Reason::ServiceNotFound));
}

#[tokio::test]
async fn watchers_see_each_change_and_not_serving_before_the_end() {
    let port = Running::start().await;
    let mut client = HealthClient::new(port.channel());
    let mut statuses = soon(client.watch(about(NAME))).await.unwrap().into_inner();
    let mut unknown = soon(client.watch(about("test.Other"))).await.unwrap().into_inner();
    assert_eq!(soon(statuses.message()).await.unwrap().unwrap().status(), ServingStatus::NotServing);
    assert_eq!(soon(unknown.message()).await.unwrap().unwrap().status(), ServingStatus::ServiceUnknown);
    port.readiness.serving();
    assert_eq!(soon(statuses.message()).await.unwrap().unwrap().status(), ServingStatus::Serving);

    port.life.stop();
    assert_eq!(soon(statuses.message()).await.unwrap().unwrap().status(), ServingStatus::NotServing);
    let status = soon(statuses.message()).await.unwrap_err();
    assert_eq!(Refusal::reason_of(&status), Some(Reason::ShuttingDown));
    assert_eq!(soon(port.life.finish()).await, ExitCode::SUCCESS);
}

fn list() -> ServerReflectionRequest {
    ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    }
}

#[tokio::test]
async fn reflection_lists_the_services() {
    let port = Running::start().await;
    let mut client = ServerReflectionClient::new(port.channel());
    let mut answers = soon(client.server_reflection_info(stream::iter([list()]))).await.unwrap().into_inner();
    let answer = soon(answers.message()).await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(services)) = answer.message_response else {
        panic!("{answer:?}");
    };
    let names: Vec<_> = services.service.iter().map(|service| service.name.as_str()).collect();
    assert!(names.contains(&"grpc.health.v1.Health"), "{names:?}");
    assert!(soon(answers.message()).await.unwrap().is_none());
}

#[tokio::test]
async fn an_open_reflection_stream_does_not_hold_up_the_shutdown() {
    let port = Running::start().await;
    let mut client = ServerReflectionClient::new(port.channel());
    let requests = stream::iter([list()]).chain(stream::pending());
    let mut answers = soon(client.server_reflection_info(requests)).await.unwrap().into_inner();
    assert!(soon(answers.message()).await.unwrap().is_some());
    port.life.stop();
    assert!(soon(answers.message()).await.unwrap().is_none());
    assert_eq!(soon(port.life.finish()).await, ExitCode::SUCCESS);
}
