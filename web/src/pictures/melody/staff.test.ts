import { expect, test } from "vitest";

import { parseMelody } from "./notes.ts";
import { clefFor, CLEF_WIDTH, height, layOut, signsFor } from "./staff.ts";

const melody = (text: string) => parseMelody(text, "whole")!;

test("lengths are written with dots and ties", () => {
  const written = (beats: number) => signsFor(beats).map(({ base, dots }) => `${base}${".".repeat(dots)}`).join("+");
  expect([0.25, 0.5, 0.75, 1, 1.5, 1.75, 2, 3, 4, 5, 6, 7].map(written)).toEqual([
    "0.25", "0.5", "0.5.", "1", "1.", "1..", "2", "2.", "4", "4+1", "4.", "4..",
  ]);
  expect(written(0.1)).toBe("0.25");
  expect(written(40)).toBe("4+".repeat(9) + "4");
});

test("low melodies are written in the bass clef", () => {
  expect(clefFor(melody("E4:1 G4:1 C4:1"))).toBe("treble");
  expect(clefFor(melody("B2:1 C#3:1 R:1 B3:1"))).toBe("bass");
  expect(clefFor(melody("R:1"))).toBe("treble");
  const [e4, g2, c4] = melody("E4:1 G2:1 C4:1").map(({ pitch }) => pitch!.step);
  expect([height(e4!, "treble"), height(g2!, "bass"), height(c4!, "treble"), height(c4!, "bass")]).toEqual([0, 0, -2, 10]);
});

test("each note stands once, from left to right, within its stave", () => {
  const notes = melody(Array.from({ length: 60 }, (_, i) => `${"CDEFGAB"[i % 7]}${i % 3 ? "" : "#"}4:${[0.25, 1, 5][i % 3]}`).join(" "));
  for (const width of [60, 340, 1200]) {
    const staves = layOut(notes, width);
    expect(staves.flatMap((stave) => stave.notes.map(({ index }) => index))).toEqual([...notes.keys()]);
    for (const stave of staves) {
      const places = stave.notes.map(({ x }) => x);
      expect(places.every((x, i) => x > (places[i - 1] ?? CLEF_WIDTH))).toBe(true);
      if (width > 60) expect(Math.max(...places)).toBeLessThan(width);
    }
  }
  expect(layOut(notes, 340).length).toBeGreaterThan(layOut(notes, 1200).length);
});
