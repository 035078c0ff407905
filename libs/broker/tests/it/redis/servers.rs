//! Servers as the tests of the broker need them: asked past it, and several together.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use redis::FromRedisValue;

pub(crate) use super::server::{Server, free_ports, wait_until};

impl Server {
    /// A sentinel, which keeps what it knows in a file.
    fn start_sentinel(port: u16) -> Self {
        Self::launch(port, &["--sentinel"])
    }

    /// Sends a command, past the broker.
    pub(crate) fn ask<T: FromRedisValue>(&self, command: &[&str]) -> T {
        let mut connection = self.connection().expect("the server answers");
        let (name, arguments) = command.split_first().expect("a command has a name");
        redis::cmd(name).arg(arguments).query(&mut connection).expect("the command is well-formed")
    }

    pub(crate) fn connection(&self) -> redis::RedisResult<redis::Connection> {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.port))?;
        client.get_connection_with_timeout(Duration::from_secs(1))
    }
}

/// Three masters with a replica each.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Server>,
}

/// A master, a replica, and a sentinel that watches them as the service `main`.
pub(crate) struct Guarded {
    pub(crate) servers: Vec<Server>,
    pub(crate) sentinel: Server,
}

impl Cluster {
    pub(crate) fn start() -> Self {
        let ports = free_ports(12);
        let (ports, bus_ports) = ports.split_at(6);
        let start = |(port, bus): (&u16, &u16)| {
            let bus = bus.to_string();
            let settings =
                ["--cluster-port", &bus, "--cluster-config-file", "nodes.conf", "--appendonly", "yes"];
            let cluster = [
                "--cluster-enabled",
                "yes",
                "--cluster-node-timeout",
                "1500",
                "--repl-diskless-sync-delay",
                "0",
            ];
            Server::start_on(*port, &[&settings[..], &cluster[..]].concat())
        };
        let nodes: Vec<_> = ports.iter().zip(bus_ports).map(start).collect();
        let mut create = Command::new("redis-cli");
        create.args(["--cluster", "create"]).args(ports.iter().map(|port| format!("127.0.0.1:{port}")));
        create.args(["--cluster-replicas", "1", "--cluster-yes"]).stdout(Stdio::null());
        assert!(create.status().expect("redis-cli of Debian's package redis-tools").success());
        let cluster = Self { nodes };
        cluster.await_ready();
        cluster
    }

    /// `redis+cluster://` and its nodes.
    pub(crate) fn url(&self) -> String {
        let nodes: Vec<_> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        format!("redis+cluster://{}", nodes.join(","))
    }

    /// Waits until every node agrees that all is well and every master has a replica that follows it.
    fn await_ready(&self) {
        let ready = |node: &Server| {
            let info: String = node.ask(&["CLUSTER", "INFO"]);
            let replication: String = node.ask(&["INFO", "replication"]);
            info.contains("cluster_state:ok")
                && info.contains("cluster_known_nodes:6")
                && (replication.contains("master_link_status:up") || replication.contains("state=online"))
        };
        wait_until("the cluster is ready", || self.nodes.iter().all(ready));
    }
}

impl Guarded {
    pub(crate) fn start() -> Self {
        let ports = free_ports(3);
        let master_port = ports[0].to_string();
        let master = Server::start_on(ports[0], &["--repl-diskless-sync-delay", "0"]);
        let replica_of = ["--replicaof", "127.0.0.1", &master_port];
        let replica = Server::start_on(ports[1], &replica_of);
        let sentinel = Server::start_sentinel(ports[2]);
        let () = sentinel.ask(&["SENTINEL", "MONITOR", "main", "127.0.0.1", &master_port, "1"]);
        for (setting, millis) in [("down-after-milliseconds", "500"), ("failover-timeout", "3000")] {
            let () = sentinel.ask(&["SENTINEL", "SET", "main", setting, millis]);
        }
        wait_until("the sentinel knows the replica", || {
            let replicas: redis::Value = sentinel.ask(&["SENTINEL", "REPLICAS", "main"]);
            let online: String = master.ask(&["INFO", "replication"]);
            matches!(replicas, redis::Value::Array(replicas) if !replicas.is_empty())
                && online.contains("state=online")
        });
        Self { servers: vec![master, replica], sentinel }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis+sentinel://127.0.0.1:{}/main", self.sentinel.port)
    }
}
