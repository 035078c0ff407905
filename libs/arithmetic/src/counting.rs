//! The number of primes up to x, without finding them all.
mod leaves;
mod plan;
mod ranks;
mod roots;
mod segment;
mod sweep;
mod tables;
mod wheel;

use plan::Plan;
use tables::Tables;

use crate::monitor::{Interrupted, Monitor, Progress};

/// Below this, sieving is as quick.
const LEAST: u64 = 1_000_000;

/// The number of primes up to x.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub fn prime_count(x: u64, monitor: &mut dyn Monitor) -> Result<u64, Interrupted> {
    if x < LEAST {
        return crate::sieve::count_primes(0, x, monitor);
    }
    let plan = Plan::of(x);
    let mut progress = Progress::new(monitor, plan.work());
    let progress_ = &mut progress;
    let t = std::time::Instant::now();
    let tables = Tables::new(&plan, progress_)?;
    eprintln!("tables {:?}", t.elapsed());
    let a = (tables.primes.len() - 2) as i128;
    let s1 = leaves::ordinary(&plan, &tables, progress_)?;
    eprintln!("ordinary {:?}", t.elapsed());
    let s2 = leaves::easy(&plan, &tables, progress_)?;
    eprintln!("easy {:?}", t.elapsed());
    let s3 = sweep::sweep(&plan, &tables, progress_)?;
    eprintln!("sweep {:?}", t.elapsed());
    progress.finish()?;
    Ok((s1 + s2 + s3 + a - 1) as u64)
}
