//! The names of keys. All keys of a partition carry one hash tag, and so do those of a client's list and those of the
//! workers: each script touches one slot of a cluster.

use abacus_tasks::{ClientName, JobId};

use super::slot::slot;

/// The names of keys under one prefix.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: String,
    partitions: Vec<Base>,
}

/// What a group of keys in one slot begins with. It is handed to scripts as a key that never exists.
#[derive(Debug, Clone)]
pub(super) struct Base {
    /// Such as `abacus:{7}:`.
    pub(super) name: String,
    /// The slot its keys lie in.
    pub(super) slot: u16,
}

impl Keys {
    pub(super) fn new(prefix: &str, partitions: u16) -> Self {
        let base = |partition| Base::new(format!("{prefix}:{{{partition}}}:"));
        Self { prefix: prefix.to_owned(), partitions: (0..partitions).map(base).collect() }
    }

    /// The layout version and the number of partitions.
    pub(super) fn meta(&self) -> Base {
        Base::new(format!("{}:meta", self.prefix))
    }

    /// The partitions, by number.
    pub(super) fn partitions(&self) -> &[Base] {
        &self.partitions
    }

    /// The partition of a job.
    pub(super) fn of_job(&self, job: &JobId) -> &Base {
        &self.partitions[self.partition_of(job)]
    }

    /// The number of the partition of a job.
    pub(super) fn partition_of(&self, job: &JobId) -> usize {
        let partitions = self.partitions.len() as u64;
        usize::try_from(job.hash64() % partitions).expect("smaller than the number of partitions, a u16")
    }

    /// The list of a client.
    pub(super) fn of_client(&self, client: &ClientName) -> Base {
        Base::new(format!("{}:client:{{{client}}}:", self.prefix))
    }

    /// The registry of workers.
    pub(super) fn workers(&self) -> Base {
        Base::new(format!("{}:{{workers}}:", self.prefix))
    }
}

impl Base {
    fn new(name: String) -> Self {
        let slot = slot(&name);
        Self { name, slot }
    }

    /// The key of this name below the base.
    pub(super) fn key(&self, name: &str) -> String {
        format!("{}{name}", self.name)
    }

    /// The hash of a job.
    pub(super) fn job(&self, job: &JobId) -> String {
        format!("{}job:{job}", self.name)
    }

    /// A chunk of a job.
    pub(super) fn chunk(&self, job: &JobId, index: u32) -> String {
        format!("{}chunk:{job}:{index}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_of_a_partition_lie_in_one_slot() {
        let keys = Keys::new("abacus", 16);
        let job = JobId::derive("sum2", b"x");
        let base = keys.of_job(&job);
        assert!(base.name.starts_with("abacus:{") && base.name.ends_with("}:"));
        for key in [base.job(&job), base.chunk(&job, 7), base.key("queue:sum2:instant")] {
            assert_eq!(slot(&key), base.slot, "{key}");
        }
        let slots: std::collections::HashSet<_> = keys.partitions().iter().map(|base| base.slot).collect();
        assert_eq!(slots.len(), 16, "partitions spread over the slots");
    }
}
