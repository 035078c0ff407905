// The pictures of a list of primes: one reader feeds both.

import { useReading, type Source } from "../reading.ts";
import { PrimeReader } from "./gaps.ts";
import { Histogram } from "./histogram.tsx";
import { Spiral } from "./spiral.tsx";

/** An interval of integers, both ends included. */
export interface Interval {
  readonly start: bigint;
  readonly end: bigint;
}

/** Ulam's spiral and the gaps of the primes. `interval` is what was searched, where that is known. */
export function PrimePictures(props: { source: Source; expected: number | undefined; interval: Interval | undefined }) {
  const { source, expected, interval } = props;
  const reader = useReading(source, expected, () => new PrimeReader(interval?.start));
  const complete = expected !== undefined && source.bytes >= expected;
  return (
    <>
      <Spiral reader={reader} count={reader.count} last={reader.last} end={complete ? interval?.end : undefined} />
      <Histogram gaps={reader.gaps} count={reader.count} />
    </>
  );
}
