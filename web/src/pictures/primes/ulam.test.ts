import { expect, test } from "vitest";

import { cellOf, indexOf, sideFor } from "./ulam.ts";

test("the first two rings stand where Ulam drew them", () => {
  // Indices, seen from above.
  const drawn = [
    [16, 15, 14, 13, 12],
    [17, 4, 3, 2, 11],
    [18, 5, 0, 1, 10],
    [19, 6, 7, 8, 9],
    [20, 21, 22, 23, 24],
  ];
  drawn.forEach((row, fromTop) =>
    row.forEach((index, column) => expect(cellOf(index)).toEqual({ x: column - 2, y: 2 - fromTop })),
  );
});

test("each step goes to a neighbour and back to its index", () => {
  let before = cellOf(0);
  for (let index = 1; index < 20_000; index++) {
    const cell = cellOf(index);
    expect(Math.abs(cell.x - before.x) + Math.abs(cell.y - before.y)).toBe(1);
    expect(indexOf(cell)).toBe(index);
    before = cell;
  }
  expect(indexOf(cellOf(1_000_000_000))).toBe(1_000_000_000);
});

test("the square is odd and just large enough", () => {
  expect([1, 2, 9, 10, 25, 26].map(sideFor)).toEqual([1, 3, 3, 5, 5, 7]);
});
