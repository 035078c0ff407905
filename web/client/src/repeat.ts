// Calls that are safe to repeat, repeated until they get through.

import { Code } from "@connectrpc/connect";

import { Backoff, type Retry } from "./backoff.ts";
import { AbacusError } from "./errors.ts";
import { rest } from "./wake.ts";

/**
 * Makes a call up to `retry.attempts` times, with waits between; a call that did not get through may have been heard.
 * @throws AbacusError of the last try, or of the first that was answered with a refusal; the reason of the signal, once
 *   it is aborted
 */
export async function repeat<T>(call: () => Promise<T>, retry: Retry, signal: AbortSignal | undefined): Promise<T> {
  const backoff = new Backoff(retry);
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await call();
    } catch (thrown) {
      signal?.throwIfAborted();
      const error = AbacusError.from(thrown);
      if (attempt >= retry.attempts || !mayPass(error)) throw error;
      await rest(backoff.next(error.retryAfterMs), signal);
    }
  }
}

/** A fault of Abacus that a call runs into is met again by the next one. */
function mayPass(error: AbacusError): boolean {
  return error.heals && error.code !== Code.Internal;
}
