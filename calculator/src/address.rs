//! Where others reach this worker when the settings do not tell.
//!
//! The one idea: the name of this host stands for its own address. In a container and in a pod the engine writes it so
//! into `/etc/hosts`; where the name leads nowhere but to this host itself, the others may know it better.

use std::{
    borrow::Cow,
    net::{SocketAddr, ToSocketAddrs as _},
};

use rustix::system::uname;

/// The address to announce for a worker that listens here: `host:port`. It is that of the listener unless this is the
/// unspecified one (`0.0.0.0`, `::`), which means this host to whoever reads it. Looks up the name of this host, which
/// may take as long as DNS does.
pub(crate) fn announced(listen: SocketAddr) -> String {
    if !listen.ip().is_unspecified() {
        return listen.to_string();
    }
    let system = uname();
    let name: Cow<'_, str> = system.nodename().to_string_lossy();
    let own = (&*name, listen.port()).to_socket_addrs().into_iter().flatten();
    reachable(own, listen).map_or_else(|| format!("{name}:{}", listen.port()), |address| address.to_string())
}

/// The first address that leads here from elsewhere. (`::` takes IPv4 too, `0.0.0.0` takes nothing else.)
fn reachable(mut own: impl Iterator<Item = SocketAddr>, listen: SocketAddr) -> Option<SocketAddr> {
    own.find(|address| !address.ip().is_loopback() && (address.is_ipv4() || listen.is_ipv6()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(own: &[&str], listen: &str) -> Option<String> {
        let own = own.iter().map(|text| text.parse().unwrap());
        reachable(own, listen.parse().unwrap()).map(|address| address.to_string())
    }

    #[test]
    fn an_address_of_its_own_is_announced_as_it_is() {
        assert_eq!(announced("127.0.0.1:8082".parse().unwrap()), "127.0.0.1:8082");
        assert_eq!(announced("[2001:db8::7]:80".parse().unwrap()), "[2001:db8::7]:80");
    }

    #[test]
    fn the_unspecified_address_is_never_announced() {
        for listen in ["0.0.0.0:8082", "[::]:8082"] {
            let address = announced(listen.parse().unwrap());
            let (host, port) = address.rsplit_once(':').unwrap();
            assert_eq!(port, "8082");
            assert!(!host.is_empty() && host != "0.0.0.0" && host != "[::]", "{address}");
        }
    }

    #[test]
    fn of_its_own_addresses_the_first_that_others_reach_is_taken() {
        let own = ["127.0.1.1:1", "[2001:db8::7]:1", "172.18.0.5:1", "10.0.0.5:1"];
        assert_eq!(chosen(&own, "0.0.0.0:1").unwrap(), "172.18.0.5:1");
        assert_eq!(chosen(&own, "[::]:1").unwrap(), "[2001:db8::7]:1");
        assert_eq!(chosen(&["127.0.1.1:1", "[::1]:1"], "[::]:1"), None);
    }
}
