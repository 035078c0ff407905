import { describe, expect, it } from "vitest";

import { create } from "@bufbuild/protobuf";

import { chunk } from "./fakes.ts";
import { ChunkSchema } from "./gen/abacus/v1/frame_pb.ts";
import { bytesOf, checksum, verify } from "./verify.ts";

describe("the checksum", () => {
  // RFC 3720, appendix B.4, read as little-endian numbers.
  it.each([
    ["32 bytes of zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["32 growing bytes", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ["32 falling bytes", Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
    ["nothing", new Uint8Array(), 0],
  ])("of %s is CRC-32C's", (_, bytes, wanted) => {
    expect(checksum(bytes)).toBe(wanted);
  });
});

describe("a chunk", () => {
  it("tells where the next one begins, in bytes of its UTF-8", () => {
    expect(verify(create(ChunkSchema, chunk(5, "123")), 5n)).toBe(8n);
    expect(verify(create(ChunkSchema, chunk(5, "é")), undefined)).toBe(7n);
  });

  it("of bytes is taken as it is, and one without content is empty", () => {
    const bytes = Uint8Array.of(1, 2, 255);
    const binary = create(ChunkSchema, { content: { case: "binary", value: bytes }, crc32c: checksum(bytes) });
    expect(bytesOf(binary)).toBe(bytes);
    expect(verify(binary, 0n)).toBe(3n);
    expect(bytesOf(create(ChunkSchema))).toEqual(new Uint8Array());
  });

  it("may stand beyond 2^53", () => {
    const far = 2n ** 60n + 1n;
    expect(verify(create(ChunkSchema, { ...chunk(0, "1"), offset: far }), far)).toBe(far + 1n);
  });
});
