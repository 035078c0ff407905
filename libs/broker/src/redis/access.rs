//! How to open a connection to one server of the broker.

use std::{sync::Arc, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion,
    RedisConnectionInfo, RedisResult, TlsCertificates,
    aio::MultiplexedConnection,
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
};

use super::url::{Address, RedisUrl};

/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long sent data may stay unacknowledged before the connection counts as dead.
const USER_TIMEOUT: Duration = Duration::from_secs(5);

/// Credentials and settings of connections.
#[derive(Debug, Clone)]
pub(super) struct Access {
    settings: RedisConnectionInfo,
    transport: Transport,
}

/// What a connection runs over.
#[derive(Debug, Clone)]
enum Transport {
    Plain,
    /// TLS, trusting the system's certificates.
    Tls,
    /// TLS, trusting these certificates, in PEM.
    TlsWith(Arc<[u8]>),
}

impl Access {
    pub(super) fn new(url: &RedisUrl, roots: Option<Arc<[u8]>>) -> Self {
        let mut settings = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP3)
            .set_db(url.database)
            .set_skip_set_lib_name();
        if let Some(user) = &url.user {
            settings = settings.set_username(user);
        }
        if let Some(password) = &url.password {
            settings = settings.set_password(password);
        }
        if url.tls {
            // Were a second provider compiled in, the choice would not be made by itself.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let transport = match roots {
            _ if !url.tls => Transport::Plain,
            None => Transport::Tls,
            Some(roots) => Transport::TlsWith(roots),
        };
        Self { settings, transport }
    }

    /// The same without credentials and database: what sentinels usually expect.
    pub(super) fn anonymous(&self) -> Self {
        let settings =
            RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3).set_skip_set_lib_name();
        Self { settings, transport: self.transport.clone() }
    }

    /// The same without a database.
    pub(super) fn without_database(&self) -> Self {
        Self { settings: self.settings.clone().set_db(0), transport: self.transport.clone() }
    }

    /// Opens a connection. Commands on it wait for their answers without limit: the caller limits.
    pub(super) async fn open(&self, address: &Address) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(None);
        self.client(address)?.get_multiplexed_async_connection_with_config(&config).await
    }

    fn client(&self, address: &Address) -> RedisResult<Client> {
        let Address { host, port } = address.clone();
        if let Transport::Plain = self.transport {
            return Client::open(self.info(ConnectionAddr::Tcp(host, port))?);
        }
        let info = self.info(ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None })?;
        match &self.transport {
            Transport::TlsWith(roots) => {
                let root_cert = Some(roots.to_vec());
                Client::build_with_tls(info, TlsCertificates { client_tls: None, root_cert })
            }
            Transport::Plain | Transport::Tls => Client::open(info),
        }
    }

    fn info(&self, address: ConnectionAddr) -> RedisResult<ConnectionInfo> {
        let keepalive = TcpKeepalive::new().with_time(USER_TIMEOUT).with_interval(Duration::from_secs(1));
        let tcp = TcpSettings::default()
            .set_nodelay(true)
            .set_keepalive(keepalive.with_retries(3))
            .set_user_timeout(USER_TIMEOUT);
        let info = address.into_connection_info()?;
        Ok(info.set_redis_settings(self.settings.clone()).set_tcp_settings(tcp))
    }
}
