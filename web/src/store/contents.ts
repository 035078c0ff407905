// The results that this tab holds, within a bound of bytes.
//
// What was used longest ago is let go first, but never what stands open on the page; a result that is larger than the
// whole bound is not held at all. Whatever is not here can be read again from the service.
import { type Signal, signal } from "@preact/signals";
import { Content } from "@abacus/client";
import type { Chunk } from "@abacus/client/gen/frame";
import type { ResultSummary } from "@abacus/client/gen/job";

/** What this tab holds of a job's result. */
export type Holding =
  /** Nothing: it never came, or was let go. */
  | { kind: "none" }
  /** Nothing: it was on its way when the page was loaded, and its beginning went to the page before. */
  | { kind: "missed" }
  /** Everything from its first byte to the latest that came. */
  | { kind: "arriving"; content: Content }
  /** All of it, and its length and SHA-256 are right. */
  | { kind: "whole"; content: Content }
  /** Nothing: it takes more than all contents may. */
  | { kind: "too-large"; bytes: number }
  /** Nothing: what came was not what was announced, or reading failed. */
  | { kind: "broken"; reason: string };

/** The holding of one job, for views. */
export interface Held {
  readonly holding: Signal<Holding>;
  /** Grows a few times a second while bytes arrive. */
  readonly revision: Signal<number>;
}

export class Contents {
  /** In the order of use, the latest last. */
  readonly #held = new Map<string, Held>();
  readonly #open = new Map<string, number>();
  readonly #grown = new Set<string>();
  #bytes = 0;

  /** @param bound how many bytes all contents may take; read each time one grows */
  constructor(private readonly bound: () => number) {}

  /** How many bytes are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What is held of a job's result; counts as a use. */
  of(id: string): Held {
    const known = this.#held.get(id);
    const held = known ?? { holding: signal<Holding>({ kind: "none" }), revision: signal(0) };
    this.#held.delete(id);
    this.#held.set(id, held);
    return held;
  }

  /** Keeps a job's result while it stands open; the returned function ends that. */
  open(id: string): () => void {
    this.#open.set(id, (this.#open.get(id) ?? 0) + 1);
    this.of(id);
    return () => {
      const left = (this.#open.get(id) ?? 1) - 1;
      if (left > 0) this.#open.set(id, left);
      else this.#open.delete(id);
      this.#makeRoom();
    };
  }

  /** Whether a job's result stands open. */
  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  /** Forgets a job altogether. */
  forget(id: string): void {
    this.clear(id);
    this.#held.delete(id);
  }

  /** Takes a chunk that came. What is held already, or has no beginning here, is passed over. */
  append(id: string, chunk: Chunk): void {
    const held = this.of(id);
    const now = held.holding.peek();
    if (now.kind === "whole" || now.kind === "too-large") return;
    const offset = Number(chunk.offset);
    if (now.kind !== "arriving" && offset > 0) {
      if (now.kind === "none") held.holding.value = { kind: "missed" };
      return;
    }
    const content = now.kind === "arriving" ? now.content : new Content();
    if (offset !== content.bytes) {
      // A delivery that began anew repeats what is here; a gap cannot be filled.
      if (offset > content.bytes) this.#drop(id, { kind: "missed" });
      return;
    }
    content.append(chunk);
    this.#bytes += content.bytes - offset;
    if (now.kind !== "arriving") held.holding.value = { kind: "arriving", content };
    this.#grown.add(id);
    if (content.bytes > this.bound()) this.#drop(id, { kind: "too-large", bytes: content.bytes });
    else this.#makeRoom();
  }

  /** Checks what came against what was announced. */
  complete(id: string, summary: ResultSummary): void {
    const held = this.of(id);
    const now = held.holding.peek();
    const isEmpty = now.kind === "none" && summary.bytes === 0n;
    if (now.kind !== "arriving" && !isEmpty) return;
    const content = now.kind === "arriving" ? now.content : new Content();
    try {
      content.complete(summary);
      held.holding.value = { kind: "whole", content };
    } catch (error) {
      this.fail(id, error);
    }
  }

  /** Lets a job's result go for a reason. */
  fail(id: string, error: unknown): void {
    this.#drop(id, { kind: "broken", reason: error instanceof Error ? error.message : String(error) });
  }

  /** Lets a job's result go, to be read again. */
  clear(id: string): void {
    this.#drop(id, { kind: "none" });
  }

  /** Forgets where streams stood: what is not whole begins anew. */
  restart(): void {
    for (const [id, { holding }] of this.#held) {
      const { kind } = holding.peek();
      if (kind === "arriving" || kind === "missed") this.clear(id);
    }
  }

  /** Applies a bound that has become smaller. */
  shrink(): void {
    this.#makeRoom();
  }

  /** Tells the views what has grown since the last call. */
  publish(): void {
    for (const id of this.#grown) {
      const held = this.#held.get(id);
      if (held) held.revision.value += 1;
    }
    this.#grown.clear();
  }

  #drop(id: string, instead: Holding): void {
    const held = this.of(id);
    const now = held.holding.peek();
    if ("content" in now) this.#bytes -= now.content.bytes;
    held.holding.value = instead;
    this.#grown.delete(id);
  }

  #makeRoom(): void {
    for (const [id, { holding }] of this.#held) {
      if (this.#bytes <= this.bound()) return;
      const now = holding.peek();
      if (!("content" in now) || this.#open.has(id)) continue;
      this.#bytes -= now.content.bytes;
      // The rest of one that still arrives has no beginning here any more.
      holding.value = now.kind === "arriving" ? { kind: "missed" } : { kind: "none" };
    }
  }
}
