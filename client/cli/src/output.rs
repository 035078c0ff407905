//! What is told where: results on standard output, all else on standard error.

use std::{
    io::{self, IsTerminal, Write},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use abacus_client::Summary;
use serde_json::{Value, json};

use crate::{
    arguments::Global,
    exit::{Exit, Problem},
    meter::Meter,
};

/// After so long without an answer people wonder.
const SLOW: Duration = Duration::from_secs(1);

/// How to tell.
pub(crate) struct Output {
    /// Prints JSON, one object per line, instead of words.
    pub(crate) json_lines: bool,
    quiet: bool,
    /// Where the mesh listens.
    url: String,
    /// Whether what was written last to standard output stands in an unfinished line.
    is_midline: AtomicBool,
}

/// A colour on standard output.
#[derive(Clone, Copy)]
pub(crate) enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        Self {
            json_lines: global.json,
            quiet: global.quiet,
            url: global.url.clone(),
            is_midline: AtomicBool::new(false),
        }
    }

    /// Writes a part of a result to standard output.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), Problem> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()?;
        if let Some(last) = bytes.last() {
            self.is_midline.store(*last != b'\n', Ordering::Relaxed);
        }
        Ok(())
    }

    /// Ends the line that a result of text has left open, for people and for tools that read lines.
    pub(crate) fn end(&self, summary: &Summary) -> Result<(), Problem> {
        let is_midline = self.is_midline.load(Ordering::Relaxed);
        if is_midline && summary.format().is_text() { self.write(b"\n") } else { Ok(()) }
    }

    /// Writes one line.
    pub(crate) fn line(&self, text: &str) -> Result<(), Problem> {
        self.write(format!("{text}\n").as_bytes())
    }

    /// Writes one JSON object in one line.
    pub(crate) fn json(&self, value: &Value) -> Result<(), Problem> {
        self.line(&value.to_string())
    }

    /// A meter on standard error; unseen where that is no terminal, or nothing is to be told.
    pub(crate) fn meter(&self) -> Meter {
        Meter::new(!self.quiet)
    }

    /// Waits for a call, and tells people so when it takes long.
    pub(crate) async fn awaiting<T>(&self, call: impl Future<Output = T>) -> T {
        let mut call = Box::pin(call);
        tokio::select! {
            answer = &mut call => return answer,
            () = tokio::time::sleep(SLOW) => {}
        }
        self.meter().note_to_people(&format!("waiting for an answer of {}", self.url));
        call.await
    }

    /// Tells why it has failed.
    pub(crate) fn fail(&self, problem: &Problem) -> Exit {
        let exit = problem.exit();
        let text = match problem {
            Problem::Closed => return exit,
            _ if self.json_lines => failure(problem).to_string(),
            _ => format!("abacus: {}", problem.text()),
        };
        // A result that was cut in the middle of a line should not be mistaken for a whole one on the screen.
        if self.is_midline.load(Ordering::Relaxed) && io::stdout().is_terminal() {
            let _ = writeln!(io::stdout());
        }
        // Nothing is left to be done when standard error cannot be written.
        let _ = writeln!(io::stderr(), "{text}");
        exit
    }
}

/// A text in a colour, where the standard output is a terminal and nobody objects (<https://no-color.org>).
pub(crate) fn coloured(text: &str, colour: Colour) -> String {
    let objected = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if objected || !io::stdout().is_terminal() {
        return text.to_owned();
    }
    format!("\x1b[{}m{text}\x1b[0m", colour as u8)
}

/// A problem for programs.
fn failure(problem: &Problem) -> Value {
    let mut error = json!({ "exitCode": problem.exit() as u8, "message": problem.text() });
    if let Some(refusal) = problem.refusal() {
        error["reason"] = refusal.reason().into();
        error["message"] = refusal.message().into();
        let violation =
            |one: &abacus_client::Violation| json!({ "field": one.field, "description": one.description });
        error["violations"] = refusal.violations().iter().map(violation).collect();
        if let Some(delay) = refusal.retry_delay() {
            error["retryDelay"] = format!("{}s", delay.as_secs_f64()).into();
        }
    }
    json!({ "error": error })
}
