//! The messages of one computation's stream.

use abacus_api::v1::{self, CalculateResponse, calculate_response};
use abacus_broker::{Failure, message};
use abacus_tasks::{Format, Stop, kinds::Content};
use bytes::Bytes;

use crate::handover::{Event, Finished};

/// Writes the messages: numbers the chunks and knows how far the result has come.
pub(super) struct Writer {
    format: Format,
    index: u32,
    offset: u64,
}

impl Writer {
    /// The writer of a result of this content, in its native format.
    pub(super) fn new(content: &Content) -> Self {
        Self { format: Format::native(content), index: 0, offset: 0 }
    }

    /// The messages that tell of an event.
    pub(super) fn messages(&mut self, event: Event) -> Vec<CalculateResponse> {
        use calculate_response::Event::{Chunk, Progress, Terminal};
        let events = match event {
            Event::Progress(progress) => vec![Progress((&progress).into())],
            Event::Chunk(bytes) => vec![Chunk(self.chunk(bytes))],
            Event::Ended(Ok(Finished { last, summary })) => {
                let last = last.map(|bytes| Chunk(self.chunk(bytes)));
                let result = Some(summary.to_message(self.format));
                let state = v1::JobState::Succeeded.into();
                last.into_iter().chain([Terminal(v1::Terminal { state, result, failure: None })]).collect()
            }
            Event::Ended(Err(stop)) => vec![Terminal(failed(&stop))],
            Event::Interrupted(_) => vec![Terminal(failed(&Stop::Interrupted))],
        };
        events.into_iter().map(|event| CalculateResponse { event: Some(event) }).collect()
    }

    fn chunk(&mut self, bytes: Bytes) -> v1::Chunk {
        let (index, offset) = (self.index, self.offset);
        self.index += 1;
        self.offset += bytes.len() as u64;
        message::chunk(index, offset, bytes, self.format)
    }
}

fn failed(stop: &Stop) -> v1::Terminal {
    let failure = Failure::new(Failure::COMPUTATION_FAILED, stop.to_string());
    v1::Terminal { state: v1::JobState::Failed.into(), result: None, failure: Some((&failure).into()) }
}
