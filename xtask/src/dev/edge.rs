//! The Envoy file, told where everything is on this machine.
//!
//! Only addresses change, each at the one place where the file has it; a file that has lost such a place is refused, so
//! that nobody runs something else than what he reads.

use std::path::Path;

use anyhow::ensure;

/// Where everything is.
#[derive(Debug)]
pub(super) struct Places<'a> {
    pub(super) public: u16,
    pub(super) internal: u16,
    pub(super) admin: u16,
    /// With TLS: where plain HTTP is sent on from, and the directory of the certificate.
    pub(super) tls: Option<(u16, &'a Path)>,
    pub(super) gateways: &'a [u16],
    pub(super) notifiers: &'a [u16],
    pub(super) calculators: &'a [u16],
}

/// The file with these addresses in the place of its own.
///
/// # Errors
/// When it does not have each of them once.
pub(super) fn render(file: &str, places: &Places<'_>) -> anyhow::Result<String> {
    let mut text = file.to_owned();
    let listeners = match places.tls {
        None => vec![("0.0.0.0, port_value: 8080", places.public)],
        Some((plain, directory)) => {
            let directory = format!("{}/", directory.display());
            text = replace(&text, "/etc/envoy/tls/tls.crt", &format!("{directory}tls.crt"))?;
            text = replace(&text, "/etc/envoy/tls/tls.key", &format!("{directory}tls.key"))?;
            text = replace(&text, "port_redirect: 443", &format!("port_redirect: {}", places.public))?;
            vec![("0.0.0.0, port_value: 8443", places.public), ("0.0.0.0, port_value: 8080", plain)]
        }
    };
    let own = [("0.0.0.0, port_value: 8090", places.internal), ("127.0.0.1, port_value: 9901", places.admin)];
    for (written, port) in listeners.into_iter().chain(own) {
        text = replace(&text, written, &local(port))?;
    }
    text = repeat(&text, "gateway, port_value: 8080", places.gateways)?;
    text = repeat(&text, "notifier, port_value: 8081", places.notifiers)?;
    repeat(&text, "calculator, port_value: 8082", places.calculators)
}

/// As an address stands in the file, behind `address: `.
fn local(port: u16) -> String {
    format!("127.0.0.1, port_value: {port}")
}

fn replace(text: &str, written: &str, with: &str) -> anyhow::Result<String> {
    let times = text.matches(written).count();
    ensure!(times == 1, "the Envoy file has `{written}` {times} times instead of once");
    Ok(text.replace(written, with))
}

/// Puts the line that holds `written` once for each of these ports.
fn repeat(text: &str, written: &str, ports: &[u16]) -> anyhow::Result<String> {
    let line = text.lines().find(|line| line.contains(written)).unwrap_or_default();
    let lines: Vec<_> = ports.iter().map(|port| line.replace(written, &local(*port))).collect();
    // A list that is left empty has to say so.
    let lines = if ports.is_empty() {
        line[..line.find('-').unwrap_or(0)].to_owned() + "[]"
    } else {
        lines.join("\n")
    };
    replace(text, written, written)?;
    replace(text, line, &lines)
}
