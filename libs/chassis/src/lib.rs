//! What each service is bolted on.
//!
//! A service is a function of its settings, a bound listener and its [`Life`]. It reads the first with
//! [`config`], logs with [`telemetry`], runs its loops in the [`life`], serves its gRPC (and HTTP) routes on
//! one port with [`server`], where [`health`] and reflection stand beside them, bounds its [`streams`], calls
//! other services through a [`channel`] and says no with a [`Refusal`]. Nothing here knows a broker, a kind
//! or a message of Abacus.
//!
//! | module | one idea |
//! |---|---|
//! | [`config`] | flags and `ABACUS_*` variables, checked before anything is bound |
//! | [`telemetry`] | logs for people on a terminal, for machines elsewhere |
//! | [`metrics`] | figures of the process for Prometheus |
//! | [`life`] | ask to stop, wait, cut; a loop that dies takes the process with it |
//! | [`process`] | from settings to exit code |
//! | [`server`] | one port, its layers and limits |
//! | [`health`] | readiness, and what `grpcurl` needs |
//! | [`streams`] | how many streams, how long, until when |
//! | [`channel`] | connections to other services |
//! | [`refusal`] | one table of all ways to say no |
//!
//! Three parts work unseen: `admin` is the port for whoever runs the process, `explain` gives a reason to what tonic
//! refuses by itself, `deadline` reads the caller's deadline.

mod admin;
pub mod channel;
pub mod config;
mod deadline;
mod explain;
pub mod health;
pub mod life;
pub mod metrics;
mod probe;
pub mod process;
pub mod refusal;
pub mod server;
pub mod streams;
pub mod telemetry;

pub use life::Life;
pub use probe::probe;
pub use refusal::{Reason, Refusal};
pub use server::ServerSettings;
