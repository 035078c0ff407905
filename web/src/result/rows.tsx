// The window onto a long result: only the rows that can be seen are in the document.
import { useEffect, useRef } from "preact/hooks";
import { elementHeight, placed, scrolled, visibleRows } from "./scroll.ts";
import { cut, unitAfterKey } from "./selection.ts";
import type { Sheet } from "./sheet.ts";
import { useMeasured, usePointing } from "./rows_input.ts";
import type { Viewer } from "./viewer.ts";

/** How long scrolling has to rest before the scroll bar is brought to where it belongs, in milliseconds. */
const REST_MS = 150;

/** How one moves and selects in them. */
export const ROWS_HELP = "Select with the mouse, or with Shift and the arrow keys; Page Up, Page Down, Home and End scroll.";

export function Rows({ viewer, label }: { viewer: Viewer; label: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLSpanElement>(null);
  const resting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useMeasured(viewer, scroller, probe);
  const pointing = usePointing(viewer);

  useEffect(() => {
    viewer.scroller = scroller.current;
    return () => {
      viewer.scroller = null;
      clearTimeout(resting.current);
    };
  }, [viewer]);

  const onScroll = () => {
    const element = scroller.current;
    if (!element || element.scrollTop === viewer.place.peek().scroll) return;
    viewer.place.value = scrolled(viewer.place.peek(), element.scrollTop, viewer.extent.peek());
    clearTimeout(resting.current);
    resting.current = setTimeout(() => settle(viewer), REST_MS);
  };
  const { rowHeight } = viewer.room.value;
  return (
    <div
      ref={scroller}
      class="rows"
      tabIndex={0}
      role="group"
      aria-label={label}
      aria-describedby="rows-help"
      onScroll={onScroll}
      onKeyDown={(event) => onKey(event, viewer)}
      onCopy={(event) => onCopy(event, viewer)}
      {...pointing}
    >
      <span ref={probe} class="probe" aria-hidden="true">
        0000000000
      </span>
      <div class="rows-height" style={{ height: `${elementHeight(viewer.extent.value)}px` }}>
        <div class="rows-window" style={{ transform: `translateY(${-(viewer.place.value.top % rowHeight)}px)` }}>
          <Visible viewer={viewer} />
        </div>
      </div>
    </div>
  );
}

function Visible({ viewer }: { viewer: Viewer }) {
  const sheet = viewer.sheet.value;
  const { rowHeight, height } = viewer.room.value;
  const [first, last] = visibleRows(viewer.place.value.top, height, rowHeight, viewer.rows);
  const selection = viewer.selection.value;
  // A caret is shown as a selection of one.
  const selected = viewer.selected.value ?? (selection && { from: selection.focus, to: selection.focus + 1 });
  const negative = isNegative(sheet);
  const gutter = { width: `${sheet.gutter}ch`, paddingInlineEnd: negative ? "2ch" : "1.5ch" };
  const rows = [];
  for (let index = first; index < last; index += 1) {
    const row = sheet.row(index);
    rows.push(
      <div class="row" key={index}>
        <span class="gutter" style={gutter}>
          {(row.first + 1).toLocaleString("en-US")}
          {negative && index === 0 && <span class="sign">−</span>}
        </span>
        {cut(row, sheet, selected, viewer.found.value).map((parts, i) => (
          <span class="group" key={i} style={{ width: `${sheet.groupWidth}ch` }}>
            {parts.map(({ text, mark }) => (mark ? <mark class={mark}>{text}</mark> : text))}
          </span>
        ))}
      </div>,
    );
  }
  return <>{rows}</>;
}

function isNegative(sheet: Sheet): boolean {
  return sheet.unit === "digit" && sheet.offsetOf(0) > 0;
}

/** Brings the scroll bar to where the virtual position belongs. */
function settle(viewer: Viewer): void {
  const { scroller } = viewer;
  if (!scroller) return;
  const place = placed(viewer.place.peek().top, viewer.extent.peek());
  viewer.place.value = place;
  if (scroller.scrollTop !== place.scroll) scroller.scrollTop = place.scroll;
}

function onKey(event: KeyboardEvent, viewer: Viewer): void {
  const sheet = viewer.sheet.peek();
  const { rowHeight, height } = viewer.room.peek();
  const page = Math.max(Math.floor(height / rowHeight) - 1, 1);
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") {
    viewer.selectAll();
  } else if (event.shiftKey) {
    const from = viewer.selection.peek()?.focus ?? Math.ceil(viewer.place.peek().top / rowHeight) * sheet.perRow;
    const to = unitAfterKey(event.key, from, sheet, page);
    if (to === undefined) return;
    if (!viewer.selection.peek()) viewer.point(from, "caret");
    viewer.point(to, "extend");
    viewer.reveal(to);
  } else if (event.key === "Escape") {
    viewer.selection.value = undefined;
  } else {
    const steps: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, " ": page };
    const ends: Record<string, number> = { Home: 0, End: viewer.rows * rowHeight };
    const step = steps[event.key];
    const end = ends[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (step === undefined && end === undefined)) return;
    viewer.moveTo(end ?? viewer.place.peek().top + step! * rowHeight);
  }
  event.preventDefault();
}

function onCopy(event: ClipboardEvent, viewer: Viewer): void {
  if (!viewer.selection.peek()) return;
  event.clipboardData?.setData("text/plain", viewer.copied());
  event.preventDefault();
}
