import { expect, test } from "vitest";

import { PrimeReader, REMEMBERED, summarise } from "./gaps.ts";

const read = (text: string, size: number, start?: bigint) => {
  const reader = new PrimeReader(start);
  const bytes = new TextEncoder().encode(text);
  for (let from = 0; from < bytes.length; from += size) reader.read(bytes.subarray(from, from + size));
  return reader;
};

test("gaps are the same wherever the pieces end", () => {
  const text = "89\n97\n101\n103\n107\n109\n113\n127\n";
  for (let size = 1; size <= text.length; size++) {
    const reader = read(text, size, 88n);
    expect(reader.count).toBe(8);
    expect(reader.last).toBe(127 - 88);
    expect(summarise(reader.gaps).seen).toEqual([
      { gap: 2, count: 2 },
      { gap: 4, count: 3 },
      { gap: 8, count: 1 },
      { gap: 14, count: 1 },
    ]);
    expect([...Array(64).keys()].filter((offset) => reader.marks[offset] === 1)).toEqual([1, 9, 13, 15, 19, 21, 25, 39]);
  }
});

test("values beyond 2^53 and across 2^32 have exact gaps", () => {
  // The last primes below 2^63, and those around 2^32.
  const large = read("9223372036854775643\n9223372036854775783\n", 5, 9223372036854775600n);
  expect(large.gaps[140]).toBe(1);
  expect(large.last).toBe(183);
  expect(read("4294967291\n4294967311\n", 3).gaps[20]).toBe(1);
});

test("an unfinished line waits for its end, and the start defaults to the first prime", () => {
  const reader = read("2\n3\n5\n1", 2);
  expect(reader.count).toBe(3);
  expect(reader.start).toBe(2n);
  reader.read(new TextEncoder().encode("1\n"));
  expect(reader.gaps[6]).toBe(1);
});

test("far primes are counted though not remembered", () => {
  const reader = read(`3\n${REMEMBERED + 7}\n`, 100, 0n);
  expect(reader.count).toBe(2);
  expect(reader.last).toBe(REMEMBERED + 7);
  expect(reader.marks.reduce((sum, mark) => sum + mark, 0)).toBe(1);
});

test("the summary names the most frequent gaps", () => {
  const gaps = new Float64Array(10);
  gaps.set([0, 1, 5, 0, 2, 0, 5]);
  expect(summarise(gaps)).toMatchObject({ total: 13, champions: [2, 6], mean: (1 + 10 + 8 + 30) / 13 });
  expect(summarise(new Float64Array(10))).toEqual({ seen: [], total: 0, champions: [], mean: 0 });
});
