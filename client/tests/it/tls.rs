//! Over TLS: to a server whose authority is known, with a token, and to nobody else.
//!
//! The certificates in `tls/` are of an authority of the tests, whose own key is gone; they name `localhost`.

use std::time::Duration;

use abacus_client::{Client, Error, Task};
use tonic::transport::{Identity, Server, ServerTlsConfig};

use crate::script::{Script, submitted};

const AUTHORITY: &str = include_str!("tls/authority.pem");

/// Serves one submission over TLS and tells the port.
async fn serve(script: &Script) -> u16 {
    // As every process of the mesh does first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let identity = Identity::from_pem(include_str!("tls/server.pem"), include_str!("tls/server.key"));
    let server = Server::builder().tls_config(ServerTlsConfig::new().identity(identity)).unwrap();
    script.submission(Ok(submitted(1)));
    script.serve_at(server).await
}

#[tokio::test]
async fn a_server_of_a_known_authority_is_called_with_the_token() {
    let script = Script::default();
    let endpoint = format!("https://localhost:{}", serve(&script).await);
    let client = Client::builder(endpoint).ca_certificate(AUTHORITY).token("secret").build().unwrap();
    client.submit(Task::fibonacci(7)).await.unwrap();
    assert_eq!(script.tokens(), [Some("Bearer secret".to_owned())]);
}

#[tokio::test]
async fn a_server_of_an_unknown_authority_is_told_nothing() {
    let script = Script::default();
    let endpoint = format!("https://localhost:{}", serve(&script).await);
    let client = Client::builder(endpoint).token("secret").call_patience(Duration::ZERO).build().unwrap();
    let error = client.submit(Task::fibonacci(7)).await.unwrap_err();
    let Error::Unreachable(unreachable) = &error else { panic!("{error:?}") };
    assert!(unreachable.cause.contains("certificate"), "{error}");
    assert!(script.tokens().is_empty());
}

#[tokio::test]
async fn what_is_no_certificate_is_told_before_anything_is_called() {
    let built = Client::builder("https://localhost").ca_certificate("no certificate").build();
    assert!(matches!(built, Err(Error::Setup(_))), "{built:?}");
}
