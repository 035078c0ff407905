// Against services that run: ABACUS_URL=http://127.0.0.1:8080 npx vitest run client/src/mesh.test.ts

import { env } from "node:process";
import { describe, expect, it } from "vitest";

import { Abacus, AbacusError, Code, Content, Disposition, JobState, ResultFormat } from "./index.ts";
import type { Connection, Frame, TaskInit } from "./index.ts";
import { uuid } from "./uuid.ts";

const url = env["ABACUS_URL"];

/** The decimal digits of F(1,000,000), as computed by two other programs. */
const FIB_MILLION_SHA256 = "aef6e8c19df607aa07940f2abde8460d1b34c18df1a6f46b5fc04dfe9be51706";

const fibonacci = (n: bigint): TaskInit => ({ task: { case: "fibonacci", value: { n } } });

/** A client that nobody else is. */
function stranger(fetch = globalThis.fetch): Abacus {
  return new Abacus({ baseUrl: url!, client: `test-${uuid()}`, fetch, retry: { baseMs: 10 } });
}

/** Reads the frames of a job to the end, into a content. */
async function receive(frames: AsyncIterable<Frame>): Promise<Content> {
  const content = new Content();
  for await (const { event } of frames) {
    if (event.case === "chunk") content.append(event.value);
    if (event.case === "terminal") {
      expect(event.value.state).toBe(JobState.SUCCEEDED);
      content.complete(event.value.result!);
    }
  }
  return content;
}

/** A fetch whose first `times` streams are cut after so many bytes each. */
function cutting(afterBytes: number, times: number): typeof globalThis.fetch {
  let left = times;
  return async (input, init) => {
    const response = await fetch(input, init);
    const isStream = /SubscribeResults|ReadResult/.test(String(input));
    if (!isStream || response.body === null || left-- <= 0) return response;
    return new Response(cut(response.body, afterBytes), response);
  };
}

/** The first bytes of a body, then an error as `fetch` has it. */
function cut(body: ReadableStream<Uint8Array>, afterBytes: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let left = afterBytes;
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      const { done, value } = left > 0 ? await reader.read() : { done: false, value: undefined };
      if (done) {
        controller.close();
      } else if (value === undefined) {
        await reader.cancel();
        controller.error(new TypeError("network error"));
      } else {
        controller.enqueue(value.subarray(0, left));
        left -= value.length;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

if (url === undefined) console.info("mesh.test.ts is skipped: ABACUS_URL does not tell where services run");

describe.skipIf(url === undefined)("services that run", () => {
  it("computes F(1,000,000) digit by digit right", async () => {
    const abacus = stranger();
    const { request, job } = await abacus.submit(fibonacci(1_000_000n));
    expect(request.client).toBe(abacus.client);
    const content = await receive(abacus.subscribe({ job: job.id }));
    expect(content.summary?.sha256).toBe(FIB_MILLION_SHA256);
    expect(content.bytes).toBe(208_988);
    expect(content.text(0, 10)).toBe("1953282128");
    expect(content.text(content.bytes - 10)).toBe("8242546875");
  });

  it("brings a result whole through streams that are cut again and again", async () => {
    const abacus = stranger(cutting(40_000, 20));
    const { job } = await abacus.submit(fibonacci(1_000_001n));
    const states: Connection[] = [];
    const options = { maxChunkBytes: 4096, onConnection: (state: Connection) => void states.push(state) };
    const content = await receive(abacus.subscribe({ job: job.id }, options));
    const cuts = states.flatMap((state) => (state.kind === "waiting" ? [state.error.reason] : []));
    expect(cuts.length).toBeGreaterThanOrEqual(5);
    expect(new Set(cuts)).toEqual(new Set(["CONNECTION_LOST"]));
    expect(states.at(-1)).toEqual({ kind: "closed" });

    const again = new Content();
    await stranger(cutting(40_000, 20)).fill(again, job.id, { maxChunkBytes: 4096 });
    expect(again.summary?.sha256).toBe(content.summary?.sha256);
  });

  it("tells the same integer in each format", async () => {
    const abacus = stranger();
    const product = { first: "-123456789012345678901234567890", second: "987654321", third: "3" };
    const { job } = await abacus.submit({ task: { case: "mult3", value: product } });
    await receive(abacus.subscribe({ job: job.id }));
    const wanted = -123456789012345678901234567890n * 987654321n * 3n;
    for (const format of [ResultFormat.DECIMAL, ResultFormat.HEX, ResultFormat.BINARY]) {
      const content = new Content();
      await abacus.fill(content, job.id, { format });
      expect(content.toBigInt(), ResultFormat[format]).toBe(wanted);
    }
  });

  it("reads a part of a result", async () => {
    const abacus = stranger();
    const { job } = await abacus.submit(fibonacci(10_000n));
    const whole = await receive(abacus.subscribe({ job: job.id }));
    let part = "";
    for await (const { content } of abacus.read(job.id, { offset: 100, limit: 50 })) {
      if (content.case === "text") part += content.value;
    }
    expect(part).toBe(whole.text(100, 150));
  });

  it("follows all jobs of a client and goes on from a cursor", async () => {
    const abacus = stranger();
    const first = await abacus.submit({ task: { case: "sum2", value: { first: "40", second: "2" } } });
    let cursor = "";
    for await (const frame of abacus.subscribe({ client: abacus.client })) {
      cursor = frame.cursor;
      if (frame.event.case === "terminal") break;
    }
    const second = await abacus.submit({ task: { case: "sum2", value: { first: "41", second: uuid().replace(/\D/g, "1") } } });
    const heard = new Set<string>();
    for await (const frame of abacus.subscribe({ client: abacus.client }, { cursor })) {
      heard.add(frame.job);
      if (frame.event.case === "terminal") break;
    }
    expect([...heard]).toEqual([second.job.id]);
    const listed = [];
    for await (const request of abacus.requests()) listed.push(request.name);
    expect(listed).toEqual([second.request.name, first.request.name]);
  });

  it("ends at once when a cursor stands behind everything", async () => {
    const abacus = stranger();
    const { job } = await abacus.submit(fibonacci(10n));
    let cursor = "";
    for await (const frame of abacus.subscribe({ job: job.id })) cursor = frame.cursor;
    const frames = [];
    for await (const frame of abacus.subscribe({ job: job.id }, { cursor })) frames.push(frame);
    expect(frames).toEqual([]);
  });

  it("joins one job of two clients and answers a repeated call the same", async () => {
    const task: TaskInit = { task: { case: "spin", value: { label: uuid(), duration: { seconds: 30n } } } };
    const [alice, bob] = [stranger(), stranger()];
    const requestId = uuid();
    const first = await alice.submit(task, { requestId });
    expect(first.request.disposition).toBe(Disposition.CREATED);
    const second = await bob.submit(task);
    expect(second.request.disposition).toBe(Disposition.JOINED);
    expect(second.job.id).toBe(first.job.id);
    expect((await alice.submit(task, { requestId })).request.name).toBe(first.request.name);
    expect((await alice.cancel(first.request.name)).request.state).toBe(JobState.CANCELLED);
    await bob.cancel(second.request.name);
    for await (const { event } of bob.subscribe({ job: second.job.id })) {
      if (event.case === "terminal") expect(event.value.state).toBe(JobState.CANCELLED);
    }
  });

  it("tells every wrong field", async () => {
    const wrong = stranger().submit({ task: { case: "sum2", value: { first: "1x", second: "" } } });
    const error = await wrong.then(() => undefined, AbacusError.from);
    expect(error?.code).toBe(Code.InvalidArgument);
    expect(error?.reason).toBe("INVALID_FIELD");
    expect(error?.violations.map(({ field }) => field)).toEqual(["task.sum2.first", "task.sum2.second"]);
  });

  it("throws what does not heal, and starts over with a cursor that is good for nothing", async () => {
    const abacus = stranger();
    const missing = abacus.subscribe({ job: `sum2-${"0".repeat(32)}` }).next();
    await expect(missing).rejects.toMatchObject({ code: Code.NotFound, reason: "JOB_NOT_FOUND" });
    const { job } = await abacus.submit(fibonacci(11n));
    const states: Connection[] = [];
    const options = { cursor: "worn", onConnection: (state: Connection) => void states.push(state) };
    const content = await receive(abacus.subscribe({ job: job.id }, options));
    expect(content.text()).toBe("89");
    expect(states).toContainEqual(expect.objectContaining({ kind: "restarted" }));
  });
});
