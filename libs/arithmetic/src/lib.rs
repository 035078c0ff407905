//! Exact-integer kernels: Fibonacci numbers, decimal conversion, prime sieve.
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

mod decimal;
mod estimate;
mod fibonacci;
mod machine;
mod miller_rabin;
mod monitor;
mod ntt;
mod sieve;

pub use decimal::{Decimal, InvalidDecimal, parse_decimal, product_modulo};
pub use estimate::{
    decimal_digits_of_fibonacci, digits_cost, fibonacci_cost, primes_cost, primes_count_bound,
    primes_text_bound_bytes, product_cost, reading_cost,
};
pub use fibonacci::{fibonacci, fibonacci_modulo};
pub use machine::Machine;
pub use miller_rabin::is_prime;
pub use monitor::{Interrupted, Monitor, Unmonitored};
pub use ntt::InstructionSet;
pub use sieve::{count_primes, primes};
