//! What can be typed.

use std::{io, path::PathBuf, time::Duration};

use abacus_client::{ClientName, Format, JobId, Task, Uuid, WorkerId};
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

use crate::{
    exit::{Exit, Problem},
    kinds::{self, Kind},
    requests::RequestArgument,
};

/// What was typed.
pub(crate) struct Arguments {
    pub(crate) global: Global,
    pub(crate) command: Command,
}

/// What is to be done.
pub(crate) enum Command {
    Compute { task: Task, options: ComputeOptions },
    Submit { task: Task, options: SubmitOptions },
    Watch { job: JobId },
    Result { job: JobId, writing: Writing },
    Job { job: JobId },
    Requests { of: Option<ClientName> },
    Cancel { requests: Vec<RequestArgument> },
    Kinds,
    Suspend { kind: String },
    Resume { kind: String },
    Workers,
    Drain { worker: WorkerId },
    Dead,
    Retry { job: JobId },
    Stats,
    Top { interval: Duration },
    Completions { shell: Shell },
}

/// Exact integers of any size, computed by an Abacus mesh.
///
/// Results alone go to standard output; progress, notes and errors go to standard error. A connection that is lost is
/// taken up again where it was.
#[derive(Parser)]
#[command(name = "abacus", version, subcommand_required = true, arg_required_else_help = true)]
struct Typed {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Fixed,
}

/// How to reach the mesh and how to tell.
#[derive(Args)]
#[command(next_help_heading = "Options of every command")]
#[group(skip)]
pub(crate) struct Global {
    /// Where the mesh listens: http://host:port or https://host:port.
    #[arg(
        long,
        env = "ABACUS_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:8080",
        global = true
    )]
    pub(crate) url: String,

    /// Who asks: 1 to 64 of A-Z a-z 0-9 . _ -
    #[arg(long, env = "ABACUS_CLIENT", value_name = "NAME", default_value = "anonymous", global = true)]
    pub(crate) client: String,

    /// A token to send with each call, as `authorization: Bearer TOKEN`.
    #[arg(long, env = "ABACUS_TOKEN", value_name = "TOKEN", hide_env_values = true, global = true)]
    pub(crate) token: Option<String>,

    /// A file in PEM with certificate authorities to trust beside those of the system.
    #[arg(long, env = "ABACUS_CA", value_name = "FILE", global = true)]
    pub(crate) ca: Option<PathBuf>,

    /// How long to try to go on after the connection was lost; 0s: not at all.
    #[arg(long, env = "ABACUS_PATIENCE", value_name = "DURATION", default_value = "15m", global = true,
          value_parser = humantime::parse_duration)]
    pub(crate) patience: Duration,

    /// Prints JSON, one object per line, in the contract's JSON form.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// No progress and no notes on standard error; errors only.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Subcommand)]
enum Fixed {
    /// Computes any task, given in the contract's JSON form, and prints its result.
    ///
    /// Example: abacus run '{"primes": {"start": "1", "end": "100"}}'
    Run {
        #[command(flatten)]
        task: JsonTask,
        #[command(flatten)]
        options: ComputeOptions,
    },
    /// Asks for any task, given in the contract's JSON form, prints the id of its job and does not wait.
    ///
    /// Example: abacus submit --json '{"fibonacci": {"n": "1000000"}}'
    Submit {
        #[command(flatten)]
        task: JsonTask,
        #[command(flatten)]
        options: SubmitOptions,
    },
    /// Follows a job to its end, without its result.
    Watch {
        /// The job's id.
        job: JobId,
    },
    /// Prints the result of a job, or writes it to a file; waits for it where it is not there yet.
    Result {
        /// The job's id.
        job: JobId,
        #[command(flatten)]
        writing: Writing,
    },
    /// Tells how a job stands.
    Job {
        /// The job's id.
        job: JobId,
    },
    /// Lists the requests of a client, newest first.
    Requests {
        /// Of this client instead of one's own.
        #[arg(long, value_name = "NAME")]
        of: Option<ClientName>,
    },
    /// Takes requests back. A job stops when nobody else wants it.
    Cancel {
        /// Names of requests as `abacus requests` lists them, or their UUIDs alone.
        #[arg(required = true, value_name = "REQUEST")]
        requests: Vec<RequestArgument>,
    },
    /// Lists the kinds of tasks.
    Kinds,
    /// Suspends a kind: its jobs wait until it is resumed.
    Suspend {
        /// The kind's name.
        kind: String,
    },
    /// Resumes a kind.
    Resume {
        /// The kind's name.
        kind: String,
    },
    /// Lists the workers.
    Workers,
    /// Tells a worker to take no new jobs and to hand back those it has.
    Drain {
        /// The worker's id.
        worker: WorkerId,
    },
    /// Lists the dead letters: jobs that failed.
    Dead,
    /// Queues a failed job once more.
    Retry {
        /// The job's id.
        job: JobId,
    },
    /// Tells queue depths and counters.
    Stats,
    /// Shows queues, kinds and workers, again and again until Ctrl-C.
    Top {
        /// The time between two looks.
        #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = humantime::parse_duration)]
        interval: Duration,
    },
    /// Prints completions for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

#[derive(Args)]
struct JsonTask {
    /// The task as a JSON object with one member, named after its kind; `-` reads it from standard input.
    #[arg(value_name = "TASK")]
    task: String,
}

/// How to compute.
#[derive(Args, Clone)]
#[group(skip)]
pub(crate) struct ComputeOptions {
    #[command(flatten)]
    pub(crate) writing: Writing,

    #[command(flatten)]
    pub(crate) submit: SubmitOptions,

    /// Prints the id of the job and does not wait.
    #[arg(long, conflicts_with_all = ["output", "format", "keep"])]
    pub(crate) detach: bool,

    /// Leaves the job to the mesh on Ctrl-C, instead of cancelling the request.
    #[arg(long)]
    pub(crate) keep: bool,
}

/// How to write a result.
#[derive(Args, Clone)]
#[group(skip)]
pub(crate) struct Writing {
    /// Writes the result to this file, exactly as its digest tells. A download that was cut goes on where it was.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// How to write it: integers in decimal, hex or binary; primes as values, bitmap or gaps.
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    pub(crate) format: Option<Format>,
}

/// How to ask.
#[derive(Args, Clone)]
#[group(skip)]
pub(crate) struct SubmitOptions {
    /// Fails instead of waiting while the kind is suspended.
    #[arg(long)]
    pub(crate) reject_if_suspended: bool,

    /// A UUID of one's own for the request: asking again with it asks once.
    #[arg(long, value_name = "UUID", value_parser = clap::value_parser!(Uuid))]
    pub(crate) request_id: Option<Uuid>,
}

impl Arguments {
    /// Reads what was typed.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        Self::of(&command().try_get_matches()?)
    }

    fn of(matches: &ArgMatches) -> Result<Self, clap::Error> {
        if let Some((name, inner)) = matches.subcommand()
            && let Some(kind) = Kind::find(name)
        {
            let (task, options) = (kind.task(inner)?, ComputeOptions::from_arg_matches(inner)?);
            return Ok(Self {
                global: Global::from_arg_matches(matches)?,
                command: Command::Compute { task, options },
            });
        }
        let Typed { global, command } = Typed::from_arg_matches(matches)?;
        Ok(Self { global, command: command.into_command()? })
    }
}

impl Fixed {
    fn into_command(self) -> Result<Command, clap::Error> {
        Ok(match self {
            Self::Run { task, options } => Command::Compute { task: task.read()?, options },
            Self::Submit { task, options } => Command::Submit { task: task.read()?, options },
            Self::Watch { job } => Command::Watch { job },
            Self::Result { job, writing } => Command::Result { job, writing },
            Self::Job { job } => Command::Job { job },
            Self::Requests { of } => Command::Requests { of },
            Self::Cancel { requests } => Command::Cancel { requests },
            Self::Kinds => Command::Kinds,
            Self::Suspend { kind } => Command::Suspend { kind },
            Self::Resume { kind } => Command::Resume { kind },
            Self::Workers => Command::Workers,
            Self::Drain { worker } => Command::Drain { worker },
            Self::Dead => Command::Dead,
            Self::Retry { job } => Command::Retry { job },
            Self::Stats => Command::Stats,
            Self::Top { interval } => Command::Top { interval },
            Self::Completions { shell } => Command::Completions { shell },
        })
    }
}

impl JsonTask {
    fn read(self) -> Result<Task, clap::Error> {
        let text = if self.task == "-" { io::read_to_string(io::stdin()) } else { Ok(self.task) };
        let refuse =
            |problem: String| clap::Error::raw(clap::error::ErrorKind::ValueValidation, problem + "\n");
        let text = text.map_err(|error| refuse(format!("standard input cannot be read: {error}")))?;
        kinds::task_from_json(&text).map_err(refuse)
    }
}

/// The command with the kinds of the contract among its subcommands.
fn command() -> clap::Command {
    let kinds = Kind::all()
        .into_iter()
        .map(|kind| kind.command(ComputeOptions::augment_args(clap::Command::default())));
    let mut command = Typed::command().after_help(Exit::table());
    // The kinds first: they are what one comes for.
    let fixed: Vec<_> = command.get_subcommands().cloned().collect();
    for (place, subcommand) in kinds.chain(fixed).enumerate() {
        let name = subcommand.get_name().to_owned();
        let subcommand = subcommand.display_order(place);
        if command.find_subcommand(&name).is_some() {
            command = command.mut_subcommand(name, |known| known.display_order(place));
        } else {
            command = command.subcommand(subcommand);
        }
    }
    command
}

/// Prints completions.
pub(crate) fn complete(shell: Shell) -> Result<Exit, Problem> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "abacus", &mut script);
    io::Write::write_all(&mut io::stdout(), &script)?;
    Ok(Exit::Success)
}

fn format(text: &str) -> Result<Format, String> {
    Ok(match text {
        "decimal" => Format::Decimal,
        "hex" => Format::Hex,
        "binary" => Format::Binary,
        "values" => Format::Values,
        "bitmap" => Format::Bitmap,
        "gaps" => Format::Gaps,
        _ => return Err("there are: decimal, hex, binary, values, bitmap, gaps".to_owned()),
    })
}
