//! Programs: finding one, running one to its end.
//!
//! Output goes straight through, so that what a tool prints is what one sees; only the exit is judged. What a program
//! is asked for is captured instead.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};

/// Runs `command` to its end.
///
/// # Errors
/// When it cannot be started, or ends with anything but success; the message holds the command line.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let line = line(command);
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Runs `command` to its end and gives what it printed on standard output.
///
/// # Errors
/// As [`run`]; the message holds what it printed on standard error too.
pub(crate) fn capture(command: &mut Command) -> anyhow::Result<String> {
    let line = line(command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        bail!("`{line}` ended with {}: {}", output.status, told.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed no UTF-8"))
}

/// The first executable file called `program` in the directories of `path`, which is written like `PATH`.
pub(crate) fn find(program: &str, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path).map(|directory| directory.join(program)).find(|candidate| {
        candidate.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    })
}

/// The command as one would type it, for messages.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_failing_exit_is_an_error_that_names_the_command() {
        let error = run(Command::new("false").arg("--loudly")).unwrap_err();
        assert!(error.to_string().contains("`false --loudly` ended with exit status: 1"), "{error}");
    }

    #[test]
    fn what_a_program_prints_is_given_or_is_part_of_the_error() {
        assert_eq!(capture(Command::new("echo").arg("here")).unwrap(), "here\n");
        let error = capture(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().ends_with("ended with exit status: 3: why"), "{error}");
    }

    #[test]
    fn a_program_that_does_not_exist_is_an_error_that_names_it() {
        let error = run(&mut Command::new("no-such-program")).unwrap_err();
        assert!(error.to_string().contains("cannot start `no-such-program`"), "{error}");
    }

    #[test]
    fn only_executable_files_are_programs() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().as_os_str();
        let program = directory.path().join("tool");
        fs::create_dir(directory.path().join("folder")).unwrap();
        fs::write(&program, "").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(find("tool", path), None);
        assert_eq!(find("folder", path), None);
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find("tool", path), Some(program));
    }
}
