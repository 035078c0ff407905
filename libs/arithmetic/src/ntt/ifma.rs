//! AVX-512 with IFMA: eight residues at once, in words of 52 bits.
//!
//! Two instructions give the low and the high half of a product of 52-bit words and add it to a 64-bit word; they
//! take no notice of the bits above.

#![expect(
    unsafe_code,
    reason = "instructions that not every processor has; each block says why they are there"
)]
#![expect(clippy::unused_self, reason = "a value shows that the processor has the instructions")]
#![expect(clippy::large_types_passed_by_value, reason = "vectors stay in registers once all is inlined")]

mod recombine;

use core::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_loadu_si512, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_mask_sub_epi64, _mm512_min_epu64, _mm512_permutexvar_epi64,
    _mm512_set_epi64, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_shuffle_i64x2, _mm512_srli_epi64,
    _mm512_storeu_si512, _mm512_sub_epi64, _mm512_unpackhi_epi64, _mm512_unpacklo_epi64,
};

use super::field::Node;
use super::lanes::Lanes;
use super::plantard::Plantard;
use super::prime;

/// The bits of a word that count.
const MASK: u64 = (1 << 52) - 1;

/// Arithmetic modulo one prime. There is a value of it only where the processor has these instructions: that is what
/// every block of `unsafe` below rests upon.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ifma {
    modulus: u64,
    /// The negative inverse of the modulus, modulo 2^52.
    negative_inverse: u64,
    plantard: Plantard,
    /// The factor 2^52.
    upper: [u64; 2],
}

impl Ifma {
    /// `None` where the processor does not have the instructions.
    pub(super) fn new(modulus: u64) -> Option<Self> {
        let detected = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512ifma");
        detected.then(|| {
            let plantard = Plantard::new(modulus, 52);
            let inverse =
                (0..5).fold(modulus, |x, _| x.wrapping_mul(2_u64.wrapping_sub(modulus.wrapping_mul(x))));
            let upper = plantard.constant(plantard.seed(prime::power(2, 52, modulus)));
            Self { modulus, negative_inverse: inverse.wrapping_neg() & MASK, plantard, upper }
        })
    }

    #[inline(always)]
    pub(super) fn splat(self, value: u64) -> __m512i {
        // SAFETY: the instructions are there (see `Ifma`).
        unsafe { _mm512_set1_epi64(value.cast_signed()) }
    }

    /// `sum` plus the low halves of `a * b`.
    #[inline(always)]
    pub(super) fn low(self, sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: the instructions are there (see `Ifma`).
        unsafe { _mm512_madd52lo_epu64(sum, a, b) }
    }

    /// `sum` plus the high halves of `a * b`.
    #[inline(always)]
    pub(super) fn high(self, sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: the instructions are there (see `Ifma`).
        unsafe { _mm512_madd52hi_epu64(sum, a, b) }
    }

    #[inline(always)]
    fn zero(self) -> __m512i {
        // SAFETY: the instructions are there (see `Ifma`).
        unsafe { _mm512_setzero_si512() }
    }

    #[inline(always)]
    fn sub(self, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: the instructions are there (see `Ifma`).
        unsafe { _mm512_sub_epi64(a, b) }
    }

    /// `a`, or `a - bound` if that is not negative.
    #[inline(always)]
    fn below(self, a: __m512i, bound: u64) -> __m512i {
        // SAFETY: the instructions are there (see `Ifma`).
        unsafe { _mm512_min_epu64(a, _mm512_sub_epi64(a, self.splat(bound))) }
    }

    #[inline(always)]
    fn product(self, a: __m512i, [c0, c1]: [__m512i; 2]) -> __m512i {
        let upper = self.low(self.high(self.splat(1), a, c0), a, c1);
        self.high(self.zero(), upper, self.splat(self.modulus))
    }

    /// [`Plantard::constant`] for each seed, given both halves of the inverse of the modulus.
    #[inline(always)]
    fn constants(self, seeds: __m512i, [low, high]: [__m512i; 2]) -> [__m512i; 2] {
        let upper = self.low(self.high(self.zero(), seeds, low), seeds, high);
        // SAFETY: the instructions are there (see `Ifma`).
        [self.low(self.zero(), seeds, low), unsafe { _mm512_and_si512(upper, self.splat(MASK)) }]
    }

    /// Eight pairs as their first words and their second words, in the order that [`Self::zip`] takes.
    #[inline(always)]
    fn unzip(self, [a, b]: [__m512i; 2]) -> [__m512i; 2] {
        // SAFETY: the instructions are there (see `Ifma`).
        unsafe { [_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)] }
    }

    /// Undoes [`Self::unzip`], as it undoes itself.
    #[inline(always)]
    fn zip(self, words: [__m512i; 2]) -> [__m512i; 2] {
        self.unzip(words)
    }

    /// A sum of products, as sums of their low and high halves, divided by 2^52 modulo the prime (Montgomery), settled.
    ///
    /// The sum has at most eight products of residues below 2p, which makes 32 p^2; what is left after the division
    /// is below 8p + p.
    #[inline(always)]
    fn reduce(self, low: __m512i, high: __m512i) -> __m512i {
        let factor = self.low(self.zero(), low, self.splat(self.negative_inverse));
        let modulus = self.splat(self.modulus);
        // The low 52 bits of this sum are 0.
        let low = self.low(low, factor, modulus);
        // SAFETY: the instructions are there (see `Ifma`).
        let carried = unsafe { _mm512_srli_epi64::<52>(low) };
        let sum = self.add(self.high(high, factor, modulus), carried);
        self.below(self.below(self.below(sum, 8 * self.modulus), 4 * self.modulus), 2 * self.modulus)
    }

    /// Eight vectors of eight words, rows for columns.
    #[inline(always)]
    fn transpose(self, v: [__m512i; 8]) -> [__m512i; 8] {
        // SAFETY: the instructions are there (see `Ifma`).
        unsafe {
            // Even and odd columns of two rows each.
            let (mut even, mut odd) = ([v[0]; 4], [v[0]; 4]);
            for i in 0..4 {
                even[i] = _mm512_unpacklo_epi64(v[2 * i], v[2 * i + 1]);
                odd[i] = _mm512_unpackhi_epi64(v[2 * i], v[2 * i + 1]);
            }
            let mut columns = v;
            for (parity, pairs) in [even, odd].into_iter().enumerate() {
                // Columns 0 and 4, and 2 and 6, of rows 0 to 3 and of rows 4 to 7.
                let (upper, lower) = (
                    [
                        _mm512_shuffle_i64x2::<0x88>(pairs[0], pairs[1]),
                        _mm512_shuffle_i64x2::<0xDD>(pairs[0], pairs[1]),
                    ],
                    [
                        _mm512_shuffle_i64x2::<0x88>(pairs[2], pairs[3]),
                        _mm512_shuffle_i64x2::<0xDD>(pairs[2], pairs[3]),
                    ],
                );
                for i in 0..2 {
                    columns[2 * i + parity] = _mm512_shuffle_i64x2::<0x88>(upper[i], lower[i]);
                    columns[2 * i + parity + 4] = _mm512_shuffle_i64x2::<0xDD>(upper[i], lower[i]);
                }
            }
            columns
        }
    }

    /// The words of eight leaves, settled; vector i has word i of each leaf.
    #[inline(always)]
    fn leaves(self, x: &[u64]) -> [__m512i; 8] {
        let mut rows = [self.zero(); 8];
        for (row, words) in rows.iter_mut().zip(x.chunks_exact(8)) {
            *row = self.load(words);
        }
        let mut leaves = self.transpose(rows);
        for word in &mut leaves {
            *word = self.settle(*word);
        }
        leaves
    }

    /// The root of each of eight leaves and its negative, in turn, times the words.
    #[inline(always)]
    fn wrapped(self, mut words: [__m512i; 8], roots: &[[u64; 2]]) -> [__m512i; 8] {
        let pairs = self.load(roots.as_flattened());
        // SAFETY: the instructions are there (see `Ifma`).
        let [c0, c1] = unsafe {
            [
                _mm512_permutexvar_epi64(_mm512_set_epi64(6, 6, 4, 4, 2, 2, 0, 0), pairs),
                _mm512_permutexvar_epi64(_mm512_set_epi64(7, 7, 5, 5, 3, 3, 1, 1), pairs),
            ]
        };
        for word in &mut words {
            let product = self.product(*word, [c0, c1]);
            // SAFETY: the instructions are there (see `Ifma`).
            *word = unsafe { _mm512_mask_sub_epi64(product, 0xAA, self.splat(self.modulus), product) };
        }
        words
    }

    #[inline(always)]
    fn store_leaves(self, leaves: [__m512i; 8], x: &mut [u64]) {
        for (row, words) in self.transpose(leaves).into_iter().zip(x.chunks_exact_mut(8)) {
            self.store(row, words);
        }
    }
}

impl Lanes for Ifma {
    type Word = u64;
    type Root = [u64; 2];
    type Vector = __m512i;

    const LANES: usize = 8;
    const LEAF_SHIFT: i64 = 52;

    fn root(self, value: u64) -> [u64; 2] {
        self.plantard.constant(self.seed(value))
    }

    fn compound(self, root: [u64; 2], seed: u64) -> [u64; 2] {
        self.plantard.constant(self.plantard.compound(root, seed))
    }

    #[inline(always)]
    fn compound_all(self, roots: &[[u64; 2]], seed: u64, products: &mut [[u64; 2]]) {
        let inverse = self.plantard.inverse().map(|half| self.splat(half));
        let (roots, rest) = roots.as_chunks::<8>();
        let (products, products_rest) = products.as_chunks_mut::<8>();
        for (roots, products) in roots.iter().zip(products) {
            let (pairs, products) = (roots.as_flattened(), products.as_flattened_mut());
            let factors = self.unzip([self.load(pairs), self.load(&pairs[8..])]);
            let seeds = self.product(self.splat(seed), factors);
            let [lower, upper] = self.zip(self.constants(seeds, inverse));
            self.store(lower, products);
            self.store(upper, &mut products[8..]);
        }
        for (root, product) in rest.iter().zip(products_rest) {
            *product = self.compound(*root, seed);
        }
    }

    fn seed(self, value: u64) -> u64 {
        self.plantard.seed(value)
    }

    #[inline(always)]
    fn load(self, words: &[u64]) -> __m512i {
        let words: &[u64; 8] = words[..8].try_into().expect("eight words");
        // SAFETY: the instructions are there (see `Ifma`), and eight words are read.
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store(self, vector: __m512i, words: &mut [u64]) {
        let words: &mut [u64; 8] = (&mut words[..8]).try_into().expect("eight words");
        // SAFETY: the instructions are there (see `Ifma`), and eight words are written.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), vector) }
    }

    #[inline(always)]
    fn residues(self, limbs: &[u64]) -> __m512i {
        let limbs = self.load(limbs);
        // SAFETY: the instructions are there (see `Ifma`).
        let [low, high] =
            unsafe { [_mm512_and_si512(limbs, self.splat(MASK)), _mm512_srli_epi64::<52>(limbs)] };
        // 2p and a little, and p.
        self.add(self.settle(low), self.times(high, self.upper))
    }

    #[inline(always)]
    fn times(self, a: __m512i, root: [u64; 2]) -> __m512i {
        self.product(a, [self.splat(root[0]), self.splat(root[1])])
    }

    #[inline(always)]
    fn add(self, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: the instructions are there (see `Ifma`).
        unsafe { _mm512_add_epi64(a, b) }
    }

    #[inline(always)]
    fn less_product(self, a: __m512i, b: __m512i) -> __m512i {
        self.sub(self.add(a, self.splat(self.modulus)), b)
    }

    #[inline(always)]
    fn less(self, a: __m512i, b: __m512i) -> __m512i {
        self.sub(self.add(a, self.splat(2 * self.modulus)), b)
    }

    #[inline(always)]
    fn settle(self, a: __m512i) -> __m512i {
        self.below(a, 2 * self.modulus)
    }

    #[inline(always)]
    fn settle_factor(self, a: __m512i) -> __m512i {
        self.settle(a)
    }

    #[inline(always)]
    fn multiply_leaves(self, x: &mut [u64], y: &[u64], first: Node<'_, [u64; 2]>) {
        let (a, b) = (self.leaves(x), self.leaves(y));
        let wrapped = self.wrapped(b, &first.roots.from(first.number / 2)[..4]);
        let mut product = [self.zero(); 8];
        for (power, word) in product.iter_mut().enumerate() {
            let (mut low, mut high) = (self.zero(), self.zero());
            for (i, a) in a.into_iter().enumerate() {
                let b = if i <= power { b[power - i] } else { wrapped[power + 8 - i] };
                (low, high) = (self.low(low, a, b), self.high(high, a, b));
            }
            *word = self.reduce(low, high);
        }
        self.store_leaves(product, x);
    }

    #[inline(always)]
    fn square_leaves(self, x: &mut [u64], first: Node<'_, [u64; 2]>) {
        let a = self.leaves(x);
        let wrapped = self.wrapped(a, &first.roots.from(first.number / 2)[..4]);
        let mut doubled = a;
        for word in &mut doubled {
            *word = self.add(*word, *word);
        }
        let mut square = [self.zero(); 8];
        for (power, word) in square.iter_mut().enumerate() {
            let (mut low, mut high) = (self.zero(), self.zero());
            for i in 0..8 {
                for j in i..8 {
                    let b = if i + j == power { a[j] } else { wrapped[j] };
                    if i + j == power || i + j == power + 8 {
                        let a = if i == j { a[i] } else { doubled[i] };
                        (low, high) = (self.low(low, a, b), self.high(high, a, b));
                    }
                }
            }
            *word = self.reduce(low, high);
        }
        self.store_leaves(square, x);
    }
}
