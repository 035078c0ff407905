//! The broker's server is killed and started again while jobs run, are submitted and are followed.

use std::time::{Duration, Instant};

use super::{
    Apart,
    orders::Orders,
    subscriber::Subscriber,
    tasks::{assert_is_the_long_list, long_list, submitted, successor},
};

/// How long after the server answers again everything is to go on.
const AGAIN: Duration = Duration::from_secs(2);

/// What a busy machine may add to a time that is promised.
const NOISE: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_accepted_is_lost_and_everything_goes_on_by_itself() {
    // Submissions are refused a second after the server has gone, rather than after five.
    let mut mesh = Apart::start(&["--broker-timeout", "1s"]);
    let _calculator = mesh.calculator(&[]);
    let job = submitted(&mesh, long_list()).await;
    let mut list = Subscriber::of(&mesh, &job);
    list.chunk(10).await;

    let sums = (0..400).map(|first| (successor(first), (first + 1).to_string())).collect();
    let orders = Orders::new(&mesh, "steady", sums);
    let outage = async {
        orders.accepted(100).await;
        mesh.redis.kill();
        orders.refused().await;
        mesh.redis.restart();
        let back = Instant::now();
        orders.next_accepted().await;
        let accepting = back.elapsed();
        let sum = submitted(&mesh, successor(1000)).await;
        assert_eq!(Subscriber::of(&mesh, &sum).end().await, b"1001");
        let computing = back.elapsed();
        // Frames of before the outage may still have been on their way.
        let told = mesh.job(&job).await.sequence;
        while list.next().await.sequence <= told {}
        [accepting, computing, back.elapsed()]
    };
    let (expected, again_after) = tokio::join!(orders.submit(), outage);
    println!("accepted, computed, streamed after {again_after:?}");
    assert!(again_after.iter().all(|after| *after < AGAIN + NOISE), "{again_after:?}");

    assert_eq!(orders.results(&mut orders.subscriber(&mesh)).await, expected);
    assert_is_the_long_list(&list.end().await);
    println!("attempts at the job that ran: {}", mesh.job(&job).await.attempt);
}
