import { Code } from "@connectrpc/connect";
import { afterEach, describe, expect, it, vi } from "vitest";

import { Abacus } from "./client.ts";
import { refusal, serving } from "./fakes.ts";
import { Disposition } from "./gen/abacus/v1/job_pb.ts";
import type { ListRequestsRequest, SubmitJobRequest } from "./gen/abacus/v1/job_service_pb.ts";
import { uuid } from "./uuid.ts";

const retry = { random: () => 0 };
const task = { task: { case: "fibonacci", value: { n: 42n } } } as const;
const submitted = {
  request: { name: "clients/alice/requests/1", disposition: Disposition.CREATED },
  job: { id: "fibonacci-0" },
};

afterEach(() => void vi.unstubAllGlobals());

/** An Abacus whose first tries to submit fail so. */
function failing(...errors: Error[]) {
  const asked: SubmitJobRequest[] = [];
  const transport = serving({
    submitJob: (request) => {
      const error = errors[asked.push(request) - 1];
      return error === undefined ? submitted : Promise.reject(error);
    },
  });
  return { asked, abacus: new Abacus({ transport, retry, client: "alice" }) };
}

describe("submitting", () => {
  it("tells the task, the client and what was asked for", async () => {
    const { asked, abacus } = failing();
    const requestId = uuid();
    const { request, job } = await abacus.submit(task, { requestId, rejectIfSuspended: true });
    expect([request.name, request.disposition, job.id]).toEqual([
      "clients/alice/requests/1",
      Disposition.CREATED,
      "fibonacci-0",
    ]);
    expect(asked).toMatchObject([{ task, client: "alice", requestId, rejectIfSuspended: true }]);
  });

  it("is repeated with one request id until it is answered", async () => {
    const away = refusal(Code.Unavailable, "BROKER_UNAVAILABLE", { retryMs: 1 });
    const full = refusal(Code.ResourceExhausted, "QUEUE_FULL", { retryMs: 1 });
    const late = refusal(Code.DeadlineExceeded, "DEADLINE_EXCEEDED");
    const { asked, abacus } = failing(away, full, late);
    await abacus.submit(task);
    expect(asked).toHaveLength(4);
    expect(asked[0]?.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(asked.map(({ requestId }) => requestId)).size).toBe(1);
    await abacus.submit(task);
    expect(asked[4]?.requestId).not.toBe(asked[0]?.requestId);
  });

  it.each([
    [Code.InvalidArgument, "INVALID_FIELD"],
    [Code.FailedPrecondition, "KIND_SUSPENDED"],
    [Code.ResourceExhausted, "BUDGET_EXCEEDED"],
    [Code.Internal, "INTERNAL"],
  ])("is not repeated after %s %s", async (code, reason) => {
    const { asked, abacus } = failing(refusal(code, reason));
    await expect(abacus.submit(task)).rejects.toMatchObject({ name: "AbacusError", code, reason });
    expect(asked).toHaveLength(1);
  });

  it("gives up after the last try", async () => {
    const fetch = vi.fn(() => Promise.reject(new TypeError("Failed to fetch")));
    const abacus = new Abacus({ baseUrl: "http://abacus.example", fetch, retry: { ...retry, attempts: 3 } });
    await expect(abacus.submit(task)).rejects.toMatchObject({ code: Code.Unavailable, reason: "CONNECTION_LOST" });
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  it("ends with the signal's reason", async () => {
    const { asked, abacus } = failing(...Array<Error>(9).fill(refusal(Code.Unavailable, "", { retryMs: 60_000 })));
    const leaving = new AbortController();
    const submitting = abacus.submit(task, { signal: leaving.signal });
    await expect.poll(() => asked.length).toBe(1);
    leaving.abort("the user has left");
    await expect(submitting).rejects.toBe("the user has left");
  });
});

describe("requests", () => {
  it("are listed over all pages, which are fetched as they are read", async () => {
    const asked: ListRequestsRequest[] = [];
    const transport = serving({
      listRequests: (request) => {
        asked.push(request);
        const page = Number(request.pageToken || "0");
        const requests = [{ name: `${page}a` }, { name: `${page}b` }];
        return { requests, nextPageToken: page < 2 ? String(page + 1) : "" };
      },
    });
    const abacus = new Abacus({ transport, client: "alice" });
    const first = await abacus.requests("bob").next();
    expect([first.value?.name, asked.length]).toEqual(["0a", 1]);
    const names = [];
    for await (const { name } of abacus.requests()) names.push(name);
    expect(names).toEqual(["0a", "0b", "1a", "1b", "2a", "2b"]);
    expect(asked.map(({ client }) => client)).toEqual(["bob", "alice", "alice", "alice"]);
  });

  it("are cancelled by name", async () => {
    const transport = serving({ cancelRequest: ({ name }) => ({ request: { name }, job: { id: "sum2-0" } }) });
    const { request, job } = await new Abacus({ transport }).cancel("clients/alice/requests/1");
    expect([request.name, job.id]).toEqual(["clients/alice/requests/1", "sum2-0"]);
  });
});

describe("a client", () => {
  it("asks where the page came from unless told otherwise", async () => {
    const fetch = vi.fn((_: RequestInfo | URL) => Promise.reject(new TypeError("Failed to fetch")));
    expect(() => new Abacus({ fetch })).toThrow("baseUrl");
    vi.stubGlobal("location", { origin: "https://abacus.example" });
    await new Abacus({ fetch, retry: { attempts: 1 } }).submit(task).catch(() => undefined);
    expect(fetch.mock.calls[0]?.[0]).toBe("https://abacus.example/abacus.v1.JobService/SubmitJob");
  });

  it("gives unary calls a deadline and streams none", async () => {
    const deadlines: (string | null)[] = [];
    const fetch = vi.fn((_: RequestInfo | URL, init?: RequestInit) => {
      deadlines.push(new Headers(init?.headers).get("grpc-timeout"));
      return Promise.reject(new TypeError("Failed to fetch"));
    });
    const abacus = new Abacus({ baseUrl: "https://abacus.example", fetch, retry: { attempts: 1 } });
    await abacus.submit(task).catch(() => undefined);
    await abacus.operators.getStats({}).catch(() => undefined);
    await abacus.jobs.getJob({ job: "x" }, { timeoutMs: 5000 }).catch(() => undefined);
    await abacus.jobs.subscribeResults({})[Symbol.asyncIterator]().next().catch(() => undefined);
    expect(deadlines).toEqual(["30000m", "30000m", "5000m", null]);
  });
});

it("names calls by random UUIDs", () => {
  const names = new Set(Array.from({ length: 1000 }, uuid));
  expect(names.size).toBe(1000);
});
