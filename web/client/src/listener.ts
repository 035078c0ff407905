// One try at a stream: its messages, with a limit on silence.

import { Code, type CallOptions } from "@connectrpc/connect";

import { AbacusError } from "./errors.ts";
import { onWake } from "./wake.ts";

/** Opens a stream with these options. */
export type Open<M> = (options: CallOptions) => AsyncIterable<M>;

/** How a stream is listened to. */
export interface Listening {
  /** How long to wait for a message, in milliseconds. */
  readonly silenceMs: number;
  /** Called once, when the server has answered. */
  readonly onOpen: () => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads one stream, and gives it up when it stays silent. A connection that died while the machine slept gives no
 * other sign, so once the page has woken up the limit is shorter.
 */
export class Listener<M> {
  readonly #silenceMs: number;
  readonly #outer: AbortSignal | undefined;
  readonly #call = new AbortController();
  readonly #messages: AsyncIterator<M>;
  readonly #leave = (): void => this.#call.abort(this.#outer?.reason);

  constructor(open: Open<M>, { silenceMs, onOpen, signal }: Listening) {
    this.#silenceMs = silenceMs;
    this.#outer = signal;
    if (signal?.aborted) this.#leave();
    signal?.addEventListener("abort", this.#leave);
    this.#messages = open({ signal: this.#call.signal, onHeader: onOpen })[Symbol.asyncIterator]();
  }

  /**
   * The next message, or the end.
   * @throws what the stream ends with; `SILENCE`; the reason of the signal
   */
  next(): Promise<IteratorResult<M>> {
    return new Promise((resolve, reject) => {
      const asked = Date.now();
      const giveUp = (): void => settle(() => reject(silence(this.#silenceMs)));
      const wake = (): void => {
        if (Date.now() - asked > this.#silenceMs / 2) giveUp();
      };
      const abort = (): void => settle(() => reject(this.#call.signal.reason));
      const timer = setTimeout(giveUp, this.#silenceMs);
      const forget = onWake(wake);
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        forget();
        this.#call.signal.removeEventListener("abort", abort);
        finish();
      };
      this.#call.signal.addEventListener("abort", abort);
      this.#messages.next().then(
        (result) => settle(() => resolve(result)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  /** Leaves the stream: the connection is given back at once. */
  close(): void {
    this.#outer?.removeEventListener("abort", this.#leave);
    this.#call.abort();
  }
}

function silence(ms: number): AbacusError {
  return new AbacusError(`the stream was silent for ${ms} ms`, { code: Code.Unavailable, reason: "SILENCE" });
}
