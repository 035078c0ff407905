//! Ports of the loopback that nobody listens on.
//!
//! A service that is started again has to find its port free, so the ports are taken from below the range from which
//! the kernel gives out others by itself (32768 on Linux). Two commands that start at once look in different places.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context as _, bail};

/// Where ports are looked for.
const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

/// How far the places are apart where two processes begin to look.
const STRIDE: u16 = 40;

/// Gives out free ports, each once.
#[derive(Debug)]
pub(super) struct Ports {
    candidates: std::ops::Range<u32>,
}

impl Ports {
    /// Begins at a place of this process's own.
    pub(super) fn new() -> Self {
        let place = std::process::id() % u32::from(COUNT / STRIDE) * u32::from(STRIDE);
        Self { candidates: place..place + u32::from(COUNT) }
    }

    /// A free port.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn next(&mut self) -> anyhow::Result<u16> {
        let candidates = self.candidates.by_ref();
        let mut ports = candidates.filter_map(|place| u16::try_from(place % u32::from(COUNT)).ok());
        ports.find(|port| is_free(FIRST + port)).map(|port| FIRST + port).context("no port is free")
    }

    /// The port that was asked for, or a free one for 0.
    ///
    /// # Errors
    /// When it is taken.
    pub(super) fn public(&mut self, asked: u16) -> anyhow::Result<u16> {
        if asked == 0 {
            return self.next();
        }
        if !is_free(asked) {
            bail!("port {asked} is taken; choose another with --port, or any free one with --port 0");
        }
        Ok(asked)
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_given_out_once_and_not_while_somebody_listens_on_it() {
        let mut ports = Ports::new();
        let first = ports.next().unwrap();
        assert_ne!(ports.next().unwrap(), first);

        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        assert_ne!(Ports::new().next().unwrap(), first);
        let refused = ports.public(first).unwrap_err().to_string();
        assert!(refused.contains("--port"), "{refused}");
        assert_ne!(ports.public(0).unwrap(), first);
    }
}
