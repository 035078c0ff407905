import { describe, expect, test } from "vitest";
import { elementHeight, type Extent, MOST_PIXELS, type Place, placed, revealing, scrolled, visibleRows } from "./scroll.ts";

const SHORT: Extent = { total: 10_000, window: 500 };
/** 209 million digits, thirty in a row of 24 pixels. */
const LONG: Extent = { total: 6_966_667 * 24, window: 500 };
const LAST = LONG.total - LONG.window;

describe("rows that fit an element", () => {
  test("scroll as they do", () => {
    expect(elementHeight(SHORT)).toBe(10_000);
    expect(scrolled({ top: 0, scroll: 0 }, 1234, SHORT)).toEqual({ top: 1234, scroll: 1234 });
    expect(placed(1234, SHORT)).toEqual({ top: 1234, scroll: 1234 });
    expect(placed(99_999, SHORT).top).toBe(9_500);
  });

  test("fewer than the window do not scroll", () => {
    expect(placed(100, { total: 300, window: 500 })).toEqual({ top: 0, scroll: 0 });
  });
});

describe("rows beyond the height of elements", () => {
  test("have an element that browsers can lay out", () => {
    expect(elementHeight(LONG)).toBe(MOST_PIXELS);
  });

  test("move pixel by pixel with the wheel", () => {
    const start = placed(80_000_000, LONG);
    expect(scrolled(start, start.scroll + 100, LONG).top).toBe(start.top + 100);
    expect(scrolled(start, start.scroll - 40, LONG).top).toBe(start.top - 40);
  });

  test("move in proportion with the scroll bar", () => {
    const half = (MOST_PIXELS - LONG.window) / 2;
    expect(scrolled({ top: 0, scroll: 0 }, half, LONG).top).toBeCloseTo(LAST / 2, -3);
  });

  test("reach both ends", () => {
    const bottom = scrolled({ top: 5_000, scroll: 400 }, MOST_PIXELS - LONG.window, LONG);
    expect(bottom.top).toBe(LAST);
    expect(scrolled({ top: 5_000, scroll: 100 }, 0, LONG).top).toBe(0);
  });

  test("have a way to go on wherever scrolling rests, off the ends", () => {
    for (const top of [1, 24, 500, LAST - 500, LAST - 1]) {
      const { scroll } = placed(top, LONG);
      expect(scroll).toBeGreaterThan(0);
      expect(scroll).toBeLessThan(MOST_PIXELS - LONG.window - 1);
    }
    expect(placed(0, LONG).scroll).toBe(0);
    expect(placed(LAST, LONG).scroll).toBe(MOST_PIXELS - LONG.window);
  });

  test("can be wheeled from the start, resting often, without losing a pixel", () => {
    let place: Place = { top: 0, scroll: 0 };
    for (let step = 1; step <= 200; step += 1) {
      place = scrolled(place, place.scroll + 100, LONG);
      expect(place.top).toBe(step * 100);
      if (step % 7 === 0) place = placed(place.top, LONG);
    }
  });
});

test("only rows that can be seen are made", () => {
  expect(visibleRows(0, 500, 24, 1_000)).toEqual([0, 22]);
  expect(visibleRows(25, 500, 24, 1_000)).toEqual([1, 23]);
  expect(visibleRows(23_900, 500, 24, 1_000)).toEqual([995, 1_000]);
  expect(visibleRows(0, 500, 24, 0)).toEqual([0, 0]);
});

describe("a row that is to be seen", () => {
  test("leaves the window where it is when it is in it", () => {
    expect(revealing(10, 100, 500, 24)).toBe(100);
  });
  test("is reached by the shortest way from near", () => {
    expect(revealing(3, 100, 500, 24)).toBe(48);
    expect(revealing(25, 100, 500, 24)).toBe(148);
  });
  test("stands amid the window from afar", () => {
    expect(revealing(1_000_000, 0, 500, 24)).toBe(24_000_000 - 250);
    expect(revealing(5, 90_000, 500, 24)).toBe(0);
  });
});
