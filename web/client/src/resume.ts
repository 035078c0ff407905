// The loop that makes one stream of many: whatever cuts it, it is opened again from where it stands.
//
// What a stream carries, and what "where it stands" is, the Resumable says; that a connection was lost, how long to
// wait, and when to give up is said here.

import { Code, type CallOptions } from "@connectrpc/connect";

import { Backoff, type Retry } from "./backoff.ts";
import type { OnConnection } from "./connection.ts";
import { AbacusError } from "./errors.ts";
import { Listener } from "./listener.ts";
import { rest } from "./wake.ts";

/** How often in a row a damaged message is fetched again before it counts as damaged where it is stored. */
const MAX_DAMAGED = 5;
/** A stream that has lasted so long was a good one: what cuts it is not held against the next. In milliseconds. */
const STEADY_MS = 5_000;

/** A stream that can be opened again. */
export interface Resumable<M> {
  /** Opens it from where it stands. */
  open(call: CallOptions): AsyncIterable<M>;
  /**
   * Takes a message: checks it and moves on. True when it has moved, so that the next try is not the same again.
   * @throws AbacusError with DATA_LOSS, without having moved, when the message is damaged
   */
  take(message: M): boolean;
  /** True when nothing is missing. */
  isComplete(): boolean;
  /** Whether an end with OK is the end of the whole. */
  endsHere(): boolean;
  /** Moves to the start when this refusal says that there is no other way; false when it does not, or it stands there. */
  restart(refusal: AbacusError): boolean;
}

/** How a stream is kept going. */
export interface Keeping {
  readonly retry: Retry;
  readonly signal: AbortSignal | undefined;
  readonly onConnection: OnConnection | undefined;
}

/**
 * The messages of a stream across all its cuts, up to its end.
 * @throws AbacusError for a refusal that does not heal, or for the same damage again and again; the reason of the
 *   signal, once it is aborted
 */
export async function* resume<M>(stream: Resumable<M>, keeping: Keeping): AsyncGenerator<M, void> {
  const { retry, signal, onConnection } = keeping;
  const report: OnConnection = (connection) => onConnection?.(connection);
  const backoff = new Backoff(retry);
  let damaged = 0;
  let failure: AbacusError | undefined;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const cut = yield* once(stream, keeping, () => {
        backoff.reset();
        damaged = 0;
      });
      if (cut === undefined) return;
      signal?.throwIfAborted();
      if (stream.restart(cut)) {
        report({ kind: "restarted", error: cut });
        continue;
      }
      if (cut.code === Code.DataLoss) damaged += 1;
      if (!cut.heals || damaged >= MAX_DAMAGED) {
        failure = cut;
        throw cut;
      }
      const ms = backoff.next(cut.retryAfterMs);
      report({ kind: "waiting", retryAt: new Date(Date.now() + ms), error: cut });
      await rest(ms, signal);
    }
  } finally {
    report(failure === undefined ? { kind: "closed" } : { kind: "closed", error: failure });
  }
}

/** The messages of one try; gives why it was cut, or nothing when the stream is complete. */
async function* once<M>(
  stream: Resumable<M>,
  { retry, signal, onConnection }: Keeping,
  settled: () => void,
): AsyncGenerator<M, AbacusError | undefined> {
  onConnection?.({ kind: "connecting" });
  const began = Date.now();
  const onOpen = (): void => onConnection?.({ kind: "open" });
  const listener = new Listener((call) => stream.open(call), { silenceMs: retry.silenceMs, onOpen, signal });
  try {
    for (;;) {
      const next = await listener.next().catch(AbacusError.from);
      if (next instanceof AbacusError) return next;
      if (next.done) return stream.endsHere() ? undefined : early();
      try {
        if (stream.take(next.value) || Date.now() - began >= STEADY_MS) settled();
      } catch (error) {
        if (error instanceof AbacusError) return error;
        throw error;
      }
      yield next.value;
      if (stream.isComplete()) return undefined;
    }
  } finally {
    listener.close();
  }
}

function early(): AbacusError {
  return new AbacusError("the stream ended before its last message", {
    code: Code.Unavailable,
    reason: "CONNECTION_LOST",
  });
}
