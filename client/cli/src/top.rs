//! A live view: figures, queues, kinds and workers, drawn again and again.
//!
//! On a terminal it takes the alternate screen and gives it back; elsewhere the views follow each other, and with
//! `--json` each is one line.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use abacus_api::v1;
use abacus_client::{Client, Error, Kind, Stats, Worker};
use serde_json::{Value, json};

use crate::{
    contract,
    exit::{Exit, Problem},
    output::{Colour, Output, coloured},
    steer,
};

/// Lines that are drawn where nobody says how tall the terminal is.
const LINES: usize = 24;

/// One look.
struct View {
    stats: Stats,
    kinds: Vec<Kind>,
    workers: Vec<Worker>,
}

/// The alternate screen, without a cursor and with long lines cut rather than wrapped, for as long as this lives.
struct Screen<'o>(&'o Output);

/// Shows the mesh until it is interrupted.
pub(crate) async fn top(client: &Client, interval: Duration, output: &Output) -> Result<Exit, Problem> {
    let screen =
        (io::stdout().is_terminal() && !output.json_lines).then(|| Screen::enter(output)).transpose()?;
    let mut begun = false;
    loop {
        match look(client).await {
            Ok(view) if output.json_lines => output.json(&view.to_json())?,
            Ok(view) => draw(&view.lines(), screen.is_some(), output)?,
            // A mesh that was there comes back; one that never was is a mistake.
            Err(error) if begun && is_passing(&error) => {
                let lines = [coloured("no answer; trying again", Colour::Red), error.to_string()];
                match screen {
                    Some(_) => draw(&lines, true, output)?,
                    None => output.meter().note(&lines[1]),
                }
            }
            Err(error) => return Err(error.into()),
        }
        begun = true;
        tokio::time::sleep(interval).await;
    }
}

/// Whether it may be different next time: nobody is there, or what the mesh stands on is away.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::Unreachable(_) => true,
        Error::Refused(refusal) => refusal.retry_delay().is_some(),
        _ => false,
    }
}

async fn look(client: &Client) -> Result<View, Error> {
    let operators = client.operators();
    Ok(View {
        stats: operators.stats().await?,
        kinds: operators.kinds().await?,
        workers: operators.workers().await?,
    })
}

impl View {
    fn lines(&self) -> Vec<String> {
        let parts = [
            steer::counter_lines(&self.stats),
            steer::queue_lines(&self.stats),
            steer::kind_lines(&self.kinds),
            steer::worker_lines(&self.workers),
        ];
        let filled = parts.into_iter().filter(|lines| !lines.is_empty());
        filled.flat_map(|lines| lines.into_iter().chain([String::new()])).collect()
    }

    fn to_json(&self) -> Value {
        let kinds =
            v1::ListKindsResponse { kinds: self.kinds.iter().map(|kind| kind.message().clone()).collect() };
        let workers = self.workers.iter().map(|worker| worker.message().clone()).collect();
        let workers = v1::ListWorkersResponse { workers };
        json!({
            "stats": contract::to_json("GetStatsResponse", self.stats.message()),
            "kinds": contract::to_json("ListKindsResponse", &kinds)["kinds"],
            "workers": contract::to_json("ListWorkersResponse", &workers)["workers"],
        })
    }
}

/// Draws over what stood there. A terminal that is not tall enough shows the first lines.
fn draw(lines: &[String], on_screen: bool, output: &Output) -> Result<(), Problem> {
    if !on_screen {
        return output.write((lines.join("\n") + "\n").as_bytes());
    }
    let rows = rustix::termios::tcgetwinsize(io::stdout()).map_or(0, |size| usize::from(size.ws_row));
    let rows = if rows == 0 { LINES } else { rows };
    let shown = &lines[..lines.len().min(rows - 1)];
    // Home, then each line and what is left of the old one, then what is left of the old view.
    let drawn = shown.iter().fold("\x1b[H".to_owned(), |drawn, line| drawn + line + "\x1b[K\r\n");
    output.write((drawn + "\x1b[J").as_bytes())
}

impl<'o> Screen<'o> {
    fn enter(output: &'o Output) -> Result<Self, Problem> {
        output.write(b"\x1b[?1049h\x1b[?25l\x1b[?7l")?;
        Ok(Self(output))
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing given back.
        drop(self.0.write(b"\x1b[?7h\x1b[?25h\x1b[?1049l"));
    }
}
