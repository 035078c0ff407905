// What a stream tells of its connection.

import type { AbacusError } from "./errors.ts";

/**
 * How a stream stands.
 * - `connecting`: it is being opened, or opened again;
 * - `open`: the server has answered;
 * - `waiting`: it was cut, and will be opened again at `retryAt`, or earlier when the page wakes up or comes online;
 * - `restarted`: the server no longer knows the cursor, so the stream begins anew: drop what was received. Frames that
 *   were received may come again, among them terminal ones. Followed by `connecting`;
 * - `closed`: it is over: complete, left by the reader, or with an `error` that is thrown too.
 */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  | { readonly kind: "waiting"; readonly retryAt: Date; readonly error: AbacusError }
  | { readonly kind: "restarted"; readonly error: AbacusError }
  | { readonly kind: "closed"; readonly error?: AbacusError };

/** Hears how a stream stands. Called synchronously, before the frames that follow the change are given. */
export type OnConnection = (connection: Connection) => void;
