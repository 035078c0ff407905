// Feeds a growing result to a reader in short slices, so that the page stays alive however long the result is.

import type { Content } from "@abacus/client";
import { useEffect, useMemo, useState } from "preact/hooks";

/** What a picture needs of a result. */
export type Source = Pick<Content, "bytes" | "pieces" | "slice">;

/** Takes in a result. */
export interface Reader {
  /** The next bytes: in order, each once. */
  read(bytes: Uint8Array): void;
}

// A slice takes a few milliseconds; between two slices the browser draws and answers.
const SLICE_BYTES = 256 * 1024;
const BUDGET_MS = 8;
// How often pictures are drawn anew while they grow, and how often new bytes are looked for.
const REDRAW_MS = 250;

/** Hands the bytes from `position` on to the reader until the time is over; answers how far it came. */
export function feed(source: Source, position: number, reader: Reader): number {
  const deadline = performance.now() + BUDGET_MS;
  let start = 0;
  for (const piece of source.pieces()) {
    const end = start + piece.length;
    while (position < end) {
      const slice = piece.subarray(position - start, position - start + SLICE_BYTES);
      reader.read(slice);
      position += slice.length;
      if (performance.now() >= deadline) return position;
    }
    start = end;
  }
  return position;
}

/**
 * A reader that is fed with the source until `expected` bytes were read (or for as long as it is shown, while that is
 * unknown). The component is drawn again as the reader grows.
 */
export function useReading<R extends Reader>(source: Source, expected: number | undefined, make: () => R): R {
  const state = useMemo(() => ({ position: 0, reader: make() }), [source]);
  const [, draw] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let drawn = state.position;
    let drawnAt = performance.now();
    const step = () => {
      if (state.position < source.bytes) state.position = feed(source, state.position, state.reader);
      const behind = state.position < source.bytes;
      if (state.position !== drawn && (!behind || performance.now() - drawnAt >= REDRAW_MS)) {
        drawn = state.position;
        drawnAt = performance.now();
        draw(drawn);
      }
      if (expected === undefined || state.position < expected) timer = setTimeout(step, behind ? 0 : REDRAW_MS);
    };
    step();
    return () => clearTimeout(timer);
  }, [source, expected, state]);
  return state.reader;
}
