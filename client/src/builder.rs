//! The settings of a client.

use std::time::Duration;

use abacus_tasks::ClientName;
use tokio::runtime::Handle;

use crate::{Client, Error, connection};

/// How to reach Abacus, and how patiently. From [`Client::builder`].
#[derive(Clone)]
#[must_use]
pub struct Builder {
    pub(crate) endpoint: String,
    pub(crate) name: String,
    pub(crate) token: Option<String>,
    pub(crate) authorities: Vec<Vec<u8>>,
    pub(crate) settings: Settings,
}

/// The times and bounds of a client.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) call_timeout: Duration,
    pub(crate) keep_alive: Duration,
    pub(crate) silence: Duration,
    pub(crate) call_patience: Duration,
    pub(crate) stream_patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            call_timeout: Duration::from_secs(30),
            keep_alive: Duration::from_secs(15),
            silence: Duration::from_secs(30),
            call_patience: Duration::from_secs(15),
            stream_patience: Duration::from_mins(15),
        }
    }
}

impl Builder {
    pub(crate) fn new(endpoint: String) -> Self {
        let settings = Settings::default();
        Self { endpoint, name: "anonymous".to_owned(), token: None, authorities: Vec::new(), settings }
    }

    /// Who asks: 1 to 64 of the characters `A-Z a-z 0-9 . _ -`. Requests are listed and followed by this name. Default
    /// `anonymous`.
    pub fn client_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sends `authorization: Bearer <token>` with each call. Over `http://` anyone on the way can read it.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Trusts this certificate authority, in PEM, beside those of the system. For `https://` only. May be repeated.
    pub fn ca_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.authorities.push(pem.into());
        self
    }

    /// How long opening a connection may take. Default 5 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// How long one call may take, and the opening of a stream. Streams themselves have no end. Default 30 s.
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.settings.call_timeout = timeout;
        self
    }

    /// How often the connection is checked by an HTTP/2 ping; without an answer within a third of it, the connection is
    /// given up. Default 15 s.
    pub fn keep_alive(mut self, interval: Duration) -> Self {
        self.settings.keep_alive = interval;
        self
    }

    /// After how long without any frame a stream counts as cut. The mesh sends a heartbeat after 10 s of silence.
    /// Default 30 s.
    pub fn silence(mut self, silence: Duration) -> Self {
        self.settings.silence = silence;
        self
    }

    /// For how long a call is repeated that was cut or refused with a delay. Zero: never. Repeating is safe: a submission
    /// carries its request id, and what else is repeated changes nothing the second time. Default 15 s.
    pub fn call_patience(mut self, patience: Duration) -> Self {
        self.settings.call_patience = patience;
        self
    }

    /// For how long a stream that was cut tries to go on before it fails. Each frame that arrives begins the time anew.
    /// Default 15 minutes.
    pub fn stream_patience(mut self, patience: Duration) -> Self {
        self.settings.stream_patience = patience;
        self
    }

    /// Makes the client. It connects when it is first used, and again whenever it has to.
    ///
    /// # Errors
    /// [`Error::Setup`] when the endpoint, the name, the token or a certificate cannot be used, and outside of a tokio
    /// runtime; see [`blocking`](crate::blocking) for programs without one.
    pub fn build(self) -> Result<Client, Error> {
        let name: ClientName =
            self.name.parse().map_err(|malformed| Error::Setup(format!("the client's name {malformed}")))?;
        let runtime = Handle::try_current();
        let runtime =
            runtime.map_err(|_| Error::Setup("a client is made within a tokio runtime".to_owned()))?;
        let door = connection::door(&self)?;
        Ok(Client::new(door, name, runtime, self))
    }
}

/// The token is nobody's business.
impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { endpoint, name, token, authorities, settings } = self;
        f.debug_struct("Builder")
            .field("endpoint", endpoint)
            .field("name", name)
            .field("token", &token.as_ref().map(|_| "..."))
            .field("authorities", &authorities.len())
            .field("settings", settings)
            .finish()
    }
}
