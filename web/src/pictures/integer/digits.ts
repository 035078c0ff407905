// Counts the decimal digits of an integer and judges how evenly they are spread.

import type { Reader } from "../reading.ts";

const MINUS = 0x2d;
const ZERO = 0x30;
// Below an expected count of five a digit the chi-square distribution is a poor guide.
const ENOUGH = 50;

/** Counts digits as they arrive; a sign is skipped. */
export class DigitCounter implements Reader {
  /** How often each of the ten digits was seen. */
  readonly counts = new Float64Array(10);

  read(bytes: Uint8Array): void {
    const counts = this.counts;
    for (let i = 0; i < bytes.length; i++) {
      const digit = bytes[i]! - ZERO;
      if (digit >= 0 && digit < 10) counts[digit]!++;
    }
  }

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}

/** Whether text that begins with this byte has a sign before its digits. */
export function hasSign(first: number | undefined): boolean {
  return first === MINUS;
}

/** Pearson's chi-square of these counts against equal ones; 0 when there is nothing to compare. */
export function chiSquare(counts: ArrayLike<number>): number {
  const observed = Array.from(counts);
  const expected = observed.reduce((sum, count) => sum + count, 0) / observed.length;
  if (expected === 0) return 0;
  return observed.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** How far each count is from an equal share, in standard deviations of a binomial count; 0 when nothing was counted. */
export function deviations(counts: ArrayLike<number>): number[] {
  const observed = Array.from(counts);
  const total = observed.reduce((sum, count) => sum + count, 0);
  const part = 1 / observed.length;
  return observed.map((count) => (total === 0 ? 0 : (count - total * part) / Math.sqrt(total * part * (1 - part))));
}

/**
 * The probability that ten equally likely digits give a chi-square of at least this: the upper tail with nine degrees
 * of freedom, in the closed form for odd degrees (Abramowitz and Stegun 26.4.4).
 */
export function tailOfNine(chiSquare: number): number {
  const root = Math.sqrt(chiSquare);
  const density = Math.exp(-chiSquare / 2) / Math.sqrt(2 * Math.PI);
  const series = root * (1 + (chiSquare / 3) * (1 + (chiSquare / 5) * (1 + chiSquare / 7)));
  return Math.min(1, erfc(root / Math.SQRT2) + 2 * density * series);
}

/** What the counts say about the number, in a sentence. */
export function verdict(counts: ArrayLike<number>): string {
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  if (total < ENOUGH) return "There are too few digits to judge how evenly they are spread.";
  const square = chiSquare(counts);
  const tail = tailOfNine(square);
  const figures = `chi-square ${square >= 1e6 ? square.toExponential(1) : square.toFixed(1)}`;
  if (tail > 0.999) return `The digits are spread more evenly than chance would do it (${figures}).`;
  if (tail >= 0.05) {
    return `The digits are spread as evenly as random ones: ${Math.round(tail * 100)} of 100 random numbers of this length are less even (${figures}).`;
  }
  if (tail >= 1e-6) {
    const rarity = Math.round(1 / tail).toLocaleString("en");
    return `The digits are spread less evenly than random ones: 1 in ${rarity} random numbers of this length is less even (${figures}).`;
  }
  return `The digits are far from evenly spread: this is not what random ones look like (${figures}).`;
}

// The complementary error function for x >= 0, within 1.5e-7 (Abramowitz and Stegun 7.1.26).
function erfc(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return polynomial * Math.exp(-x * x);
}
