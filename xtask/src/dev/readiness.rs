//! Whether Redis and the public door answer.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(50);

/// How long one answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// How long Redis may take to read its file.
const REDIS_WITHIN: Duration = Duration::from_mins(1);

/// Waits until the server has loaded its data.
///
/// # Errors
/// When it has not within a minute.
pub(super) fn await_redis(address: SocketAddr) -> anyhow::Result<()> {
    let deadline = Instant::now() + REDIS_WITHIN;
    while !ask(address, "PING\r\n").is_ok_and(|answer| answer.starts_with("+PONG")) {
        if Instant::now() >= deadline {
            bail!("Redis does not answer at {address} after {REDIS_WITHIN:?}");
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// Waits until Envoy says that a gateway is healthy, for as long as it takes.
pub(super) fn await_door(address: SocketAddr) {
    let question = "GET /healthz HTTP/1.1\r\nhost: abacus\r\nconnection: close\r\n\r\n";
    while !ask(address, question).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
        thread::sleep(PAUSE);
    }
}

/// Asks, and reads the beginning of the answer.
fn ask(address: SocketAddr, question: &str) -> io::Result<String> {
    let mut connection = TcpStream::connect_timeout(&address, ANSWER_WITHIN)?;
    connection.set_read_timeout(Some(ANSWER_WITHIN))?;
    connection.write_all(question.as_bytes())?;
    let mut answer = [0; 64];
    let length = connection.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
}
