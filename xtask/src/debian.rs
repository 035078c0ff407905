//! Debian packages, for the few programs that tools are fetched with (Go, npm, pip) and that tests run beside the
//! services (Redis, OpenSSL, Chromium).
//!
//! A program that is already on `PATH`, from wherever, is taken as it is: nothing is installed beside it.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::command::{find, run};

/// Who runs apt-get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Installer {
    Root,
    Sudo,
}

/// Makes sure that `program` is on `PATH`, installing Debian's `package` if it is not.
///
/// # Errors
/// When the program is missing and apt-get is too, may not be used, or fails; the message names the package.
pub(crate) fn provide(program: &str, package: &str) -> anyhow::Result<()> {
    let path = env::var_os("PATH").unwrap_or_default();
    if find(program, &path).is_some() {
        return Ok(());
    }
    install(&format!("`{program}` is not on PATH"), package, &path)
}

/// Makes sure that the compiler finds the header `header`, installing Debian's `package` if it does not.
///
/// # Errors
/// As [`provide`].
pub(crate) fn provide_header(header: &str, package: &str) -> anyhow::Result<()> {
    let places = ["/usr/include".to_owned(), format!("/usr/include/{}-linux-gnu", env::consts::ARCH)];
    if places.iter().any(|place| Path::new(place).join(header).is_file()) {
        return Ok(());
    }
    install(&format!("the header {header} is missing"), package, &env::var_os("PATH").unwrap_or_default())
}

/// Installs a package because of this fault.
fn install(fault: &str, package: &str, path: &OsStr) -> anyhow::Result<()> {
    let wanted = format!("{fault}; install it, on Debian with `apt-get install {package}`");
    let Some(installer) = installer(path)? else {
        bail!(wanted);
    };
    // A fresh machine has no package lists.
    run(&mut apt_get(installer, &["update"])).with_context(|| wanted.clone())?;
    let mut install = apt_get(installer, &["install", "--yes", "--no-install-recommends", package]);
    // dpkg tells the story of each package; what goes wrong stands on standard error.
    run(install.stdout(Stdio::null())).context(wanted)
}

/// Who can run apt-get here, if there is an apt-get and anyone can.
fn installer(path: &OsStr) -> anyhow::Result<Option<Installer>> {
    if find("apt-get", path).is_none() {
        return Ok(None);
    }
    // proc(5): the files of a process belong to its effective user.
    let user = fs::metadata("/proc/self").context("cannot tell whether this is root")?.uid();
    Ok(if user == 0 { Some(Installer::Root) } else { find("sudo", path).map(|_| Installer::Sudo) })
}

/// An apt-get that asks nothing.
fn apt_get(installer: Installer, args: &[&str]) -> Command {
    // env rather than the environment of this process: sudo starts with a clean one.
    let words: &[&str] = match installer {
        Installer::Root => &["env"],
        Installer::Sudo => &["sudo", "env"],
    };
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]).args(args);
    command
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::command::line;

    #[test]
    fn a_program_on_path_is_taken_as_it_is() {
        provide("sh", "no-such-package").unwrap();
    }

    #[test]
    fn a_header_that_is_missing_is_named_with_its_package() {
        let nowhere = tempfile::tempdir().unwrap();
        let error = install("the header nowhere.h is missing", "libnowhere-dev", nowhere.path().as_os_str());
        let text = error.unwrap_err().to_string();
        assert_eq!(
            text,
            "the header nowhere.h is missing; install it, on Debian with `apt-get install libnowhere-dev`"
        );
    }

    #[test]
    fn apt_get_is_called_by_root_itself_and_by_others_through_sudo() {
        let plain = "env DEBIAN_FRONTEND=noninteractive apt-get -qq update";
        assert_eq!(line(&apt_get(Installer::Root, &["update"])), plain);
        assert_eq!(line(&apt_get(Installer::Sudo, &["update"])), format!("sudo {plain}"));
    }

    #[test]
    fn without_apt_get_nobody_can_install() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(installer(directory.path().as_os_str()).unwrap(), None);
        let apt = directory.path().join("apt-get");
        fs::write(&apt, "").unwrap();
        fs::set_permissions(&apt, fs::Permissions::from_mode(0o755)).unwrap();
        let expected = (fs::metadata("/proc/self").unwrap().uid() == 0).then_some(Installer::Root);
        assert_eq!(installer(directory.path().as_os_str()).unwrap(), expected);
    }
}
