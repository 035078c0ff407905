//! Exact-integer kernels: decimal integers of any size, Fibonacci numbers, factorials, binomial coefficients, powers,
//! prime sieve, counts of primes.
//!
//! Every long computation takes a [`Monitor`], which hears how far it is and may stop it, and hands large results to
//! a sink in order, so that the first part can travel while the last is computed. What is long runs on
//! as many threads as it is given ([`Machine`]); there is no input or output, no clock and no global state in here.
//!
//! ```
//! use abacus_arithmetic::{Unmonitored, fibonacci, fibonacci_modulo};
//! use std::num::NonZeroUsize;
//! use std::ops::ControlFlow;
//!
//! let number = fibonacci(100, NonZeroUsize::MIN, &mut Unmonitored)?;
//! assert_eq!(number.modulo_mersenne61(), fibonacci_modulo(100));
//! let mut digits = Vec::new();
//! number.write(&mut Unmonitored, &mut |piece| {
//!     digits.extend_from_slice(piece);
//!     ControlFlow::Continue(())
//! })?;
//! assert_eq!(digits, b"354224848179261915075");
//! # Ok::<(), abacus_arithmetic::Interrupted>(())
//! ```

mod binomial;
mod counting;
mod decimal;
mod estimate;
mod factorial;
mod factors;
mod fibonacci;
mod gaps;
mod machine;
mod miller_rabin;
mod monitor;
mod ntt;
mod power;
mod sieve;
mod tree;

pub use binomial::{binomial, binomial_modulo};
pub use counting::{count_primes, nth_prime, prime_count};
pub use decimal::{Decimal, InvalidDecimal, parse_decimal, product_modulo};
pub use estimate::{
    binomial_check_cost, binomial_cost, binomial_digits_bound, binomial_memory_bytes, count_primes_cost,
    count_primes_memory_bytes, decimal_digits_of_fibonacci, digits_cost, factorial_check_cost,
    factorial_cost, factorial_digits_bound, factorial_memory_bytes, fibonacci_cost, nth_prime_cost,
    nth_prime_memory_bytes, power_cost, power_digits_bound, power_memory_bytes, primes_cost,
    primes_count_bound, primes_memory_bytes, primes_text_bound_bytes, product_cost, product_memory_bytes,
    reading_cost,
};
pub use factorial::{factorial, factorial_modulo};
pub use fibonacci::{fibonacci, fibonacci_modulo};
pub use gaps::{GapDecoder, GapEncoder, InvalidGaps};
pub use machine::Machine;
pub use miller_rabin::is_prime;
pub use monitor::{Interrupted, Monitor, Unmonitored};
pub use ntt::InstructionSet;
pub use power::{power, power_modulo};
pub use sieve::primes;
