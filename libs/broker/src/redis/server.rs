//! Getting an answer from whoever serves the data, within bounded time, whatever happens to servers and connections.
//!
//! Everything sent from here may be sent twice: each script is safe to repeat, and so is each plain command.

use std::{sync::Arc, time::Duration};

use redis::{Cmd, ErrorKind, RedisResult, ServerErrorKind, Value, aio::MultiplexedConnection};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{
    link::Link,
    scripts::Call,
    topology::{Owner, Topology},
    trouble::{Pauses, Remedy, Trouble},
};
use crate::{Error, Result};

/// Sends commands to whoever serves their keys.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) topology: Topology,
    timeout: Duration,
}

/// Something to be sent.
#[derive(Clone, Copy)]
enum Request<'a> {
    Call(&'a Call),
    Command(&'a Cmd),
}

impl Server {
    /// `timeout` bounds every call, attempts and pauses together.
    pub(super) fn new(topology: Topology, timeout: Duration) -> Arc<Self> {
        Arc::new(Self { topology, timeout })
    }

    /// Runs a script.
    pub(super) async fn run(&self, call: &Call) -> Result<Value> {
        self.run_within(self.timeout, call).await
    }

    /// Runs a script, bounded by a limit of its own.
    pub(super) async fn run_within(&self, limit: Duration, call: &Call) -> Result<Value> {
        let answer = self.send(call.slot, Request::Call(call), limit.min(self.timeout)).await;
        answer.map_err(|trouble| Error::Unavailable(trouble.into_text()))
    }

    /// Sends a plain command to the owner of a slot.
    pub(super) async fn command(&self, slot: u16, command: &Cmd) -> Result<Value> {
        self.command_within(self.timeout, slot, command).await
    }

    /// Sends a plain command, bounded by a limit of its own.
    pub(super) async fn command_within(&self, limit: Duration, slot: u16, command: &Cmd) -> Result<Value> {
        let answer = self.send(slot, Request::Command(command), limit.min(self.timeout)).await;
        answer.map_err(|trouble| Error::Unavailable(trouble.into_text()))
    }

    /// Runs a script, telling more about a failure.
    pub(super) async fn try_run(&self, call: &Call) -> std::result::Result<Value, Trouble> {
        self.send(call.slot, Request::Call(call), self.timeout).await
    }

    /// Opens a connection of the caller's own to the owner of a slot.
    pub(super) async fn open(
        &self,
        slot: u16,
    ) -> std::result::Result<(MultiplexedConnection, Owner), Trouble> {
        let owner = self.topology.owner(slot).await?;
        match owner.link.open().await {
            Ok(connection) => Ok((connection, owner)),
            Err(error) => {
                self.topology.suspect(owner.generation);
                Err(Trouble::of(&error, &owner.link.address))
            }
        }
    }

    /// What every server that owns slots tells of itself, with its address.
    pub(super) async fn infos(&self) -> std::result::Result<Vec<(String, Value)>, Trouble> {
        let mut infos = Vec::new();
        for link in self.owners().await? {
            let (_, answer) = link.send(redis::cmd("INFO").arg(("server", "memory", "persistence"))).await;
            let info = answer.map_err(|error| Trouble::of(&error, &link.address))?;
            infos.push((link.address.to_string(), info));
        }
        Ok(infos)
    }

    /// Every server that owns slots, once they are known.
    async fn owners(&self) -> std::result::Result<Vec<Arc<Link>>, Trouble> {
        let deadline = Instant::now() + self.timeout;
        let mut pauses = Pauses::new();
        loop {
            match self.topology.owners().await {
                Err(trouble) if trouble.remedy != Remedy::None && Instant::now() < deadline => {
                    sleep(pauses.next()).await;
                }
                answer => return answer,
            }
        }
    }

    async fn send(
        &self,
        slot: u16,
        request: Request<'_>,
        limit: Duration,
    ) -> std::result::Result<Value, Trouble> {
        let deadline = Instant::now() + limit;
        // A share of the whole time, so that a silent server leaves some for another connection.
        let share = (limit * 2 / 5).min(Duration::from_secs(2));
        let mut pauses = Pauses::new();
        let mut last = None;
        loop {
            let trouble = match timeout_at(deadline, self.attempt(slot, request, share)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(trouble)) => trouble,
                Err(_) => return Err(last.unwrap_or_else(|| Trouble::lost("no answer in time".to_owned()))),
            };
            let pause = pauses.next();
            if trouble.remedy == Remedy::None || Instant::now() + pause >= deadline {
                return Err(trouble);
            }
            last = Some(trouble);
            sleep(pause).await;
        }
    }

    async fn attempt(
        &self,
        slot: u16,
        request: Request<'_>,
        share: Duration,
    ) -> std::result::Result<Value, Trouble> {
        let Owner { link, generation } = self.topology.owner(slot).await?;
        let before = link.number();
        let Ok((number, answer)) = timeout(share, exchange(&link, request)).await else {
            // The silent connection is the one from before, or one that was opened for this request.
            link.discard(if before == 0 { link.number() } else { before });
            self.topology.suspect(generation);
            return Err(Trouble::silence(&link.address));
        };
        answer.map_err(|error| {
            let trouble = Trouble::of(&error, &link.address);
            if trouble.remedy == Remedy::Reconnect {
                link.discard(number);
            }
            if matches!(trouble.remedy, Remedy::Reconnect | Remedy::Reroute) {
                self.topology.suspect(generation);
            }
            trouble
        })
    }
}

/// Sends a request over a link; a script that the server does not know goes again with its code.
async fn exchange(link: &Link, request: Request<'_>) -> (u64, RedisResult<Value>) {
    match request {
        Request::Command(command) => link.send(command).await,
        Request::Call(call) => match link.send(call.by_digest()).await {
            (_, Err(error)) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                link.send(&call.by_code()).await
            }
            answered => answered,
        },
    }
}
