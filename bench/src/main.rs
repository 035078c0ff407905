//! `cargo xtask bench`: measures what Abacus computes, beside others and beside its own estimates.
//!
//! The one idea: only ratios within one run count. Whoever is compared computes in turn, on the same machine, in the
//! same minutes, and each answer is checked. Nothing depends on this crate, and no test on a time.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod arithmetic;
mod chart;
mod estimates;
mod host;
mod output;
mod statistics;
mod stopwatch;
mod table;

/// Measure Abacus: its arithmetic beside rivals, and the estimated costs of tasks beside the real ones
#[derive(Parser)]
#[command(bin_name = "cargo xtask bench")]
struct Arguments {
    /// Where the rivals are installed; `cargo xtask bench` says it itself
    #[arg(long, value_name = "FOLDER", default_value = "target/tools")]
    tools: PathBuf,

    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    /// Compute beside GMP, FLINT, num-bigint, primesieve and primecount, and write docs/benchmarks.md
    ///
    /// Each question is put to all in turn, round after round; what is shown is the median, and for each rival the
    /// median of the ratios within the rounds. Short computations are repeated within a round until they take a tenth
    /// of a second. Every answer is checked: against a known one, or against those of the others. Abacus is measured
    /// with each instruction set of the machine, on one and on two threads; rivals compute on one.
    ///
    /// Times on the clock suffer from whatever else the machine does. The time of the processor suffers less, so
    /// both are shown.
    #[command(after_help = "Examples:\n  \
        cargo xtask bench arithmetic                      everything: half an hour, and a quarter of an hour to build \
        FLINT, once\n  \
        cargo xtask bench arithmetic --full               F(10^9) by the rivals as well: they take up to a minute each\n  \
        cargo xtask bench arithmetic --quick              small sizes: a minute\n  \
        cargo xtask bench arithmetic --quick --alone      without rivals, which then need not be installed\n  \
        cargo xtask bench arithmetic --only F(10^7)       one question; see --list\n  \
        cargo xtask bench arithmetic --only pi --rounds 9\n\n\
        A rival that cannot be started is left out, and the output says why.")]
    Arithmetic(arithmetic::Options),
    /// Compare what tasks are estimated to cost with what they do cost
    ///
    /// Each task is computed on one thread of a process of its own: the time of the processor, the least of three runs,
    /// is to be within a factor of 2 of the estimate, and peak memory within 1.5. What is too small to matter (50
    /// microseconds, 4 MiB) is taken as met.
    #[command(after_help = "Examples:\n  \
        cargo xtask bench estimates                       fails when an estimate is out of range\n  \
        cargo xtask bench estimates --report              only shows the table\n  \
        cargo xtask bench estimates --only fibonacci --quick\n\n\
        Results never depend on estimates, but lanes, budgets and progress do: adjust libs/arithmetic/src/estimate*.")]
    Estimates(estimates::Options),
    /// Compute the task that is read from standard input, and tell time and memory; for `estimates`
    #[command(hide = true)]
    Probe,
}

fn main() -> ExitCode {
    let Arguments { tools, command } = Arguments::parse();
    let result = match command {
        Subcommands::Arithmetic(options) => arithmetic::measure(&options, &tools),
        Subcommands::Estimates(options) => estimates::measure(&options),
        Subcommands::Probe => estimates::probe(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
