//! What a task will cost, estimated before it is queued, and what a mesh is willing to pay.

use std::time::Duration;

/// The estimated cost of one task on one thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Time of computation, including writing the result out.
    pub compute: Duration,
    /// Length of the result in its default format.
    pub result_bytes: u64,
    /// Peak memory while computing.
    pub memory_bytes: u64,
}

/// The largest cost a mesh accepts for one task; what exceeds it is refused at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Default one hour.
    pub compute: Duration,
    /// Default 1 GiB.
    pub result_bytes: u64,
    /// Default 8 GiB.
    pub memory_bytes: u64,
}

/// One way in which a cost exceeds a budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// What is exceeded: `compute`, `result_bytes` or `memory_bytes`.
    pub subject: &'static str,
    /// A sentence with the estimate and the budget.
    pub description: String,
}

impl Budget {
    /// Every way in which `cost` exceeds this budget; none when it is affordable.
    #[must_use]
    pub fn excesses(&self, cost: &Cost) -> Vec<Excess> {
        let mut excesses = Vec::new();
        if cost.compute > self.compute {
            let (estimate, budget) = (cost.compute.as_secs_f64(), self.compute.as_secs_f64());
            excesses.push(Excess {
                subject: "compute",
                description: format!(
                    "computing takes an estimated {estimate:.0} s; the budget is {budget:.0} s"
                ),
            });
        }
        let bytes = [
            ("result_bytes", "the result has", cost.result_bytes, self.result_bytes),
            ("memory_bytes", "computing needs", cost.memory_bytes, self.memory_bytes),
        ];
        for (subject, phrase, estimate, budget) in bytes {
            if estimate > budget {
                let description =
                    format!("{phrase} an estimated {estimate} bytes; the budget is {budget} bytes");
                excesses.push(Excess { subject, description });
            }
        }
        excesses
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self { compute: Duration::from_hours(1), result_bytes: 1 << 30, memory_bytes: 8 << 30 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_excess_is_told() {
        let budget = Budget::default();
        assert!(budget.excesses(&Cost::default()).is_empty());
        let cost = Cost { compute: Duration::from_secs(3601), result_bytes: 1, memory_bytes: 9 << 30 };
        let subjects: Vec<_> = budget.excesses(&cost).iter().map(|excess| excess.subject).collect();
        assert_eq!(subjects, ["compute", "memory_bytes"]);
    }
}
