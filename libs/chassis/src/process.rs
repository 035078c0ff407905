//! A process from its settings to its exit code: what every `main` does after it has read its configuration.

use std::fmt::Display;
use std::process::ExitCode;

use tokio::net::TcpListener;

use crate::admin;
use crate::life::Life;
use crate::server::ServerSettings;

/// Starts the log, a runtime and the admin port, obeys signals, lets `start` set up what the process does, and waits for its end.
///
/// The exit code is that of [`Life::finish`], or 1 when `start` fails; its error is logged with `{:#}`.
pub fn run<E: Display>(
    settings: &ServerSettings,
    start: impl AsyncFnOnce(Life) -> Result<(), E>,
) -> ExitCode {
    crate::telemetry::start(&settings.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "no runtime can be started");
            return ExitCode::FAILURE;
        }
    };
    let life = Life::new(settings.grace);
    let code = runtime.block_on(async {
        if let Err(error) = life.obey_signals() {
            tracing::error!(%error, "signals cannot be received");
            return ExitCode::FAILURE;
        }
        let failed = |error: &dyn Display| {
            tracing::error!("{error:#}");
            life.stop();
            ExitCode::FAILURE
        };
        if let Some(address) = settings.admin_listen {
            match TcpListener::bind(address).await {
                Ok(listener) => admin::serve(listener, settings.clone(), &life),
                Err(error) => {
                    return failed(&format_args!("cannot listen on {address} (--admin-listen): {error}"));
                }
            }
        }
        match start(life.clone()).await {
            Ok(()) => life.finish().await,
            Err(error) => failed(&error),
        }
    });
    // A thread that still blocks is not waited for: what it does can no longer be of use.
    runtime.shutdown_background();
    code
}
