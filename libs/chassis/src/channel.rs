//! Connections to other services of the mesh.
//!
//! A channel is made without connecting, connects when it is first used, and again whenever it has to. A peer
//! that is away, hangs or has vanished behind a dead network shows as [`Reason::PeerUnavailable`] within
//! seconds: connecting has a time-out, and pings tell a silent connection from a dead one, also when no call
//! is open.

use std::time::Duration;

use http::Uri;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use crate::refusal::{Reason, Refusal};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const PING_INTERVAL: Duration = Duration::from_secs(5);
const PING_TIMEOUT: Duration = Duration::from_secs(3);
/// How much of one stream may be under way unread, in bytes.
const STREAM_WINDOW: u32 = 256 * 1024;
/// The same of a connection: the greatest window there is (RFC 9113, 6.9.1).
const CONNECTION_WINDOW: u32 = (1 << 31) - 1;

/// A channel to the service at this address (see [`crate::config::peer`]).
///
/// # Panics
/// Outside of a tokio runtime.
#[must_use]
pub fn channel(peer: Uri) -> Channel {
    Endpoint::from(peer)
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .keep_alive_while_idle(true)
        .tcp_nodelay(true)
        // Unread data of streams whose callers have stopped reading counts against the connection: with a smaller
        // window a few of them would stop all others. Each is bounded by its own.
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        // Frames that arrive for streams already left count as errors of the peer, and 1024 of them end the
        // connection by default, with all its other streams. Callers leave streams all the time.
        .http2_max_local_error_reset_streams(None)
        .connect_lazy()
}

/// What a caller is told when a call to a peer has failed: what the peer said if it was a refusal of Abacus,
/// else that the peer (`name`, as in `notifier`) cannot be reached.
#[must_use]
pub fn relayed(name: &str, status: Status) -> Status {
    if Refusal::reason_of(&status).is_some() {
        // The peer's headers concern the connection to the peer only.
        return Status::with_details(status.code(), status.message(), status.details().to_vec().into());
    }
    Refusal::new(Reason::PeerUnavailable, format!("the {name} cannot be reached; ask again later"))
        .resource("service", name)
        .caused_by(status)
        .into()
}
