import { expect, test, vi } from "vitest";

import { feed } from "./reading.ts";

const source = (...sizes: number[]) => {
  let next = 0;
  const pieces = sizes.map((size) => Uint8Array.from({ length: size }, () => next++ % 251));
  return { bytes: next, pieces: () => pieces.values(), slice: () => new Uint8Array() };
};

test("each byte is read once and in order, however short the time is", () => {
  const content = source(10, 0, 600_000, 3, 300_000);
  const clock = vi.spyOn(performance, "now");
  let now = 0;
  clock.mockImplementation(() => (now += 5));
  let read = 0;
  let turns = 0;
  const reader = {
    read(bytes: Uint8Array) {
      expect(bytes.length).toBeLessThanOrEqual(256 * 1024);
      expect(bytes[0]).toBe(read % 251);
      read += bytes.length;
      expect(bytes.at(-1)).toBe((read - 1) % 251);
    },
  };
  for (let position = 0; position < content.bytes; turns++) {
    position = feed(content, position, reader);
    expect(position).toBe(read);
  }
  expect(turns).toBeGreaterThan(1);
  expect(feed(content, content.bytes, reader)).toBe(content.bytes);
  expect(read).toBe(content.bytes);
  clock.mockRestore();
});
