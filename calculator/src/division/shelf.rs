//! Results of parts that were needed lately, at hand in memory: what overlapping tasks ask for again, and what a worker
//! has computed ahead. The truth is the broker's; a result that is not here is read there.

use std::collections::{BTreeMap, HashMap};

use abacus_tasks::JobId;
use bytes::Bytes;
use parking_lot::Mutex;

/// About what an entry takes beside its result.
const ENTRY_BYTES: usize = 256;

/// A cache bounded in bytes; the least recently needed makes room.
#[derive(Debug)]
pub(crate) struct Shelf {
    bound: usize,
    stock: Mutex<Stock>,
}

#[derive(Debug, Default)]
struct Stock {
    results: HashMap<JobId, (u64, Bytes)>,
    /// By when they were needed last.
    order: BTreeMap<u64, JobId>,
    bytes: usize,
    uses: u64,
}

impl Shelf {
    /// An empty shelf for so many bytes.
    pub(crate) fn new(bound: usize) -> Self {
        Self { bound, stock: Mutex::default() }
    }

    /// The result of a job, if it is here.
    pub(crate) fn get(&self, job: &JobId) -> Option<Bytes> {
        let mut stock = self.stock.lock();
        let result = stock.remove(job)?;
        stock.insert(job.clone(), result.clone());
        Some(result)
    }

    /// Keeps the result of a job, unless it is larger than the whole shelf.
    pub(crate) fn put(&self, job: &JobId, result: Bytes) {
        let mut stock = self.stock.lock();
        stock.remove(job);
        if weight(&result) > self.bound {
            return;
        }
        while stock.bytes + weight(&result) > self.bound {
            let Some((_, oldest)) = stock.order.first_key_value() else { break };
            let oldest = oldest.clone();
            stock.remove(&oldest);
        }
        stock.insert(job.clone(), result);
    }
}

impl Stock {
    fn insert(&mut self, job: JobId, result: Bytes) {
        self.uses += 1;
        self.bytes += weight(&result);
        self.order.insert(self.uses, job.clone());
        self.results.insert(job, (self.uses, result));
    }

    fn remove(&mut self, job: &JobId) -> Option<Bytes> {
        let (used, result) = self.results.remove(job)?;
        self.order.remove(&used);
        self.bytes -= weight(&result);
        Some(result)
    }
}

fn weight(result: &Bytes) -> usize {
    result.len() + ENTRY_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(number: u8) -> JobId {
        JobId::derive("primes", &[number])
    }

    fn result(length: usize) -> Bytes {
        vec![7; length].into()
    }

    #[test]
    fn the_least_recently_needed_makes_room() {
        let shelf = Shelf::new(3 * (ENTRY_BYTES + 100));
        for number in 0..3 {
            shelf.put(&job(number), result(100));
        }
        assert_eq!(shelf.get(&job(0)), Some(result(100)));
        shelf.put(&job(3), result(50));
        let kept = [0, 1, 2, 3].map(|number| shelf.get(&job(number)).is_some());
        assert_eq!(kept, [true, false, true, true]);
        shelf.put(&job(3), result(150));
        assert_eq!(shelf.get(&job(0)), None, "a longer result of the same job takes the room of others");
        assert_eq!(shelf.get(&job(3)), Some(result(150)));
        let stock = shelf.stock.lock();
        let bytes: usize = stock.results.values().map(|(_, result)| weight(result)).sum();
        assert_eq!((stock.bytes, stock.order.len()), (bytes, stock.results.len()));
    }

    #[test]
    fn what_is_larger_than_the_shelf_is_not_kept_and_drives_nothing_out() {
        let shelf = Shelf::new(1000);
        shelf.put(&job(1), result(10));
        shelf.put(&job(2), result(1000));
        assert_eq!((shelf.get(&job(1)), shelf.get(&job(2))), (Some(result(10)), None));
        let none = Shelf::new(0);
        none.put(&job(1), Bytes::new());
        assert_eq!(none.get(&job(1)), None);
    }
}
