// Scrolling over more rows than an element can be high.
//
// Browsers end elements at 17 to 33 million pixels; 209 million digits need more. So the scrollable element is at most
// MOST_PIXELS high and its scroll position stands for a larger, virtual one. Wheel, touch and keys move the virtual
// position pixel by pixel; a jump (the scroll bar was dragged) moves it in proportion. When scrolling rests, the real
// position is brought to where the virtual one belongs.

/** The height of the scrolled element never exceeds this. */
export const MOST_PIXELS = 8_000_000;

/** What is scrolled, in pixels. */
export interface Extent {
  /** The height of all rows. */
  total: number;
  /** The height of the window onto them. */
  window: number;
}

/** Where the window stands. */
export interface Place {
  /** The virtual position: pixels of rows above the window. */
  top: number;
  /** The element's scroll position. */
  scroll: number;
}

/** The height of the scrolled element. */
export function elementHeight({ total }: Extent): number {
  return Math.min(total, MOST_PIXELS);
}

/** The place after the element was scrolled to `scroll`. */
export function scrolled(place: Place, scroll: number, extent: Extent): Place {
  const { real, virtual } = ranges(extent);
  if (virtual <= real) return { top: Math.min(Math.max(scroll, 0), virtual), scroll };
  // The ends are the ends, however the way to them was counted.
  if (scroll <= 0) return { top: 0, scroll };
  if (scroll >= real - 1) return { top: virtual, scroll };
  const step = scroll - place.scroll;
  const near = Math.abs(step) <= extent.window * 2;
  const top = near ? place.top + step : (scroll / real) * virtual;
  return { top: Math.min(Math.max(top, 0), virtual), scroll };
}

/** The place for a virtual position: used for jumps, and when scrolling rests. */
export function placed(top: number, extent: Extent): Place {
  const { real, virtual } = ranges(extent);
  const bounded = Math.min(Math.max(top, 0), virtual);
  if (virtual <= real) return { top: bounded, scroll: bounded };
  if (bounded === 0 || bounded === virtual) return { top: bounded, scroll: bounded === 0 ? 0 : real };
  // Off the ends by a pixel, so that there is always a way to go on.
  return { top: bounded, scroll: Math.min(Math.max(Math.round((bounded / virtual) * real), 1), real - 2) };
}

/** The rows that can be seen, [first, last), of rows of one height. */
export function visibleRows(top: number, window: number, rowHeight: number, rows: number): [number, number] {
  const first = Math.min(Math.floor(top / rowHeight), rows);
  return [first, Math.min(first + Math.ceil(window / rowHeight) + 1, rows)];
}

/** A virtual position at which a row is seen whole: the nearest one, or, from afar, one with the row amid the window. */
export function revealing(row: number, top: number, window: number, rowHeight: number): number {
  const above = row * rowHeight;
  if (above < top - window || above > top + 2 * window) return Math.max(above - window / 2, 0);
  if (above < top) return Math.max(above - rowHeight, 0);
  if (above + rowHeight > top + window) return above + 2 * rowHeight - window;
  return top;
}

function ranges(extent: Extent): { real: number; virtual: number } {
  return {
    real: Math.max(elementHeight(extent) - extent.window, 0),
    virtual: Math.max(extent.total - extent.window, 0),
  };
}
