import { create } from "@bufbuild/protobuf";
import { Content } from "@abacus/client";
import { ChunkSchema } from "@abacus/client/gen/frame";
import { describe, expect, test } from "vitest";
import { LineIndex } from "./lines.ts";
import { countAll, findNext, findPrevious, SLICE } from "./search.ts";
import { cut, rangeOf, unitAfterKey, unitAtPoint } from "./selection.ts";
import { DigitSheet, groupsPerRow, gutterWidth, kindOfText, PrimeSheet } from "./sheet.ts";

/** A text as it arrives: in chunks of some bytes. */
function arrived(text: string, bytes = 7): Content {
  const content = new Content();
  for (let at = 0; at < text.length; at += bytes) {
    content.append(create(ChunkSchema, { offset: BigInt(at), content: { case: "text", value: text.slice(at, at + bytes) } }));
  }
  return content;
}

function primes(text: string, columns: number): PrimeSheet {
  const content = arrived(text);
  const lines = new LineIndex();
  lines.extend(content);
  return new PrimeSheet(content, lines, columns);
}

const SOME = "2\n3\n5\n7\n11\n13\n17\n19\n23\n29\n31\n";

test("a result is known by its first bytes", () => {
  expect(kindOfText("-12")).toBe("integer");
  expect(kindOfText("0")).toBe("integer");
  expect(kindOfText("2\n3\n5")).toBe("primes");
  expect(kindOfText("2\n")).toBe("primes");
  expect(kindOfText("E4:1 D4:0.5")).toBe("text");
  expect(kindOfText("")).toBe("text");
});

describe("digits in rows", () => {
  const digits = "1234567890".repeat(9) + "12345";

  test("come in groups of ten, a round number of them, as many as fit", () => {
    expect(gutterWidth(209_000_000)).toBe(13);
    expect(groupsPerRow({ columns: 46, gutter: 13 }, 10)).toBe(3);
    expect(groupsPerRow({ columns: 113, gutter: 13 }, 10)).toBe(8);
    expect(groupsPerRow({ columns: 5, gutter: 13 }, 10)).toBe(1);
  });

  test("have a position and an end", () => {
    const sheet = new DigitSheet(arrived(digits), 40);
    expect([sheet.units, sheet.perRow]).toEqual([95, 30]);
    expect(sheet.row(0)).toEqual({ first: 0, groups: ["1234567890", "1234567890", "1234567890"] });
    expect(sheet.row(3)).toEqual({ first: 90, groups: ["12345"] });
  });

  test("do not count the sign, but copy it with the first", () => {
    const sheet = new DigitSheet(arrived(`-${digits}`), 40);
    expect([sheet.units, sheet.sign]).toEqual([95, 1]);
    expect(sheet.row(0).groups[0]).toBe("1234567890");
    expect(sheet.copied(0, 3)).toBe("-123");
    expect(sheet.copied(1, 3)).toBe("23");
    expect(sheet.unitAt(sheet.offsetOf(17))).toBe(17);
  });
});

describe("primes in rows", () => {
  test("are aligned to the longest", () => {
    const sheet = primes(SOME, 18);
    expect([sheet.units, sheet.groupWidth, sheet.perRow]).toEqual([11, 2, 5]);
    expect(sheet.row(1)).toEqual({ first: 5, groups: ["13", "17", "19", "23", "29"] });
    expect(sheet.row(2)).toEqual({ first: 10, groups: ["31"] });
    expect(sheet.copied(3, 6)).toBe("7\n11\n13");
  });

  test("show one that has not come whole only when it has", () => {
    expect(primes("2\n3\n5\n7\n1", 18).units).toBe(4);
  });
});

describe("where lines begin", () => {
  const numbers = Array.from({ length: 5_000 }, (_, n) => String(n * 7));
  const text = `${numbers.join("\n")}\n`;

  test("is known of each, also when the text grows", () => {
    const content = new Content();
    const lines = new LineIndex();
    for (let at = 0; at < text.length; at += 1_000) {
      content.append(create(ChunkSchema, { offset: BigInt(at), content: { case: "text", value: text.slice(at, at + 1_000) } }));
      lines.extend(content);
    }
    expect(lines.count).toBe(5_000);
    let offset = 0;
    for (const [line, number] of numbers.entries()) {
      if (line % 97 === 0 || line % 512 < 2) {
        expect(lines.offsetOf(line, content)).toBe(offset);
        expect(lines.lineAt(offset, content)).toBe(line);
        expect(lines.lineAt(offset + number.length - 1, content)).toBe(line);
      }
      offset += number.length + 1;
    }
    expect(lines.offsetOf(5_000, content)).toBe(text.length);
  });
});

describe("looking for digits", () => {
  const { signal } = new AbortController();
  const content = arrived("0121212".repeat(20), 5);

  test("goes forth and back, over the borders of pieces", async () => {
    const search = { content, needle: "2120", signal };
    expect(await findNext(search, 0)).toBe(4);
    expect(await findNext(search, 5)).toBe(11);
    expect(await findNext(search, 135)).toBe(-1);
    expect(await findPrevious(search, 11)).toBe(4);
    expect(await findPrevious(search, 4)).toBe(-1);
    expect(await findPrevious(search, 1_000)).toBe(130);
  });

  test("counts those that overlap", async () => {
    expect(await countAll({ content, needle: "1212", signal })).toBe(40);
    expect(await countAll({ content, needle: "9", signal })).toBe(0);
  });

  test("finds what lies across two slices, once", async () => {
    const long = arrived("1".repeat(SLICE - 2) + "98765" + "1".repeat(10), 2 ** 18);
    const search = { content: long, needle: "98765", signal };
    expect(await findNext(search, 0)).toBe(SLICE - 2);
    expect(await findPrevious(search, long.bytes)).toBe(SLICE - 2);
    expect(await countAll(search)).toBe(1);
    expect(await countAll({ content: long, needle: "11", signal })).toBe(SLICE - 3 + 9);
  });

  test("ends when nobody waits for it any more", async () => {
    const left = new AbortController();
    left.abort();
    await expect(findNext({ content, needle: "9", signal: left.signal }, 0)).rejects.toBe(left.signal.reason);
  });
});

describe("selecting", () => {
  const sheet = new DigitSheet(arrived("1234567890".repeat(10)), 40);

  test("finds the digit under the pointer, and the nearest one beside the rows", () => {
    expect(unitAtPoint({ column: 0.4, row: 0 }, sheet)).toBe(0);
    expect(unitAtPoint({ column: 11.2, row: 1 }, sheet)).toBe(40);
    expect(unitAtPoint({ column: 10.6, row: 0 }, sheet)).toBe(9);
    expect(unitAtPoint({ column: -5, row: -2 }, sheet)).toBe(0);
    expect(unitAtPoint({ column: 90, row: 99 }, sheet)).toBe(99);
  });

  test("moves with the keys and stays within", () => {
    expect(unitAfterKey("ArrowDown", 5, sheet, 10)).toBe(35);
    expect(unitAfterKey("ArrowUp", 5, sheet, 10)).toBe(0);
    expect(unitAfterKey("End", 5, sheet, 10)).toBe(99);
    expect(unitAfterKey("x", 5, sheet, 10)).toBeUndefined();
  });

  test("holds both of its ends", () => {
    expect(rangeOf({ anchor: 7, focus: 3 })).toEqual({ from: 3, to: 8 });
  });

  test("is cut out of the groups it touches, and what was found stands out", () => {
    const parts = cut(sheet.row(0), sheet, { from: 8, to: 13 }, { from: 12, to: 14 });
    expect(parts[0]).toEqual([
      { text: "12345678", mark: "" },
      { text: "90", mark: "selected" },
    ]);
    expect(parts[1]).toEqual([
      { text: "12", mark: "selected" },
      { text: "3", mark: "found" },
      { text: "4", mark: "found" },
      { text: "567890", mark: "" },
    ]);
    expect(parts[2]).toEqual([{ text: "1234567890", mark: "" }]);
  });

  test("takes primes whole", () => {
    const parts = cut(primes(SOME, 18).row(0), primes(SOME, 18), { from: 1, to: 3 });
    expect(parts.map(([part]) => part!.mark)).toEqual(["", "selected", "selected", "", ""]);
  });
});
