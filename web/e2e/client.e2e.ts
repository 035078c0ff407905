// The client library through Envoy, while everything it depends on is killed.

import { Abacus, Content, JobState } from "@abacus/client";

import { expect, test } from "./fixtures.ts";

/** F(9,570,001) has two million digits and twelve. */
const TWO_MILLION_DIGITS = 9_570_001n;

test("a result arrives whole while each process is killed once", async ({ stack }) => {
  const abacus = new Abacus({ baseUrl: stack.url, client: "killer" });
  const { job } = await abacus.submit({ task: { case: "fibonacci", value: { n: TWO_MILLION_DIGITS } } });
  const victims = ["envoy", "gateway-1", "notifier-1", "calculator-1", "redis"];
  const content = new Content();
  const cuts: string[] = [];
  const frames = abacus.subscribe(
    { job: job.id },
    {
      maxChunkBytes: 16_384,
      onConnection: (state) => void (state.kind === "waiting" && cuts.push(state.error.reason)),
    },
  );
  for await (const { event } of frames) {
    if (event.case === "chunk") content.append(event.value);
    if (event.case === "terminal") {
      expect(event.value.state).toBe(JobState.SUCCEEDED);
      content.complete(event.value.result!);
    } else if (content.bytes >= 300_000 * (5 - victims.length)) {
      // The first one before there are any digits, so that what is buffered on the way cannot hide it.
      const victim = victims.shift();
      if (victim !== undefined) await stack.kill(victim);
    }
  }
  expect(victims).toEqual([]);
  expect(content.bytes).toBe(2_000_012);
  expect(cuts.length).toBeGreaterThanOrEqual(1);
});
