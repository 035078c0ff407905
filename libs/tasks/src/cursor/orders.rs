//! Sets of orders in a client's list of requests, as ranges: short where requests end about in order.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A set of orders, which count from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orders {
    /// The last order of each range by its first; between two ranges lies at least one order.
    ranges: BTreeMap<u64, u64>,
}

impl Orders {
    /// Whether the order is in the set.
    #[must_use]
    pub fn contains(&self, order: u64) -> bool {
        self.ranges.range(..=order).next_back().is_some_and(|(_, last)| order <= *last)
    }

    /// True when no order is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The order up to which all are in the set; 0 when the first is not.
    #[must_use]
    pub fn up_to(&self) -> u64 {
        self.ranges.get(&1).copied().unwrap_or(0)
    }

    /// The greatest order in the set; 0 when there is none.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.ranges.last_key_value().map_or(0, |(_, last)| *last)
    }

    /// Adds these orders.
    pub fn insert(&mut self, orders: RangeInclusive<u64>) {
        let (mut first, mut last) = (*orders.start().max(&1), *orders.end());
        if first > last {
            return;
        }
        while let Some((&start, &end)) = self.ranges.range(..=last.saturating_add(1)).next_back()
            && end.saturating_add(1) >= first
        {
            self.ranges.remove(&start);
            (first, last) = (first.min(start), last.max(end));
        }
        self.ranges.insert(first, last);
    }

    /// The number of ranges.
    #[must_use]
    pub(super) fn ranges(&self) -> usize {
        self.ranges.len()
    }

    /// How many orders from 1 on are in the set, then how many are not, and so on by turns.
    pub(super) fn to_runs(&self) -> Vec<u64> {
        let (mut runs, mut end) = (Vec::with_capacity(2 * self.ranges.len() + 1), 0);
        for (&first, &last) in &self.ranges {
            if first > 1 {
                if runs.is_empty() {
                    runs.push(0);
                }
                runs.push(first - 1 - end);
            }
            runs.push(last - first + 1);
            end = last;
        }
        runs
    }

    /// The set of these runs; `None` when they are not what [`Orders::to_runs`] gives of any.
    pub(super) fn from_runs(runs: &[u64]) -> Option<Self> {
        let (mut orders, mut end, mut within) = (Self::default(), 0_u64, true);
        for (index, run) in runs.iter().enumerate() {
            let start = end;
            end = start.checked_add(*run)?;
            if *run == 0 && (index > 0 || runs.len() < 3) {
                return None;
            }
            if within && *run > 0 {
                orders.ranges.insert(start + 1, end);
            }
            within = !within;
        }
        (runs.is_empty() || !within).then_some(orders)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set(inserted in prop::collection::vec((0_u64..60, 0_u64..8), 0..20)) {
            let (mut orders, mut model) = (Orders::default(), BTreeSet::new());
            for (first, more) in inserted {
                orders.insert(first..=first + more);
                model.extend(first.max(1)..=first + more);
            }
            for order in 0..80 {
                prop_assert_eq!(orders.contains(order), model.contains(&order), "{}", order);
            }
            prop_assert_eq!(orders.last(), model.last().copied().unwrap_or(0));
            prop_assert_eq!(orders.up_to(), (1..=u64::MAX).take_while(|order| model.contains(order)).count() as u64);
            let ends = model.iter().filter(|order| !model.contains(&(*order + 1))).count();
            prop_assert_eq!(orders.ranges(), ends);
            prop_assert_eq!(Orders::from_runs(&orders.to_runs()), Some(orders));
        }

        #[test]
        fn runs_are_read_in_one_form_only(runs in prop::collection::vec(prop_oneof![0_u64..4, Just(u64::MAX)], 0..6)) {
            if let Some(orders) = Orders::from_runs(&runs) {
                prop_assert_eq!(orders.to_runs(), runs);
            }
        }
    }

    #[test]
    fn nothing_overflows_at_the_greatest_order() {
        let mut orders = Orders::default();
        orders.insert(u64::MAX..=u64::MAX);
        orders.insert(1..=u64::MAX);
        assert_eq!((orders.up_to(), orders.ranges()), (u64::MAX, 1));
    }
}
