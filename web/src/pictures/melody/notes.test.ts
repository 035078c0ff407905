import { expect, test } from "vitest";

import { frequency, parseMelody, printedBeats, printedName, type Note } from "./notes.ts";

const one = (text: string): Note => {
  const notes = parseMelody(text, "whole");
  expect(notes).toHaveLength(1);
  return notes![0]!;
};

test("frequencies follow equal temperament around A4", () => {
  const hertz = (name: string) => frequency(one(`${name}:1`).pitch!);
  expect(hertz("A4")).toBe(440);
  expect(hertz("A3")).toBe(220);
  expect(hertz("C4")).toBeCloseTo(261.626, 3);
  expect(hertz("E#3")).toBeCloseTo(hertz("F3"), 9);
  expect(hertz("Bb4")).toBeCloseTo(hertz("A#4"), 9);
  expect(hertz("Cb5")).toBeCloseTo(hertz("B4"), 9);
  expect(hertz("F##4")).toBeCloseTo(hertz("G4"), 9);
});

test("notes and rests have a place on the staff and a length", () => {
  expect(one("E#3:0.5")).toEqual({ name: "E#3", beats: 0.5, pitch: { step: 23, accidental: 1, midi: 53 } });
  expect(one("R:0.25")).toEqual({ name: "R", beats: 0.25 });
  expect(parseMelody("E4:1 R:0.5 C4:1.5", "whole")?.map(({ beats }) => beats)).toEqual([1, 0.5, 1.5]);
});

test("other text is not a melody", () => {
  for (const text of ["", "hello", "A4", "H4:1", "A4:0", "A4:1 hello", "A4:1  B4:1", "A4:-1", "a4:1", "A#b4:1"]) {
    expect(parseMelody(text, "whole")).toBeUndefined();
  }
});

test("a growing text leaves its last word out", () => {
  expect(parseMelody("A4:1 B4:1.", "growing")?.map(({ name }) => name)).toEqual(["A4"]);
  expect(parseMelody("A4:1", "growing")).toBeUndefined();
});

test("names and lengths are printed as musicians write them", () => {
  expect(["C#5:1", "Bb3:1", "B3:1", "Abb3:1", "R:1"].map((text) => printedName(one(text)))).toEqual(["C♯5", "B♭3", "B3", "A♭♭3", "rest"]);
  expect([0.25, 0.5, 0.75, 1, 1.5, 5, 0.333].map(printedBeats)).toEqual(["¼", "½", "¾", "1", "1½", "5", "0.333"]);
});
