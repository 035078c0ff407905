// What the mesh's figures were over the last minutes, and the rates that follow from them.

import { Lane, type Counters, type GetStatsResponse } from "@abacus/client";

import { millis } from "../format/time.ts";

/** How far back the history goes, in seconds. */
export const SPAN_S = 600;
/** The time between two samples, in seconds. */
export const INTERVAL_S = 2;
// Two samples that are further apart than this were not taken one after the other: somebody looked away.
const TORN_S = 4 * INTERVAL_S;

/** The lanes, cheapest first. */
export const LANES = [Lane.INSTANT, Lane.SHORT, Lane.LONG] as const;

/** The counters whose rates are shown. */
export type Counter = Exclude<keyof Counters, `$${string}`>;

/** The figures at one time. */
export interface Sample {
  /** When, in seconds since 1970. */
  readonly at: number;
  readonly counters: Readonly<Record<Counter, number>>;
  readonly queued: number;
  readonly running: number;
  /** How long the oldest waiting job of each of {@link LANES} has waited, in seconds; null when none waits. */
  readonly oldest: readonly (number | null)[];
  /** How long the call for these figures took, in milliseconds. */
  readonly roundTripMs: number;
}

/** A sample from an answer that took so long. */
export function sampleOf(stats: GetStatsResponse, at: number, roundTripMs: number): Sample {
  const total = (figure: "queued" | "running") => stats.queues.reduce((sum, queue) => sum + Number(queue[figure]), 0);
  const count = (counter: Counter) => Number(stats.counters?.[counter] ?? 0n);
  return {
    at,
    counters: {
      created: count("created"),
      joined: count("joined"),
      cached: count("cached"),
      succeeded: count("succeeded"),
      failed: count("failed"),
      cancelled: count("cancelled"),
      retried: count("retried"),
    },
    queued: total("queued"),
    running: total("running"),
    oldest: LANES.map((lane) => oldestIn(stats, lane)),
    roundTripMs,
  };
}

/** The history with one more sample, without those that are older than {@link SPAN_S}. */
export function extended(history: readonly Sample[], sample: Sample): Sample[] {
  return [...history.filter(({ at }) => at > sample.at - SPAN_S && at < sample.at), sample];
}

/**
 * How much the counters grew a second between each sample and the one before; null for the first sample and after a
 * pause. A counter that became smaller began anew: it grew by what it shows now.
 */
export function rates(history: readonly Sample[], counters: readonly Counter[]): (number | null)[] {
  return history.map((sample, index) => {
    const before = history[index - 1];
    if (before === undefined || sample.at - before.at > TORN_S) return null;
    const grown = counters.reduce((sum, counter) => sum + growth(before.counters[counter], sample.counters[counter]), 0);
    return grown / (sample.at - before.at);
  });
}

/** Times and rows of values, with a row of nulls in each pause, so that no line is drawn across it. */
export function torn(times: readonly number[], rows: readonly (readonly (number | null)[])[]): [number[], ...(number | null)[][]] {
  const all: [number[], ...(number | null)[][]] = [[], ...rows.map(() => [])];
  const nothing = rows.map(() => null);
  const push = (time: number, values: readonly (number | null)[]) => {
    all[0].push(time);
    values.forEach((value, row) => (all[row + 1] as (number | null)[]).push(value));
  };
  times.forEach((time, index) => {
    const before = times[index - 1];
    if (before !== undefined && time - before > TORN_S) push(before + INTERVAL_S, nothing);
    push(time, rows.map((row) => row[index] ?? null));
  });
  return all;
}

function growth(before: number, now: number): number {
  return now >= before ? now - before : now;
}

function oldestIn(stats: GetStatsResponse, lane: Lane): number | null {
  const waits = stats.queues.flatMap((queue) => (queue.lane === lane && queue.oldest ? [millis(queue.oldest) / 1000] : []));
  return waits.length === 0 ? null : Math.max(...waits);
}
