//! Computes a Fibonacci number, and how many primes there are below a million.
#![expect(clippy::print_stdout, reason = "an example tells what it has found")]

use abacus_client::{Client, Error, Task};

#[tokio::main]
async fn main() -> Result<(), Error> {
    run("http://127.0.0.1:8080").await
}

pub(crate) async fn run(url: &str) -> Result<(), Error> {
    let client = Client::builder(url).build()?;

    let submitted = client.submit(Task::fibonacci(1000)).await?;
    let number = client.result(submitted.job().id()).integer().await?;
    println!("F(1000) = {number}");

    let submitted = client.submit(Task::prime_count(1..=1_000_000)).await?;
    let count = client.result(submitted.job().id()).integer().await?;
    println!("{count} primes below a million");
    Ok(())
}
