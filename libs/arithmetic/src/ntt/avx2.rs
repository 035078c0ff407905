//! AVX2 with FMA: four residues at once, in double precision.
//!
//! A double holds integers up to 2^53 exactly, a fused multiplication gives the rounding error of a product exactly,
//! and so does it the small difference of a product and a multiple of the modulus (Schönhage, Grotefeld, Vetter, "Fast
//! Algorithms", 1994; van der Hoeven, Lecerf, Quintin, "Modular SIMD arithmetic in Mathemagix", ACM Transactions on
//! Mathematical Software 43(1), 2016).
//!
//! Residues have a sign. For a product a w by a constant with |w| <= p/2, the quotient is a (w/p), rounded; with
//! |a| <= 4p it is below 2^51 and off by at most 1, so that what is left is at most p. To be precise, it is at most
//! (1/2 + |a|/8p) p. With that, in p:
//!
//! - *loose* is at most 2.3: a settled number (1/2) and two products, of at most 3.1 and 2.3 by a root;
//! - *settled* is at most 2: two products of differences of two settled numbers.

#![expect(
    unsafe_code,
    reason = "instructions that not every processor has; each block says why they are there"
)]
#![expect(clippy::unused_self, reason = "a value shows that the processor has the instructions")]

use core::arch::x86_64::{
    __m256d, _CMP_LT_OQ, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEAREST_INT, _mm256_add_pd, _mm256_and_pd,
    _mm256_and_si256, _mm256_castpd_si256, _mm256_castsi256_pd, _mm256_cmp_pd, _mm256_div_pd,
    _mm256_fmsub_pd, _mm256_fnmadd_pd, _mm256_loadu_pd, _mm256_loadu_si256, _mm256_mul_pd, _mm256_or_si256,
    _mm256_permute2f128_pd, _mm256_round_pd, _mm256_set1_epi64x, _mm256_set1_pd, _mm256_srli_epi64,
    _mm256_storeu_pd, _mm256_storeu_si256, _mm256_sub_pd, _mm256_unpackhi_pd, _mm256_unpacklo_pd,
};

use super::crt::{Carry, Combination, Recombine, limb};
use super::field::Node;
use super::lanes::Lanes;

/// 2^52, in double precision: the lowest bits of sums with it are those of integers.
const MAGIC: f64 = 4_503_599_627_370_496.0;

/// Arithmetic modulo one prime. There is a value of it only where the processor has these instructions: that is what
/// every block of `unsafe` below rests upon.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx2 {
    modulus: f64,
    /// The reciprocal of the modulus.
    reciprocal: f64,
    /// The factor 2^32.
    upper: [f64; 2],
}

impl Avx2 {
    /// `None` where the processor does not have the instructions.
    pub(super) fn new(modulus: u64) -> Option<Self> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then(|| {
            let modulus = exact(modulus);
            let lanes = Self { modulus, reciprocal: 1.0 / modulus, upper: [0.0; 2] };
            Self { upper: lanes.root(1 << 32), ..lanes }
        })
    }

    #[inline(always)]
    fn splat(self, value: f64) -> __m256d {
        // SAFETY: the instructions are there (see `Avx2`).
        unsafe { _mm256_set1_pd(value) }
    }

    #[inline(always)]
    fn sub(self, a: __m256d, b: __m256d) -> __m256d {
        // SAFETY: the instructions are there (see `Avx2`).
        unsafe { _mm256_sub_pd(a, b) }
    }

    /// `a b` less a multiple of the modulus, where `quotient` is about `a b / p`.
    #[inline(always)]
    fn product(self, a: __m256d, b: __m256d, quotient: __m256d) -> __m256d {
        // SAFETY: the instructions are there (see `Avx2`).
        unsafe {
            let high = _mm256_mul_pd(a, b);
            let low = _mm256_fmsub_pd(a, b, high);
            let quotient = _mm256_round_pd::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(quotient);
            _mm256_add_pd(_mm256_fnmadd_pd(quotient, self.splat(self.modulus), high), low)
        }
    }

    #[inline(always)]
    fn times_vector(self, a: __m256d, [w, w_by_p]: [__m256d; 2]) -> __m256d {
        // SAFETY: the instructions are there (see `Avx2`).
        let quotient = unsafe { _mm256_mul_pd(a, w_by_p) };
        self.product(a, w, quotient)
    }

    /// The product of two settled numbers of at most p/2, at most 0.6 p.
    #[inline(always)]
    fn times_other(self, a: __m256d, b: __m256d) -> __m256d {
        // SAFETY: the instructions are there (see `Avx2`).
        let quotient = unsafe { _mm256_mul_pd(_mm256_mul_pd(a, b), self.splat(self.reciprocal)) };
        self.product(a, b, quotient)
    }

    /// A residue of absolute value below p as the least one that is not negative.
    #[inline(always)]
    fn canonical(self, a: __m256d) -> __m256d {
        // SAFETY: the instructions are there (see `Avx2`).
        unsafe {
            let negative = _mm256_cmp_pd::<_CMP_LT_OQ>(a, self.splat(0.0));
            _mm256_add_pd(a, _mm256_and_pd(negative, self.splat(self.modulus)))
        }
    }

    /// Integers from 0 up to 2^51.
    #[inline(always)]
    fn integers(self, a: __m256d) -> [u64; 4] {
        let mut integers = [0; 4];
        // SAFETY: the instructions are there (see `Avx2`), and four integers are written.
        unsafe {
            let mantissa = _mm256_set1_epi64x((1 << 52) - 1);
            let bits = _mm256_and_si256(_mm256_castpd_si256(_mm256_add_pd(a, self.splat(MAGIC))), mantissa);
            _mm256_storeu_si256((&raw mut integers).cast(), bits);
        }
        integers
    }

    /// Four vectors of four words, rows for columns.
    #[inline(always)]
    fn transpose(self, v: [__m256d; 4]) -> [__m256d; 4] {
        // SAFETY: the instructions are there (see `Avx2`).
        unsafe {
            let (a, b) = (_mm256_unpacklo_pd(v[0], v[1]), _mm256_unpackhi_pd(v[0], v[1]));
            let (c, d) = (_mm256_unpacklo_pd(v[2], v[3]), _mm256_unpackhi_pd(v[2], v[3]));
            [
                _mm256_permute2f128_pd::<0x20>(a, c),
                _mm256_permute2f128_pd::<0x20>(b, d),
                _mm256_permute2f128_pd::<0x31>(a, c),
                _mm256_permute2f128_pd::<0x31>(b, d),
            ]
        }
    }

    /// The words of four leaves, by lanes, each leaf split into two: modulo `x^4 - r` and `x^4 + r`, where r is a root of
    /// the leaf's constant. At most p/2.
    #[inline(always)]
    fn split(self, x: &[f64], root: [__m256d; 2]) -> [[__m256d; 4]; 2] {
        let zero = self.splat(0.0);
        let [mut lower, mut upper] = [[zero; 4]; 2];
        for (row, leaf) in x.chunks_exact(8).enumerate() {
            (lower[row], upper[row]) = (self.load(leaf), self.load(&leaf[4..]));
        }
        let (mut lower, mut upper) = (self.transpose(lower), self.transpose(upper));
        for (a, b) in lower.iter_mut().zip(&mut upper) {
            let product = self.times_vector(*b, root);
            (*a, *b) = (self.settle(self.add(*a, product)), self.settle(self.sub(*a, product)));
        }
        [lower, upper]
    }

    /// Undoes it, but for a factor of 2; settled. `inverse` is the inverse of the root.
    #[inline(always)]
    fn join(self, [lower, upper]: [[__m256d; 4]; 2], inverse: [__m256d; 2], x: &mut [f64]) {
        let (mut sums, mut differences) = (lower, upper);
        for i in 0..4 {
            sums[i] = self.settle(self.add(lower[i], upper[i]));
            differences[i] = self.times_vector(self.sub(lower[i], upper[i]), inverse);
        }
        let (sums, differences) = (self.transpose(sums), self.transpose(differences));
        for (row, leaf) in x.chunks_exact_mut(8).enumerate() {
            self.store(sums[row], leaf);
            self.store(differences[row], &mut leaf[4..]);
        }
    }

    /// The product of a and b modulo `x^4 - r`, where `wrapped` is r b.
    #[inline(always)]
    fn multiply_four(self, a: [__m256d; 4], b: [__m256d; 4], wrapped: [__m256d; 4]) -> [__m256d; 4] {
        let mut product = [self.splat(0.0); 4];
        for (power, word) in product.iter_mut().enumerate() {
            let mut sum = self.times_other(a[0], b[power]);
            for i in 1..4 {
                let b = if i <= power { b[power - i] } else { wrapped[power + 4 - i] };
                sum = self.add(sum, self.times_other(a[i], b));
            }
            *word = self.settle(sum);
        }
        product
    }

    /// The roots of the constants of four leaves, and their inverses: lane by lane.
    #[inline(always)]
    fn leaf_roots(self, first: Node<'_, [f64; 2]>) -> [[__m256d; 2]; 2] {
        let Node { number, roots } = first;
        let inverses = [0, 1, 2, 3].map(|lane| {
            let [w, w_by_p] = roots.inverse(number + lane);
            [-w, -w_by_p]
        });
        [self.lanes_of(&roots.from(number)[..4]), self.lanes_of(&inverses)]
    }

    #[inline(always)]
    fn lanes_of(self, roots: &[[f64; 2]]) -> [__m256d; 2] {
        let pairs = roots.as_flattened();
        let (lower, upper) = (self.load(pairs), self.load(&pairs[4..]));
        // SAFETY: the instructions are there (see `Avx2`).
        unsafe {
            let (a, b) =
                (_mm256_permute2f128_pd::<0x20>(lower, upper), _mm256_permute2f128_pd::<0x31>(lower, upper));
            [_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b)]
        }
    }

    /// Undoes [`Self::lanes_of`].
    #[inline(always)]
    fn store_lanes(self, [w, w_by_p]: [__m256d; 2], roots: &mut [[f64; 2]; 4]) {
        let pairs = roots.as_flattened_mut();
        // SAFETY: the instructions are there (see `Avx2`).
        let [lower, upper] = unsafe {
            let (a, b) = (_mm256_unpacklo_pd(w, w_by_p), _mm256_unpackhi_pd(w, w_by_p));
            [_mm256_permute2f128_pd::<0x20>(a, b), _mm256_permute2f128_pd::<0x31>(a, b)]
        };
        self.store(lower, pairs);
        self.store(upper, &mut pairs[4..]);
    }

    /// Multiplies four leaves that are split, by lanes.
    #[inline(always)]
    fn multiply_split(
        self,
        a: [[__m256d; 4]; 2],
        b: [[__m256d; 4]; 2],
        root: [__m256d; 2],
    ) -> [[__m256d; 4]; 2] {
        let mut products = a;
        for (sign, product) in products.iter_mut().enumerate() {
            let mut wrapped = b[sign];
            for word in &mut wrapped[1..] {
                let times_root = self.times_vector(*word, root);
                *word = if sign == 0 { times_root } else { self.sub(self.splat(0.0), times_root) };
            }
            *product = self.multiply_four(a[sign], b[sign], wrapped);
        }
        products
    }
}

/// An integer below 2^53.
#[expect(clippy::cast_precision_loss, reason = "it is below 2^53")]
#[inline(always)]
fn exact(integer: u64) -> f64 {
    integer as f64
}

impl Lanes for Avx2 {
    type Word = f64;
    /// The factor, at most p/2, and its quotient by p.
    type Root = [f64; 2];
    type Vector = __m256d;

    const LANES: usize = 4;
    const LEAF_PARTS: usize = 2;
    /// The leaves are split once more: that leaves a factor of 2, which is 2^-1 too few.
    const LEAF_SHIFT: i64 = -1;

    fn root(self, value: u64) -> [f64; 2] {
        let value = exact(value);
        let value = if 2.0 * value > self.modulus { value - self.modulus } else { value };
        [value, value / self.modulus]
    }

    #[inline(always)]
    fn compound(self, root: [f64; 2], seed: u64) -> [f64; 2] {
        let product = self.settle(self.times(self.splat(exact(seed)), root));
        // SAFETY: the instructions are there (see `Avx2`).
        let quotient = unsafe { _mm256_div_pd(product, self.splat(self.modulus)) };
        let [mut value, mut value_by_p] = [[0.0; 4]; 2];
        self.store(product, &mut value);
        self.store(quotient, &mut value_by_p);
        [value[0], value_by_p[0]]
    }

    #[inline(always)]
    fn compound_all(self, roots: &[[f64; 2]], seed: u64, products: &mut [[f64; 2]]) {
        let (roots, rest) = roots.as_chunks::<4>();
        let (products, products_rest) = products.as_chunks_mut::<4>();
        for (roots, products) in roots.iter().zip(products) {
            let product = self.settle(self.times_vector(self.splat(exact(seed)), self.lanes_of(roots)));
            // SAFETY: the instructions are there (see `Avx2`).
            let quotient = unsafe { _mm256_div_pd(product, self.splat(self.modulus)) };
            self.store_lanes([product, quotient], products);
        }
        for (root, product) in rest.iter().zip(products_rest) {
            *product = self.compound(*root, seed);
        }
    }

    fn seed(self, value: u64) -> u64 {
        value
    }

    #[inline(always)]
    fn load(self, words: &[f64]) -> __m256d {
        let words: &[f64; 4] = words[..4].try_into().expect("four words");
        // SAFETY: the instructions are there (see `Avx2`), and four words are read.
        unsafe { _mm256_loadu_pd(words.as_ptr()) }
    }

    #[inline(always)]
    fn store(self, vector: __m256d, words: &mut [f64]) {
        let words: &mut [f64; 4] = (&mut words[..4]).try_into().expect("four words");
        // SAFETY: the instructions are there (see `Avx2`), and four words are written.
        unsafe { _mm256_storeu_pd(words.as_mut_ptr(), vector) }
    }

    #[inline(always)]
    fn residues(self, limbs: &[u64]) -> __m256d {
        let limbs: &[u64; 4] = limbs[..4].try_into().expect("four limbs");
        // SAFETY: the instructions are there (see `Avx2`), and four limbs are read.
        let [low, high] = unsafe {
            let limbs = _mm256_loadu_si256(limbs.as_ptr().cast());
            // The lower and upper halves as the last bits of numbers from 2^52 on.
            let magic = _mm256_castpd_si256(self.splat(MAGIC));
            let low = _mm256_or_si256(_mm256_and_si256(limbs, _mm256_set1_epi64x(0xFFFF_FFFF)), magic);
            let high = _mm256_or_si256(_mm256_srli_epi64::<32>(limbs), magic);
            [_mm256_castsi256_pd(low), _mm256_castsi256_pd(high)]
        };
        let (low, high) = (self.sub(low, self.splat(MAGIC)), self.sub(high, self.splat(MAGIC)));
        self.add(low, self.times(high, self.upper))
    }

    #[inline(always)]
    fn times(self, a: __m256d, [w, w_by_p]: [f64; 2]) -> __m256d {
        self.times_vector(a, [self.splat(w), self.splat(w_by_p)])
    }

    #[inline(always)]
    fn add(self, a: __m256d, b: __m256d) -> __m256d {
        // SAFETY: the instructions are there (see `Avx2`).
        unsafe { _mm256_add_pd(a, b) }
    }

    #[inline(always)]
    fn less_product(self, a: __m256d, b: __m256d) -> __m256d {
        self.sub(a, b)
    }

    #[inline(always)]
    fn less(self, a: __m256d, b: __m256d) -> __m256d {
        self.sub(a, b)
    }

    #[inline(always)]
    fn settle(self, a: __m256d) -> __m256d {
        // SAFETY: the instructions are there (see `Avx2`).
        unsafe {
            let quotient = _mm256_mul_pd(a, self.splat(self.reciprocal));
            let quotient = _mm256_round_pd::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(quotient);
            _mm256_fnmadd_pd(quotient, self.splat(self.modulus), a)
        }
    }

    #[inline(always)]
    fn settle_factor(self, a: __m256d) -> __m256d {
        a
    }

    #[inline(always)]
    fn multiply_leaves(self, x: &mut [f64], y: &[f64], first: Node<'_, [f64; 2]>) {
        let [root, inverse] = self.leaf_roots(first);
        let product = self.multiply_split(self.split(x, root), self.split(y, root), root);
        self.join(product, inverse, x);
    }

    #[inline(always)]
    fn square_leaves(self, x: &mut [f64], first: Node<'_, [f64; 2]>) {
        let [root, inverse] = self.leaf_roots(first);
        let split = self.split(x, root);
        self.join(self.multiply_split(split, split, root), inverse, x);
    }
}

impl Recombine for Avx2 {
    #[inline(always)]
    fn recombine_inlined(
        combination: &Combination<Self>,
        words: [&[f64]; 3],
        limbs: &mut [u64],
        carry: &mut Carry,
    ) {
        let [f1, f2, f3] = combination.lanes;
        let [s1, s2, s3] = combination.scales;
        let [first, second, third] = words;
        let words = first.chunks_exact(4).zip(second.chunks_exact(4)).zip(third.chunks_exact(4));
        let mut carried = carry.total();
        for (((a, b), c), limbs) in words.zip(limbs.chunks_exact_mut(4)) {
            let v1 = f1.canonical(f1.times(f1.load(a), s1));
            let (r2, r3) = (f2.times(f2.load(b), s2), f3.times(f3.load(c), s3));
            let v2 = f2.canonical(f2.times(f2.sub(r2, v1), combination.first_in_second));
            let rest = f3.times(f3.sub(r3, v1), combination.first_in_third);
            let v3 = f3.canonical(f3.times(f3.sub(rest, v2), combination.second_in_third));
            let (v1, v2, v3) = (f1.integers(v1), f2.integers(v2), f3.integers(v3));
            for (lane, place) in limbs.iter_mut().enumerate() {
                *place = limb([v1[lane], v2[lane], v3[lane]], &mut carried);
            }
        }
        *carry = Carry { next: carried, after: 0 };
    }
}
