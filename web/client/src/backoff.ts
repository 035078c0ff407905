// How long to wait before the next try: longer after each failure, and never at the same time as others.

/** Bounds of the waits between tries. */
export interface Retry {
  /** The longest wait after the first failure, in milliseconds; it doubles with each further one. Default 250. */
  readonly baseMs: number;
  /** The longest wait, in milliseconds. Default 15,000. */
  readonly maxMs: number;
  /** How often a unary call is tried in all. Default 5. */
  readonly attempts: number;
  /**
   * How long a subscription may stay silent until it counts as lost, in milliseconds. The server gives a sign of life
   * after ten seconds of silence, unless it is set otherwise. Default 30,000.
   */
  readonly silenceMs: number;
  /** Gives numbers from 0 (inclusive) to 1. Default `Math.random`. */
  readonly random: () => number;
}

/** The defaults of {@link Retry}. */
export const DEFAULT_RETRY: Retry = {
  baseMs: 250,
  maxMs: 15_000,
  attempts: 5,
  silenceMs: 30_000,
  random: Math.random,
};

/**
 * Counts failures and gives waits: exponential with full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export class Backoff {
  readonly #retry: Retry;
  #failures = 0;

  constructor(retry: Retry) {
    this.#retry = retry;
  }

  /**
   * Counts a failure and gives the wait after it, in milliseconds: from `atLeastMs`, which the server asked for, and
   * at most the doubled bound longer.
   */
  next(atLeastMs = 0): number {
    const { baseMs, maxMs, random } = this.#retry;
    const bound = Math.min(maxMs, baseMs * 2 ** this.#failures);
    this.#failures += 1;
    return atLeastMs + random() * bound;
  }

  /** Forgets the failures. */
  reset(): void {
    this.#failures = 0;
  }
}
