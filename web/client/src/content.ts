// A result as it arrives and stays: the pieces as they came, as bytes, with a running SHA-256.
//
// Nothing is joined and nothing is copied, so that 20 million digits take 20 MB and no pause. What looks at more than
// a piece goes from piece to piece.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import type { Chunk } from "./gen/abacus/v1/frame_pb.ts";
import { ResultFormat, type ResultSummary } from "./gen/abacus/v1/job_pb.ts";
import { integer } from "./integer.ts";
import { bytesOf, damaged } from "./verify.ts";

/** One to one from bytes to UTF-16 units, so that an index in the text is one in the bytes. */
const oneToOne = new TextDecoder("latin1");
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** The content of one result. Offsets count bytes; of digits and primes each byte is a character. */
export class Content {
  readonly #pieces: Uint8Array[] = [];
  /** Where each piece begins, and where the last one ends. */
  readonly #starts: number[] = [0];
  readonly #hash = sha256.create();
  #summary: ResultSummary | undefined;
  #isBinary = false;

  /** Whether what has come is no text: integers in BINARY, primes in BITMAP or GAPS. */
  get isBinary(): boolean {
    return this.#isBinary;
  }

  /** How many bytes have come. */
  get bytes(): number {
    return this.#starts.at(-1)!;
  }

  /** What the result is; absent until {@link complete}. */
  get summary(): ResultSummary | undefined {
    return this.#summary;
  }

  /**
   * Adds the next chunk, whose checksum `subscribe` or `read` has checked.
   * @throws AbacusError `CHUNK_MISPLACED` when it is not the next; nothing is added
   */
  append(chunk: Chunk): void {
    if (chunk.offset !== BigInt(this.bytes) || this.#summary !== undefined) {
      throw damaged("CHUNK_MISPLACED", `a chunk at ${chunk.offset} came in place of that at ${this.bytes}`);
    }
    const piece = bytesOf(chunk);
    if (piece.length === 0) return;
    this.#hash.update(piece);
    this.#starts.push(this.bytes + piece.length);
    this.#pieces.push(piece);
    this.#isBinary ||= chunk.content.case === "binary";
  }

  /**
   * Says that all has come: checks length and SHA-256. Further chunks are refused.
   * @throws AbacusError `RESULT_DAMAGED`
   */
  complete(summary: ResultSummary): void {
    if (BigInt(this.bytes) !== summary.bytes) {
      throw damaged("RESULT_DAMAGED", `the result has ${this.bytes} of ${summary.bytes} bytes`);
    }
    const digest = bytesToHex(this.#hash.clone().digest());
    if (digest !== summary.sha256) {
      throw damaged("RESULT_DAMAGED", `the result's SHA-256 is ${digest}, not ${summary.sha256}`);
    }
    this.#summary = summary;
  }

  /** The pieces in order. They are the content itself: do not change them. */
  pieces(): Iterable<Uint8Array> {
    return this.#pieces.values();
  }

  /** The bytes from `from` (inclusive) to `to` (exclusive), as a copy. Bounds beyond the content are drawn in. */
  slice(from = 0, to = this.bytes): Uint8Array {
    const begin = Math.min(Math.max(from, 0), this.bytes);
    const end = Math.min(Math.max(to, begin), this.bytes);
    const slice = new Uint8Array(end - begin);
    for (let index = this.#pieceAt(begin); index < this.#pieces.length && this.#starts[index]! < end; index += 1) {
      const start = this.#starts[index]!;
      const part = this.#pieces[index]!.subarray(Math.max(begin - start, 0), end - start);
      slice.set(part, Math.max(start - begin, 0));
    }
    return slice;
  }

  /**
   * The characters from byte `from` to byte `to`, as {@link slice}. In a text that is not ASCII, bounds within a
   * character give U+FFFD.
   */
  text(from = 0, to = this.bytes): string {
    return utf8.decode(this.slice(from, to));
  }

  /** Where `needle` begins at `from` or behind, in bytes; -1 when nowhere. It may lie across pieces. */
  indexOf(needle: string | Uint8Array, from = 0): number {
    const bytes = typeof needle === "string" ? encoder.encode(needle) : needle;
    const sought = oneToOne.decode(bytes);
    let begin = Math.max(from, 0);
    while (begin + bytes.length <= this.bytes) {
      // To the end of the piece, and as far beyond as an occurrence that begins in it may reach.
      const end = this.#starts[this.#pieceAt(begin) + 1] ?? this.bytes;
      const found = oneToOne.decode(this.slice(begin, end + bytes.length - 1)).indexOf(sought);
      if (found >= 0) return begin + found;
      begin = Math.max(end, begin + 1);
    }
    return -1;
  }

  /**
   * The integer. Takes long for large decimal results and blocks meanwhile: see the README; hexadecimal and binary
   * ones take some milliseconds per million digits.
   * @throws Error when the result is not complete, or no integer
   */
  toBigInt(): bigint {
    const format = this.#summary?.format;
    if (format === undefined) throw new Error("an integer is known only once its last digit has come");
    return integer(this, format);
  }

  /** The content as a file, for download. */
  blob(): Blob {
    const format = this.#summary?.format;
    const binary = format === ResultFormat.BINARY || format === ResultFormat.BITMAP || format === ResultFormat.GAPS;
    const type = binary ? "application/octet-stream" : "text/plain;charset=utf-8";
    return new Blob(this.#pieces as Uint8Array<ArrayBuffer>[], { type });
  }

  /** Which piece the byte at `offset` lies in; for the end, the number of pieces. */
  #pieceAt(offset: number): number {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle + 1]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
