//! Adds up a list of primes as it arrives, without a runtime of one's own and without holding the list.
#![expect(clippy::print_stdout, reason = "an example tells what it has found")]

use abacus_client::{Error, Task, blocking::Client};

fn main() -> Result<(), Error> {
    run("http://127.0.0.1:8080")
}

pub(crate) fn run(url: &str) -> Result<(), Error> {
    let client = Client::new(abacus_client::Client::builder(url))?;
    let submitted = client.submit(Task::primes(1..=1_000_000))?;
    let (mut count, mut sum) = (0, 0);
    for prime in client.primes(submitted.job().id()) {
        count += 1;
        sum += prime?;
    }
    println!("{count} primes below a million, together {sum}");
    Ok(())
}
