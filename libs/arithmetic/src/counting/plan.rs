//! How primes up to x will be counted, and what that is estimated to take.

/// Estimated times of the parts, in nanoseconds.
pub(super) mod nanoseconds {
    /// Of one number when the primes up to y are listed.
    pub(in crate::counting) const SIEVE: f64 = 1.0;
    /// Of one multiple when factors are noted.
    pub(in crate::counting) const FACTOR: f64 = 0.5;
    /// Work that is done between two reports, about.
    pub(in crate::counting) const REPORT: f64 = 2e6;
}

/// The plan for one count.
pub(super) struct Plan {
    pub(super) x: u64,
    /// Leaves m are at most this; it lies between the third and the second root of x.
    pub(super) y: u64,
    /// The sieve goes up to this: x / y.
    pub(super) z: u64,
}

impl Plan {
    /// The plan for an x of at least a million.
    pub(super) fn of(x: u64) -> Self {
        let alpha: f64 = std::env::var("ALPHA").ok().and_then(|a| a.parse().ok()).unwrap_or(8.0);
        let y = (float(x).cbrt() * alpha) as u64;
        let y = y.clamp(float(x).cbrt() as u64 + 2, x.isqrt());
        Self { x, y, z: x / y }
    }

    pub(super) fn work(&self) -> f64 {
        1.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(super) fn float(number: u64) -> f64 {
    number as f64
}
