//! Who serves which keys: always the same server, the one that the sentinels name, or the nodes of a cluster.
//!
//! One idea for the three: a map from slots to links, made anew when a server's behaviour suggests that it is out of
//! date. The cluster client of the redis crate is not used: readers that block need to know the owner of a slot
//! themselves, and that client repeats commands on its own, outside the time limit and the rules of this one.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::RwLock;
use redis::{Cmd, ErrorKind, RedisResult, Value};
use tokio::{sync::Mutex, time::timeout};

use super::{
    access::Access,
    link::Link,
    reply,
    slot::SLOTS,
    trouble::Trouble,
    url::{Address, Place},
};

/// How long one server is waited for when it is asked who serves the data.
const ASK_TIMEOUT: Duration = Duration::from_secs(1);

/// Knows who serves which slot.
#[derive(Debug)]
pub(super) struct Topology {
    place: Place,
    access: Access,
    map: RwLock<Map>,
    /// Lets one caller ask while the others wait for the answer.
    asking: Mutex<()>,
}

/// What was found out last.
#[derive(Debug, Default)]
struct Map {
    generation: u64,
    stale: bool,
    /// The last slot of each range with its owner, in ascending order.
    owners: Vec<(u16, Arc<Link>)>,
}

/// The owner of a slot, as of one generation of the map.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub(super) link: Arc<Link>,
    pub(super) generation: u64,
}

impl Topology {
    pub(super) fn new(place: Place, access: Access) -> Self {
        let map = Map { stale: true, ..Map::default() };
        Self { place, access, map: RwLock::new(map), asking: Mutex::new(()) }
    }

    /// The owner of a slot.
    pub(super) async fn owner(&self, slot: u16) -> Result<Owner, Trouble> {
        if let Some(owner) = self.known(slot) {
            return Ok(owner);
        }
        let _asking = self.asking.lock().await;
        if let Some(owner) = self.known(slot) {
            return Ok(owner);
        }
        let ranges = self.ask().await?;
        self.learn(ranges);
        self.known(slot).ok_or_else(|| Trouble::lost(format!("no node of the cluster serves slot {slot}")))
    }

    /// Every server that owns slots.
    pub(super) async fn owners(&self) -> Result<Vec<Arc<Link>>, Trouble> {
        self.owner(0).await?;
        let mut links: Vec<Arc<Link>> = Vec::new();
        for (_, link) in &self.map.read().owners {
            if !links.iter().any(|known| known.address == link.address) {
                links.push(link.clone());
            }
        }
        Ok(links)
    }

    /// Gives every connection up: each is opened anew by whoever needs it next.
    pub(super) fn hang_up(&self) {
        for (_, link) in &self.map.read().owners {
            link.discard(link.number());
        }
    }

    /// Notes that the map of this generation may be out of date.
    pub(super) fn suspect(&self, generation: u64) {
        let mut map = self.map.write();
        map.stale |= map.generation == generation;
    }

    fn known(&self, slot: u16) -> Option<Owner> {
        let map = self.map.read();
        if map.stale {
            return None;
        }
        let place = map.owners.partition_point(|(last, _)| *last < slot);
        let (_, link) = map.owners.get(place)?;
        Some(Owner { link: link.clone(), generation: map.generation })
    }

    /// Takes the answer over; servers that stay keep their connections.
    fn learn(&self, ranges: Vec<(u16, Address)>) {
        let mut map = self.map.write();
        let mut links: HashMap<Address, Arc<Link>> =
            map.owners.drain(..).map(|(_, link)| (link.address.clone(), link)).collect();
        let owners = ranges.into_iter().map(|(last, address)| {
            let link = links
                .entry(address)
                .or_insert_with_key(|address| Link::new(address.clone(), self.access.clone()));
            (last, link.clone())
        });
        map.owners = owners.collect();
        map.stale = false;
        map.generation += 1;
    }

    async fn ask(&self) -> Result<Vec<(u16, Address)>, Trouble> {
        match &self.place {
            Place::Single(address) => Ok(vec![(SLOTS - 1, address.clone())]),
            Place::Sentinel { sentinels, service } => {
                let master = self.ask_sentinels(sentinels, service).await?;
                Ok(vec![(SLOTS - 1, master)])
            }
            Place::Cluster(seeds) => self.ask_cluster(seeds).await,
        }
    }

    /// The master that a sentinel names and that takes itself for one. Sentinels disagree for a while after a
    /// failover, so that each is asked until one is right.
    async fn ask_sentinels(&self, sentinels: &[Address], service: &str) -> Result<Address, Trouble> {
        let mut last = Trouble::lost(format!("no sentinel knows the service {service:?}"));
        let mut question = redis::cmd("SENTINEL");
        question.arg("GET-MASTER-ADDR-BY-NAME").arg(service);
        for sentinel in sentinels {
            let named = match self.ask_sentinel(sentinel, &question).await {
                Ok(answer) => reply::strings(answer),
                Err(trouble) => {
                    last = trouble;
                    continue;
                }
            };
            let [host, port] = named.as_slice() else { continue };
            let Ok(port) = port.parse() else { continue };
            let address = Address { host: host.clone(), port };
            match self.ask_server(&self.access, &address, &redis::cmd("ROLE")).await {
                Ok(role) if is_master(&role) => return Ok(address),
                Ok(_) => {
                    last = Trouble::lost(format!("{address} is named as master of {service:?} and is none"));
                }
                Err(trouble) => last = trouble,
            }
        }
        Err(last)
    }

    /// Asks a sentinel without credentials, and with those of the servers when it demands some.
    async fn ask_sentinel(&self, sentinel: &Address, question: &Cmd) -> Result<Value, Trouble> {
        let answer = exchange(&self.access.anonymous(), sentinel, question).await;
        let demands = |error: &redis::RedisError| {
            error.code() == Some("NOAUTH") || error.kind() == ErrorKind::AuthenticationFailed
        };
        match answer {
            Some(Err(error)) if demands(&error) => {
                self.ask_server(&self.access.without_database(), sentinel, question).await
            }
            answer => checked(answer, sentinel),
        }
    }

    /// The ranges that the first node to answer knows of.
    async fn ask_cluster(&self, seeds: &[Address]) -> Result<Vec<(u16, Address)>, Trouble> {
        let mut nodes: Vec<Address> =
            self.map.read().owners.iter().map(|(_, link)| link.address.clone()).collect();
        nodes.dedup();
        nodes.extend(seeds.iter().cloned());
        let mut last = Trouble::lost("no node of the cluster is known".to_owned());
        for node in &nodes {
            match self.ask_server(&self.access, node, redis::cmd("CLUSTER").arg("SLOTS")).await {
                Ok(answer) => match ranges(answer, node) {
                    ranges if ranges.is_empty() => {
                        last = Trouble::lost(format!("{node} knows of no slots: is the cluster formed?"));
                    }
                    ranges => return Ok(ranges),
                },
                Err(trouble) => last = trouble,
            }
        }
        Err(last)
    }

    async fn ask_server(&self, access: &Access, address: &Address, question: &Cmd) -> Result<Value, Trouble> {
        checked(exchange(access, address, question).await, address)
    }
}

/// Asks over a connection of its own, which closes afterwards; `None` when nothing came in time.
async fn exchange(access: &Access, address: &Address, question: &Cmd) -> Option<RedisResult<Value>> {
    let asked = async {
        let mut connection = access.open(address).await?;
        question.query_async(&mut connection).await
    };
    timeout(ASK_TIMEOUT, asked).await.ok()
}

fn checked(answer: Option<RedisResult<Value>>, address: &Address) -> Result<Value, Trouble> {
    match answer {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(Trouble::of(&error, address)),
        None => Err(Trouble::silence(address)),
    }
}

/// Reads the answer of `ROLE`: a list that begins with the role.
fn is_master(role: &Value) -> bool {
    let Value::Array(parts) = role else { return false };
    parts.first().cloned().and_then(reply::string).as_deref() == Some("master")
}

/// Reads the answer of `CLUSTER SLOTS`: `[first, last, [host, port, ...], replicas...]` for each range. A node that
/// does not know its own name stands without a host.
fn ranges(answer: Value, asked: &Address) -> Vec<(u16, Address)> {
    let range = |range: Value| {
        let mut parts = reply::list(range).into_iter().skip(1);
        let last = u16::try_from(reply::int(parts.next()?)?).ok()?;
        let mut master = reply::list(parts.next()?).into_iter();
        let host = reply::string(master.next()?).filter(|host| !host.is_empty() && host != "?");
        let port = u16::try_from(reply::int(master.next()?)?).ok()?;
        Some((last, Address { host: host.unwrap_or_else(|| asked.host.clone()), port }))
    };
    let mut ranges: Vec<_> = reply::list(answer).into_iter().filter_map(range).collect();
    ranges.sort_unstable_by_key(|(last, _)| *last);
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_a_nameless_node_is_the_one_that_was_asked() {
        let asked = Address { host: "seed".to_owned(), port: 7000 };
        let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        let node = |host: Value, port| Value::Array(vec![host, Value::Int(port), text("id")]);
        let answer = Value::Array(vec![
            Value::Array(vec![Value::Int(8192), Value::Int(16383), node(text("b"), 2)]),
            Value::Array(vec![Value::Int(0), Value::Int(8191), node(Value::Nil, 1), node(text("c"), 3)]),
        ]);
        let seed = Address { host: "seed".to_owned(), port: 1 };
        let other = Address { host: "b".to_owned(), port: 2 };
        assert_eq!(ranges(answer, &asked), [(8191, seed), (16383, other)]);
        assert!(ranges(Value::Nil, &asked).is_empty());
    }
}
