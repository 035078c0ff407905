import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Abacus } from "@abacus/client";
import { GetStatsResponseSchema, ListKindsResponseSchema, ListWorkersResponseSchema } from "@abacus/client/gen/operator_service";

import { Watch } from "./watch.ts";

// A mesh that answers, or does not; and a page that is seen, or is not.
const mesh = () => {
  const state = { down: false, asked: 0 };
  const answer = <T>(message: T) => async () => {
    if (state.down) throw new ConnectError("the broker is away", Code.Unavailable);
    return message;
  };
  const operators = {
    listKinds: answer(create(ListKindsResponseSchema, { kinds: [{ name: "spin" }] })),
    listWorkers: answer(create(ListWorkersResponseSchema, { workers: [{ id: "w" }] })),
    getStats: () => {
      state.asked++;
      return answer(create(GetStatsResponseSchema, { workers: 1 }))();
    },
  };
  return { state, abacus: { operators } as unknown as Abacus };
};
const page = Object.assign(new EventTarget(), { hidden: false });
const show = (hidden: boolean) => {
  page.hidden = hidden;
  page.dispatchEvent(new Event("visibilitychange"));
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", page);
  page.hidden = false;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("it looks every two seconds, but not while the page is hidden or the view is gone", async () => {
  const { state, abacus } = mesh();
  const stop = Watch.of(abacus).start();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(state.asked).toBe(3);
  show(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.asked).toBe(3);
  show(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(state.asked).toBe(4);
  stop();
  show(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.asked).toBe(4);
  expect(Watch.of(abacus).history.value).toHaveLength(4);
});

test("a failure keeps what was seen, says why, and is healed by the next answer", async () => {
  const { state, abacus } = mesh();
  const watch = Watch.of(abacus);
  await watch.look();
  state.down = true;
  await watch.look();
  expect(watch.kinds.problem.value?.message).toBe("the broker is away");
  expect(watch.kinds.value.value?.map(({ name }) => name)).toEqual(["spin"]);
  expect(watch.stats.problem.value?.code).toBe(Code.Unavailable);
  state.down = false;
  await watch.look();
  expect([watch.kinds, watch.workers, watch.stats].map(({ problem }) => problem.value)).toEqual([undefined, undefined, undefined]);
});

test("what is answered after the view has gone is not taken", async () => {
  const { abacus } = mesh();
  const watch = Watch.of(abacus);
  const stop = new AbortController();
  const look = watch.look(stop.signal);
  stop.abort();
  await look;
  expect(watch.kinds.value.value).toBeUndefined();
});
