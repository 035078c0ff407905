import { expect, test } from "vitest";

import { fitted, sample, scrolled, zoomed } from "./grid.ts";

const room = { width: 380, height: 300 };

test("few digits get large cells, many small ones, and all are shown while there is room", () => {
  expect(fitted(10, room)).toEqual({ scale: 24, columns: 15, rows: 1, step: 1 });
  for (const total of [1_000, 20_000, 380 * 300]) {
    const grid = fitted(total, room);
    expect(grid.step).toBe(1);
    expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(total);
    expect(grid.rows * grid.scale).toBeLessThanOrEqual(room.height);
  }
});

test("more digits than pixels are thinned out evenly", () => {
  const grid = fitted(20_000_000, room);
  expect(grid.step).toBe(Math.ceil(20_000_000 / (380 * 300)));
  expect(grid.rows).toBeLessThanOrEqual(300);
  expect(grid.columns * grid.rows * grid.step).toBeGreaterThanOrEqual(20_000_000);
});

test("a zoomed picture scrolls only when it must, by whole rows", () => {
  const grid = zoomed(1_000_000, room, 12);
  expect(grid).toEqual({ scale: 12, columns: 31, rows: 25, step: 1 });
  const total = 1_000_000;
  expect(scrolled({ position: 31 * 10, top: 0, total }, grid)).toBe(0);
  const top = scrolled({ position: 500_000, top: 0, total }, grid);
  expect(top % 31).toBe(0);
  expect(top).toBeLessThanOrEqual(500_000);
  expect(top + 31 * 25).toBeGreaterThan(500_000);
  expect(scrolled({ position: top + 1, top, total }, grid)).toBe(top);
  // The last row stands at the bottom.
  expect(scrolled({ position: total - 1, top: 0, total }, grid)).toBe((Math.ceil(total / 31) - 25) * 31);
  expect(scrolled({ position: 5, top: 31, total: 40 }, zoomed(40, room, 12))).toBe(0);
});

test("samples run across the borders of pieces", () => {
  const pieces = ["0123", "4", "", "56789"].map((text) => new TextEncoder().encode(text));
  const taken = (from: number, step: number, count: number) => {
    let seen = "";
    sample(pieces, { from, step, count }, (byte, index) => {
      expect(index).toBe(seen.length);
      seen += String.fromCharCode(byte);
    });
    return seen;
  };
  expect(taken(0, 1, 100)).toBe("0123456789");
  expect(taken(1, 3, 100)).toBe("147");
  expect(taken(3, 1, 3)).toBe("345");
  expect(taken(20, 1, 3)).toBe("");
});
