import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { Content } from "./content.ts";
import { ChunkSchema } from "./gen/abacus/v1/frame_pb.ts";
import { primesOfGaps } from "./gaps.ts";

function contentOf(...pieces: number[][]): Content {
  const content = new Content();
  for (const piece of pieces) {
    const value = Uint8Array.from(piece);
    content.append(create(ChunkSchema, { offset: BigInt(content.bytes), content: { case: "binary", value } }));
  }
  return content;
}

describe("primes of gaps", () => {
  it("are read across pieces", () => {
    expect([...primesOfGaps(contentOf([2, 1, 1], [1, 2]), 0n)]).toEqual([2n, 3n, 5n, 7n, 11n]);
    expect([...primesOfGaps(contentOf(), 24n)]).toEqual([]);
    // The gap of 1476 behind this prime is the longest below 2^63 (OEIS A002386).
    expect([...primesOfGaps(contentOf([0x9b], [0x03, 0xe2], [0x05]), 1_425_172_824_437_699_000n)]).toEqual([
      1_425_172_824_437_699_411n,
      1_425_172_824_437_700_887n,
    ]);
  });

  it("are not read from something else", () => {
    expect(() => [...primesOfGaps(contentOf([0x80]), 0n)]).toThrow("no end");
    expect(() => [...primesOfGaps(contentOf(Array<number>(11).fill(0x80)), 0n)]).toThrow("64 bits");
  });
});
