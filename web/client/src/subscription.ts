// A subscription that outlives its connections: frames of jobs, each once, in order.

import { create } from "@bufbuild/protobuf";
import type { CallOptions, Client } from "@connectrpc/connect";

import type { Retry } from "./backoff.ts";
import type { OnConnection } from "./connection.ts";
import type { AbacusError } from "./errors.ts";
import type { Frame } from "./gen/abacus/v1/frame_pb.ts";
import { ResultFormat } from "./gen/abacus/v1/job_pb.ts";
import { type JobService, JobListSchema, type SubscribeResultsRequest } from "./gen/abacus/v1/job_service_pb.ts";
import { type Resumable, resume } from "./resume.ts";
import { Continuity } from "./verify.ts";

/** What to follow: one job, up to 100 jobs, or every job that a client asks for, now and later. */
export type Target =
  | { readonly job: string }
  | { readonly jobs: readonly string[] }
  | { readonly client: string };

/** How to subscribe; everything may be left out. */
export interface SubscribeOptions {
  /**
   * The cursor of the last frame that was received, with the same target and format: the stream goes on after it.
   * Empty or absent: from the start.
   */
  readonly cursor?: string | undefined;
  /** How results are to be written. Default: each in its own format. */
  readonly format?: ResultFormat | undefined;
  /** The largest chunk, 1 KiB to 1 MiB, in bytes. Default 256 KiB. */
  readonly maxChunkBytes?: number | undefined;
  /** True: no chunks, only states and progress. Default false. */
  readonly metadataOnly?: boolean | undefined;
  /** Leaves the stream; the loop that reads it throws the signal's reason. Jobs go on. */
  readonly signal?: AbortSignal | undefined;
  /** Hears how the connection stands. */
  readonly onConnection?: OnConnection | undefined;
}

/** See `Abacus.subscribe`. */
export async function* subscribe(
  jobs: Client<typeof JobService>,
  target: Target,
  options: SubscribeOptions & { readonly retry: Retry },
): AsyncGenerator<Frame, void> {
  const { retry, signal, onConnection } = options;
  yield* resume(new Subscription(jobs, target, options), { retry, signal, onConnection });
}

class Subscription implements Resumable<Frame> {
  readonly #jobs: Client<typeof JobService>;
  readonly #target: Target;
  readonly #options: SubscribeOptions;
  #cursor: string;
  #continuity: Continuity;
  /** The jobs whose terminal frame is missing; absent when there is no end of them. */
  #missing: Set<string> | undefined;
  /** Whether this try has brought a frame. */
  #heard = false;

  constructor(jobs: Client<typeof JobService>, target: Target, options: SubscribeOptions) {
    this.#jobs = jobs;
    this.#target = target;
    this.#options = options;
    this.#cursor = options.cursor ?? "";
    this.#continuity = new Continuity(this.#cursor === "" ? "start" : "anywhere");
    this.#missing = named(target);
  }

  async *open(call: CallOptions): AsyncGenerator<Frame, void> {
    const { format, maxChunkBytes, metadataOnly } = this.#options;
    this.#heard = false;
    const request = {
      target: wireTarget(this.#target),
      cursor: this.#cursor,
      format: format ?? ResultFormat.UNSPECIFIED,
      maxChunkBytes: maxChunkBytes ?? 0,
      metadataOnly: metadataOnly ?? false,
    };
    for await (const { frame } of this.#jobs.subscribeResults(request, call)) {
      if (frame !== undefined) yield frame;
    }
  }

  take(frame: Frame): boolean {
    const { job, event, cursor } = frame;
    if (event.case === "chunk") this.#continuity.take(job, event.value);
    if (event.case === "terminal") {
      if (!this.#options.metadataOnly) this.#continuity.end(job, event.value.result);
      this.#missing?.delete(job);
    }
    this.#heard = true;
    const moved = cursor !== "" && cursor !== this.#cursor;
    if (moved) this.#cursor = cursor;
    return moved;
  }

  isComplete(): boolean {
    return this.#missing?.size === 0;
  }

  /** A cursor may stand behind jobs whose ends were received long ago: then the server has nothing left to say. */
  endsHere(): boolean {
    return this.#missing !== undefined && this.#cursor !== "" && !this.#heard;
  }

  /** An expired cursor, or one of another version, is good for nothing. */
  restart({ reason }: AbacusError): boolean {
    const useless = reason === "CURSOR_EXPIRED" || reason === "CURSOR_INVALID";
    if (!useless || this.#cursor === "") return false;
    this.#cursor = "";
    this.#continuity = new Continuity("start");
    this.#missing = named(this.#target);
    return true;
  }
}

function named(target: Target): Set<string> | undefined {
  if ("job" in target) return new Set([target.job]);
  return "jobs" in target ? new Set(target.jobs) : undefined;
}

function wireTarget(target: Target): SubscribeResultsRequest["target"] {
  if ("job" in target) return { case: "job", value: target.job };
  if ("jobs" in target) return { case: "jobs", value: create(JobListSchema, { jobs: [...target.jobs] }) };
  return { case: "client", value: target.client };
}
