import { expect, test } from "vitest";

import { shapeOf } from "./shape.ts";

const source = (...texts: string[]) => {
  const bytes = new TextEncoder().encode(texts.join(""));
  return { bytes: bytes.length, pieces: () => texts.map((text) => new TextEncoder().encode(text)).values(), slice: bytes.slice.bind(bytes) };
};

test("results are told apart by what they are", () => {
  const kind = (...texts: string[]) => shapeOf(source(...texts), true).kind;
  expect(kind("12345", "67890")).toBe("integer");
  expect(kind("-", "12345678901234567890")).toBe("integer");
  expect(kind("9".repeat(100_000))).toBe("integer");
  expect(kind("2\n3\n", "5\n7\n")).toBe("primes");
  expect(kind("7\n".repeat(9_999))).toBe("primes");
  expect(kind("E4:1 D4:0.5")).toBe("melody");
});

test("nothing is drawn of other text, of nothing, or of a few digits", () => {
  for (const text of ["", "hello", "168", "-", "abc123456789", "1f", "12 13 14 15", "A4:1 ".repeat(5_000)]) {
    expect(shapeOf(source(text), true).kind).toBe("none");
  }
});

test("what is still arriving is judged by what is there", () => {
  expect(shapeOf(source("E4:1 D4:0."), false)).toMatchObject({ kind: "melody", notes: [{ name: "E4" }] });
  expect(shapeOf(source("1234567890"), false).kind).toBe("integer");
});
