//! Reading notices. Their ids are 0-1, 0-2, ... without holes, so that the ids alone tell whether some were missed.

use std::sync::Arc;

use redis::{RedisError, RedisResult, Value, aio::MultiplexedConnection};
use tokio::{
    sync::oneshot,
    time::{Duration, Instant, sleep, timeout},
};

use super::{
    Redis,
    blocking::{self, Idle},
    keys::Base,
    reply,
    server::Server,
    trouble::{Pauses, Remedy, Trouble},
};
use crate::{Error, Notice, Notices, Position, Result};

/// How many notices are read at once.
const READ_COUNT: usize = 1_000;
/// How long one read waits at the server.
const READ: Duration = Duration::from_secs(2);
/// How long a read that waits for nothing may take.
const ANSWER: Duration = Duration::from_secs(2);

/// A call that waits for notices.
struct Wait {
    base: Base,
    after: Position,
    deadline: Instant,
    /// For how long trouble is borne.
    patience: Duration,
    server: Arc<Server>,
    idle: Arc<Idle>,
}

impl Redis {
    pub(super) async fn do_notices(
        &self,
        partition: u16,
        after: Option<Position>,
        wait: Duration,
    ) -> Result<Notices> {
        let base = self.keys.partitions().get(usize::from(partition));
        let base =
            base.ok_or_else(|| Error::Unavailable(format!("there is no partition {partition}")))?.clone();
        let Some(after) = after else {
            let newest = self.server.command(base.slot, &newest(&base)).await?;
            return Ok(Notices { next: position_of_newest(newest), ..Notices::default() });
        };
        let waiting = Wait {
            base,
            after,
            deadline: Instant::now() + wait,
            patience: self.settings.timeout,
            server: self.server.clone(),
            idle: self.idle.clone(),
        };
        let (answer, answered) = oneshot::channel();
        blocking::spawn(waiting.run(answer));
        answered
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("the reader of notices has ended".to_owned())))
    }
}

impl Wait {
    /// Reads until there is an answer, the time is over, or nobody waits for the answer any more.
    async fn run(self, answer: oneshot::Sender<Result<Notices>>) {
        let mut pauses = Pauses::new();
        let mut trouble_since = None;
        while !answer.is_closed() {
            match self.read().await {
                Ok(Some(notices)) => {
                    // A caller who has gone away reads the same again.
                    let _ = answer.send(Ok(notices));
                    return;
                }
                Ok(None) => trouble_since = None,
                Err(trouble) => {
                    let since = *trouble_since.get_or_insert_with(Instant::now);
                    if trouble.remedy == Remedy::None || since.elapsed() >= self.patience {
                        let _ = answer.send(Err(Error::Unavailable(trouble.into_text())));
                        return;
                    }
                    sleep(pauses.next()).await;
                }
            }
        }
    }

    /// One read; `None` when there was nothing and there is time left.
    async fn read(&self) -> std::result::Result<Option<Notices>, Trouble> {
        let slot = self.base.slot;
        let (mut connection, owner) = match self.idle.take(slot) {
            Some(idle) => idle,
            None => self.server.open(slot).await?,
        };
        match self.read_over(&mut connection).await {
            Ok(notices) => {
                self.idle.put(slot, (connection, owner));
                Ok(notices)
            }
            Err(error) => {
                let trouble = Trouble::of(&error, &owner.link.address);
                self.idle.clear(slot);
                self.server.topology.suspect(owner.generation);
                Err(trouble)
            }
        }
    }

    async fn read_over(&self, connection: &mut MultiplexedConnection) -> RedisResult<Option<Notices>> {
        let newest = bounded(ANSWER, newest(&self.base).query_async(connection)).await?;
        let newest = position_of_newest(newest);
        if newest < self.after {
            // The position is of a keyspace that is gone.
            return Ok(Some(Notices { notices: Vec::new(), next: newest, gap: true }));
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        if newest == self.after && left.is_zero() {
            return Ok(Some(Notices { next: self.after, ..Notices::default() }));
        }
        let mut read = redis::cmd("XREAD");
        read.arg("COUNT").arg(READ_COUNT).arg("BLOCK").arg(blocking::millis(left.min(READ)));
        read.arg("STREAMS").arg(self.base.key("notices")).arg(format!("{}-{}", self.after.0, self.after.1));
        let entries = bounded(READ + ANSWER, read.query_async(connection)).await?;
        Ok(notices(entries, self.after))
    }
}

async fn bounded(time: Duration, reading: impl Future<Output = RedisResult<Value>>) -> RedisResult<Value> {
    let silence = || RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
    timeout(time, reading).await.map_err(|_| silence())?
}

fn newest(base: &Base) -> redis::Cmd {
    let mut command = redis::cmd("XREVRANGE");
    command.arg(base.key("notices")).arg(("+", "-", "COUNT", 1));
    command
}

fn position_of_newest(entries: Value) -> Position {
    let newest = reply::list(entries).pop().and_then(|entry| reply::list(entry).into_iter().next());
    newest.and_then(position).unwrap_or_default()
}

/// Reads `0-<number>`.
fn position(id: Value) -> Option<Position> {
    let id = reply::string(id)?;
    let (epoch, number) = id.split_once('-')?;
    Some(Position(epoch.parse().ok()?, number.parse().ok()?))
}

/// Reads the answer of `XREAD` over one stream; `None` when it brought nothing.
fn notices(answer: Value, after: Position) -> Option<Notices> {
    let (_, entries) = reply::map(flattened(answer)).into_iter().next()?;
    let mut read = Notices::default();
    for entry in reply::list(entries) {
        let mut parts = reply::list(entry).into_iter();
        let at = parts.next().and_then(position)?;
        if read.next == Position::default() {
            read.gap = at.1 > after.1 + 1;
        }
        read.next = at;
        read.notices.extend(parts.next().and_then(notice));
    }
    Some(read)
}

/// Older versions of the protocol give `[[stream, entries]]` for the map of newer ones.
fn flattened(answer: Value) -> Value {
    match answer {
        Value::Array(mut streams) if streams.len() == 1 => streams.remove(0),
        answer => answer,
    }
}

fn notice(fields: Value) -> Option<Notice> {
    let (mut job, mut sequence, mut client) = (None, None, None);
    for (field, value) in reply::map(fields) {
        match reply::string(field)?.as_str() {
            "k" => return Some(Notice::Kind { kind: reply::string(value)? }),
            "j" => job = reply::string(value)?.parse().ok(),
            "s" => sequence = reply::number(value),
            "c" => client = reply::string(value)?.parse().ok(),
            _ => {}
        }
    }
    Some(Notice::Job { job: job?, sequence: sequence?, client })
}

#[cfg(test)]
mod tests {
    use abacus_tasks::JobId;

    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn a_hole_between_the_position_and_the_first_notice_is_a_gap() {
        let job = JobId::derive("sum2", b"x");
        let fields = [text("j"), text(job.as_str()), text("s"), text("3"), text("c"), text("alice")];
        let entry = Value::Array(vec![text("0-7"), Value::Array(fields.to_vec())]);
        let answer = Value::Map(vec![(text("stream"), Value::Array(vec![entry]))]);
        let read = notices(answer.clone(), Position(0, 6)).unwrap();
        let client = "alice".parse().ok();
        assert_eq!(read.notices, [Notice::Job { job, sequence: 3, client }]);
        assert_eq!((read.next, read.gap), (Position(0, 7), false));
        assert!(notices(answer, Position(0, 5)).unwrap().gap);
        assert!(notices(Value::Nil, Position(0, 5)).is_none());
    }
}
