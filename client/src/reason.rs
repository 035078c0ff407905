//! The reasons a program is likely to react to. `docs/errors.md` explains these and all others.

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $($(#[$doc])* pub const $name: &str = stringify!($name);)*

        #[cfg(test)]
        const ALL: &[&str] = &[$($name),*];
    };
}

reasons! {
    /// Fields are wrong; [`Refusal::violations`](crate::Refusal::violations) tells which.
    INVALID_FIELD
    /// The cursor does not belong to this target and format.
    CURSOR_INVALID
    /// The job that the cursor belongs to is no longer kept. Submit the task again.
    CURSOR_EXPIRED
    /// No such job is kept.
    JOB_NOT_FOUND
    /// The client has no such request.
    REQUEST_NOT_FOUND
    /// No such worker is alive.
    WORKER_NOT_FOUND
    /// The kind is suspended, and a refusal was asked for in that case.
    KIND_SUSPENDED
    /// The result was asked for before the job ended.
    JOB_NOT_FINISHED
    /// The job ended without a result.
    NO_RESULT
    /// The job has not failed, so it cannot be retried.
    JOB_NOT_DEAD
    /// The request id was used before, with another task.
    REQUEST_ID_REUSED
    /// The queue is at its bound. Ask again later.
    QUEUE_FULL
    /// The task would cost more than the mesh allows.
    BUDGET_EXCEEDED
    /// The result is too large to be converted. Ask for it in its own format.
    FORMAT_TOO_LARGE
    /// The broker cannot be reached.
    BROKER_UNAVAILABLE
    /// The process that answered is shutting down.
    SHUTTING_DOWN
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn each_has_its_heading_in_the_documentation() {
        let documented = include_str!("../../docs/errors.md");
        for reason in ALL {
            assert!(documented.lines().any(|line| line == format!("## {reason}")), "{reason}");
        }
    }
}
