//! The queues, by kind and lane, and what is known about the kinds.

use std::collections::{BTreeMap, HashMap};

use abacus_tasks::{JobId, Lane};

use super::job::Job;
use crate::KindRecord;

/// Every kind that was ever named. A kind keeps its place, by which it is found faster than by its name.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    places: HashMap<String, usize>,
    list: Vec<Kind>,
}

/// A kind: its queues, its failures, and whether it is suspended.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: String,
    pub(super) suspended: bool,
    pub(super) failures_in_a_row: u32,
    /// True once it was suspended or has failed.
    notable: bool,
    queues: [Queue; Lane::ALL.len()],
}

/// The jobs of one kind and lane.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// By admission: the first one waits longest.
    pub(super) waiting: BTreeMap<u64, JobId>,
    /// How many run.
    pub(super) running: u64,
}

impl Kind {
    /// How many jobs wait in a lane.
    pub(super) fn waiting(&self, lane: Lane) -> usize {
        self.queues[lane as usize].waiting.len()
    }
}

impl Kinds {
    /// The place of a kind that was named before.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The place of a kind.
    pub(super) fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.find(name) {
            return place;
        }
        self.list.push(Kind {
            name: name.to_owned(),
            suspended: false,
            failures_in_a_row: 0,
            notable: false,
            queues: Default::default(),
        });
        self.places.insert(name.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }

    /// The kind at a place.
    pub(super) fn at(&self, place: usize) -> &Kind {
        &self.list[place]
    }

    /// The queue a job belongs to.
    pub(super) fn queue_of(&mut self, job: &Job) -> &mut Queue {
        &mut self.list[job.kind].queues[job.seen.lane as usize]
    }

    /// Takes the job that waits longest in a lane, over those of these kinds that are not suspended.
    pub(super) fn take_longest_waiting(&mut self, places: &[usize], lane: Lane) -> Option<JobId> {
        let first = |place: &usize| {
            let kind = &self.list[*place];
            let (admission, _) = kind.queues[lane as usize].waiting.first_key_value()?;
            (!kind.suspended).then_some((*admission, *place))
        };
        let (_, place) = places.iter().filter_map(first).min()?;
        self.list[place].queues[lane as usize].waiting.pop_first().map(|(_, job)| job)
    }

    /// Takes this job from its queue, unless it does not wait there or its kind is suspended; says whether it did.
    pub(super) fn take(&mut self, job: &Job) -> bool {
        !self.list[job.kind].suspended && self.queue_of(job).waiting.remove(&job.admission).is_some()
    }

    /// Suspends or resumes a kind; says whether that was a change.
    pub(super) fn set_suspended(&mut self, name: &str, suspended: bool) -> bool {
        let place = self.place(name);
        let kind = &mut self.list[place];
        let changed = kind.suspended != suspended;
        kind.suspended = suspended;
        kind.notable |= suspended;
        changed
    }

    /// Notes that an attempt of this kind failed by itself.
    pub(super) fn note_failure(&mut self, place: usize) {
        let kind = &mut self.list[place];
        kind.failures_in_a_row = kind.failures_in_a_row.saturating_add(1);
        kind.notable = true;
    }

    /// Notes that a job of this kind succeeded.
    pub(super) fn note_success(&mut self, place: usize) {
        self.list[place].failures_in_a_row = 0;
    }

    /// What is known about the kinds that were ever suspended or have failed, by name.
    pub(super) fn records(&self) -> Vec<KindRecord> {
        let notable = self.list.iter().filter(|kind| kind.notable);
        let mut records: Vec<_> = notable
            .map(|kind| KindRecord {
                kind: kind.name.clone(),
                suspended: kind.suspended,
                failures_in_a_row: kind.failures_in_a_row,
            })
            .collect();
        records.sort_by(|a, b| a.kind.cmp(&b.kind));
        records
    }

    /// Every queue with its kind's name and its lane.
    pub(super) fn queues(&self) -> impl Iterator<Item = (&str, Lane, &Queue)> {
        self.list.iter().flat_map(|kind| {
            Lane::ALL.into_iter().map(|lane| (kind.name.as_str(), lane, &kind.queues[lane as usize]))
        })
    }
}
