//! Recombination in vectors: eight coefficients at a time.
//!
//! With D = 10^19 and p1 p2 = c1 D + c0, a coefficient is
//!
//! ```text
//! V = S + v3 c1 D    with    S = v1 + v2 p1 + v3 c0 < 2^114.
//! ```
//!
//! The quotient q of S by D comes from fixed-point reciprocals, one too small at most; the remainder is S - q D, of which
//! 64 bits suffice. What is carried, W = v3 c1 + q < 2^87, is divided by D in the same way, into e1 D + e0. So a limb is
//! the remainder plus the e0 of the coefficient before plus the e1 of the one before that, plus a carry of 0 or 1.

#![expect(clippy::cast_possible_truncation, reason = "of constants that fit")]

use core::arch::x86_64::{
    __m512i, _mm512_alignr_epi64, _mm512_cmpge_epu64_mask, _mm512_cmplt_epu64_mask, _mm512_mask_add_epi64,
    _mm512_mask_sub_epi64, _mm512_slli_epi64, _mm512_srli_epi64,
};

use super::{Ifma, MASK};
use crate::decimal::limb::RADIX;
use crate::ntt::crt::{Carry, Combination, Recombine};
use crate::ntt::lanes::Lanes;
use crate::ntt::prime::PRIMES;

const D: u128 = RADIX as u128;
const P1_P2: u128 = PRIMES[0] as u128 * PRIMES[1] as u128;
const C0: u64 = (P1_P2 % D) as u64;
const C1: u64 = (P1_P2 / D) as u64;

/// 2^104 / D.
const RECIPROCAL: u64 = ((1_u128 << 104) / D) as u64;
/// `C0` / D, in units of 2^-52 and 2^-104.
const C0_PART: [u64; 2] = fraction(C0);
/// p1 / D, in units of 2^-52 and 2^-104.
const P1_PART: [u64; 2] = fraction(PRIMES[0]);
/// -D modulo 2^64, its lower 52 bits and those above.
const MINUS_D: [u64; 2] = [RADIX.wrapping_neg() & MASK, RADIX.wrapping_neg() >> 52];

/// `numerator` / D, below 1, as two digits of 52 bits.
const fn fraction(numerator: u64) -> [u64; 2] {
    let first = ((numerator as u128) << 52) / D;
    let rest = ((numerator as u128) << 52) % D;
    [first as u64, ((rest << 52) / D) as u64]
}

/// Eight coefficients as limbs and what they carry.
struct Split {
    limbs: __m512i,
    /// For the limb after.
    next: __m512i,
    /// For the second limb after.
    after: __m512i,
}

/// What has been carried so far: of the eight coefficients before, and from one limb to the next.
struct Carried {
    next: __m512i,
    after: __m512i,
    bit: u16,
}

impl Ifma {
    /// v1, v2 and v3 of eight coefficients.
    #[inline(always)]
    fn mixed_radix(combination: &Combination<Self>, words: [__m512i; 3]) -> [__m512i; 3] {
        let [f1, f2, f3] = combination.lanes;
        let [s1, s2, s3] = combination.scales;
        let (v1, r2, r3) = (f1.times(words[0], s1), f2.times(words[1], s2), f3.times(words[2], s3));
        // The residues are below their primes, which are nearly equal.
        let v2 = f2.times(f2.less(r2, v1), combination.first_in_second);
        let rest = f3.times(f3.less(r3, v1), combination.first_in_third);
        [v1, v2, f3.times(f3.less(rest, v2), combination.second_in_third)]
    }

    #[inline(always)]
    fn split(self, [v1, v2, v3]: [__m512i; 3]) -> Split {
        let l = self;
        let [zero, reciprocal, d] = [l.splat(0), l.splat(RECIPROCAL), l.splat(RADIX)];
        let (c0_first, c0_second) = (l.splat(C0_PART[0]), l.splat(C0_PART[1]));
        let (p1_first, p1_second) = (l.splat(P1_PART[0]), l.splat(P1_PART[1]));
        let (d_low, d_high) = (l.splat(MINUS_D[0]), l.splat(MINUS_D[1]));
        let (c0_low, c0_high) = (l.splat(C0 & MASK), l.splat(C0 >> 52));
        let (c1, p1) = (l.splat(C1), l.splat(PRIMES[0]));

        // S / D in units of 2^-52: five parts, each below 2^52, and five roundings down.
        let of_c0 = l.high(l.low(zero, v3, c0_first), v3, c0_second);
        let of_p1 = l.high(l.low(l.high(zero, v1, reciprocal), v2, p1_first), v2, p1_second);
        let whole = l.high(l.high(zero, v3, c0_first), v2, p1_first);
        let quotient = l.add(whole, shift_right(l, l.add(of_c0, of_p1)));

        // S - q D modulo 2^64: below D, or a little above where q is one too small.
        let low = l.add(l.low(l.low(v1, v3, c0_low), v2, p1), l.low(zero, quotient, d_low));
        let high = l.add(
            l.high(l.low(l.high(zero, v3, c0_low), v3, c0_high), v2, p1),
            l.low(l.high(zero, quotient, d_low), quotient, d_high),
        );
        let remainder = l.add(low, shift_left(l, high));
        let (limbs, quotient) = carry_one(l, remainder, quotient, d);

        // W, by halves of 52 bits, the lower of which may exceed them.
        let (w_low, w_high) = (l.low(quotient, c1, v3), l.high(zero, c1, v3));
        let after = l.high(zero, w_high, reciprocal);
        let high = l.add(w_high, l.low(l.high(zero, after, d_low), after, d_high));
        let next = l.add(l.low(w_low, after, d_low), shift_left(l, high));
        let (next, after) = carry_one(l, next, after, d);
        Split { limbs, next, after }
    }

    /// Adds what is carried to eight limbs.
    #[inline(always)]
    fn resolve(self, split: Split, carried: &mut Carried, limbs: &mut [u64]) {
        let l = self;
        let (d, greatest) = (l.splat(RADIX), l.splat(RADIX - 1));
        // SAFETY: the instructions are there (see `Ifma`).
        let carries = unsafe {
            l.add(
                _mm512_alignr_epi64::<7>(split.next, carried.next),
                _mm512_alignr_epi64::<6>(split.after, carried.after),
            )
        };
        (carried.next, carried.after) = (split.next, split.after);
        let sum = l.add(split.limbs, carries);
        // SAFETY: the instructions are there (see `Ifma`).
        let (sum, carrying, near) = unsafe {
            // Both are below D and 2^24 more: the sum may exceed 64 bits.
            let carrying = _mm512_cmplt_epu64_mask(sum, carries) | _mm512_cmpge_epu64_mask(sum, d);
            let sum = _mm512_mask_sub_epi64(sum, carrying, sum, d);
            (sum, carrying, _mm512_cmpge_epu64_mask(sum, greatest))
        };
        let bits = u16::from(carrying) << 1 | carried.bit;
        let [ones, carry] = bits.to_le_bytes();
        if near == 0 {
            // SAFETY: the instructions are there (see `Ifma`).
            let sum = unsafe { _mm512_mask_add_epi64(sum, ones, sum, l.splat(1)) };
            l.store(sum, limbs);
            carried.bit = u16::from(carry);
        } else {
            l.store(sum, limbs);
            let carry = ripple(limbs, carrying, carried.bit);
            // Of two carries at once, one goes with what the next limb gets anyway.
            carried.bit = carry.min(1);
            carried.next = l.add(carried.next, lane_7(l, u64::from(carry / 2)));
        }
    }
}

/// Takes D off what is not below it, once, and adds one to the quotient for it.
#[inline(always)]
fn carry_one(l: Ifma, remainder: __m512i, quotient: __m512i, d: __m512i) -> (__m512i, __m512i) {
    // SAFETY: the instructions are there (see `Ifma`).
    unsafe {
        let short = _mm512_cmpge_epu64_mask(remainder, d);
        let one = l.splat(1);
        (
            _mm512_mask_sub_epi64(remainder, short, remainder, d),
            _mm512_mask_add_epi64(quotient, short, quotient, one),
        )
    }
}

/// By 52 bits; the lanes show that the instructions are there.
#[inline(always)]
fn shift_left(_: Ifma, a: __m512i) -> __m512i {
    // SAFETY: the instructions are there (see `Ifma`).
    unsafe { _mm512_slli_epi64::<52>(a) }
}

/// By 52 bits; the lanes show that the instructions are there.
#[inline(always)]
fn shift_right(_: Ifma, a: __m512i) -> __m512i {
    // SAFETY: the instructions are there (see `Ifma`).
    unsafe { _mm512_srli_epi64::<52>(a) }
}

/// A vector of zeros but for the last lane.
#[inline(always)]
fn lane_7(l: Ifma, word: u64) -> __m512i {
    l.load(&[0, 0, 0, 0, 0, 0, 0, word])
}

/// Adds the carries of limbs one by one, where one may cause the next; it happens once in 10^18 times for what looks
/// random.
#[cold]
fn ripple(limbs: &mut [u64], carrying: u8, bit: u16) -> u16 {
    let mut carry = u64::from(bit);
    for (lane, limb) in limbs.iter_mut().enumerate().take(8) {
        let sum = *limb + carry;
        let over = u64::from(sum >= RADIX);
        *limb = sum - over * RADIX;
        carry = over + u64::from(carrying >> lane & 1);
    }
    u16::try_from(carry).expect("0, 1 or 2 carries")
}

impl Recombine for Ifma {
    #[inline(always)]
    fn recombine_inlined(
        combination: &Combination<Self>,
        words: [&[u64]; 3],
        limbs: &mut [u64],
        carry: &mut Carry,
    ) {
        let l = combination.lanes[0];
        let next = u64::try_from(carry.next).expect("below 10^19 and 2^24 more");
        let mut carried = Carried { next: lane_7(l, next), after: lane_7(l, carry.after), bit: 0 };
        let [first, second, third] = words;
        let words = first.chunks_exact(8).zip(second.chunks_exact(8)).zip(third.chunks_exact(8));
        for (((a, b), c), limbs) in words.zip(limbs.chunks_exact_mut(8)) {
            let split = l.split(Self::mixed_radix(combination, [l.load(a), l.load(b), l.load(c)]));
            l.resolve(split, &mut carried, limbs);
        }
        let [mut next, mut after] = [[0; 8]; 2];
        l.store(carried.next, &mut next);
        l.store(carried.after, &mut after);
        *carry = Carry {
            next: u128::from(next[7]) + u128::from(after[6]) + u128::from(carried.bit),
            after: after[7],
        };
    }
}
