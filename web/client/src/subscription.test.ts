import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";

import { AbacusError } from "./errors.ts";
import { altered, chunk, cutAfter, type Fate, FakeMesh, frame, received, refusal, serving, story, storyFrom, whole } from "./fakes.ts";
import type { Frame } from "./gen/abacus/v1/frame_pb.ts";
import { JobState } from "./gen/abacus/v1/job_pb.ts";
import { Abacus } from "./client.ts";

const JOB = "sum2-0";
const TEXT = "0123456789abcdef";

/** A mesh that tells of one job, with these fates of the tries. */
function telling(...fates: Fate[]): FakeMesh {
  return new FakeMesh(storyFrom(JOB, TEXT), fates);
}

function subscribe(mesh: FakeMesh, cursor = "") {
  return mesh.abacus().subscribe({ job: JOB }, { cursor, onConnection: mesh.onConnection });
}

/** Each chunk as changed. */
function chunksAltered(at: number, change: (chunk: Extract<Frame["event"], { case: "chunk" }>["value"]) => void): Fate {
  return altered((one) => {
    if (one.event.case === "chunk" && one.event.value.offset === BigInt(at)) change(one.event.value);
    return one;
  });
}

const spoil = (one: { crc32c: number }): void => void (one.crc32c = (one.crc32c + 1) >>> 0);

describe("a subscription", () => {
  it("that is not cut gives every frame once and closes", async () => {
    const mesh = telling(whole);
    const cases = [];
    for await (const { event } of subscribe(mesh)) cases.push(event.case);
    expect(cases).toEqual(["snapshot", "chunk", "chunk", "chunk", "chunk", "chunk", "chunk", "terminal"]);
    expect(mesh.kinds).toEqual(["connecting", "open", "closed"]);
    expect(mesh.asked).toHaveLength(1);
    expect(mesh.asked[0]?.target).toMatchObject({ case: "job", value: JOB });
  });

  it.each([
    ["UNAVAILABLE", refusal(Code.Unavailable, "SHUTTING_DOWN", { retryMs: 1 })],
    ["a proxy's UNAVAILABLE", new ConnectError("upstream reset", Code.Unavailable)],
    ["an INTERNAL fault", refusal(Code.Internal, "INTERNAL")],
    ["a deadline", refusal(Code.DeadlineExceeded, "DEADLINE_EXCEEDED")],
    ["too many streams", refusal(Code.ResourceExhausted, "TOO_MANY_STREAMS", { retryMs: 1 })],
    ["a proxy's rate limit", new ConnectError("slow down", Code.ResourceExhausted)],
    ["a network error", new TypeError("network error")],
    ["a clean end without the terminal frame", undefined],
  ])("goes on from its cursor after %s", async (_, error) => {
    const mesh = telling(cutAfter(3, error), cutAfter(2, error), whole);
    expect(await received(subscribe(mesh))).toBe(TEXT);
    expect(mesh.cursors).toEqual(["", "6", "9"]);
    expect(mesh.kinds).toEqual([
      ...["connecting", "open", "waiting"],
      ...["connecting", "open", "waiting"],
      ...["connecting", "open", "closed"],
    ]);
  });

  it.each([
    [Code.InvalidArgument, "INVALID_FIELD"],
    [Code.NotFound, "JOB_NOT_FOUND"],
    [Code.Unauthenticated, ""],
    [Code.PermissionDenied, ""],
    [Code.FailedPrecondition, "KIND_SUSPENDED"],
    [Code.OutOfRange, "OTHER"],
    [Code.Unimplemented, "UNKNOWN_METHOD"],
    [Code.ResourceExhausted, "FORMAT_TOO_LARGE"],
  ])("throws a refusal that cannot heal: %s %s", async (code, reason) => {
    const violations = [{ field: "jobs.jobs[1]", description: "stands in the list already" }];
    const mesh = telling(cutAfter(2, refusal(code, reason, { violations })), whole);
    const error = await received(subscribe(mesh)).then(() => undefined, AbacusError.from);
    expect(error).toMatchObject({ code, reason, violations });
    expect(mesh.asked).toHaveLength(1);
    expect(mesh.states.at(-1)).toEqual({ kind: "closed", error });
  });

  it("waits at least as long as the server asks for", async () => {
    const mesh = telling(cutAfter(1, refusal(Code.Unavailable, "STREAM_LIFETIME", { retryMs: 30 })), whole);
    const before = Date.now();
    await received(subscribe(mesh));
    const waiting = mesh.states.find((state) => state.kind === "waiting");
    expect(waiting?.retryAt.getTime()).toBeGreaterThanOrEqual(before + 30);
    expect(waiting?.error.reason).toBe("STREAM_LIFETIME");
  });

  it.each([
    ["a wrong checksum", chunksAltered(6, spoil), "CHUNK_DAMAGED"],
    ["a changed text", chunksAltered(6, (one) => void (one.content = { case: "text", value: "6x8" })), "CHUNK_DAMAGED"],
    ["an overlap", chunksAltered(6, (one) => void (one.offset = 5n)), "CHUNK_MISPLACED"],
    ["a gap", chunksAltered(6, (one) => void (one.offset = 7n)), "CHUNK_MISPLACED"],
    ["missing chunks at the end", altered((one) => (one.cursor > "6" && one.event.case === "chunk" ? undefined : one)), "CHUNK_MISPLACED"],
  ])("fetches again from the last good cursor after %s", async (_, fate, reason) => {
    const mesh = telling(fate, whole);
    expect(await received(subscribe(mesh))).toBe(TEXT);
    expect(mesh.asked).toHaveLength(2);
    expect(mesh.states).toContainEqual(expect.objectContaining({ kind: "waiting", error: expect.objectContaining({ reason }) }));
  });

  it("does not give a damaged chunk to anybody, and gives up when it is damaged each time", async () => {
    const mesh = telling(chunksAltered(6, spoil));
    const offsets: bigint[] = [];
    const reading = async (): Promise<void> => {
      for await (const { event } of subscribe(mesh)) if (event.case === "chunk") offsets.push(event.value.offset);
    };
    await expect(reading()).rejects.toMatchObject({ code: Code.DataLoss, reason: "CHUNK_DAMAGED" });
    expect(offsets).toEqual([0n, 3n]);
    expect(mesh.cursors).toEqual(["", "6", "6", "6", "6"]);
  });

  it("counts damage anew at each place", async () => {
    const [here, there] = [chunksAltered(3, spoil), chunksAltered(9, spoil)];
    const mesh = telling(here, here, here, here, there, there, there, there, whole);
    expect(await received(subscribe(mesh))).toBe(TEXT);
    expect(mesh.asked).toHaveLength(9);
  });

  it.each(["CURSOR_EXPIRED", "CURSOR_INVALID"])("starts over after %s and says so first", async (reason) => {
    const code = reason === "CURSOR_EXPIRED" ? Code.OutOfRange : Code.InvalidArgument;
    const mesh = telling(cutAfter(0, refusal(code, reason)), whole);
    let text = "";
    for await (const { event } of subscribe(mesh, "9")) {
      expect(mesh.kinds).toContain("restarted");
      if (event.case === "chunk") text += String(event.value.content.value);
    }
    expect(text).toBe(TEXT);
    expect(mesh.cursors).toEqual(["9", ""]);
    expect(mesh.kinds).toEqual(["connecting", "open", "restarted", "connecting", "open", "closed"]);
  });

  it("that starts over misses bytes that it would have taken for received before", async () => {
    const withoutFirst = altered((one) => (one.event.case === "chunk" && one.event.value.offset === 0n ? undefined : one));
    const mesh = telling(cutAfter(0, refusal(Code.OutOfRange, "CURSOR_EXPIRED")), withoutFirst, whole);
    expect(await received(subscribe(mesh, "9"))).toBe(TEXT);
    expect(mesh.cursors).toEqual(["9", "", "0"]);
  });

  it("that starts over waits for the ends that came before too", async () => {
    const [a, b] = [story("a-0", "123"), story("b-0", "4567")];
    const expired = refusal(Code.OutOfRange, "CURSOR_EXPIRED");
    const orders = [[...b, ...a], [], [...a, ...b]];
    const mesh = new FakeMesh(() => orders.shift()!, [cutAfter(4, new TypeError()), cutAfter(0, expired), whole]);
    const ended: string[] = [];
    const frames = mesh.abacus().subscribe({ jobs: ["a-0", "b-0"] });
    for await (const { job, event } of frames) if (event.case === "terminal") ended.push(job);
    expect(ended).toEqual(["b-0", "a-0", "b-0"]);
    expect(mesh.cursors).toEqual(["", "done", ""]);
  });

  it("throws what a start without a cursor is refused with, even then", async () => {
    const mesh = telling(cutAfter(0, refusal(Code.OutOfRange, "CURSOR_EXPIRED")));
    await expect(received(subscribe(mesh, "9"))).rejects.toMatchObject({ reason: "CURSOR_EXPIRED" });
    expect(mesh.cursors).toEqual(["9", ""]);
  });

  it("goes on from a cursor of an earlier page, whose offsets it cannot know", async () => {
    const mesh = telling(cutAfter(2, new TypeError("network error")), whole);
    expect(await received(subscribe(mesh, "9"))).toBe(TEXT.slice(9));
    expect(mesh.cursors).toEqual(["9", "12"]);
  });

  it("ends when the cursor stands behind everything", async () => {
    const mesh = telling(whole);
    expect(await received(subscribe(mesh, "done"))).toBe("");
    expect(mesh.asked).toHaveLength(1);
    expect(mesh.kinds.at(-1)).toBe("closed");
  });

  it("ends with the last terminal frame, whatever the connection does then", async () => {
    const mesh = telling(cutAfter(99, new TypeError("network error")));
    expect(await received(subscribe(mesh))).toBe(TEXT);
    expect(mesh.asked).toHaveLength(1);
  });

  it("to several jobs ends after the terminal frames of all", async () => {
    const [a, b] = [story("a-0", "123"), story("b-0", "4567")];
    const mesh = new FakeMesh((cursor) => (cursor === "" ? [...a, ...b] : b), [cutAfter(3, new TypeError()), whole]);
    const ended: string[] = [];
    const frames = mesh.abacus().subscribe({ jobs: ["b-0", "a-0"] });
    for await (const { job, event } of frames) if (event.case === "terminal") ended.push(job);
    expect(ended).toEqual(["a-0", "b-0"]);
    expect(mesh.cursors).toEqual(["", "done"]);
    expect(mesh.asked[0]?.target.value).toMatchObject({ jobs: ["b-0", "a-0"] });
  });

  it("of a client goes on past terminal frames and takes a job that comes once more from its start", async () => {
    const twice = [...story(JOB, TEXT), ...story(JOB, TEXT)];
    const mesh = new FakeMesh(() => twice, [whole]);
    let ends = 0;
    let text = "";
    for await (const { event } of mesh.abacus().subscribe({ client: "alice" })) {
      if (event.case === "chunk") text += String(event.value.content.value);
      if (event.case === "terminal" && ++ends === 2) break;
    }
    expect(text).toBe(TEXT + TEXT);
    expect(mesh.asked[0]?.target).toMatchObject({ case: "client", value: "alice" });
  });

  it("of a client from an earlier cursor still misses the first bytes of a job that comes once more", async () => {
    const again = story(JOB, TEXT);
    const gap = again.filter(({ event }) => event.case !== "chunk" || event.value.offset > 0n);
    const mesh = new FakeMesh((cursor) => (cursor === "9" ? [...story(JOB, TEXT, 9), ...gap] : again), [whole]);
    const frames = mesh.abacus().subscribe({ client: "alice" }, { cursor: "9", onConnection: mesh.onConnection });
    let ends = 0;
    for await (const { event } of frames) if (event.case === "terminal" && ++ends === 2) break;
    const errors = mesh.states.flatMap((state) => (state.kind === "waiting" ? [state.error.reason] : []));
    expect(errors).toEqual(["CHUNK_MISPLACED"]);
  });

  it("without chunks misses none", async () => {
    const states = story(JOB, TEXT).filter(({ event }) => event.case !== "chunk");
    const mesh = new FakeMesh(() => states, [whole]);
    const ends = [];
    for await (const { event } of mesh.abacus().subscribe({ job: JOB }, { metadataOnly: true })) {
      if (event.case === "terminal") ends.push(event.value.state);
    }
    expect(ends).toEqual([JobState.SUCCEEDED]);
    expect(mesh.asked[0]?.metadataOnly).toBe(true);
  });

  it("that is left gives its connection back", async () => {
    const mesh = telling(whole);
    for await (const { event } of subscribe(mesh)) if (event.case === "chunk") break;
    await expect.poll(() => mesh.left).toBe(1);
    expect(mesh.kinds).toEqual(["connecting", "open", "closed"]);
  });

  it("hears a frame as soon as it is sent, not with the next", async () => {
    let send = (_: Frame): void => undefined;
    const sent = new Promise<Frame>((resolve) => (send = resolve));
    const transport = serving({
      async *subscribeResults() {
        yield { frame: frame(JOB, "0", { case: "snapshot", value: {} }) };
        yield { frame: await sent };
        await new Promise(() => undefined);
      },
    });
    const frames = new Abacus({ transport }).subscribe({ job: JOB });
    expect((await frames.next()).value?.event.case).toBe("snapshot");
    send(frame(JOB, "3", { case: "chunk", value: chunk(0, "123") }));
    expect((await frames.next()).value?.event.case).toBe("chunk");
  });
});
