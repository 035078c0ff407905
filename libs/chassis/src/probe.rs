//! Asks a running service for its health: what a container's health check calls.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::channel::channel;

const TIMEOUT: Duration = Duration::from_secs(2);

/// Asks the service that listens on this address; an unspecified address (0.0.0.0, ::) means this host. The exit code
/// is 0 when it answers SERVING within 2 s, else 1. Prints nothing.
#[must_use]
pub fn probe(listen: SocketAddr) -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return ExitCode::FAILURE;
    };
    let serving = runtime.block_on(async { tokio::time::timeout(TIMEOUT, serves(listen)).await });
    if serving == Ok(true) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn serves(listen: SocketAddr) -> bool {
    let peer = format!("http://{}", reachable(listen)).parse();
    let Ok(peer) = peer else { return false };
    let answer = HealthClient::new(channel(peer)).check(HealthCheckRequest::default()).await;
    answer.is_ok_and(|answer| answer.get_ref().status() == ServingStatus::Serving)
}

/// Where this host reaches what listens on that address.
fn reachable(mut listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => listen.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => listen.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    listen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unspecified_address_is_asked_on_this_host() {
        let reached = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(reached("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(reached("[::]:8080"), "[::1]:8080");
        assert_eq!(reached("10.1.2.3:8080"), "10.1.2.3:8080");
    }
}
