//! `abacus`: the mesh from a shell.
//!
//! Results alone go to standard output, so that they can be piped; progress, notes and errors go to standard error.
//! Everything it knows of kinds of tasks it reads from the contract's descriptors: a new kind needs no line here.

mod arguments;
mod compute;
mod contract;
mod download;
mod exit;
mod interrupts;
mod kinds;
mod lists;
mod meter;
mod output;
mod requests;
mod steer;
mod top;

use std::{process::ExitCode, time::Duration};

use arguments::{Arguments, Command, Global};
use exit::{Exit, Problem};
use interrupts::Interrupts;
use output::Output;

fn main() -> ExitCode {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(error) => return exit::usage(&error),
    };
    let output = Output::new(&arguments.global);
    let exit = match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            let exit = runtime.block_on(run(arguments, &output));
            // What still runs, such as a read of standard input, can no longer be of use.
            runtime.shutdown_background();
            exit
        }
        Err(error) => Err(Problem::internal(format!("no runtime can be started: {error}"))),
    };
    match exit {
        Ok(exit) => exit.into(),
        Err(problem) => output.fail(&problem).into(),
    }
}

/// Runs one command to its end, or until Ctrl-C.
async fn run(arguments: Arguments, output: &Output) -> Result<Exit, Problem> {
    let Arguments { global, command } = arguments;
    if let Command::Completions { shell } = command {
        return arguments::complete(shell);
    }
    let interrupts = Interrupts::listen()?;
    let client = client(&global, &command)?;
    match command {
        Command::Compute { task, options } => {
            Box::pin(compute::compute(&client, task, &options, (output, interrupts))).await
        }
        Command::Top { interval } => interrupts.or(Exit::Success, top::top(&client, interval, output)).await,
        // These tell by themselves how it goes.
        Command::Watch { job } => {
            interrupts.or(Exit::Interrupted, compute::watch(&client, &job, output)).await
        }
        Command::Result { job, writing } => {
            interrupts.or(Exit::Interrupted, download::result(&client, &job, &writing, output)).await
        }
        command => {
            let answer = output.awaiting(answer(&client, command, output));
            interrupts.or(Exit::Interrupted, answer).await
        }
    }
}

/// What is answered without leaving anything behind.
async fn answer(client: &abacus_client::Client, command: Command, output: &Output) -> Result<Exit, Problem> {
    match command {
        Command::Submit { task, options } => requests::submit(client, task, &options, output).await,
        Command::Requests { of } => requests::list(client, of, output).await,
        Command::Cancel { requests } => requests::cancel(client, &requests, output).await,
        Command::Job { job } => requests::job(client, &job, output).await,
        Command::Kinds => steer::kinds(client, output).await,
        Command::Suspend { kind } => steer::suspend(client, &kind, output).await,
        Command::Resume { kind } => steer::resume(client, &kind, output).await,
        Command::Workers => steer::workers(client, output).await,
        Command::Drain { worker } => steer::drain(client, &worker, output).await,
        Command::Dead => steer::dead(client, output).await,
        Command::Retry { job } => steer::retry(client, &job, output).await,
        Command::Stats => steer::stats(client, output).await,
        Command::Completions { .. }
        | Command::Compute { .. }
        | Command::Result { .. }
        | Command::Top { .. }
        | Command::Watch { .. } => unreachable!("`run` has taken these"),
    }
}

fn client(global: &Global, command: &Command) -> Result<abacus_client::Client, Problem> {
    let mut builder = abacus_client::Client::builder(&global.url)
        .client_name(&global.client)
        .stream_patience(global.patience)
        .call_patience(global.patience.min(patience(command)));
    if let Some(token) = &global.token {
        builder = builder.token(token);
    }
    if let Some(path) = &global.ca {
        let pem = std::fs::read(path)
            .map_err(|error| Problem::setup(format!("{} cannot be read: {error}", path.display())))?;
        builder = builder.ca_certificate(pem);
    }
    Ok(builder.build()?)
}

/// For how long a single call is tried.
fn patience(command: &Command) -> Duration {
    match command {
        // It asks again and again by itself, and says meanwhile that nobody answers.
        Command::Top { .. } => Duration::from_secs(2),
        // A person who has mistyped an address should not wait for long.
        _ => Duration::from_secs(10),
    }
}
