//! Follows a job while it is computed: its progress, its digits as they arrive, the end. Cancels it when dropped early.
#![expect(clippy::print_stdout, reason = "an example tells what it has found")]

use abacus_client::{Client, End, Error, Event, Task};
use futures_util::StreamExt;

#[tokio::main]
async fn main() -> Result<(), Error> {
    run("http://127.0.0.1:8080").await
}

pub(crate) async fn run(url: &str) -> Result<(), Error> {
    let client = Client::builder(url).client_name("example").build()?;
    let mut run = client.run(Task::fibonacci(10_000_000)).await?.cancel_on_drop(&client);
    let mut bytes = 0;
    while let Some(event) = run.next().await {
        match event? {
            Event::Progress { progress, .. } => {
                println!("{:.0} % ({})", progress.fraction() * 100.0, progress.phase());
            }
            Event::Chunk(chunk) => bytes += chunk.bytes.len(),
            Event::Disconnected(cut) => println!("cut: {}; again in {:?}", cut.cause, cut.retry_in),
            Event::Ended(outcome) => match outcome.end {
                End::Succeeded(summary) => println!("{bytes} digits, SHA-256 {}", summary.sha256()),
                End::Failed(failure) => println!("failed: {failure}"),
                _ => println!("cancelled"),
            },
            _ => {}
        }
    }
    Ok(())
}
