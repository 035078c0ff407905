//! A certificate for the occasion: signed by itself, for this host alone.

use std::path::{Path, PathBuf};

use crate::command::capture;
use crate::workspace::Workspace;

/// The names and addresses under which the door is reached.
const NAMES: &str = "subjectAltName=DNS:localhost,IP:127.0.0.1";

/// Makes `tls.crt` and `tls.key` in a directory; gives the path of the certificate, which is what clients have to trust.
///
/// # Errors
/// When openssl fails.
pub(super) fn make(workspace: &Workspace, directory: &Path) -> anyhow::Result<PathBuf> {
    let certificate = directory.join("tls.crt");
    let mut openssl = workspace.command("openssl");
    openssl.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-noenc",
        "-days",
        "30",
    ]);
    openssl.args(["-subj", "/CN=localhost", "-addext", NAMES]);
    openssl.arg("-keyout").arg(directory.join("tls.key")).arg("-out").arg(&certificate);
    capture(&mut openssl)?;
    Ok(certificate)
}
