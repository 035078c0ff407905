// For tests: a service in the same process that can be told how to fail.

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport, type ServiceImpl, type Transport } from "@connectrpc/connect";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import { Abacus } from "./client.ts";
import type { Connection } from "./connection.ts";
import { type Frame, FrameSchema } from "./gen/abacus/v1/frame_pb.ts";
import { JobState, ResultFormat, type ResultSummary, ResultSummarySchema } from "./gen/abacus/v1/job_pb.ts";
import { JobService, type SubscribeResultsRequest } from "./gen/abacus/v1/job_service_pb.ts";
import type { Retry } from "./backoff.ts";
import { ErrorInfoSchema, RetryInfoSchema, BadRequestSchema } from "./gen/google/rpc/error_details_pb.ts";
import { checksum } from "./verify.ts";

const encoder = new TextEncoder();

/** A refusal as the services send it. */
export function refusal(
  code: Code,
  reason: string,
  more: { retryMs?: number; violations?: { field: string; description: string }[] } = {},
): ConnectError {
  const details = [{ desc: ErrorInfoSchema, value: { reason, domain: "abacus", metadata: { key: "value" } } }];
  const error = new ConnectError(`refused: ${reason}`, code, undefined, details);
  if (more.retryMs !== undefined) {
    const retryDelay = { seconds: BigInt(Math.floor(more.retryMs / 1000)), nanos: (more.retryMs % 1000) * 1e6 };
    error.details.push({ desc: RetryInfoSchema, value: { retryDelay } });
  }
  if (more.violations) error.details.push({ desc: BadRequestSchema, value: { fieldViolations: more.violations } });
  return error;
}

/** A chunk of ASCII text. */
export function chunk(offset: number, text: string) {
  const content = { case: "text" as const, value: text };
  return { index: 0, offset: BigInt(offset), content, crc32c: checksum(encoder.encode(text)) };
}

/** The summary of a text. */
export function summaryOf(text: string, format = ResultFormat.DECIMAL): ResultSummary {
  const bytes = encoder.encode(text);
  const sha = bytesToHex(sha256(bytes));
  return create(ResultSummarySchema, { format, bytes: BigInt(bytes.length), sha256: sha });
}

/** A frame about a job. */
export function frame(job: string, cursor: string, event: MessageInitShape<typeof FrameSchema>["event"]): Frame {
  return create(FrameSchema, { job, cursor, ...(event && { event }) });
}

/** What the stream of one job tells from `offset` on; the cursor is the offset. */
export function story(job: string, text: string, offset = 0): Frame[] {
  const frames = [frame(job, String(offset), { case: "snapshot", value: { job: { id: job } } })];
  for (let at = offset; at < text.length; at += 3) {
    const piece = text.slice(at, at + 3);
    frames.push(frame(job, String(at + piece.length), { case: "chunk", value: chunk(at, piece) }));
  }
  const terminal = { state: JobState.SUCCEEDED, result: summaryOf(text) };
  return [...frames, frame(job, "done", { case: "terminal", value: terminal })];
}

/** The same from a cursor on. */
export function storyFrom(job: string, text: string): (cursor: string) => Frame[] {
  return (cursor) => (cursor === "done" ? [] : story(job, text, Number(cursor)));
}

/** What becomes of the frames of one try. */
export type Fate = (frames: Frame[], signal: AbortSignal) => AsyncIterable<Frame>;

/** All of them. */
export const whole: Fate = async function* (frames) {
  yield* frames;
};

/** So many of them, then this error, or an end with OK. */
export function cutAfter(count: number, error?: unknown): Fate {
  return async function* (frames) {
    yield* frames.slice(0, count);
    if (error !== undefined) throw error;
  };
}

/** So many of them, then nothing more. */
export function silentAfter(count: number): Fate {
  return async function* (frames, signal) {
    yield* frames.slice(0, count);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  };
}

/** Each of them as changed. */
export function altered(change: (frame: Frame) => Frame | undefined): Fate {
  return async function* (frames) {
    for (const one of frames) {
      const changed = change(structuredClone(one));
      if (changed !== undefined) yield changed;
    }
  };
}

/** An Abacus over a service that tells the same frames from a cursor on, with a fate for each try; the last one stays. */
export class FakeMesh {
  /** The subscriptions that were asked for. */
  readonly asked: SubscribeResultsRequest[] = [];
  /** When, in milliseconds of the clock. */
  readonly askedAt: number[] = [];
  /** How many tries were left by the client. */
  left = 0;
  /** How the connection stood. */
  readonly states: Connection[] = [];
  readonly onConnection = (state: Connection): void => void this.states.push(state);
  readonly transport: Transport;

  constructor(tell: (cursor: string) => Frame[], fates: readonly Fate[]) {
    const mesh = this;
    this.transport = serving({
      async *subscribeResults(request, { signal }) {
        const fate = fates[Math.min(mesh.asked.length, fates.length - 1)]!;
        mesh.asked.push(request);
        mesh.askedAt.push(Date.now());
        signal.addEventListener("abort", () => (mesh.left += 1));
        for await (const one of fate(tell(request.cursor), signal)) yield { frame: one };
      },
    });
  }

  abacus(retry: Partial<Retry> = {}): Abacus {
    return new Abacus({ transport: this.transport, retry: { random: () => 0, ...retry } });
  }

  /** The cursor of each try. */
  get cursors(): string[] {
    return this.asked.map(({ cursor }) => cursor);
  }

  /** The times between tries, in milliseconds. */
  get pauses(): number[] {
    return this.askedAt.slice(1).map((time, index) => time - this.askedAt[index]!);
  }

  /** The kinds of states, in order. */
  get kinds(): string[] {
    return this.states.map(({ kind }) => kind);
  }
}

/** A transport to a JobService with these methods. */
export function serving(methods: Partial<ServiceImpl<typeof JobService>>): Transport {
  return createRouterTransport(({ service }) => service(JobService, methods));
}

/** The text of all chunks. */
export async function received(frames: AsyncIterable<Frame>): Promise<string> {
  let text = "";
  for await (const { event } of frames) {
    if (event.case === "chunk" && event.value.content.case === "text") text += event.value.content.value;
  }
  return text;
}
