//! SIGTERM: idle, and in the middle of work.

use std::time::Duration;

use abacus_api::v1::frame::Event;
use tonic::Code;

use crate::{
    follow::{reason, spin, submit, subscription},
    process::Mesh,
};

#[test]
fn an_idle_mesh_ends_within_two_seconds() {
    let mut mesh = Mesh::start();
    mesh.terminate();
    assert_eq!(mesh.wait(Duration::from_secs(2)).code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_end_resumable_and_the_process_ends_within_its_grace() {
    let mut mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let job = submit(&mut jobs, spin("interrupted", 60), "").await.job.unwrap().id;
    let mut stream = jobs.subscribe_results(subscription(&job)).await.unwrap().into_inner();
    while !matches!(stream.message().await.unwrap().unwrap().frame.unwrap().event, Some(Event::Progress(_))) {
    }

    mesh.terminate();
    let end = loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the stream must not end as if the job had ended"),
            Err(status) => break status,
        }
    };
    assert_eq!((end.code(), reason(&end)), (Code::Unavailable, "SHUTTING_DOWN".to_owned()));
    assert_eq!(mesh.wait(Duration::from_secs(10)).code(), Some(0));
}
