// When a stream is opened again: time is faked.

import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Backoff, DEFAULT_RETRY, type Retry } from "./backoff.ts";
import { cutAfter, type Fate, FakeMesh, received, refusal, silentAfter, storyFrom, whole } from "./fakes.ts";

const JOB = "sum2-0";
const TEXT = "0123456789abcdef";
const away = refusal(Code.Unavailable, "PEER_UNAVAILABLE");

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A mesh that is being read, with these fates of the tries. */
function reading(retry: Partial<Retry>, ...fates: Fate[]) {
  const mesh = new FakeMesh(storyFrom(JOB, TEXT), fates);
  const leaving = new AbortController();
  const { signal } = leaving;
  const frames = mesh.abacus(retry).subscribe({ job: JOB }, { signal, onConnection: mesh.onConnection });
  const text = received(frames);
  text.catch(() => undefined);
  return { mesh, text, leaving };
}

/** A page that can be woken; `listeners` tells how many wait for it to come online. */
function page() {
  const [window, document] = [new EventTarget(), new EventTarget()];
  let listeners = 0;
  vi.stubGlobal("document", Object.assign(document, { visibilityState: "visible" }));
  vi.stubGlobal("addEventListener", (type: string, listener: EventListener) => {
    listeners += 1;
    window.addEventListener(type, listener);
  });
  vi.stubGlobal("removeEventListener", (type: string, listener: EventListener) => {
    listeners -= 1;
    window.removeEventListener(type, listener);
  });
  return {
    listeners: () => listeners,
    comeOnline: () => window.dispatchEvent(new Event("online")),
    turn: (visibilityState: DocumentVisibilityState) => {
      Object.assign(document, { visibilityState });
      document.dispatchEvent(new Event("visibilitychange"));
    },
  };
}

describe("back-off", () => {
  it("doubles its bound up to the longest wait, and jitter keeps within", () => {
    const bounds = [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000];
    for (const part of [0, 0.25, 0.5, 0.999]) {
      const backoff = new Backoff({ ...DEFAULT_RETRY, random: () => part });
      expect(bounds.map(() => backoff.next())).toEqual(bounds.map((bound) => bound * part));
      backoff.reset();
      expect(backoff.next()).toBe(250 * part);
    }
  });

  it("spreads waits over the whole bound", () => {
    const waits = Array.from({ length: 1000 }, () => new Backoff(DEFAULT_RETRY).next());
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...waits)).toBeLessThan(250);
    expect(waits.filter((wait) => wait < 125).length).toBeGreaterThan(350);
    expect(waits.filter((wait) => wait >= 125).length).toBeGreaterThan(350);
  });

  it("comes on top of what the server asks for", () => {
    const backoff = new Backoff({ ...DEFAULT_RETRY, random: () => 0.5 });
    expect(backoff.next(5000)).toBe(5125);
    expect(backoff.next(5000)).toBe(5250);
  });

  it("grows while nothing new comes, and begins anew when something has", async () => {
    const random = (): number => 0.5;
    const { mesh, text } = reading({ random }, ...Array<Fate>(4).fill(cutAfter(0, away)), cutAfter(2, away), whole);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(mesh.pauses).toEqual([125, 250, 500, 1000, 125]);
    await expect(text).resolves.toBe(TEXT);
  });

  it("begins anew after a stream that has lasted, though it brought nothing that counts", async () => {
    const lasting: Fate = async function* (frames) {
      for (let count = 0; count < 7; count += 1) {
        yield frames[0]!;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      throw away;
    };
    const random = (): number => 0.5;
    const { mesh } = reading({ random }, cutAfter(1, away), ...Array<Fate>(5).fill(cutAfter(0, away)), lasting, whole);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(mesh.pauses).toEqual([125, 250, 500, 1000, 2000, 4000, 7000 + 125]);
  });
});

describe("a page that wakes up", () => {
  it("by coming online opens a waiting stream at once", async () => {
    const { comeOnline, listeners } = page();
    const { mesh, text } = reading({ random: () => 0.999, baseMs: 10_000 }, cutAfter(2, away), whole);
    await vi.advanceTimersByTimeAsync(1000);
    expect([mesh.kinds.at(-1), listeners()]).toEqual(["waiting", 1]);
    comeOnline();
    await expect(text).resolves.toBe(TEXT);
    expect(listeners()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("by being looked at does too, by being hidden does not", async () => {
    const { turn } = page();
    const { mesh, text } = reading({ random: () => 0.999, baseMs: 10_000 }, cutAfter(2, away), whole);
    await vi.advanceTimersByTimeAsync(1000);
    turn("hidden");
    await vi.advanceTimersByTimeAsync(1000);
    expect(mesh.asked).toHaveLength(1);
    turn("visible");
    await expect(text).resolves.toBe(TEXT);
  });

  it("gives up a stream that died meanwhile, and leaves one alone that has spoken lately", async () => {
    const { turn } = page();
    const { mesh, text } = reading({}, silentAfter(2), whole);
    await vi.advanceTimersByTimeAsync(14_000);
    turn("visible");
    await vi.advanceTimersByTimeAsync(10);
    expect(mesh.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    turn("visible");
    await vi.advanceTimersByTimeAsync(10);
    await expect(text).resolves.toBe(TEXT);
    expect(mesh.left).toBe(2);
  });
});

describe("silence", () => {
  it("for too long counts as a lost connection", async () => {
    const { mesh, text } = reading({ random: () => 0.5 }, silentAfter(3), whole);
    await vi.advanceTimersByTimeAsync(31_000);
    await expect(text).resolves.toBe(TEXT);
    expect(mesh.pauses).toEqual([30_125]);
    expect(mesh.cursors).toEqual(["", "6"]);
    expect(mesh.states.find((state) => state.kind === "waiting")?.error.reason).toBe("SILENCE");
  });

  it("of a reader who takes his time is not the stream's", async () => {
    const mesh = new FakeMesh(storyFrom(JOB, TEXT), [whole]);
    const frames = mesh.abacus().subscribe({ job: JOB });
    await frames.next();
    await vi.advanceTimersByTimeAsync(600_000);
    await expect(received(frames)).resolves.toBe(TEXT);
    expect(mesh.asked).toHaveLength(1);
  });
});

describe("a signal", () => {
  it.each([
    ["while a message is awaited", silentAfter(2), "open"],
    ["while the next try is", cutAfter(2, away), "waiting"],
  ])("ends the stream with its reason %s", async (_, fate, state) => {
    const { mesh, text, leaving } = reading({ baseMs: 10_000, random: () => 0.999 }, fate);
    await vi.advanceTimersByTimeAsync(100);
    expect(mesh.kinds.at(-1)).toBe(state);
    const reason = new Error("the user has left");
    leaving.abort(reason);
    await expect(text).rejects.toBe(reason);
    expect(mesh.kinds.at(-1)).toBe("closed");
    expect(mesh.left).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that was given before lets nothing be asked", async () => {
    const mesh = new FakeMesh(storyFrom(JOB, TEXT), [whole]);
    const signal = AbortSignal.abort();
    await expect(mesh.abacus().subscribe({ job: JOB }, { signal }).next()).rejects.toBe(signal.reason);
    expect(mesh.asked).toHaveLength(0);
  });
});
