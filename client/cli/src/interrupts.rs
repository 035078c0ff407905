//! Ctrl-C.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::{Exit, Problem};

/// Each Ctrl-C from now on.
pub(crate) struct Interrupts(Signal);

impl Interrupts {
    /// From here on Ctrl-C does not end the process by itself.
    pub(crate) fn listen() -> Result<Self, Problem> {
        let signal = signal(SignalKind::interrupt());
        signal.map(Self).map_err(|error| Problem::internal(format!("signals cannot be received: {error}")))
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        self.0.recv().await;
    }

    /// Runs a command that leaves nothing behind, to its end or to the next Ctrl-C.
    pub(crate) async fn or(
        mut self,
        interrupted: Exit,
        command: impl Future<Output = Result<Exit, Problem>>,
    ) -> Result<Exit, Problem> {
        tokio::select! {
            exit = command => exit,
            () = self.next() => Ok(interrupted),
        }
    }
}
