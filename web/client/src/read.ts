// A finished result, or a part of it, across any cut: what was received need not be sent again.

import type { CallOptions, Client } from "@connectrpc/connect";

import type { Retry } from "./backoff.ts";
import type { OnConnection } from "./connection.ts";
import type { Chunk } from "./gen/abacus/v1/frame_pb.ts";
import { ResultFormat, type ResultSummary } from "./gen/abacus/v1/job_pb.ts";
import type { JobService, ReadResultResponse } from "./gen/abacus/v1/job_service_pb.ts";
import { type Resumable, resume } from "./resume.ts";
import { verify } from "./verify.ts";

/** How to read a result; everything may be left out. */
export interface ReadOptions {
  /** The first byte to read, from 0 to the result's length. Default 0. */
  readonly offset?: number | undefined;
  /** How many bytes to read at most. Default: to the end. */
  readonly limit?: number | undefined;
  /** How the result is to be written. Default: in its own format. */
  readonly format?: ResultFormat | undefined;
  /** The largest chunk, 1 KiB to 1 MiB, in bytes. Default 256 KiB. */
  readonly maxChunkBytes?: number | undefined;
  /** Stops reading; the loop that reads throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Hears how the connection stands. */
  readonly onConnection?: OnConnection | undefined;
}

/**
 * A conversion may have to wait for room on the server, which gives no sign of life meanwhile: silence is borne so many
 * times longer than that of a subscription.
 */
const SILENCE_FACTOR = 4;

/** See `Abacus.read`. */
export async function* read(
  jobs: Client<typeof JobService>,
  job: string,
  options: ReadOptions & { readonly retry: Retry },
): AsyncGenerator<Chunk, ResultSummary> {
  const { signal, onConnection } = options;
  const retry = { ...options.retry, silenceMs: options.retry.silenceMs * SILENCE_FACTOR };
  const reading = new Reading(jobs, job, options);
  for await (const { event } of resume(reading, { retry, signal, onConnection })) {
    if (event.case === "chunk" && reading.asksFor(event.value)) yield event.value;
  }
  return reading.summary;
}

class Reading implements Resumable<ReadResultResponse> {
  readonly #jobs: Client<typeof JobService>;
  readonly #job: string;
  readonly #options: ReadOptions;
  /** The next byte to come. */
  #next: bigint;
  /** The byte behind the last one, when that is not the result's. */
  readonly #end: bigint | undefined;
  #summary: ResultSummary | undefined;

  constructor(jobs: Client<typeof JobService>, job: string, options: ReadOptions) {
    const { offset = 0, limit = 0 } = options;
    this.#jobs = jobs;
    this.#job = job;
    this.#options = options;
    this.#next = BigInt(offset);
    this.#end = limit === 0 ? undefined : BigInt(offset) + BigInt(limit);
  }

  /** What the whole result is, once the stream is complete. */
  get summary(): ResultSummary {
    if (this.#summary === undefined) throw new Error("the stream is complete only with its summary");
    return this.#summary;
  }

  /** False for what was asked for only to have the summary behind it. */
  asksFor(chunk: Chunk): boolean {
    return this.#end === undefined || chunk.offset < this.#end;
  }

  open(call: CallOptions): AsyncIterable<ReadResultResponse> {
    const { format, maxChunkBytes } = this.#options;
    const request = {
      job: this.#job,
      offset: this.#next,
      limit: this.#limit(),
      format: format ?? ResultFormat.UNSPECIFIED,
      maxChunkBytes: maxChunkBytes ?? 0,
    };
    return this.#jobs.readResult(request, call);
  }

  take({ event }: ReadResultResponse): boolean {
    if (event.case === "summary") this.#summary = event.value;
    if (event.case !== "chunk" || !this.asksFor(event.value)) return false;
    this.#next = verify(event.value, this.#next);
    return true;
  }

  isComplete(): boolean {
    return this.#summary !== undefined;
  }

  /** The summary is the last message, so nothing but a cut ends the stream before it. */
  endsHere(): boolean {
    return false;
  }

  /** A position within a result does not expire: without the job there is nothing to start over with. */
  restart(): boolean {
    return false;
  }

  /** How many bytes to ask for: 0 stands for all, so it takes one more to have nothing but the summary. */
  #limit(): bigint {
    if (this.#end === undefined) return 0n;
    return this.#end > this.#next ? this.#end - this.#next : 1n;
  }
}
