import { create } from "@bufbuild/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";

import { Content } from "./content.ts";
import { Code } from "./index.ts";
import { chunk, summaryOf } from "./fakes.ts";
import { type Chunk, ChunkSchema } from "./gen/abacus/v1/frame_pb.ts";
import { ResultFormat, ResultSummarySchema } from "./gen/abacus/v1/job_pb.ts";

/** A content of these pieces. */
function contentOf(...pieces: string[]): Content {
  const content = new Content();
  for (const piece of pieces) content.append(create(ChunkSchema, chunk(content.bytes, piece)));
  return content;
}

/** A complete content of these pieces in this format. */
function complete(format: ResultFormat, ...pieces: string[]): Content {
  const content = contentOf(...pieces);
  content.complete(summaryOf(pieces.join(""), format));
  return content;
}

/** A chunk of bytes. */
function bytesAt(offset: number, value: Uint8Array): Chunk {
  return create(ChunkSchema, { offset: BigInt(offset), content: { case: "binary", value } });
}

/** A complete content of bytes. */
function binary(format: ResultFormat, ...pieces: number[][]): Content {
  const content = new Content();
  for (const piece of pieces) content.append(bytesAt(content.bytes, Uint8Array.from(piece)));
  const sha = bytesToHex(sha256(Uint8Array.from(pieces.flat())));
  content.complete(create(ResultSummarySchema, { format, bytes: BigInt(content.bytes), sha256: sha }));
  return content;
}

describe("a content's text", () => {
  const content = contentOf("0123", "4", "56789", "abc");
  const whole = "0123456789abc";

  it("is the same for all bounds, across pieces", () => {
    for (let from = 0; from <= whole.length; from += 1) {
      for (let to = from; to <= whole.length; to += 1) expect(content.text(from, to)).toBe(whole.slice(from, to));
    }
    expect(content.text()).toBe(whole);
    expect(content.text(9)).toBe("9abc");
  });

  it("draws bounds beyond it in", () => {
    expect(content.text(-5, 99)).toBe(whole);
    expect(content.text(20, 30)).toBe("");
    expect(content.text(5, 2)).toBe("");
    expect(new Content().text(0, 10)).toBe("");
  });

  it("is found across pieces as in one string", () => {
    for (let length = 0; length <= whole.length; length += 1) {
      for (let at = 0; at + length <= whole.length; at += 1) {
        const needle = whole.slice(at, at + length);
        for (const from of [0, at, at + 1, 13, 99]) {
          const wanted = length === 0 && from > whole.length ? -1 : whole.indexOf(needle, from);
          expect(content.indexOf(needle, from), `${needle} from ${from}`).toBe(wanted);
        }
      }
    }
    expect(content.indexOf("x")).toBe(-1);
    expect(content.indexOf(whole + "d")).toBe(-1);
    expect(content.indexOf("0", -3)).toBe(0);
  });

  it("finds repeated beginnings that lie across a border", () => {
    const digits = contentOf("11111", "11112", "11");
    expect(digits.indexOf("12")).toBe(8);
    expect(digits.indexOf("1111111112")).toBe(0);
    expect(digits.indexOf("211")).toBe(9);
    expect(digits.indexOf("2111")).toBe(-1);
  });

  it("counts bytes when it is not ASCII", () => {
    const text = contentOf("aé", "ßz");
    expect(text.bytes).toBe(6);
    expect(text.text()).toBe("aéßz");
    expect(text.indexOf("ß")).toBe(3);
    expect(text.indexOf("éß")).toBe(1);
    expect(text.indexOf(Uint8Array.of(0x9f))).toBe(4);
  });
});

describe("a content", () => {
  it("takes each chunk once, in order", () => {
    const content = contentOf("123");
    for (const offset of [0, 2, 4]) {
      const wrong = create(ChunkSchema, chunk(offset, "456"));
      expect(() => content.append(wrong)).toThrow(expect.objectContaining({ reason: "CHUNK_MISPLACED" }));
    }
    content.append(create(ChunkSchema, chunk(3, "456")));
    expect(content.text()).toBe("123456");
    content.complete(summaryOf("123456"));
    expect(() => content.append(create(ChunkSchema, chunk(6, "7")))).toThrow("in place of");
  });

  it("is refused when its SHA-256 or length is another", () => {
    const damage = expect.objectContaining({ code: Code.DataLoss, reason: "RESULT_DAMAGED" });
    expect(() => contentOf("123").complete(summaryOf("124"))).toThrow(damage);
    expect(() => contentOf("123").complete(summaryOf("1234"))).toThrow(damage);
    const content = contentOf("123");
    expect(() => content.complete(summaryOf("12"))).toThrow(damage);
    expect(content.summary).toBeUndefined();
    content.complete(summaryOf("123"));
    expect(content.summary?.bytes).toBe(3n);
  });

  it("gives a file of its pieces", async () => {
    const blob = complete(ResultFormat.DECIMAL, "12", "345").blob();
    expect(blob.type).toBe("text/plain;charset=utf-8");
    expect(await blob.text()).toBe("12345");
    expect(binary(ResultFormat.BITMAP, [1, 2]).blob().type).toBe("application/octet-stream");
  });

  it("keeps the pieces themselves", () => {
    const pieces = [Uint8Array.of(1, 2), Uint8Array.of(3)];
    const content = new Content();
    for (const piece of pieces) content.append(bytesAt(content.bytes, piece));
    expect([...content.pieces()].every((piece, index) => piece === pieces[index])).toBe(true);
  });
});

describe("an integer", () => {
  it.each([
    ["0", 0n],
    ["-1", -1n],
    ["9".repeat(100), 10n ** 100n - 1n],
  ])("is read from decimal digits: %s", (text, wanted) => {
    expect(complete(ResultFormat.DECIMAL, text.slice(0, 1), text.slice(1)).toBigInt()).toBe(wanted);
  });

  it.each([
    ["0", 0n],
    ["ff", 255n],
    ["-1f", -31n],
  ])("is read from hexadecimal digits: %s", (text, wanted) => {
    expect(complete(ResultFormat.HEX, text).toBigInt()).toBe(wanted);
  });

  it.each([
    [[], 0n],
    [[0], 0n],
    [[0x7f], 127n],
    [[0xff], -1n],
    [[0x80], -128n],
    [[0x00, 0x80], 128n],
    [[0xfe, 0xff], -257n],
    [[0x12, 0x34, 0x56], 0x123456n],
  ])("is read from two's complement: %j", (bytes, wanted) => {
    expect(binary(ResultFormat.BINARY, bytes.slice(0, 1), bytes.slice(1)).toBigInt()).toBe(wanted);
  });

  it("is not known before the last digit, and not in every result", () => {
    expect(() => contentOf("123").toBigInt()).toThrow("once its last digit has come");
    expect(() => complete(ResultFormat.VALUES, "2\n3\n").toBigInt()).toThrow("no integer");
  });
});

describe("twenty million digits", () => {
  const SIZE = 20_000_000;
  const PIECE = 256 * 1024;
  const digits = new Uint8Array(SIZE);
  // The digits of a multiplicative generator: reproducible, and without short periods.
  for (let index = 0, state = 1; index < SIZE; index += 1) {
    state = (state * 48_271) % 2_147_483_647;
    digits[index] = 0x30 + (state % 10);
  }
  const pieces = Array.from({ length: Math.ceil(SIZE / PIECE) }, (_, index) =>
    bytesAt(index * PIECE, digits.subarray(index * PIECE, (index + 1) * PIECE)),
  );

  it("are taken as they came, without a copy", () => {
    const content = new Content();
    for (const piece of pieces) content.append(piece);
    expect(content.bytes).toBe(SIZE);
    for (const piece of content.pieces()) expect(piece.buffer).toBe(digits.buffer);
  });

  it("are checked and searched without a pause to be seen, at their size", () => {
    const content = new Content();
    let longest = 0;
    const timed = <T>(work: () => T): T => {
      const began = performance.now();
      const result = work();
      longest = Math.max(longest, performance.now() - began);
      return result;
    };
    for (const piece of pieces) timed(() => content.append(piece));
    const sha = bytesToHex(sha256(digits));
    const summary = create(ResultSummarySchema, { bytes: BigInt(SIZE), sha256: sha, format: ResultFormat.DECIMAL });
    timed(() => content.complete(summary));
    const border = 50 * PIECE;
    const needle = content.text(border - 6, border + 6);
    expect(timed(() => content.indexOf(needle, border - 100))).toBe(border - 6);
    expect(timed(() => content.text(SIZE - 1000))).toHaveLength(1000);
    // Far above what it takes (some milliseconds a piece), far below what work in proportion to the whole for each
    // piece would.
    expect(longest).toBeLessThan(2_000);
    expect(content.indexOf("x")).toBe(-1);
  });
});
