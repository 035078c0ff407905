//! What is started, with which settings, where.

use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use super::edge::{self, Places};
use super::ports::Ports;
use super::program::Program;
use super::{Options, certificate, output};
use crate::workspace::Workspace;

/// The packages of the services; each makes a program of its name.
pub(super) const SERVICES: [&str; 3] = ["abacus-gateway", "abacus-notifier", "abacus-calculator"];

/// How long a service may drain, as `ABACUS_GRACE` takes it: whoever works on Abacus does not wait long for its end.
const GRACE: &str = "3s";

/// Everything that is to run.
#[derive(Debug)]
pub(super) struct Plan {
    /// Starts first and stops last.
    pub(super) redis: Program,
    pub(super) redis_at: SocketAddr,
    /// The services and Envoy, in no order.
    pub(super) others: Vec<Program>,
    /// Where `/healthz` is answered without TLS.
    pub(super) health_at: SocketAddr,
    /// Where clients go.
    pub(super) url: String,
}

/// What each service is told.
struct Services<'a> {
    binaries: &'a Path,
    broker: String,
}

impl Plan {
    /// Chooses ports and writes Envoy's file, and its certificate with `--tls`, into `directory`.
    ///
    /// # Errors
    /// When the port is taken, or a file cannot be read or written.
    pub(super) fn new(
        workspace: &Workspace,
        options: &Options,
        binaries: &Path,
        directory: &Path,
    ) -> anyhow::Result<Self> {
        let mut ports = Ports::new();
        let public = ports.public(options.port)?;
        let mut some = |count: u16| (0..count).map(|_| ports.next()).collect::<anyhow::Result<Vec<_>>>();
        let (gateways, notifiers) = (some(options.gateways)?, some(options.notifiers)?);
        let calculators = some(options.calculators)?;
        let [redis, internal, admin, plain] = some(4)?[..] else { unreachable!("four were asked for") };

        let tls = options.tls.then_some((plain, directory));
        let places = Places {
            public,
            internal,
            admin,
            tls,
            gateways: &gateways,
            notifiers: &notifiers,
            calculators: &calculators,
        };
        let file = write_edge(workspace, options, &places, directory)?;
        let mut beside = vec![("internal", local(internal)), ("admin", local(admin))];
        if options.tls {
            beside.push(("redirect", local(plain)));
            output::certificate(&certificate::make(workspace, directory)?);
        }
        output::envoy(&beside);

        check_binaries(binaries)?;
        let services = Services { binaries, broker: format!("redis://{}", local(redis)) };
        let watched = ("ABACUS_NOTIFIER", format!("http://{}", local(internal)));
        let mut others = services.several("notifier", &options.notifier_args, &notifiers);
        others.extend(services.several("calculator", &options.calculator_args, &calculators));
        let mut gateways = services.several("gateway", &options.gateway_args, &gateways);
        for gateway in &mut gateways {
            gateway.variables.push(watched.clone());
        }
        others.extend(gateways);
        others.push(envoy(workspace, &file, public));

        let scheme = if options.tls { "https" } else { "http" };
        Ok(Self {
            redis: redis_server(options.data.as_deref().unwrap_or(directory), redis)?,
            redis_at: local(redis),
            others,
            health_at: local(if options.tls { plain } else { public }),
            url: format!("{scheme}://{}", local(public)),
        })
    }
}

impl Services<'_> {
    /// One program per port.
    fn several(&self, word: &str, args: &str, ports: &[u16]) -> Vec<Program> {
        let one = |(index, port): (usize, &u16)| Program {
            name: format!("{word}-{}", index + 1),
            address: local(*port).to_string(),
            path: self.binaries.join(format!("abacus-{word}")),
            args: args.split_whitespace().map(OsString::from).collect(),
            variables: self.variables(local(*port)),
        };
        ports.iter().enumerate().map(one).collect()
    }

    /// Variables rather than flags: a flag that is given as a further argument too would be given twice.
    fn variables(&self, listen: SocketAddr) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("ABACUS_LISTEN", listen.to_string()),
            ("ABACUS_BROKER_URL", self.broker.clone()),
            ("ABACUS_GRACE", GRACE.to_owned()),
        ];
        // Its own standard error is a pipe, where it would write for machines.
        if io::stderr().is_terminal() {
            variables.push(("ABACUS_LOG_FORMAT", "text".to_owned()));
        }
        variables
    }
}

/// Says early what would otherwise be a program that ends again and again.
fn check_binaries(directory: &Path) -> anyhow::Result<()> {
    for service in SERVICES {
        let path = directory.join(service);
        ensure!(path.is_file(), "{} is missing: build it, or leave out --no-build", path.display());
    }
    Ok(())
}

/// A server that keeps what it acknowledged, as the one of docker-compose.yml.
fn redis_server(directory: &Path, port: u16) -> anyhow::Result<Program> {
    let directory = std::path::absolute(directory).context("--data names no place")?;
    fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    let port_text = port.to_string();
    let settings = ["--bind", "127.0.0.1", "--port", &port_text, "--appendonly", "yes", "--save", ""];
    let mut args: Vec<_> = settings.into_iter().map(OsString::from).collect();
    args.extend(["--loglevel".into(), "warning".into(), "--dir".into(), directory.into()]);
    Ok(Program {
        name: "redis".to_owned(),
        address: local(port).to_string(),
        path: PathBuf::from("redis-server"),
        args,
        variables: Vec::new(),
    })
}

fn envoy(workspace: &Workspace, file: &Path, port: u16) -> Program {
    let mut args = vec![OsString::from("--config-path"), file.into()];
    // Without hot restart several can run side by side, and none leaves shared memory behind.
    args.extend(["--disable-hot-restart", "--log-level", "warning"].map(OsString::from));
    Program {
        name: "envoy".to_owned(),
        address: local(port).to_string(),
        path: workspace.tools().join("bin/envoy"),
        args,
        variables: Vec::new(),
    }
}

/// Writes the Envoy file for these places.
fn write_edge(
    workspace: &Workspace,
    options: &Options,
    places: &Places<'_>,
    directory: &Path,
) -> anyhow::Result<PathBuf> {
    let standing = if options.tls { "envoy/envoy-tls.yaml" } else { "envoy/envoy.yaml" };
    let source = options.envoy.clone().unwrap_or_else(|| workspace.root().join(standing));
    let read = fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    let file = directory.join("envoy.yaml");
    fs::write(&file, edge::render(&read, places)?)
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
