//! Who watches what: from a job or a client to the mailboxes of those who follow it.
//!
//! A mailbox says what is worth reading again, not what happened: a job stands in it once however often it changed. It
//! holds only what its watcher follows, which bounds it. Locks are held for a look-up, never while waiting.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use abacus_broker::Notice;
use abacus_tasks::{ClientName, JobId};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// All watchers of a process. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watchers(Arc<Mutex<Index>>);

/// One watcher, registered until it is dropped.
#[derive(Debug)]
pub(crate) struct Watcher {
    number: u64,
    watchers: Watchers,
    mailbox: Arc<Mailbox>,
    jobs: BTreeSet<JobId>,
    client: Option<ClientName>,
}

/// What is worth reading again.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Everything that is followed.
    pub(crate) everything: bool,
    /// The client's list of requests.
    pub(crate) requests: bool,
    /// These jobs, each with the latest sequence number it is known to have reached.
    pub(crate) jobs: HashMap<JobId, u64>,
}

#[derive(Debug, Default)]
struct Index {
    /// The number of the next watcher.
    next: u64,
    jobs: BTreeMap<(JobId, u64), Arc<Mailbox>>,
    clients: BTreeMap<(ClientName, u64), Arc<Mailbox>>,
}

#[derive(Debug, Default)]
struct Mailbox {
    changes: Mutex<Changes>,
    filled: Notify,
}

impl Watchers {
    /// Registers a watcher that follows nothing yet.
    pub(crate) fn register(&self) -> Watcher {
        let mut index = self.0.lock();
        index.next += 1;
        Watcher {
            number: index.next,
            watchers: self.clone(),
            mailbox: Arc::default(),
            jobs: BTreeSet::new(),
            client: None,
        }
    }

    /// Wakes those whom the notices concern.
    pub(crate) fn deliver(&self, notices: &[Notice]) {
        let index = self.0.lock();
        for notice in notices {
            match notice {
                Notice::Job { job, sequence, client } => {
                    for mailbox in of(&index.jobs, job) {
                        mailbox.put(|changes| changes.job(job, *sequence));
                    }
                    for mailbox in client.iter().flat_map(|client| of(&index.clients, client)) {
                        mailbox.put(|changes| changes.requests = true);
                    }
                }
                Notice::Kind { kind } => {
                    // Operators suspend and resume rarely: a walk through all jobs will do.
                    for ((job, _), mailbox) in index.jobs.iter().filter(|((job, _), _)| job.kind() == kind) {
                        mailbox.put(|changes| changes.job(job, u64::MAX));
                    }
                }
            }
        }
    }

    /// Wakes everybody: notices may have been lost.
    pub(crate) fn everything_changed(&self) {
        let index = self.0.lock();
        for mailbox in index.jobs.values().chain(index.clients.values()) {
            mailbox.put(|changes| changes.everything = true);
        }
    }

    /// How many watchers' entries there are, for jobs and for clients.
    #[cfg(test)]
    fn entries(&self) -> (usize, usize) {
        let index = self.0.lock();
        (index.jobs.len(), index.clients.len())
    }
}

impl Watcher {
    /// A number that no other watcher of the process has.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Follows a job. Following it again changes nothing.
    pub(crate) fn follow(&mut self, job: &JobId) {
        if self.jobs.insert(job.clone()) {
            let key = (job.clone(), self.number);
            self.watchers.0.lock().jobs.insert(key, Arc::clone(&self.mailbox));
        }
    }

    /// No longer follows a job.
    pub(crate) fn unfollow(&mut self, job: &JobId) {
        if self.jobs.remove(job) {
            self.watchers.0.lock().jobs.remove(&(job.clone(), self.number));
            self.mailbox.changes.lock().jobs.remove(job);
        }
    }

    /// Follows the list of requests of a client; to be called once.
    pub(crate) fn follow_client(&mut self, client: &ClientName) {
        self.client = Some(client.clone());
        let key = (client.clone(), self.number);
        self.watchers.0.lock().clients.insert(key, Arc::clone(&self.mailbox));
    }

    /// Empties the mailbox.
    pub(crate) fn take(&self) -> Changes {
        std::mem::take(&mut *self.mailbox.changes.lock())
    }

    /// Waits until something was put into the mailbox since this was last waited for; perhaps it was taken already.
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping it.
    pub(crate) async fn changed(&self) {
        self.mailbox.filled.notified().await;
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut index = self.watchers.0.lock();
        for job in std::mem::take(&mut self.jobs) {
            index.jobs.remove(&(job, self.number));
        }
        if let Some(client) = self.client.take() {
            index.clients.remove(&(client, self.number));
        }
    }
}

impl Mailbox {
    fn put(&self, change: impl FnOnce(&mut Changes)) {
        change(&mut self.changes.lock());
        self.filled.notify_one();
    }
}

impl Changes {
    fn job(&mut self, job: &JobId, sequence: u64) {
        // Most notices are of jobs that are in already: no key is cloned for them.
        match self.jobs.get_mut(job) {
            Some(latest) => *latest = sequence.max(*latest),
            None => {
                self.jobs.insert(job.clone(), sequence);
            }
        }
    }
}

/// The mailboxes of those who follow `name`.
fn of<'i, N: Ord + Clone>(
    entries: &'i BTreeMap<(N, u64), Arc<Mailbox>>,
    name: &N,
) -> impl Iterator<Item = &'i Arc<Mailbox>> {
    entries.range((name.clone(), 0)..=(name.clone(), u64::MAX)).map(|(_, mailbox)| mailbox)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn job(kind: &str, name: &str) -> JobId {
        JobId::derive(kind, name.as_bytes())
    }

    fn changed(job: &JobId, sequence: u64) -> Notice {
        Notice::Job { job: job.clone(), sequence, client: None }
    }

    #[test]
    fn only_those_concerned_are_woken_and_a_job_stands_in_a_mailbox_once() {
        let watchers = Watchers::default();
        let [mut first, mut second] = [watchers.register(), watchers.register()];
        let (a, b) = (job("sum2", "a"), job("sum2", "b"));
        first.follow(&a);
        second.follow(&a);
        second.follow(&b);
        watchers.deliver(&[changed(&b, 1), changed(&b, 3), changed(&b, 2)]);
        assert_eq!(first.take(), Changes::default());
        assert!(first.changed().now_or_never().is_none());
        assert!(second.changed().now_or_never().is_some());
        assert_eq!(second.take().jobs, HashMap::from([(b, 3)]));
        watchers.deliver(&[changed(&a, 4)]);
        assert_eq!(first.take().jobs, second.take().jobs);
    }

    #[test]
    fn a_client_is_woken_by_its_requests_only() {
        let watchers = Watchers::default();
        let mut watcher = watchers.register();
        let alice: ClientName = "alice".parse().unwrap();
        watcher.follow_client(&alice);
        let asked =
            |client: &str| Notice::Job { job: job("sum2", "a"), sequence: 1, client: client.parse().ok() };
        watchers.deliver(&[asked("bob"), changed(&job("sum2", "a"), 2)]);
        assert_eq!(watcher.take(), Changes::default());
        watchers.deliver(&[asked("alice")]);
        assert_eq!(watcher.take(), Changes { requests: true, ..Changes::default() });
    }

    #[test]
    fn a_kind_wakes_the_watchers_of_its_jobs_and_a_gap_wakes_all() {
        let watchers = Watchers::default();
        let [mut sums, mut primes] = [watchers.register(), watchers.register()];
        let sum = job("sum2", "a");
        sums.follow(&sum);
        primes.follow(&job("primes", "a"));
        watchers.deliver(&[Notice::Kind { kind: "sum2".to_owned() }]);
        assert_eq!(sums.take().jobs, HashMap::from([(sum, u64::MAX)]));
        assert_eq!(primes.take(), Changes::default());
        watchers.everything_changed();
        assert!(sums.take().everything && primes.take().everything);
    }

    #[test]
    fn nothing_stays_of_what_is_no_longer_followed() {
        let watchers = Watchers::default();
        let mut watcher = watchers.register();
        let (a, b) = (job("sum2", "a"), job("sum2", "b"));
        watcher.follow(&a);
        watcher.follow(&b);
        watcher.follow_client(&ClientName::anonymous());
        watchers.deliver(&[changed(&a, 1)]);
        watcher.unfollow(&a);
        assert_eq!(watcher.take(), Changes::default());
        assert_eq!(watchers.entries(), (1, 1));
        drop(watcher);
        assert_eq!(watchers.entries(), (0, 0));
    }
}
