// Reads results that the subscription did not bring here, when a view asks for them.
import { AbacusError } from "@abacus/client";
import { JobState } from "@abacus/client/gen/job";
import { Pace } from "./breathe.ts";
import type { Store } from "./store.ts";

export class Reader {
  readonly #running = new Map<string, AbortController>();

  constructor(private readonly store: Store) {}

  isReading(id: string): boolean {
    return this.#running.has(id);
  }

  /** Reads a finished job's result unless it is here, on its way, or larger than this tab may hold. */
  read(id: string): void {
    const { contents } = this.store;
    const { holding } = contents.of(id);
    const view = this.store.job(id).peek();
    const kind = holding.peek().kind;
    const wanted = view.state === JobState.SUCCEEDED && (kind === "none" || kind === "missed");
    if (!wanted || this.#running.has(id) || this.store.expects(id)) return;
    const bytes = Number(view.result?.bytes ?? 0n);
    if (bytes > this.store.memoryMib.peek() * 2 ** 20) {
      holding.value = { kind: "too-large", bytes };
      return;
    }
    const reading = new AbortController();
    this.#running.set(id, reading);
    void this.#run(id, reading.signal).finally(() => {
      if (this.#running.get(id) === reading) this.#running.delete(id);
    });
  }

  /** Ends a reading, and lets go what it has brought. */
  stop(id: string): void {
    const reading = this.#running.get(id);
    if (!reading) return;
    this.#running.delete(id);
    reading.abort();
    // What was begun has no end here.
    this.store.contents.clear(id);
  }

  async #run(id: string, signal: AbortSignal): Promise<void> {
    const { contents, session } = this.store;
    contents.clear(id);
    try {
      const chunks = session.peek().abacus.read(id, { signal });
      const pace = new Pace();
      for (;;) {
        const next = await chunks.next();
        if (signal.aborted) return;
        if (next.done) return contents.complete(id, next.value);
        contents.append(id, next.value);
        contents.publish();
        await pace.step();
      }
    } catch (error) {
      if (!signal.aborted) contents.fail(id, AbacusError.from(error));
    }
  }
}
