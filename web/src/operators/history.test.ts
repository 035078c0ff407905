import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { Lane } from "@abacus/client";
import { GetStatsResponseSchema } from "@abacus/client/gen/operator_service";

import { extended, rates, sampleOf, SPAN_S, torn, type Sample } from "./history.ts";

const at = (seconds: number, succeeded: number, failed = 0): Sample =>
  sampleOf(create(GetStatsResponseSchema, { counters: { succeeded: BigInt(succeeded), failed: BigInt(failed) } }), seconds, 1);

test("rates are differences of counters over time", () => {
  const history = [at(100, 10), at(102, 30), at(104, 30), at(108, 34, 2)];
  expect(rates(history, ["succeeded"])).toEqual([null, 10, 0, 1]);
  expect(rates(history, ["succeeded", "failed"])).toEqual([null, 10, 0, 1.5]);
  expect(rates([], ["succeeded"])).toEqual([]);
});

test("a counter that began anew grew by what it shows", () => {
  expect(rates([at(0, 1_000), at(2, 6), at(4, 10)], ["succeeded"])).toEqual([null, 3, 2]);
  // One that did not shrink is not taken for a new one.
  expect(rates([at(0, 1_000, 8), at(2, 6, 8)], ["succeeded", "failed"])).toEqual([null, 3]);
});

test("a pause has no rate and no line", () => {
  const history = [at(0, 0), at(2, 4), at(60, 400), at(62, 402)];
  expect(rates(history, ["succeeded"])).toEqual([null, 2, null, 1]);
  expect(torn([0, 2, 60, 62], [[1, 2, 3, 4], [5, null, 7, 8]])).toEqual([
    [0, 2, 4, 60, 62],
    [1, 2, null, 3, 4],
    [5, null, null, 7, 8],
  ]);
});

test("the history is bounded and in order", () => {
  let history: Sample[] = [];
  for (let seconds = 0; seconds < 10_000; seconds += 2) history = extended(history, at(seconds, seconds));
  expect(history).toHaveLength(SPAN_S / 2);
  expect(history.at(-1)!.at - history[0]!.at).toBeLessThan(SPAN_S);
  // A clock that was set back takes the samples of the future with it.
  expect(extended(history, at(9_500, 1)).map((sample) => sample.at).every((time) => time <= 9_500)).toBe(true);
});

test("a sample sums queues up and keeps the longest wait of each lane", () => {
  const stats = create(GetStatsResponseSchema, {
    queues: [
      { kind: "spin", lane: Lane.LONG, queued: 3n, running: 2n, oldest: { seconds: 4n, nanos: 500_000_000 } },
      { kind: "primes", lane: Lane.LONG, queued: 1n, oldest: { seconds: 9n } },
      { kind: "primes", lane: Lane.SHORT, running: 1n },
    ],
  });
  expect(sampleOf(stats, 5, 12)).toMatchObject({ at: 5, queued: 4, running: 3, oldest: [null, null, 9], roundTripMs: 12 });
});
