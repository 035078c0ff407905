// Where the lines of a long text begin: every STRIDE-th is remembered, those between are counted.
import type { Content } from "@abacus/client";

export const LINE_FEED = 10;
/** Lines from one remembered beginning to the next: memory for 23 million primes is then below a megabyte. */
const STRIDE = 512;

export class LineIndex {
  /** The offset of line 0, STRIDE, 2 * STRIDE, ... */
  readonly #begins: number[] = [0];
  #count = 0;
  #read = 0;
  #end = 0;

  /** How many whole lines were read. */
  get count(): number {
    return this.#count;
  }

  /** Reads what has been appended to the text since the last call. */
  extend(content: Content): void {
    let passed = 0;
    for (const piece of content.pieces()) {
      const from = Math.max(this.#read - passed, 0);
      if (from < piece.length) this.#extendBy(piece, from, passed);
      passed += piece.length;
    }
    this.#read = passed;
  }

  /** The offset at which a line begins; for the line after the last, the end of the last. */
  offsetOf(line: number, content: Content): number {
    if (line >= this.#count) return this.#end;
    const mark = Math.floor(line / STRIDE);
    let offset = this.#begins[mark]!;
    let left = line - mark * STRIDE;
    if (left === 0) return offset;
    const text = content.text(offset, this.#markEnd(mark));
    let at = 0;
    while (left > 0) {
      at = text.indexOf("\n", at) + 1;
      left -= 1;
    }
    offset += at;
    return offset;
  }

  /** The line that a byte belongs to. */
  lineAt(offset: number, content: Content): number {
    let low = 0;
    let high = this.#begins.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#begins[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    const text = content.text(this.#begins[low]!, offset);
    let line = low * STRIDE;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) line += 1;
    return line;
  }

  #extendBy(piece: Uint8Array, from: number, base: number): void {
    for (let at = piece.indexOf(LINE_FEED, from); at >= 0; at = piece.indexOf(LINE_FEED, at + 1)) {
      this.#count += 1;
      this.#end = base + at + 1;
      if (this.#count % STRIDE === 0) this.#begins.push(this.#end);
    }
  }

  #markEnd(mark: number): number {
    return this.#begins[mark + 1] ?? this.#end;
  }
}
