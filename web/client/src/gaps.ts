// Lists of primes that are told as gaps, as numbers.

import type { Content } from "./content.ts";

/** Bytes of a varint of 64 bits, at most. */
const MOST_BYTES = 10;

/**
 * The primes of a content in the format GAPS, in ascending order. `start` is that of the task.
 *
 * A varint for each: from `start` to the first prime, then half of the way from one to the next, rounded up.
 * @throws Error when the content is something else, once its first fault is met
 */
export function* primesOfGaps(content: Content, start: bigint): Generator<bigint, void, undefined> {
  let previous: bigint | undefined;
  let number = 0n;
  let bytes = 0;
  for (const piece of content.pieces()) {
    for (const byte of piece) {
      number |= BigInt(byte & 0x7f) << BigInt(7 * bytes);
      bytes += 1;
      if (bytes > MOST_BYTES) throw new Error("a gap has more than 64 bits");
      if (byte > 0x7f) continue;
      // Behind 2 come the odd numbers.
      const from = previous === 2n ? 1n : previous;
      previous = from === undefined ? start + number : from + 2n * number;
      number = 0n;
      bytes = 0;
      yield previous;
    }
  }
  if (bytes > 0) throw new Error("the last gap has no end");
}
