// What outlives the page, in the browser's localStorage: the client's name, its cursors, the bound of contents.
//
// Storage that is full, or denied, means that less is kept; the page works on.

const PREFIX = "abacus.";
const CLIENT = "client";
const CURSOR = "cursor.";
const MEMORY = "memory_mib";

/** The bound of the results that a tab holds, in MiB, unless set: enough for the longest answers of the default
 * limits, and within what a phone's browser gives a tab. */
export const DEFAULT_MEMORY_MIB = 512;
/** The smallest and the largest bound that can be set, in MiB. */
export const MEMORY_RANGE_MIB = [16, 8192] as const;
/** How many clients' cursors are kept; of more, the oldest are let go. */
const MOST_CURSORS = 16;

/** What a client's name is made of; the contract's rule. */
export const CLIENT_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** The client's name; on the first visit one that nobody else has. */
export function keptClient(): string {
  const kept = read(CLIENT);
  if (kept !== null && CLIENT_NAME.test(kept)) return kept;
  const fresh = `web-${[...crypto.getRandomValues(new Uint8Array(5))].map((b) => b.toString(16).padStart(2, "0")).join("")}`;
  keepClient(fresh);
  return fresh;
}

export function keepClient(name: string): void {
  write(CLIENT, name);
}

/** The cursor of the last frame that this client's subscription brought here; nothing at first. */
export function keptCursor(client: string): string | undefined {
  return read(CURSOR + client) ?? undefined;
}

export function keepCursor(client: string, cursor: string): void {
  if (read(CURSOR + client) === null) forgetOldCursors();
  write(CURSOR + client, cursor);
}

export function forgetCursor(client: string): void {
  attempt(() => localStorage.removeItem(PREFIX + CURSOR + client));
}

/** The bound of the results that a tab holds, in MiB. */
export function keptMemoryMib(): number {
  const kept = Number(read(MEMORY) ?? DEFAULT_MEMORY_MIB);
  const [least, most] = MEMORY_RANGE_MIB;
  return Number.isInteger(kept) && kept >= least && kept <= most ? kept : DEFAULT_MEMORY_MIB;
}

export function keepMemoryMib(mib: number): void {
  write(MEMORY, String(mib));
}

function forgetOldCursors(): void {
  attempt(() => {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX + CURSOR));
    for (const key of keys.slice(0, Math.max(keys.length - MOST_CURSORS + 1, 0))) localStorage.removeItem(key);
  });
}

function read(key: string): string | null {
  return attempt(() => localStorage.getItem(PREFIX + key)) ?? null;
}

function write(key: string, value: string): void {
  attempt(() => localStorage.setItem(PREFIX + key, value));
}

function attempt<T>(access: () => T): T | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
