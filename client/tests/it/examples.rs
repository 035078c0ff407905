//! The examples do what they tell.

use crate::mesh::Mesh;

#[path = "../../examples/five_minutes.rs"]
#[expect(dead_code, reason = "an example has a main function of its own")]
mod five_minutes;
#[path = "../../examples/follow.rs"]
#[expect(dead_code, reason = "an example has a main function of its own")]
mod follow;
#[path = "../../examples/primes.rs"]
#[expect(dead_code, reason = "an example has a main function of its own")]
mod primes;

#[tokio::test(flavor = "multi_thread")]
async fn five_minutes() {
    five_minutes::run(&Mesh::start().url()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn follow() {
    follow::run(&Mesh::start().url()).await.unwrap();
}

#[test]
fn primes() {
    primes::run(&Mesh::start().url()).unwrap();
}
