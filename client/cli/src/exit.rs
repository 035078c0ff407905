//! How the command ends: exit codes, after sysexits.h where that has one, and what is told with them.

use std::{fmt::Write as _, io, process::ExitCode};

use abacus_client::{Error, NoResult, Refusal};

macro_rules! exits {
    ($($name:ident = $code:literal: $meaning:literal;)+) => {
        /// How a command ends.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Exit {
            $(#[doc = $meaning] $name = $code,)+
        }

        impl Exit {
            /// Every way to end, with what it means.
            const ALL: &[(Self, &str)] = &[$((Self::$name, $meaning),)+];
        }
    };
}

exits! {
    Success = 0: "it is done";
    NoResult = 1: "the job failed or was cancelled: there is no result";
    Usage = 64: "what was typed, or a setting, cannot be used";
    Refused = 65: "the mesh refuses the request; asking again will not help";
    NotFound = 66: "there is no such job, request or worker";
    Unreachable = 69: "the mesh was not reached for as long as --patience allows";
    Internal = 70: "a result stays damaged, or an answer makes no sense";
    Unwritable = 74: "the result cannot be written";
    Later = 75: "the mesh refuses the request for now; ask again later";
    Forbidden = 77: "the token is missing or not good enough";
    Interrupted = 130: "Ctrl-C";
    Closed = 141: "standard output was closed before all was written";
}

/// Why a command has not done what it was asked for.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The client's, with the mesh or the way to it.
    Client(Error),
    /// Nobody reads standard output any more: nothing is told.
    Closed,
    /// Anything else: how to end, and what to tell.
    Told(Exit, String),
}

impl Exit {
    /// A table for `--help`.
    pub(crate) fn table() -> String {
        let mut table = "Exit codes:\n".to_owned();
        for (exit, meaning) in Self::ALL {
            let _ = writeln!(table, "  {:>3}  {meaning}", *exit as u8);
        }
        table
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Problem {
    pub(crate) fn setup(message: String) -> Self {
        Self::Told(Exit::Usage, message)
    }

    pub(crate) fn internal(message: String) -> Self {
        Self::Told(Exit::Internal, message)
    }

    pub(crate) fn unwritable(message: String) -> Self {
        Self::Told(Exit::Unwritable, message)
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Client(error) => exit_of(error),
            Self::Closed => Exit::Closed,
            Self::Told(exit, _) => *exit,
        }
    }

    /// What to tell, and which fields are wrong.
    pub(crate) fn text(&self) -> String {
        let violations = self.refusal().map(Refusal::violations).unwrap_or_default();
        let mut text = match self {
            Self::Client(error) => error.to_string(),
            Self::Closed => String::new(),
            Self::Told(_, message) => message.clone(),
        };
        for violation in violations {
            let _ = write!(text, "\n  {} {}", violation.field, violation.description);
        }
        text
    }

    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Client(Error::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }
}

fn exit_of(error: &Error) -> Exit {
    match error {
        Error::Setup(_) => Exit::Usage,
        Error::Refused(refusal) => refused(refusal),
        Error::Unreachable(_) => Exit::Unreachable,
        Error::NoResult(_) => Exit::NoResult,
        _ => Exit::Internal,
    }
}

fn refused(refusal: &Refusal) -> Exit {
    /// Of google.rpc.Code.
    const NOT_FOUND: i32 = 5;
    const OUT_OF_RANGE: i32 = 11;
    const PERMISSION_DENIED: i32 = 7;
    const INTERNAL: i32 = 13;
    const UNAUTHENTICATED: i32 = 16;
    match refusal.grpc_code() {
        _ if refusal.retry_delay().is_some() => Exit::Later,
        NOT_FOUND | OUT_OF_RANGE => Exit::NotFound,
        PERMISSION_DENIED | UNAUTHENTICATED => Exit::Forbidden,
        INTERNAL => Exit::Internal,
        _ => Exit::Refused,
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Client(error)
    }
}

impl From<NoResult> for Problem {
    fn from(none: NoResult) -> Self {
        Self::Client(none.into())
    }
}

/// Of writing to standard output.
impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::unwritable(format!("standard output cannot be written: {error}")),
        }
    }
}

/// Prints what clap has to say, and ends.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Nothing is left to be done when neither standard output nor standard error can be written.
    let _ = error.print();
    let exit = if error.use_stderr() { Exit::Usage } else { Exit::Success };
    exit.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_exit_code_is_documented_with_its_meaning() {
        let documented = include_str!("../../../docs/cli.md");
        for (exit, meaning) in Exit::ALL {
            let row = format!("| {} | {meaning} |", *exit as u8);
            assert!(documented.contains(&row), "docs/cli.md misses: {row}");
        }
    }
}
