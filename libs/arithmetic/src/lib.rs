//! Exact-integer kernels: Fibonacci numbers, decimal conversion, prime sieve.
//!
//! Every long computation takes a [`Monitor`], which hears how far it is and may stop it, and hands large results to
//! a sink in order, so that the first part can travel while the last is computed. Everything runs on the calling
//! thread; there is no input or output, no clock and no global state in here.
//!
//! ```
//! use abacus_arithmetic::{Unmonitored, fibonacci, write_decimal};
//! use std::ops::ControlFlow;
//!
//! let number = fibonacci(100, &mut Unmonitored)?;
//! let mut digits = Vec::new();
//! write_decimal(&number, &mut Unmonitored, &mut |piece| {
//!     digits.extend_from_slice(piece);
//!     ControlFlow::Continue(())
//! })?;
//! assert_eq!(digits, b"354224848179261915075");
//! # Ok::<(), abacus_arithmetic::Interrupted>(())
//! ```

mod decimal;
mod estimate;
mod fibonacci;
mod miller_rabin;
mod monitor;
mod ntt;
mod product;
mod sieve;

pub use decimal::{InvalidDecimal, parse_decimal, write_decimal};
pub use estimate::{
    decimal_cost, decimal_digits_of_fibonacci, fibonacci_cost, primes_cost, primes_count_bound,
    primes_text_bound_bytes, product_cost,
};
pub use fibonacci::fibonacci;
pub use miller_rabin::is_prime;
pub use monitor::{Interrupted, Monitor, Unmonitored};
pub use product::product;
pub use sieve::{count_primes, primes};
