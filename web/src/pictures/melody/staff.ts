// Lays notes out on staves: what stands where, in pixels. One stave is as wide as the page; long melodies take several.

import type { Note } from "./notes.ts";

/** The clef that a melody is written in. */
export type Clef = "treble" | "bass";

/** The distance between two lines of a staff. */
export const SPACE = 8;
/** The left part of a staff, for its clef. */
export const CLEF_WIDTH = 38;

/** A stave and the notes on it. */
export interface Stave {
  readonly notes: readonly Placed[];
  /** Its right end. */
  readonly width: number;
}

/** A note with its place. */
export interface Placed {
  /** Its number in the melody. */
  readonly index: number;
  readonly note: Note;
  /** The middle of its (first) head. */
  readonly x: number;
}

/** The signs that a length is written with, joined by ties. */
export interface Sign {
  /** The undotted length in beats: 4, 2, 1, 0.5 or 0.25. */
  readonly base: number;
  readonly dots: number;
}

const BASES = [4, 2, 1, 0.5, 0.25];
const SHORTEST = 0.25;
// Room for a note, for an accidental before it, and for each further tied head.
const NOTE = 21;
const ACCIDENTAL = 9;
/** The distance of tied heads. */
export const TIED = 18;

/** The signs for a length; the last one stands for what no sign can tell exactly. */
export function signsFor(beats: number): Sign[] {
  const signs: Sign[] = [];
  let left = beats;
  while (left >= SHORTEST || signs.length === 0) {
    const base = BASES.find((candidate) => candidate <= left) ?? SHORTEST;
    const dots = left === base * 1.5 ? 1 : left === base * 1.75 ? 2 : 0;
    signs.push({ base, dots });
    left = dots > 0 ? 0 : left - base;
  }
  return signs;
}

/** The clef in which the notes need the fewest ledger lines. */
export function clefFor(notes: readonly Note[]): Clef {
  const steps = notes.flatMap(({ pitch }) => (pitch === undefined ? [] : [pitch.step]));
  const mean = steps.reduce((sum, step) => sum + step, 0) / Math.max(1, steps.length);
  // Middle C, 28 steps above C0, lies between the two.
  return steps.length > 0 && mean < 28 ? "bass" : "treble";
}

/** Steps above the lowest line: 0 on it, 1 in the space above it. */
export function height(step: number, clef: Clef): number {
  // The lowest lines are E4 and G2.
  return step - (clef === "treble" ? 30 : 18);
}

/** Breaks the melody into staves of this width and spreads the notes over them, except over the last. */
export function layOut(notes: readonly Note[], width: number): Stave[] {
  const room = Math.max(width - CLEF_WIDTH, 2 * NOTE);
  const rows: { index: number; note: Note; room: number }[][] = [[]];
  let taken = 0;
  notes.forEach((note, index) => {
    const need = roomFor(note);
    if (taken + need > room && rows.at(-1)!.length > 0) {
      rows.push([]);
      taken = 0;
    }
    rows.at(-1)!.push({ index, note, room: need });
    taken += need;
  });
  return rows.map((row, number) => {
    const used = row.reduce((sum, item) => sum + item.room, 0);
    const stretch = number < rows.length - 1 ? room / used : 1;
    let x = CLEF_WIDTH;
    const placed = row.map(({ index, note, room: need }) => {
      const at = x + before(note);
      x += need * stretch;
      return { index, note, x: at };
    });
    return { notes: placed, width: stretch === 1 ? Math.min(width, x) : width };
  });
}

function roomFor(note: Note): number {
  const signs = note.pitch === undefined ? 1 : signsFor(note.beats).length;
  return before(note) + NOTE / 2 + 7 * Math.log2(4 * note.beats + 1) + (signs - 1) * TIED;
}

function before(note: Note): number {
  return NOTE / 2 + Math.abs(note.pitch?.accidental ?? 0) * ACCIDENTAL;
}
