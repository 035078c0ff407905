//! FLINT built for this machine: a rival of `cargo xtask bench` only.
//!
//! Wheels are made for any processor, and for any processor FLINT has neither the transforms nor the decimal
//! multiplication that make it fast. Its source comes as part of a crate that binds it; the crate itself is not used.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::command::run;
use crate::debian;
use crate::report::{Outcome, Report};
use crate::workspace::Workspace;

/// The crate whose source holds that of FLINT 3.6.0.
const CRATE: &str = "flint3-sys";
const VERSION: &str = "3.6.1";

/// FLINT uses AVX2 by itself. With AVX-512, GCC 12 does not find registers for some of its statements in assembly.
const FLAGS: &str = "CFLAGS=-O2 -march=native -mno-avx512f";

/// Makes sure that `flint/lib/libflint.so` stands in the tools; building it is a step of its own in the report.
pub(crate) fn provide(workspace: &Workspace, report: &mut Report) -> Outcome {
    let folder = workspace.tools().join("flint");
    let note = workspace.tools().join("versions/flint");
    let noted = fs::read_to_string(&note).is_ok_and(|noted| noted == VERSION);
    if noted && folder.join("lib/libflint.so").exists() {
        return Outcome::Passed;
    }
    report.step("build FLINT for this machine (many minutes, once)", || {
        provide_compiler()?;
        // A build that was cut goes on where it was.
        let source = folder.join(format!("source-{VERSION}"));
        if !source.exists() {
            fetch(workspace, &folder, &source)?;
        }
        build(workspace, &folder, &source)?;
        fs::remove_dir_all(&source)?;
        fs::create_dir_all(workspace.tools().join("versions"))?;
        fs::write(&note, VERSION).with_context(|| format!("cannot write {}", note.display()))
    })
}

fn provide_compiler() -> anyhow::Result<()> {
    let programs = [("cc", "gcc"), ("make", "make"), ("m4", "m4"), ("autoconf", "autoconf")];
    for (program, package) in
        programs.into_iter().chain([("automake", "automake"), ("libtoolize", "libtool")])
    {
        debian::provide(program, package)?;
    }
    debian::provide_header("gmp.h", "libgmp-dev")?;
    debian::provide_header("mpfr.h", "libmpfr-dev")
}

/// Lays FLINT's source into `source`, by cargo, which checks it.
fn fetch(workspace: &Workspace, folder: &Path, source: &Path) -> anyhow::Result<()> {
    let order = folder.join("order");
    fs::create_dir_all(order.join("src"))?;
    fs::write(order.join("Cargo.toml"), manifest())?;
    fs::write(order.join("src/lib.rs"), "")?;
    let crates = folder.join("crates");
    let mut vendor = workspace.command("cargo");
    vendor.args(["vendor", "--quiet", "--versioned-dirs", "--manifest-path"]).arg(order.join("Cargo.toml"));
    // What is printed tells how to use the crates in a build: they are not.
    run(vendor.arg(&crates).stdout(std::process::Stdio::null()))?;
    let fetched = crates.join(format!("{CRATE}-{VERSION}")).join("flint");
    fs::rename(&fetched, source)
        .with_context(|| format!("{CRATE} {VERSION} has no {}", fetched.display()))?;
    Ok(fs::remove_dir_all(crates)?)
}

/// A package of nothing that depends on the crate.
fn manifest() -> String {
    format!(
        "[package]\nname = \"order\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{CRATE} = \"={VERSION}\"\n\n[workspace]\n"
    )
}

/// Builds the library from `source` and installs it into `folder`.
fn build(workspace: &Workspace, folder: &Path, source: &Path) -> anyhow::Result<()> {
    let jobs = format!("-j{}", std::thread::available_parallelism().map_or(1, usize::from));
    let folder_name = folder.to_str().context("the tools stand in a folder whose name is text")?;
    let prefix = format!("--prefix={folder_name}");
    let log = folder.join("build.log");
    let mut steps: Vec<&[&str]> = Vec::new();
    let configure = ["sh", "configure", "--disable-static", &prefix, FLAGS];
    if !source.join("Makefile").exists() {
        steps.extend([&["sh", "bootstrap.sh"][..], &configure]);
    }
    let library = ["make", &jobs, "library"];
    // `make install` copies some headers twice, which GNU cp refuses; the library is all that is used.
    let install = ["sh", "-c", "mkdir -p \"$0/lib\" && cp -P libflint.so* \"$0/lib\"", folder_name];
    steps.extend([&library[..], &install]);
    for words in steps {
        let mut command = workspace.command(words[0]);
        command.args(&words[1..]).current_dir(source);
        // Thousands of lines: they are of interest only when something fails.
        let output = fs::File::create(&log)?;
        command.stdout(output.try_clone()?).stderr(output);
        run(&mut command).with_context(|| format!("{} tells why", log.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_names_exactly_one_version_and_is_no_member_of_a_workspace() {
        let manifest = manifest();
        assert!(manifest.contains("flint3-sys = \"=3.6.1\"\n"), "{manifest}");
        assert!(manifest.ends_with("[workspace]\n"), "{manifest}");
    }
}
