//! A list of primes on its way out, in lines or in gaps.

use std::ops::ControlFlow;

use abacus_api::v1;
use abacus_arithmetic::GapEncoder;

use crate::{
    format::lines::{LINE_BYTES, Lines},
    kinds::kernel::Desk,
};

/// Bytes written at a time, at most.
pub(super) const BLOCK_BYTES: usize = 64 << 10;

/// Room for the longest gap.
const GAP_BYTES: usize = 10;

/// The list of a task.
pub(super) struct List<'a> {
    desk: &'a Desk<'a>,
    form: Form,
    block: Vec<u8>,
    /// How many primes were pushed.
    pub(super) count: u64,
}

enum Form {
    Lines(Lines),
    Gaps(GapEncoder),
}

impl<'a> List<'a> {
    /// An empty list of a task, which is written to this desk.
    pub(super) fn new(task: &v1::Primes, desk: &'a Desk<'a>) -> Self {
        let form =
            if task.gaps { Form::Gaps(GapEncoder::new(task.start)) } else { Form::Lines(Lines::default()) };
        Self { desk, form, block: Vec::with_capacity(BLOCK_BYTES), count: 0 }
    }

    /// Appends the next primes, and writes them.
    pub(super) fn push(&mut self, primes: &[u64]) -> ControlFlow<()> {
        self.count += u64::try_from(primes.len()).expect("a block of primes");
        match &mut self.form {
            Form::Lines(lines) => {
                for prime in primes {
                    if self.block.len() + LINE_BYTES > BLOCK_BYTES {
                        flush(&mut self.block, self.desk)?;
                    }
                    lines.push(*prime, &mut self.block);
                }
            }
            Form::Gaps(encoder) => {
                for primes in primes.chunks(BLOCK_BYTES / GAP_BYTES) {
                    flush(&mut self.block, self.desk)?;
                    encoder.encode(primes, &mut self.block);
                }
            }
        }
        // What is known does not wait for the block to fill.
        flush(&mut self.block, self.desk)
    }
}

/// Hands the block over and starts the next one.
fn flush(block: &mut Vec<u8>, desk: &Desk<'_>) -> ControlFlow<()> {
    if block.is_empty() {
        return ControlFlow::Continue(());
    }
    desk.write(block)?;
    block.clear();
    ControlFlow::Continue(())
}
