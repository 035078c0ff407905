// Tells from a result itself what can be drawn of it, so that kinds yet to come have their pictures too.

import { parseMelody, type Note } from "./melody/notes.ts";
import type { Source } from "./reading.ts";

/** What a result is, as far as pictures go. */
export type Shape = { kind: "integer" } | { kind: "primes" } | { kind: "melody"; notes: Note[] } | { kind: "none" };

// Fewer digits than this make no picture worth looking at.
const FEWEST_DIGITS = 10;
// A list has its first line feed, and a melody its end, well before.
const SNIFFED_BYTES = 4096;

/** Judges by the first bytes; `complete` says that no more will come. */
export function shapeOf(source: Source, complete: boolean): Shape {
  const text = String.fromCharCode(...source.slice(0, SNIFFED_BYTES));
  if (/^\d+\n[\d\n]*$/.test(text)) return { kind: "primes" };
  if (/^-?\d+$/.test(text)) return { kind: text.length < FEWEST_DIGITS ? "none" : "integer" };
  if (source.bytes > SNIFFED_BYTES) return { kind: "none" };
  const notes = parseMelody(text, complete ? "whole" : "growing");
  return notes === undefined ? { kind: "none" } : { kind: "melody", notes };
}
