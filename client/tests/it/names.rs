//! The public names. That this compiles is the test: a name that goes, or that changes what it takes, breaks programs
//! and needs a new version by the rules of Semantic Versioning.

use std::{any::type_name, collections::HashSet};

use abacus_client::{
    BigInt, Builder, CancelGuard, Cancelled, Chunk, Client, ClientName, Cursor, Digits, Disconnected,
    Disposition, End, Error, Event, Failure, Follow, Format, Job, JobId, Kind, KindStatus, Lane, NoResult,
    Operators, Outcome, Piece, Pieces, Primes, Progress, Received, Refusal, Request, RequestName, Run, State,
    Stats, StoredResult, Submission, Submitted, Subscription, Summary, Task, Unreachable, Uuid, Violation,
    Worker, WorkerId, WorkerState, blocking, reason,
};

/// The names of types, which must all be there.
macro_rules! names {
    ($($name:ty),* $(,)?) => { [$(type_name::<$name>()),*] };
}

#[test]
fn every_type_has_its_name() {
    let types = names![
        BigInt,
        Builder,
        CancelGuard,
        Cancelled,
        Chunk,
        Client,
        ClientName,
        Cursor,
        Digits,
        Disconnected,
        Disposition,
        End,
        Error,
        Event,
        Failure,
        Follow,
        Format,
        Job,
        JobId,
        Kind,
        KindStatus,
        Lane,
        NoResult,
        Operators,
        Outcome,
        Piece,
        Pieces,
        Primes,
        Progress,
        Received,
        Refusal,
        Request,
        RequestName,
        Run,
        State,
        Stats,
        StoredResult,
        Submission,
        Submitted,
        Subscription,
        Summary,
        Task,
        Unreachable,
        Uuid,
        Violation,
        Worker,
        WorkerId,
        WorkerState,
        blocking::Client,
    ];
    let different: HashSet<_> = types.iter().collect();
    assert_eq!(different.len(), types.len(), "each is a type of its own");
}

#[tokio::test]
async fn what_programs_begin_with_takes_what_it_took() {
    let _: fn(u64) -> Task = Task::fibonacci;
    let _: fn(&Job) -> &JobId = Job::id;
    let _: fn(&Summary) -> &str = Summary::sha256;
    let builder: Builder = Client::builder("http://127.0.0.1:8080");
    let client: Client = builder.build().unwrap();
    let job: JobId = "fibonacci-7e1941a7d6f0a61272b0cefe7a4f0fe0".parse().unwrap();
    let _: StoredResult = client.result(&job);
    assert_eq!(reason::INVALID_FIELD, "INVALID_FIELD");
}
