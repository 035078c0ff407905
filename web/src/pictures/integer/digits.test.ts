import { expect, test } from "vitest";

import { chiSquare, deviations, DigitCounter, hasSign, tailOfNine, verdict } from "./digits.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("digits are counted across pieces and signs are not", () => {
  const counter = new DigitCounter();
  for (const piece of ["-90", "", "0199"]) counter.read(bytes(piece));
  expect([...counter.counts]).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 3]);
  expect(counter.total).toBe(6);
  expect(hasSign(bytes("-90")[0])).toBe(true);
  expect(hasSign(bytes("90")[0])).toBe(false);
});

test("chi-square compares with equal counts", () => {
  expect(chiSquare([10, 10, 10, 10, 10, 10, 10, 10, 10, 10])).toBe(0);
  expect(chiSquare([20, 0, 10, 10, 10, 10, 10, 10, 10, 10])).toBe(20);
  expect(chiSquare([0, 0, 0, 0, 0, 0, 0, 0, 0, 0])).toBe(0);
});

test("deviations are those of a binomial count", () => {
  const counts = [130, 70, 100, 100, 100, 100, 100, 100, 100, 100];
  // 1,000 digits at 1/10: a standard deviation of the square root of 90.
  expect(deviations(counts)[0]).toBeCloseTo(30 / Math.sqrt(90), 12);
  expect(deviations(counts)[1]).toBeCloseTo(-30 / Math.sqrt(90), 12);
  expect(deviations(counts)[2]).toBe(0);
  expect(deviations([0, 0])).toEqual([0, 0]);
});

test("the tail agrees with the printed table of the distribution", () => {
  for (const [square, tail] of [[0, 1], [4.168, 0.9], [8.343, 0.5], [14.684, 0.1], [16.919, 0.05], [21.666, 0.01], [27.877, 0.001]] as const) {
    expect(tailOfNine(square)).toBeCloseTo(tail, 4);
  }
});

test("the verdict tells chance from its absence", () => {
  const around = (spread: number) => Array.from({ length: 10 }, (_, i) => 100_000 + (i % 2 ? spread : -spread));
  expect(verdict([1, 2, 3])).toContain("too few");
  expect(verdict(around(290))).toContain("as evenly as random");
  expect(verdict(around(480))).toContain("less evenly");
  expect(verdict(around(4))).toContain("more evenly");
  expect(verdict([1000, 0, 0, 0, 0, 0, 0, 0, 0, 0])).toContain("far from");
});
