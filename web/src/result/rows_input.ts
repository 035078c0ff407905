// How the rows learn of their size and of the pointer.
import type { RefObject, TargetedPointerEvent } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { unitAtPoint } from "./selection.ts";
import type { Viewer } from "./viewer.ts";

/** How often a selection that leaves the window moves it on, in milliseconds. */
const DRAG_MS = 50;
/** The width of the characters that are measured. */
const PROBE_CHARACTERS = 10;

type Ref = RefObject<HTMLElement | null>;

/** Keeps the viewer's room as wide, as high and as fine as the element is. */
export function useMeasured(viewer: Viewer, scroller: Ref, probe: Ref): void {
  useLayoutEffect(() => {
    const measure = () => {
      const [outer, inner] = [scroller.current, probe.current];
      if (!outer || !inner || outer.clientWidth === 0) return;
      const { width, height: rowHeight } = inner.getBoundingClientRect();
      const charWidth = width / PROBE_CHARACTERS;
      const columns = Math.floor(outer.clientWidth / charWidth) - 2;
      const now = viewer.room.peek();
      const next = { columns, charWidth, rowHeight, height: outer.clientHeight };
      if (JSON.stringify(now) === JSON.stringify(next)) return;
      // What stood at the top stays there when rows change their length.
      const first = Math.floor(viewer.place.peek().top / now.rowHeight) * viewer.sheet.peek().perRow;
      viewer.room.value = next;
      viewer.moveTo(Math.floor(first / viewer.sheet.peek().perRow) * rowHeight);
    };
    const observer = new ResizeObserver(measure);
    if (scroller.current) observer.observe(scroller.current);
    if (probe.current) observer.observe(probe.current);
    measure();
    return () => observer.disconnect();
  }, [viewer]);
}

type Pointed = TargetedPointerEvent<HTMLDivElement>;

/** Handlers that select with a mouse or pen, and place the caret with a tap. */
export function usePointing(viewer: Viewer) {
  const dragging = useRef<ReturnType<typeof setInterval> | undefined>(undefined);
  const latest = useRef({ x: 0, y: 0 });

  const unitUnder = (element: HTMLElement) => {
    const { charWidth, rowHeight } = viewer.room.peek();
    const sheet = viewer.sheet.peek();
    const box = element.getBoundingClientRect();
    const left = latest.current.x - box.left - element.clientLeft - sheet.gutter * charWidth;
    const down = latest.current.y - box.top - element.clientTop + viewer.place.peek().top;
    return unitAtPoint({ column: left / charWidth, row: Math.floor(down / rowHeight) }, sheet);
  };
  const extend = (element: HTMLElement) => {
    const box = element.getBoundingClientRect();
    const over = Math.max(latest.current.y - box.bottom, 0) + Math.min(latest.current.y - box.top, 0);
    if (over !== 0) viewer.moveTo(viewer.place.peek().top + over);
    viewer.point(unitUnder(element), "extend");
  };
  const end = () => {
    clearInterval(dragging.current);
    dragging.current = undefined;
  };
  return {
    onPointerDown: (event: Pointed) => {
      const element = event.currentTarget;
      latest.current = { x: event.clientX, y: event.clientY };
      const onBar = event.clientX - element.getBoundingClientRect().left > element.clientWidth;
      if (event.pointerType === "touch" || event.button !== 0 || onBar) return;
      viewer.point(unitUnder(element), event.shiftKey ? "extend" : "caret");
      element.setPointerCapture(event.pointerId);
      end();
      dragging.current = setInterval(() => extend(element), DRAG_MS);
    },
    onPointerMove: (event: Pointed) => {
      latest.current = { x: event.clientX, y: event.clientY };
      if (dragging.current !== undefined) extend(event.currentTarget);
    },
    onPointerUp: end,
    onPointerCancel: end,
    onClick: (event: MouseEvent & { currentTarget: HTMLDivElement }) => {
      const byTouch = (event as Partial<PointerEvent>).pointerType === "touch";
      if (!byTouch) return;
      latest.current = { x: event.clientX, y: event.clientY };
      viewer.point(unitUnder(event.currentTarget), "caret");
    },
  };
}
