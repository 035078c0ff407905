// Reads a list of primes, one a line, as it arrives: where they stand and how far apart they are.

import type { Reader } from "../reading.ts";

const LINE_FEED = 0x0a;
const ZERO = 0x30;
// The widest gap between primes below 2^63 is 1,510 (OEIS A005250).
const WIDEST = 2_048;
/** How many numbers from the interval's start are remembered one by one. */
export const REMEMBERED = 1 << 20;

/** The primes of an interval: their gaps, and which of the first numbers they are. */
export class PrimeReader implements Reader {
  /** How often each gap was seen; the index is the gap. */
  readonly gaps = new Float64Array(WIDEST);
  /** 1 where `start + index` is prime. */
  readonly marks = new Uint8Array(REMEMBERED);
  /** How many primes were read. */
  count = 0;
  /** The last prime read, counted from the interval's start; -1 before the first. */
  last = -1;
  #start: bigint | undefined;
  // The first line is kept as text, so that its value may have any size.
  #first = "";
  // Values modulo 2^32: all that a difference of neighbours needs.
  #value = 0;
  #before = 0;

  /** `start` is the interval's first number; without it the first prime is taken. */
  constructor(start?: bigint) {
    this.#start = start;
  }

  /** The number that offsets count from; unknown before the first line when it was not given. */
  get start(): bigint | undefined {
    return this.#start;
  }

  read(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte === LINE_FEED) this.#end();
      else {
        this.#value = (Math.imul(this.#value, 10) + byte - ZERO) | 0;
        if (this.count === 0) this.#first += String.fromCharCode(byte);
      }
    }
  }

  #end(): void {
    if (this.count === 0) {
      const first = BigInt(this.#first);
      this.#start ??= first;
      this.last = Number(first - this.#start);
    } else {
      const gap = (this.#value - this.#before) >>> 0;
      if (gap < WIDEST) this.gaps[gap]!++;
      this.last += gap;
    }
    if (this.last >= 0 && this.last < REMEMBERED) this.marks[this.last] = 1;
    this.count++;
    this.#before = this.#value;
    this.#value = 0;
  }
}

/** What a list of gaps comes to. */
export interface GapSummary {
  /** The gaps that were seen, narrowest first. */
  readonly seen: readonly { readonly gap: number; readonly count: number }[];
  readonly total: number;
  /** The most frequent ones: several when they are equally frequent. */
  readonly champions: readonly number[];
  readonly mean: number;
}

/** Sums up the counts of gaps. */
export function summarise(gaps: ArrayLike<number>): GapSummary {
  const seen: { gap: number; count: number }[] = [];
  let total = 0;
  let sum = 0;
  let most = 0;
  for (let gap = 0; gap < gaps.length; gap++) {
    const count = gaps[gap]!;
    if (count === 0) continue;
    seen.push({ gap, count });
    total += count;
    sum += gap * count;
    most = Math.max(most, count);
  }
  const champions = seen.filter(({ count }) => count === most).map(({ gap }) => gap);
  return { seen, total, champions, mean: total === 0 ? 0 : sum / total };
}
