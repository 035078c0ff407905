// Whether a piece of a result is what was sent, and stands where the one before it ended.

import { Code } from "@connectrpc/connect";
import crc32c from "crc-32/crc32c.js";

import { AbacusError } from "./errors.ts";
import type { Chunk } from "./gen/abacus/v1/frame_pb.ts";
import type { ResultSummary } from "./gen/abacus/v1/job_pb.ts";

const encoder = new TextEncoder();

/** The bytes of a chunk; those of a text are its UTF-8. Do not change them: they may be the chunk's own. */
export function bytesOf(chunk: Chunk): Uint8Array {
  const { content } = chunk;
  switch (content.case) {
    case "text":
      return encoder.encode(content.value);
    case "binary":
      return content.value;
    case undefined:
      return new Uint8Array();
  }
}

/** The CRC-32C (Castagnoli) of these bytes, from 0 to 2^32 - 1. */
export function checksum(bytes: Uint8Array): number {
  return crc32c.buf(bytes) >>> 0;
}

/**
 * Checks that a chunk has its checksum and stands at `expected`, when that is known. Gives where the next one begins.
 * @throws AbacusError with DATA_LOSS
 */
export function verify(chunk: Chunk, expected: bigint | undefined): bigint {
  if (expected !== undefined && chunk.offset !== expected) {
    throw damaged("CHUNK_MISPLACED", `a chunk at ${chunk.offset} came in place of that at ${expected}`);
  }
  const bytes = bytesOf(chunk);
  if (checksum(bytes) !== chunk.crc32c) {
    throw damaged("CHUNK_DAMAGED", `the chunk at ${chunk.offset} does not have its checksum`);
  }
  return chunk.offset + BigInt(bytes.length);
}

/** Checks that the chunks of each job of a stream follow each other without a gap or an overlap. */
export class Continuity {
  /** Where the next chunk begins, by job. */
  readonly #next = new Map<string, bigint>();
  readonly #fromStart: boolean;

  /**
   * @param begins `start` when nothing was received before, so that each job begins at its first byte; `anywhere` when
   *   an unknown part was
   */
  constructor(begins: "start" | "anywhere") {
    this.#fromStart = begins === "start";
  }

  /**
   * Takes the next chunk of a job.
   * @throws AbacusError with DATA_LOSS; the chunk is not counted
   */
  take(job: string, chunk: Chunk): void {
    this.#next.set(job, verify(chunk, this.#expected(job)));
  }

  /**
   * Takes the end of a job; its chunks, should they come once more, begin at the first again.
   * @throws AbacusError with DATA_LOSS when some are missing
   */
  end(job: string, result: ResultSummary | undefined): void {
    const expected = this.#expected(job);
    if (result !== undefined && expected !== undefined && expected !== result.bytes) {
      throw damaged("CHUNK_MISPLACED", `${job} ended at ${expected} of ${result.bytes} bytes`);
    }
    if (this.#fromStart) this.#next.delete(job);
    else this.#next.set(job, 0n);
  }

  #expected(job: string): bigint | undefined {
    return this.#next.get(job) ?? (this.#fromStart ? 0n : undefined);
  }
}

/** An error of damaged content. */
export function damaged(reason: string, message: string): AbacusError {
  return new AbacusError(message, { code: Code.DataLoss, reason });
}
