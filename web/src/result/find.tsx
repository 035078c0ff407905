// Looks for a string of digits: forth, back, and how often it occurs.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { counted, grouped } from "../format/numbers.ts";
import { announce } from "../shell/announcer.tsx";
import { countAll, findNext, findPrevious, type Search } from "./search.ts";
import type { Viewer } from "./viewer.ts";

type Direction = "next" | "previous";

export function Find({ viewer }: { viewer: Viewer }) {
  const typed = useSignal("");
  const { said } = viewer;
  const running = useRef<AbortController | undefined>(undefined);
  const counting = useRef<{ needle: string; bytes: number; times: Promise<number> } | undefined>(undefined);
  useEffect(() => () => running.current?.abort(), [viewer]);

  const begin = (): Search => {
    running.current?.abort();
    running.current = new AbortController();
    return { content: viewer.content, needle: typed.value.replace(/[\s,_]+/g, ""), signal: running.current.signal };
  };
  const go = async (direction: Direction) => {
    const search = begin();
    if (search.needle === "") return clear();
    said.value = "Looking…";
    try {
      const offset = await around(viewer, search, direction);
      if (offset < 0) {
        viewer.found.value = undefined;
        tell("It does not occur.");
        return;
      }
      viewer.showFound(offset, search.needle.length);
      const { unit } = viewer.sheet.peek();
      tell(`At ${unit} ${grouped(viewer.sheet.peek().unitAt(offset) + 1)}`);
      const times = await count(search);
      said.value = `${said.value}, ${counted(times, "time")} in all`;
    } catch (error) {
      if (!search.signal.aborted) throw error;
    }
  };
  const count = (search: Search) => {
    const { bytes } = viewer.content;
    const known = counting.current;
    if (known?.needle === search.needle && known.bytes === bytes) return known.times;
    const times = countAll(search);
    counting.current = { needle: search.needle, bytes, times };
    // One that was broken off tells nothing.
    times.catch(() => (counting.current = undefined));
    return times;
  };
  const clear = () => {
    running.current?.abort();
    viewer.found.value = undefined;
    said.value = "";
  };
  const tell = (text: string) => {
    said.value = text;
    announce(text);
  };
  return (
    <search class="tool">
      <label for="find">Find digits</label>
      <input
        id="find"
        type="search"
        class="number"
        inputMode="numeric"
        autocomplete="off"
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          clear();
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          void go(event.shiftKey ? "previous" : "next");
        }}
      />
      <button type="button" aria-label="Previous" onClick={() => void go("previous")}>
        ↑
      </button>
      <button type="button" aria-label="Next" onClick={() => void go("next")}>
        ↓
      </button>
    </search>
  );
}

/** The next occurrence in a direction, from what was found last, or from what is seen; past the end, from the start. */
async function around(viewer: Viewer, search: Search, direction: Direction): Promise<number> {
  const sheet = viewer.sheet.peek();
  const found = viewer.found.peek();
  const top = Math.floor(viewer.place.peek().top / viewer.room.peek().rowHeight) * sheet.perRow;
  const here = sheet.offsetOf(found?.from ?? Math.min(top, sheet.units));
  if (direction === "next") {
    const after = await findNext(search, found ? here + 1 : here);
    return after >= 0 ? after : findNext(search, 0);
  }
  const before = await findPrevious(search, here);
  return before >= 0 ? before : findPrevious(search, search.content.bytes);
}
