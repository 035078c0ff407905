//! The connection to the mesh: one channel that all clones of a client share.

use rustls::pki_types::{CertificateDer, pem::PemObject};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};

use crate::{Builder, Error};

/// How much of one stream may be under way unread, in bytes: what a stream costs whose reader has stopped.
const STREAM_WINDOW: u32 = 1 << 20;

/// The same of the connection: the greatest window there is (RFC 9113, 6.9.1), so that one stream that is not read holds
/// up no other.
const CONNECTION_WINDOW: u32 = (1 << 31) - 1;

/// Where calls go.
pub(crate) type Door = InterceptedService<Channel, Bearer>;

/// Puts the token on each call, if there is one.
#[derive(Clone)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

/// A channel that connects when it is first used.
pub(crate) fn door(builder: &Builder) -> Result<Door, Error> {
    let channel = secured(endpoint(builder)?, builder)?.connect_lazy();
    Ok(InterceptedService::new(channel, bearer(builder.token.as_deref())?))
}

fn endpoint(builder: &Builder) -> Result<Endpoint, Error> {
    let hint = || {
        let message = "write where Abacus listens as http://host:port or https://host:port";
        Error::Setup(format!("{:?} is no endpoint: {message}", builder.endpoint))
    };
    let endpoint = Endpoint::from_shared(builder.endpoint.clone()).map_err(|_| hint())?;
    let uri = endpoint.uri();
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    if !matches!(uri.scheme_str(), Some("http" | "https")) || !has_host || uri.query().is_some() {
        return Err(hint());
    }
    let settings = &builder.settings;
    let agent = concat!("abacus-client/", env!("CARGO_PKG_VERSION"));
    let endpoint = endpoint.user_agent(agent).expect("letters, digits, a hyphen, a slash and dots");
    Ok(endpoint
        .connect_timeout(settings.connect_timeout)
        .http2_keep_alive_interval(settings.keep_alive)
        .keep_alive_timeout(settings.keep_alive / 3)
        .tcp_nodelay(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        // Frames that arrive for streams already left count as errors of the peer, and 1024 of them end the connection by
        // default. Streams are left all the time.
        .http2_max_local_error_reset_streams(None))
}

fn secured(endpoint: Endpoint, builder: &Builder) -> Result<Endpoint, Error> {
    if endpoint.uri().scheme_str() != Some("https") {
        if builder.authorities.is_empty() {
            return Ok(endpoint);
        }
        return Err(Error::Setup("a certificate authority needs an https:// endpoint".to_owned()));
    }
    for pem in &builder.authorities {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        if certificates.is_ok_and(|found| !found.is_empty()) {
            continue;
        }
        return Err(Error::Setup("a certificate authority is to be given as certificates in PEM".to_owned()));
    }
    // Fails when the program has chosen a provider of its own, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let authorities = builder.authorities.iter().map(Certificate::from_pem);
    let tls = ClientTlsConfig::new().with_native_roots().ca_certificates(authorities);
    endpoint.tls_config(tls).map_err(|error| Error::Setup(format!("TLS cannot be set up: {}", chain(&error))))
}

fn bearer(token: Option<&str>) -> Result<Bearer, Error> {
    let Some(token) = token else { return Ok(Bearer(None)) };
    let value = MetadataValue::try_from(format!("Bearer {token}"));
    let mut value = value.map_err(|_| Error::Setup("the token has characters no header can carry".into()))?;
    value.set_sensitive(true);
    Ok(Bearer(Some(value)))
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use crate::Client;

    #[tokio::test]
    async fn what_cannot_be_used_is_told_before_anything_is_called() {
        for endpoint in ["", "localhost:8080", "ftp://localhost", "http://", "http://a/?b=c", "http://a b"] {
            let error = Client::builder(endpoint).build().unwrap_err();
            assert!(error.to_string().contains("http://host:port"), "{endpoint}: {error}");
        }
        let plain = || Client::builder("http://127.0.0.1:1");
        assert!(plain().build().is_ok());
        assert!(Client::builder("https://abacus.example").build().is_ok());
        assert!(plain().token("line\nfeed").build().unwrap_err().to_string().contains("token"));
        assert!(plain().client_name("two words").build().unwrap_err().to_string().contains("name"));
        assert!(plain().ca_certificate("pem").build().unwrap_err().to_string().contains("https://"));
    }

    #[tokio::test]
    async fn the_token_is_not_shown() {
        let builder = Client::builder("http://127.0.0.1:1").token("secret");
        assert!(!format!("{builder:?}").contains("secret"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("secret"));
    }
}
