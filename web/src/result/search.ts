// Looks for a string of digits in a result, in slices, so that the page stays awake.
import type { Content } from "@abacus/client";
import { breathe } from "../store/breathe.ts";

/** Bytes looked through between two breaths: some ten milliseconds. */
export const SLICE = 4 * 2 ** 20;

/** Where to look. */
export interface Search {
  content: Content;
  /** What to look for: ASCII, not empty. */
  needle: string;
  signal: AbortSignal;
}

/** The offset of the first occurrence at or after `from`; -1 when there is none. */
export async function findNext({ content, needle, signal }: Search, from: number): Promise<number> {
  const bytes = content.bytes;
  for (let at = Math.max(from, 0); at < bytes; at += SLICE) {
    const found = content.text(at, overlap(at + SLICE, needle, bytes)).indexOf(needle);
    if (found >= 0) return at + found;
    await breathe();
    signal.throwIfAborted();
  }
  return -1;
}

/** The offset of the last occurrence that begins before `before`; -1 when there is none. */
export async function findPrevious({ content, needle, signal }: Search, before: number): Promise<number> {
  for (let end = Math.min(before, content.bytes); end > 0; end -= SLICE) {
    const at = Math.max(end - SLICE, 0);
    const found = content.text(at, overlap(end, needle, content.bytes)).lastIndexOf(needle);
    if (found >= 0) return at + found;
    await breathe();
    signal.throwIfAborted();
  }
  return -1;
}

/** How often it occurs, overlapping ones included. */
export async function countAll({ content, needle, signal }: Search): Promise<number> {
  const bytes = content.bytes;
  let count = 0;
  for (let at = 0; at < bytes; at += SLICE) {
    const text = content.text(at, overlap(at + SLICE, needle, bytes));
    for (let found = text.indexOf(needle); found >= 0; found = text.indexOf(needle, found + 1)) count += 1;
    await breathe();
    signal.throwIfAborted();
  }
  return count;
}

/** The end of a slice: an occurrence may begin in it and reach into the next, by one byte less than its length. */
function overlap(end: number, needle: string, bytes: number): number {
  return Math.min(end + needle.length - 1, bytes);
}
