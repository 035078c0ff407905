// Durations and ages as people read them.
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milliseconds of a protobuf duration; fractions stand for nanoseconds. */
export function millis(duration: Duration): number {
  return Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}

/** Milliseconds since 1970 of a protobuf timestamp. */
export function instant(time: Timestamp): number {
  return Number(time.seconds) * 1000 + Math.floor(time.nanos / 1e6);
}

/** How long something took: `350 µs`, `12 ms`, `1.25 s`, `2 min 5 s`, `1 h 2 min`. */
export function durationText(ms: number): string {
  if (ms < 1) return `${Math.round(Math.max(ms, 0) * 1000)} µs`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  return coarse(Math.round(ms / 1000));
}

/** How long something will still take, without false precision: `less than a second`, `about 8 s`, `about 3 min 20 s`. */
export function remainingText(ms: number): string {
  if (ms < 1000) return "less than a second";
  const seconds = Math.round(ms / 1000);
  return `about ${coarse(seconds < 5 * MINUTE ? seconds : Math.round(seconds / 10) * 10)}`;
}

/** How long ago something was: `just now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 days ago`. */
export function ageText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 2) return "just now";
  if (seconds < MINUTE) return `${seconds} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  const days = Math.floor(seconds / DAY);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

function coarse(seconds: number): string {
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return pair(seconds, MINUTE, ["min", "s"]);
  if (seconds < DAY) return pair(Math.floor(seconds / MINUTE), 60, ["h", "min"]);
  return pair(Math.floor(seconds / HOUR), 24, ["d", "h"]);
}

function pair(value: number, base: number, [large, small]: [string, string]): string {
  const rest = value % base;
  const whole = `${Math.floor(value / base)} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}
