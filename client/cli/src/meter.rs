//! Progress on standard error, where that is a terminal: how far a job is and how far its result has come, with rate and
//! time left. Notes go there too, also where it is none.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

use abacus_client::{Disconnected, Event, Job, Progress, State};
use indicatif::{ProgressBar, ProgressStyle};

/// What is drawn of a job that is computed: the bar is in thousandths.
const COMPUTING: &str = "{prefix:>10} [{bar:30}] {percent:>3} %  {msg}";

/// What is drawn of a result that arrives, of known length.
const RECEIVING: &str = "{prefix:>10} [{bar:30}] {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left";

/// What is drawn of a result that arrives while it is computed.
const STREAMING: &str = "{prefix:>10} {spinner} {bytes}  {bytes_per_sec}  {msg}";

/// How finely a fraction is drawn.
const STEPS: f64 = 1000.0;

/// A line at the bottom of the terminal.
pub(crate) struct Meter {
    bar: ProgressBar,
    tells: bool,
    drawn: Drawn,
}

#[derive(PartialEq)]
enum Drawn {
    Nothing,
    Computing,
    Receiving,
    Streaming,
}

impl Meter {
    pub(crate) fn new(tells: bool) -> Self {
        // The bar itself draws nothing where standard error is no terminal.
        let bar = if tells { ProgressBar::new(0) } else { ProgressBar::hidden() };
        Self { bar, tells, drawn: Drawn::Nothing }
    }

    /// Shows what an event tells.
    pub(crate) fn show(&mut self, event: &Event) {
        match event {
            Event::Snapshot(job) => self.snapshot(job),
            Event::Progress { progress, .. } => self.progress(progress),
            Event::Retrying { failure, .. } => self.note(&format!("computed again: {failure}")),
            Event::Suspended { .. } => self.note("the kind is suspended: the job waits until it is resumed"),
            Event::Resumed { .. } => self.note("the kind is resumed"),
            Event::Disconnected(cut) => self.disconnected(cut),
            Event::Reconnected => self.note("connected again"),
            Event::Resubmitted(_) => self.note("the mesh has forgotten the job: asked again"),
            _ => {}
        }
    }

    /// Shows how much of a result has come; `total` where that is known.
    pub(crate) fn received(&mut self, bytes: u64, total: Option<u64>) {
        let drawn = if total.is_some() { Drawn::Receiving } else { Drawn::Streaming };
        let template = if total.is_some() { RECEIVING } else { STREAMING };
        if self.drawn != drawn {
            self.draw(drawn, template);
            self.bar.set_position(bytes);
            self.bar.reset_eta();
        }
        if let Some(total) = total {
            self.bar.set_length(total);
        }
        self.bar.set_prefix("receiving");
        self.bar.set_position(bytes);
    }

    /// Tells something that stays on the screen.
    pub(crate) fn note(&self, text: &str) {
        // Nothing is left to be done when standard error cannot be written.
        let tell = || drop(writeln!(io::stderr(), "abacus: {text}"));
        match self.drawn {
            _ if !self.tells => {}
            // Suspended, a bar is drawn again, also one that was not drawn before.
            Drawn::Nothing => tell(),
            _ => self.bar.suspend(tell),
        }
    }

    /// As [`Meter::note`], where somebody watches: of use to people only.
    pub(crate) fn note_to_people(&self, text: &str) {
        if io::stderr().is_terminal() {
            self.note(text);
        }
    }

    /// Takes the line away.
    pub(crate) fn clear(&mut self) {
        self.bar.finish_and_clear();
        self.drawn = Drawn::Nothing;
    }

    fn snapshot(&mut self, job: &Job) {
        match job.progress() {
            Some(progress) => self.progress(&progress),
            None if job.has_ended() => {}
            None => {
                let waits = job.state() == Some(State::Queued);
                let (prefix, message) = match (waits, job.is_suspended()) {
                    (true, true) => ("suspended", "its kind is suspended"),
                    (true, false) => ("queued", "it waits for a worker"),
                    (false, _) => ("running", ""),
                };
                self.computing(prefix, 0.0, message.to_owned());
            }
        }
    }

    fn progress(&mut self, progress: &Progress) {
        let left = progress.remaining().map(|left| format!("{} left", rounded(left)));
        if self.drawn == Drawn::Streaming {
            let percent = format!("{:.0} % computed", progress.fraction() * 100.0);
            self.bar.set_message(left.map_or(percent.clone(), |left| format!("{percent}, {left}")));
        } else {
            self.computing(progress.phase(), progress.fraction(), left.unwrap_or_default());
        }
    }

    fn computing(&mut self, prefix: &str, fraction: f64, message: String) {
        if self.drawn != Drawn::Computing {
            self.draw(Drawn::Computing, COMPUTING);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
        let position = (fraction.clamp(0.0, 1.0) * STEPS) as u64;
        self.bar.set_length(1000);
        self.bar.set_position(position);
        self.bar.set_prefix(prefix.to_owned());
        self.bar.set_message(message);
    }

    fn draw(&mut self, drawn: Drawn, template: &str) {
        let style = ProgressStyle::with_template(template).expect("the templates above are well-formed");
        self.bar.set_style(style.progress_chars("=> "));
        self.bar.set_message("");
        // Draws it.
        self.bar.reset();
        self.drawn = drawn;
    }

    /// Tells a cut once; the tries that follow only move the line.
    fn disconnected(&mut self, cut: &Disconnected) {
        let Disconnected { cause, tries, retry_in, .. } = cut;
        if *tries == 1 {
            self.note(&format!("connection lost ({cause}); trying again"));
        } else if self.drawn != Drawn::Nothing {
            let again = rounded(*retry_in);
            self.bar.set_message(format!("connection lost, {tries} tries, the next in {again}"));
        }
    }
}

/// A duration without digits that nobody reads.
fn rounded(duration: Duration) -> impl std::fmt::Display {
    let duration = match duration.as_secs() {
        0 => Duration::from_millis(duration.as_millis().try_into().unwrap_or(0)),
        seconds => Duration::from_secs(seconds),
    };
    humantime::format_duration(duration)
}
