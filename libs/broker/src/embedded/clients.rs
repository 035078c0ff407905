//! The clients' lists of requests: bounded in length, and forgotten as a whole some time after the last request.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    time::Duration,
};

use abacus_tasks::{ClientName, Disposition, JobId, RequestName};
use uuid::Uuid;

use crate::{Direction, RequestQuery, Terms, Timestamp};

/// The lists of all clients.
#[derive(Debug)]
pub(super) struct Clients {
    lists: HashMap<ClientName, List>,
    /// One entry for each client: when to look whether its list can be forgotten. A list that was used since is
    /// looked at again later, so that a request costs nothing here.
    deadlines: BTreeSet<(Timestamp, ClientName)>,
    ttl: Duration,
    bound: usize,
}

/// One client's list. The orders of its requests follow each other without holes.
#[derive(Debug)]
struct List {
    /// Oldest first.
    requests: VecDeque<Request>,
    /// The order of the first one.
    first: u64,
    orders: HashMap<Uuid, u64>,
    last_time: Timestamp,
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) id: Uuid,
    pub(super) job: JobId,
    /// The life of the job that was asked for.
    pub(super) life: u64,
    pub(super) create_time: Timestamp,
    pub(super) disposition: Disposition,
    pub(super) cancelled: bool,
}

impl Clients {
    pub(super) fn new(terms: &Terms) -> Self {
        Self {
            lists: HashMap::new(),
            deadlines: BTreeSet::new(),
            ttl: terms.request_ttl,
            bound: terms.max_requests.max(1),
        }
    }

    /// A request and its order.
    pub(super) fn find(&self, client: &ClientName, id: &Uuid, now: Timestamp) -> Option<(u64, &Request)> {
        let list = self.list(client, now)?;
        let order = *list.orders.get(id)?;
        list.requests.get(list.index(order)).map(|request| (order, request))
    }

    /// Marks a request as cancelled.
    pub(super) fn set_cancelled(&mut self, name: &RequestName) {
        let Some(list) = self.lists.get_mut(&name.client) else { return };
        let Some(order) = list.orders.get(&name.id) else { return };
        let index = list.index(*order);
        list.requests[index].cancelled = true;
    }

    /// Records a request and returns its order. One with the same id keeps its place.
    pub(super) fn record(&mut self, client: &ClientName, request: Request) -> u64 {
        let now = request.create_time;
        if !self.lists.contains_key(client) {
            self.deadlines.insert((now + self.ttl, client.clone()));
        }
        let list = self.lists.entry(client.clone()).or_insert_with(|| List::new(now));
        if list.last_time + self.ttl <= now {
            *list = List::new(now);
        }
        list.record(request, self.bound)
    }

    /// The requests a query asks for, with their orders, and where the next page begins.
    pub(super) fn page(&self, query: &RequestQuery, now: Timestamp) -> (Vec<(u64, &Request)>, Option<u64>) {
        let Some(list) = self.list(&query.client, now) else { return (Vec::new(), None) };
        let limit = query.limit.max(1);
        let length = list.requests.len();
        let numbered = |(index, request)| (list.first + index as u64, request);
        let (page, more): (Vec<_>, bool) = match query.direction {
            Direction::OldestFirst => {
                let start = query.after.map_or(0, |after| list.index(after.saturating_add(1))).min(length);
                let page = list.requests.iter().enumerate().skip(start).take(limit).map(numbered);
                (page.collect(), length - start > limit)
            }
            Direction::NewestFirst => {
                let end = query.after.map_or(length, |after| list.index(after)).min(length);
                let page = list.requests.iter().enumerate().take(end).rev().take(limit).map(numbered);
                (page.collect(), end > limit)
            }
        };
        let next = if more { page.last().map(|(order, _)| *order) } else { None };
        (page, next)
    }

    /// Forgets at most `limit` lists whose time has passed; returns how many it looked at.
    pub(super) fn forget_overdue(&mut self, now: Timestamp, limit: usize) -> usize {
        for done in 0..limit {
            if self.deadlines.first().is_none_or(|(deadline, _)| *deadline > now) {
                return done;
            }
            let Some((_, client)) = self.deadlines.pop_first() else { return done };
            let deadline = self.lists.get(&client).map(|list| list.last_time + self.ttl);
            match deadline.filter(|deadline| *deadline > now) {
                Some(deadline) => {
                    self.deadlines.insert((deadline, client));
                }
                None => {
                    self.lists.remove(&client);
                }
            }
        }
        limit
    }

    fn list(&self, client: &ClientName, now: Timestamp) -> Option<&List> {
        self.lists.get(client).filter(|list| list.last_time + self.ttl > now)
    }
}

impl List {
    fn new(now: Timestamp) -> Self {
        Self { requests: VecDeque::new(), first: 1, orders: HashMap::new(), last_time: now }
    }

    /// The index of the request of this order; 0 for one that is forgotten.
    fn index(&self, order: u64) -> usize {
        usize::try_from(order.saturating_sub(self.first)).unwrap_or(usize::MAX)
    }

    fn record(&mut self, request: Request, bound: usize) -> u64 {
        self.last_time = request.create_time;
        if let Some(order) = self.orders.get(&request.id).copied() {
            let index = self.index(order);
            self.requests[index] = request;
            return order;
        }
        let order = self.first + self.requests.len() as u64;
        self.orders.insert(request.id, order);
        self.requests.push_back(request);
        while self.requests.len() > bound {
            if let Some(oldest) = self.requests.pop_front() {
                self.orders.remove(&oldest.id);
                self.first += 1;
            }
        }
        order
    }
}
