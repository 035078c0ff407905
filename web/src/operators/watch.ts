// Looks at the mesh every two seconds while somebody looks at the page, and keeps what it saw.
//
// A call that fails leaves the figures as they were and says so; the next one heals it.

import { AbacusError, type Abacus, type GetStatsResponse, type Kind, type Worker } from "@abacus/client";
import { batch, signal, type Signal } from "@preact/signals";

import { extended, INTERVAL_S, sampleOf, type Sample } from "./history.ts";

// A call that takes longer than this is given up, so that the next one can succeed.
const PATIENCE_MS = 10_000;

/** Something that is asked for again and again. */
export interface Seen<T> {
  /** The latest answer; absent before the first. */
  readonly value: Signal<T | undefined>;
  /** Why the latest call failed; absent when it did not. */
  readonly problem: Signal<AbacusError | undefined>;
}

/** Watches one mesh. */
export class Watch {
  readonly kinds = seen<Kind[]>();
  readonly workers = seen<Worker[]>();
  readonly stats = seen<GetStatsResponse>();
  readonly history = signal<readonly Sample[]>([]);
  /** When figures were answered last, in milliseconds since 1970; before the first, when was begun to ask. */
  readonly answeredAt = signal(Date.now());
  readonly #abacus: Abacus;

  private constructor(abacus: Abacus) {
    this.#abacus = abacus;
  }

  static readonly #watches = new WeakMap<Abacus, Watch>();

  /** The watch of this mesh: the same each time, so that the history outlives the view. */
  static of(abacus: Abacus): Watch {
    const known = this.#watches.get(abacus) ?? new Watch(abacus);
    this.#watches.set(abacus, known);
    return known;
  }

  /** Looks from now on, except while the page is hidden, until the returned function is called. */
  start(): () => void {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let round = 0;
    const look = async (mine: number) => {
      const began = performance.now();
      await this.look(stop.signal);
      if (stop.signal.aborted || mine !== round) return;
      timer = setTimeout(() => void look(mine), Math.max(0, INTERVAL_S * 1000 - (performance.now() - began)));
    };
    const follow = () => {
      clearTimeout(timer);
      round += 1;
      if (!document.hidden) void look(round);
    };
    document.addEventListener("visibilitychange", follow, { signal: stop.signal });
    follow();
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }

  /** Asks for everything once. */
  async look(stop?: AbortSignal): Promise<void> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const signal = stop === undefined ? patience : AbortSignal.any([stop, patience]);
    const { operators } = this.#abacus;
    const began = performance.now();
    const stats = operators.getStats({}, { signal }).then((answer) => ({ answer, took: performance.now() - began }));
    const [kinds, workers, measured] = await Promise.allSettled([
      operators.listKinds({}, { signal }),
      operators.listWorkers({}, { signal }),
      stats,
    ]);
    if (stop?.aborted) return;
    batch(() => {
      const now = Date.now();
      keep(this.kinds, kinds, ({ kinds }) => kinds);
      keep(this.workers, workers, ({ workers }) => workers);
      keep(this.stats, measured, ({ answer }) => answer);
      if (measured.status === "rejected") return;
      const { answer, took } = measured.value;
      this.answeredAt.value = now;
      this.history.value = extended(this.history.value, sampleOf(answer, now / 1000, took));
    });
  }
}

function seen<T>(): Seen<T> {
  return { value: signal<T | undefined>(undefined), problem: signal<AbacusError | undefined>(undefined) };
}

function keep<A, T>(seen: Seen<T>, outcome: PromiseSettledResult<A>, part: (answer: A) => T): void {
  seen.problem.value = outcome.status === "rejected" ? AbacusError.from(outcome.reason) : undefined;
  if (outcome.status === "fulfilled") seen.value.value = part(outcome.value);
}
