// The tab's one stream: every job of the client, with chunks, resumed by the cursor that is kept for that client.
//
// The client library heals what can be healed. What cannot (a name that is refused) stops the stream until the user
// asks for another try.
import { type Signal, signal } from "@preact/signals";
import { type Abacus, AbacusError, type Connection as StreamState } from "@abacus/client";
import type { Frame } from "@abacus/client/gen/frame";
import { Pace } from "./breathe.ts";
import { forgetCursor, keepCursor, keptCursor } from "./kept.ts";

/** How the stream stands. */
export type Connection =
  | { kind: "connecting" }
  | { kind: "open" }
  /** It was cut, and is tried again at that time. */
  | { kind: "waiting"; retryAt: Date; error: AbacusError }
  /** It ended for a reason that another try does not heal. */
  | { kind: "stopped"; error: AbacusError };

/** How often the cursor is written down, in milliseconds: a page that is killed hears that much again. */
const KEEP_CURSOR_MS = 500;

/** Who hears what the stream brings. */
export interface Listener {
  /** Called with each frame, in order. */
  take(frame: Frame): void;
  /** The cursor was of no use: the stream begins anew. */
  restarted(): void;
}

export class Subscription {
  readonly #connection = signal<Connection>({ kind: "connecting" });
  #running: AbortController | undefined;
  #cursor: string | undefined;
  #keeping: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: string,
    private readonly abacus: Abacus,
    private readonly listener: Listener,
  ) {
    this.#cursor = keptCursor(client);
  }

  get connection(): Signal<Connection> {
    return this.#connection;
  }

  /** Starts the stream, or tries again at once. */
  start(): void {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#connection.value = { kind: "connecting" };
    void this.#run(running.signal);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.keep();
  }

  /** Writes the cursor down now. */
  keep(): void {
    clearTimeout(this.#keeping);
    this.#keeping = undefined;
    if (this.#cursor) keepCursor(this.client, this.#cursor);
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      const frames = this.abacus.subscribe(
        { client: this.client },
        { ...(this.#cursor ? { cursor: this.#cursor } : {}), signal, onConnection: (state) => this.#heard(state, signal) },
      );
      const pace = new Pace();
      for await (const frame of frames) {
        if (signal.aborted) return;
        this.listener.take(frame);
        if (frame.cursor) this.#moved(frame.cursor);
        await pace.step();
      }
    } catch (error) {
      if (!signal.aborted) this.#connection.value = { kind: "stopped", error: AbacusError.from(error) };
    }
  }

  #heard(state: StreamState, signal: AbortSignal): void {
    if (signal.aborted) return;
    switch (state.kind) {
      case "restarted":
        this.#cursor = undefined;
        forgetCursor(this.client);
        this.listener.restarted();
        break;
      case "connecting":
        // A try after a cut is still a cut until it has come through.
        if (this.#connection.peek().kind !== "waiting") this.#connection.value = { kind: "connecting" };
        break;
      case "open":
        if (this.#connection.peek().kind !== "open") this.#connection.value = { kind: "open" };
        break;
      case "waiting":
        this.#connection.value = { kind: "waiting", retryAt: state.retryAt, error: state.error };
    }
  }

  #moved(cursor: string): void {
    this.#cursor = cursor;
    this.#keeping ??= setTimeout(() => this.keep(), KEEP_CURSOR_MS);
  }
}
