// A result laid out in rows of equal width, so that any row can be made without those before it.
//
// A sheet counts in units: a digit of an integer, a prime of a list. Views know only this file's interface.
import type { Content } from "@abacus/client";
import { LINE_FEED, type LineIndex } from "./lines.ts";

/** A row as it is shown. */
export interface Row {
  /** The unit it begins with, from 0. */
  first: number;
  groups: string[];
}

/** A result in rows. */
export interface Sheet {
  /** What a unit is called. */
  readonly unit: "digit" | "prime";
  /** How many units there are so far. */
  readonly units: number;
  readonly perRow: number;
  /** How many units a group of a row holds. */
  readonly perGroup: number;
  /** The width of the gutter that tells positions, in characters. */
  readonly gutter: number;
  /** The width of a group in characters, without the space after it. */
  readonly groupWidth: number;
  row(index: number): Row;
  /** The text of units [from, to) as it is copied. */
  copied(from: number, to: number): string;
  /** The unit that a byte of the result belongs to. */
  unitAt(offset: number): number;
  /** The byte of the result that a unit begins at. */
  offsetOf(unit: number): number;
}

/** The space that rows have, in characters. */
export interface Space {
  columns: number;
  /** Those that the gutter takes of them. */
  gutter: number;
}

/** Groups per row that make positions easy to count. */
const ROUND = [10, 8, 6, 5, 4, 3, 2, 1];
const DIGITS_PER_GROUP = 10;
const MINUS = 0x2d;

/** What a result is made of, told from its first bytes: the contract has no field for it before the end. */
export function kindOfText(start: string): "integer" | "primes" | "text" {
  if (/^\d+\n[\d\n]*$/.test(start)) return "primes";
  return /^-?\d+$/.test(start) ? "integer" : "text";
}

/** How many groups fit into a row. */
export function groupsPerRow(space: Space, groupWidth: number): number {
  const room = Math.floor((space.columns - space.gutter + 1) / (groupWidth + 1));
  return ROUND.find((groups) => groups <= room) ?? 1;
}

/** How wide the gutter is that tells positions up to `units`, in characters. */
export function gutterWidth(units: number): number {
  return Math.max(units, 1).toLocaleString("en-US").length + 2;
}

/** An integer: rows of digits in groups of ten. Its sign is not a digit; the view shows it before the rows. */
export class DigitSheet implements Sheet {
  readonly unit = "digit";
  readonly perGroup = DIGITS_PER_GROUP;
  readonly groupWidth = DIGITS_PER_GROUP;
  readonly units: number;
  readonly perRow: number;
  readonly gutter: number;
  /** Bytes before the first digit. */
  readonly sign: number;

  constructor(private readonly content: Content, columns: number) {
    this.sign = isNegative(content) ? 1 : 0;
    this.units = content.bytes - this.sign;
    this.gutter = gutterWidth(this.units) + this.sign;
    this.perRow = groupsPerRow({ columns, gutter: this.gutter }, this.groupWidth) * this.perGroup;
  }

  row(index: number): Row {
    const first = index * this.perRow;
    const text = this.#text(first, Math.min(first + this.perRow, this.units));
    const groups = [];
    for (let at = 0; at < text.length; at += this.perGroup) groups.push(text.slice(at, at + this.perGroup));
    return { first, groups };
  }

  copied(from: number, to: number): string {
    const sign = from === 0 && this.sign > 0 ? "-" : "";
    return sign + this.#text(from, to);
  }

  unitAt(offset: number): number {
    return Math.max(offset - this.sign, 0);
  }

  offsetOf(unit: number): number {
    return unit + this.sign;
  }

  #text(from: number, to: number): string {
    return this.content.text(from + this.sign, to + this.sign);
  }
}

/** Whether an integer's first byte is its sign. */
export function isNegative(content: Content): boolean {
  return content.bytes > 0 && content.text(0, 1).charCodeAt(0) === MINUS;
}

/** A list of primes: rows of a round number of them. */
export class PrimeSheet implements Sheet {
  readonly unit = "prime";
  readonly perGroup = 1;
  readonly groupWidth: number;
  readonly units: number;
  readonly perRow: number;
  readonly gutter: number;

  constructor(private readonly content: Content, private readonly lines: LineIndex, columns: number) {
    this.units = lines.count;
    // They ascend: the last is the longest.
    this.groupWidth = this.units === 0 ? 1 : this.#line(this.units - 1).length;
    this.gutter = gutterWidth(this.units);
    this.perRow = groupsPerRow({ columns, gutter: this.gutter }, this.groupWidth);
  }

  row(index: number): Row {
    const first = index * this.perRow;
    const last = Math.min(first + this.perRow, this.units);
    return { first, groups: this.copied(first, last).split("\n") };
  }

  copied(from: number, to: number): string {
    if (to <= from) return "";
    // Without the line feed of the last.
    return this.content.text(this.offsetOf(from), this.offsetOf(to) - 1);
  }

  unitAt(offset: number): number {
    return this.lines.lineAt(offset, this.content);
  }

  offsetOf(unit: number): number {
    return this.lines.offsetOf(unit, this.content);
  }

  #line(unit: number): string {
    const from = this.offsetOf(unit);
    return this.content.text(from, this.offsetOf(unit + 1)).replace(String.fromCharCode(LINE_FEED), "");
  }
}
