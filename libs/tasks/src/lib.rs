//! The vocabulary of Abacus, without I/O and without a runtime: what a task is, how a job is named, which states it
//! passes, how a subscriber says where it stands, how results are written, and the kinds of tasks themselves.
//!
//! Services, broker and clients agree on these words; nothing here knows how they talk to each other.

pub mod cost;
pub mod cursor;
pub mod format;
pub mod identity;
pub mod kinds;
pub mod limits;
pub mod run;
pub mod state;
pub mod subscription;
pub mod task;
pub mod violations;

pub use cost::{Budget, Cost};
pub use cursor::Cursor;
pub use format::{Format, Transcoder};
pub use identity::{ClientName, JobId, RequestName, WorkerId};
pub use limits::Limits;
pub use run::{Parts, Run, Size, Stop};
pub use state::{Disposition, Lane, State};
pub use subscription::Subscription;
pub use task::Task;
pub use violations::Violations;
