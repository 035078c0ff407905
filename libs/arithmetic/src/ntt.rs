//! Exact multiplication of large numbers by number-theoretic transforms.
//!
//! Numbers are polynomials in 10^19 whose coefficients are their limbs. The product of two polynomials is computed
//! modulo three primes below 2^50, each by transforms in that prime's field, and put together from its residues: its
//! coefficients are below the product of the primes as long as the shorter factor has at most [`MAX_SHORTER`] limbs.
//!
//! | part | one idea |
//! |---|---|
//! | `engine` | the course of a multiplication, and who does which part of it |
//! | `shape`, `memory` | how a polynomial lies in memory |
//! | `column`, `passes` | transforms along columns, truncated, and along what is contiguous |
//! | `kernel` | the work that is compiled for each instruction set |
//! | `lanes` | what an instruction set does; `ifma`, `avx2` and `portable` are some |
//! | `field`, `prime`, `plantard` | roots of unity, and multiplication by constants |
//! | `tables` | what all multiplications have in common |
//! | `crt` | from residues to limbs |
//! | `crew` | threads that share a piece of work |

#![expect(
    clippy::inline_always,
    clippy::needless_pass_by_value,
    reason = "what is generic over instruction sets must become part of functions compiled for one"
)]
#![expect(clippy::many_single_char_names, clippy::similar_names, reason = "named as in the formulas")]

#[cfg(target_arch = "x86_64")]
mod avx2;
mod column;
mod crew;
mod crt;
mod engine;
mod field;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod kernel;
mod lanes;
mod memory;
mod passes;
mod plantard;
mod portable;
mod prime;
mod shape;
mod tables;

use self::engine::Engine;
use self::kernel::Kernel;
use self::portable::Portable;
#[cfg(target_arch = "x86_64")]
use self::{avx2::Avx2, ifma::Ifma};
use crate::machine::Machine;
use crate::monitor::{Interrupted, Progress};

/// The most limbs of the shorter factor: so many products of two limbs stay below the product of the primes.
pub(crate) const MAX_SHORTER: usize = 14_272_441;

/// The most limbs of both factors together: so many roots of unity there are.
pub(crate) const MAX_LENGTH: usize = 1 << 25;

/// The instructions that multiplications use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionSet {
    /// AVX-512 with IFMA: eight residues at once.
    Avx512Ifma,
    /// AVX2 with FMA: four residues at once.
    Avx2,
    /// What every processor has.
    Portable,
}

/// What is to be multiplied, in limbs of 10^19, the least significant one first.
#[derive(Clone, Copy)]
pub(crate) enum Order<'a> {
    /// a a.
    Square(&'a [u64]),
    /// a b.
    Multiply(&'a [u64], &'a [u64]),
    /// a b and b b, for less than both apart.
    MultiplyAndSquare(&'a [u64], &'a [u64]),
}

/// What was ordered, with zero limbs at the end.
pub(crate) struct Products {
    pub(crate) product: Vec<u64>,
    /// The square of the second factor, if it was ordered.
    pub(crate) square: Option<Vec<u64>>,
}

/// Multiplies; keeps its memory, up to six times the length of the largest product, for the next time.
pub(crate) struct Transformer(Box<dyn Transform>);

trait Transform: Send {
    fn run(&mut self, order: Order<'_>, progress: &mut Progress<'_>) -> Result<Products, Interrupted>;
    fn reserve(&mut self, length: usize);
    fn recycle(&mut self, limbs: Vec<u64>);
}

impl<K: Kernel> Transform for Engine<K> {
    fn run(&mut self, order: Order<'_>, progress: &mut Progress<'_>) -> Result<Products, Interrupted> {
        Self::run(self, order, progress)
    }

    fn reserve(&mut self, length: usize) {
        Self::reserve(self, length);
    }

    fn recycle(&mut self, limbs: Vec<u64>) {
        Self::recycle(self, limbs);
    }
}

impl InstructionSet {
    /// Those that this machine has, the best first.
    pub fn available() -> impl Iterator<Item = Self> {
        [Self::Avx512Ifma, Self::Avx2, Self::Portable].into_iter().filter(|set| set.is_available())
    }

    /// The best that this machine has.
    #[must_use]
    pub fn best() -> Self {
        Self::available().next().expect("every machine has the portable one")
    }

    /// Limbs of the shorter factor from which on transforms are the fastest way to a product.
    pub(crate) fn shortest(self) -> usize {
        match self {
            Self::Avx512Ifma => 60,
            Self::Avx2 => 80,
            Self::Portable => 450,
        }
    }

    fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Ifma => Ifma::tables().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::tables().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512Ifma | Self::Avx2 => false,
            Self::Portable => true,
        }
    }
}

impl Transformer {
    /// With the given instructions if the machine has them, else with those that every machine has.
    pub(crate) fn new(machine: Machine) -> Self {
        let threads = machine.threads;
        match machine.instructions {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512Ifma if let Some(tables) = Ifma::tables() => {
                Self(Box::new(Engine::new(tables, threads)))
            }
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 if let Some(tables) = Avx2::tables() => {
                Self(Box::new(Engine::new(tables, threads)))
            }
            _ => {
                let tables = Portable::tables().expect("every machine has the portable instructions");
                Self(Box::new(Engine::new(tables, threads)))
            }
        }
    }

    /// Multiplies numbers of at least one limb, within [`MAX_SHORTER`] and [`MAX_LENGTH`].
    ///
    /// # Errors
    /// [`Interrupted`].
    pub(crate) fn run(
        &mut self,
        order: Order<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<Products, Interrupted> {
        assert!(
            order.shorter() <= MAX_SHORTER && order.length() <= MAX_LENGTH,
            "the coefficients of longer products are not determined by their residues"
        );
        let mut products = self.0.run(order, progress)?;
        let (first, second) = order.factors();
        products.product.truncate(first.len() + second.len());
        if let Some(square) = &mut products.square {
            square.truncate(2 * second.len());
        }
        Ok(products)
    }

    /// Asks for the memory of products up to this length at once, rather than for more and more.
    pub(crate) fn reserve(&mut self, length: usize) {
        self.0.reserve(length.min(MAX_LENGTH));
    }

    /// Takes memory that is no longer needed, for the next product.
    pub(crate) fn recycle(&mut self, limbs: Vec<u64>) {
        self.0.recycle(limbs);
    }
}

impl<'a> Order<'a> {
    fn factors(self) -> (&'a [u64], &'a [u64]) {
        match self {
            Self::Square(a) => (a, a),
            Self::Multiply(a, b) | Self::MultiplyAndSquare(a, b) => (a, b),
        }
    }

    /// The limbs of the longest product.
    pub(crate) fn length(self) -> usize {
        match self {
            Self::Square(a) => 2 * a.len(),
            Self::Multiply(a, b) => a.len() + b.len(),
            Self::MultiplyAndSquare(a, b) => (a.len() + b.len()).max(2 * b.len()),
        }
    }

    /// The limbs of the shorter factor.
    pub(crate) fn shorter(self) -> usize {
        match self {
            Self::Square(a) => a.len(),
            Self::Multiply(a, b) => a.len().min(b.len()),
            Self::MultiplyAndSquare(_, b) => b.len(),
        }
    }
}

/// The estimated work of a product of this many limbs, in schoolbook products of two limbs.
pub(crate) fn work(length: usize) -> f64 {
    /// What every multiplication takes, however short.
    const PREPARATION: f64 = 1400.0;
    let shape = shape::Shape::of(length);
    PREPARATION + engine::MULTIPLICATION_PARTS * engine::word_work(shape) * float(shape.words())
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn float(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
