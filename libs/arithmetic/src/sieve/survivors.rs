//! Clearing the composites that have no small divisor, where that is quicker than crossing them out.

use super::plan::Plan;
use super::segment::Segment;
use crate::miller_rabin::passes_strong_tests;
use crate::monitor::{Interrupted, Progress};

/// Bytes whose numbers are tested between two reports: a few milliseconds.
const TESTED_BYTES: usize = 1 << 10;

/// Leaves only primes in a segment that has been sieved by the plan's base primes.
pub(super) fn test(
    segment: &mut Segment<'_>,
    plan: &Plan,
    progress: &mut Progress<'_>,
) -> Result<(), Interrupted> {
    if !plan.is_tested() {
        return Ok(());
    }
    for first in (0..segment.bytes.len()).step_by(TESTED_BYTES) {
        let bytes = first..segment.bytes.len().min(first + TESTED_BYTES);
        let work = plan.testing_work(bytes.len() as u64);
        segment.retain(bytes, passes_strong_tests);
        progress.advance(work)?;
    }
    Ok(())
}
