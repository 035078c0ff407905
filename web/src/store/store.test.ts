import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Content, JobState } from "@abacus/client";
import { ChunkSchema, type Frame, FrameSchema } from "@abacus/client/gen/frame";
import { JobSchema, RequestSchema, ResultSummarySchema } from "@abacus/client/gen/job";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { describe, expect, test } from "vitest";
import { Contents } from "./contents.ts";
import { follow, forgotten, isFinal, type JobView, MOST_RETRIED, observe, unknownJob } from "./job.ts";
import { merged, MOST, PAGE, Requests } from "./requests.ts";

const ID = "fibonacci-0123";

function frame(event: MessageInitShape<typeof FrameSchema>["event"], sequence = 1n, attempt = 1): Frame {
  return create(FrameSchema, { job: ID, sequence, attempt, ...(event ? { event } : {}) });
}

describe("a job that is followed", () => {
  const running = follow(unknownJob(ID), frame({ case: "progress", value: { fraction: 0.5, phase: "doubling" } }, 5n));

  test("has a kind from its id, and the state that frames tell", () => {
    expect(unknownJob(ID).kind).toBe("fibonacci");
    expect([running.state, running.attempt, running.progress?.fraction]).toEqual([JobState.RUNNING, 1, 0.5]);
  });

  test("is not changed by the second chunk: thousands may come", () => {
    const chunk = frame({ case: "chunk", value: {} }, 6n);
    expect(follow(running, chunk)).toBe(running);
  });

  test("does not go back with what is older", () => {
    const older = frame({ case: "progress", value: { fraction: 0.1 } }, 4n);
    expect(follow(running, older)).toBe(running);
    expect(observe(running, create(JobSchema, { id: ID, state: JobState.QUEUED, sequence: 4n }))).toBe(running);
  });

  test("remembers why an attempt was repeated, within a bound", () => {
    let view: JobView = running;
    for (let attempt = 1; attempt <= 30; attempt += 1) {
      const failure = { reason: "WORKER_LOST", message: `attempt ${attempt}` };
      view = follow(view, frame({ case: "retrying", value: { failure } }, BigInt(10 + attempt), attempt + 1));
    }
    expect([view.state, view.progress]).toEqual([JobState.QUEUED, undefined]);
    expect(view.retried).toHaveLength(MOST_RETRIED);
    expect(view.retried.at(-1)).toMatchObject({ attempt: 30, failure: { message: "attempt 30" } });
  });

  test("is told to be suspended only while it waits", () => {
    const suspended = follow(unknownJob(ID), frame({ case: "suspended", value: {} }, 2n, 0));
    expect(suspended.suspended).toBe(true);
    expect(follow(suspended, frame({ case: "resumed", value: {} }, 3n, 0)).suspended).toBe(false);
    expect(follow(suspended, frame({ case: "progress", value: {} }, 3n)).suspended).toBe(false);
  });

  test("ends with its result, without progress", () => {
    const terminal = { state: JobState.SUCCEEDED, result: { bytes: 3n } };
    const ended = follow(running, frame({ case: "terminal", value: terminal }, 9n));
    expect([ended.state, ended.progress, ended.result?.bytes]).toEqual([JobState.SUCCEEDED, undefined, 3n]);
    expect(isFinal(ended.state)).toBe(true);
    const again = follow(ended, frame({ case: "snapshot", value: { job: { id: ID, state: JobState.QUEUED, sequence: 12n } } }, 12n));
    expect([again.state, again.result]).toEqual([JobState.QUEUED, undefined]);
  });

  test("keeps nothing but its task when the service may have lost it", () => {
    const task = { task: { case: "fibonacci" as const, value: { n: 7n } } };
    const known = observe(running, create(JobSchema, { id: ID, kind: "fibonacci", task, sequence: 20n, worker: "w" }));
    const left = forgotten(known);
    expect([left.sequence, left.state, left.progress, left.job?.worker]).toEqual([0n, JobState.UNSPECIFIED, undefined, ""]);
    expect(left.job?.task?.task.case).toBe("fibonacci");
  });

  test("keeps its task when a message leaves it out", () => {
    const task = { task: { case: "fibonacci" as const, value: { n: 7n } } };
    const known = observe(unknownJob(ID), create(JobSchema, { id: ID, kind: "fibonacci", task, sequence: 1n }));
    const later = observe(known, create(JobSchema, { id: ID, kind: "fibonacci", sequence: 2n }));
    expect(later.job?.task?.task.case).toBe("fibonacci");
  });
});

function chunk(offset: number, text: string) {
  return create(ChunkSchema, { offset: BigInt(offset), content: { case: "text", value: text } });
}

function summary(text: string) {
  const bytes = new TextEncoder().encode(text);
  return create(ResultSummarySchema, { bytes: BigInt(bytes.length), sha256: bytesToHex(sha256(bytes)) });
}

describe("the results that a tab holds", () => {
  const kind = (contents: Contents, id: string) => contents.of(id).holding.value.kind;
  const text = (contents: Contents, id: string) => {
    const holding = contents.of(id).holding.value;
    return "content" in holding ? (holding.content as Content).text() : undefined;
  };

  test("arrive, and are whole once they are verified", () => {
    const contents = new Contents(() => 100);
    contents.append("a", chunk(0, "12"));
    expect(kind(contents, "a")).toBe("arriving");
    contents.append("a", chunk(2, "34"));
    contents.complete("a", summary("1234"));
    expect([kind(contents, "a"), text(contents, "a"), contents.bytes]).toEqual(["whole", "1234", 4]);
  });

  test("are let go when they are not what was announced", () => {
    const contents = new Contents(() => 100);
    contents.append("a", chunk(0, "1235"));
    contents.complete("a", summary("1234"));
    expect([kind(contents, "a"), contents.bytes]).toEqual(["broken", 0]);
  });

  test("may come again from the start, and go on where they stood", () => {
    const contents = new Contents(() => 100);
    contents.append("a", chunk(0, "12"));
    contents.append("a", chunk(0, "12"));
    contents.append("a", chunk(2, "3"));
    expect(text(contents, "a")).toBe("123");
    contents.complete("a", summary("123"));
    contents.append("a", chunk(0, "12"));
    expect(kind(contents, "a")).toBe("whole");
  });

  test("whose beginning came before the page are missed", () => {
    const contents = new Contents(() => 100);
    contents.append("a", chunk(5, "67"));
    expect([kind(contents, "a"), contents.bytes]).toEqual(["missed", 0]);
    contents.append("a", chunk(0, "1"));
    contents.append("a", chunk(3, "4"));
    expect([kind(contents, "a"), contents.bytes]).toEqual(["missed", 0]);
  });

  test("used longest ago are let go first, but never what is open", () => {
    const contents = new Contents(() => 10);
    const close = contents.open("a");
    for (const id of ["a", "b", "c"]) {
      contents.append(id, chunk(0, "1234"));
      contents.complete(id, summary("1234"));
    }
    expect(["a", "b", "c"].map((id) => kind(contents, id))).toEqual(["whole", "none", "whole"]);
    expect(contents.bytes).toBe(8);
    close();
    contents.append("d", chunk(0, "1234"));
    expect(["a", "c"].filter((id) => kind(contents, id) === "whole")).toHaveLength(1);
  });

  test("of which the rest still arrives are missed when they are let go", () => {
    const contents = new Contents(() => 5);
    contents.append("a", chunk(0, "123"));
    contents.append("b", chunk(0, "1234"));
    contents.append("a", chunk(3, "4"));
    expect([kind(contents, "a"), kind(contents, "b"), contents.bytes]).toEqual(["missed", "arriving", 4]);
  });

  test("larger than all may be are not held, even when they are open", () => {
    const contents = new Contents(() => 5);
    contents.open("a");
    contents.append("a", chunk(0, "123456"));
    contents.append("a", chunk(6, "7"));
    expect(contents.of("a").holding.value).toEqual({ kind: "too-large", bytes: 6 });
    expect(contents.bytes).toBe(0);
  });

  test("tell views of growth when it is published, once for many chunks", () => {
    const contents = new Contents(() => 100);
    contents.append("a", chunk(0, "1"));
    contents.append("a", chunk(1, "2"));
    const { revision } = contents.of("a");
    expect(revision.value).toBe(0);
    contents.publish();
    contents.publish();
    expect(revision.value).toBe(1);
  });
});

describe("the list of requests", () => {
  const request = (n: number, state = JobState.QUEUED) =>
    create(RequestSchema, { name: `clients/c/requests/${n}`, job: `j-${n}`, createTime: { seconds: BigInt(n) }, state });

  test("holds each once, the newest first, with its latest word", () => {
    const list = merged([request(2), request(1)], [request(3), request(1, JobState.CANCELLED)]);
    expect(list.map(({ createTime }) => Number(createTime?.seconds))).toEqual([3, 2, 1]);
    expect(list.at(-1)?.state).toBe(JobState.CANCELLED);
  });

  test("is bounded: the oldest are left out", () => {
    const list = merged(
      Array.from({ length: MOST }, (_, n) => request(n)),
      [request(MOST)],
    );
    expect([list.length, Number(list.at(-1)?.createTime?.seconds)]).toEqual([MOST, 1]);
  });

  test("is read page by page", async () => {
    const all = Array.from({ length: PAGE + 3 }, (_, n) => request(1000 - n));
    const requests = new Requests(async function* () {
      yield* all;
    });
    await requests.refresh();
    expect([requests.rows.value.length, requests.hasMore.value]).toEqual([PAGE, true]);
    await requests.readMore();
    expect([requests.rows.value.length, requests.hasMore.value]).toEqual([PAGE + 3, false]);
  });

  test("tells why it could not be read, and can be read again", async () => {
    let broken = true;
    const requests = new Requests(async function* () {
      if (broken) throw new Error("away");
      yield request(1);
    });
    await requests.refresh();
    expect([requests.status.value, requests.error.value]).toEqual(["failed", new Error("away")]);
    broken = false;
    await requests.refresh();
    expect([requests.status.value, requests.rows.value.length]).toEqual(["idle", 1]);
  });
});
