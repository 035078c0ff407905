// The way in: one object for everything a browser asks of Abacus.

import { createClient, type Client, type Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import type { MessageInitShape } from "@bufbuild/protobuf";

import { DEFAULT_RETRY, type Retry } from "./backoff.ts";
import type { Content } from "./content.ts";
import type { Chunk, Frame } from "./gen/abacus/v1/frame_pb.ts";
import type { Job, Request, ResultSummary } from "./gen/abacus/v1/job_pb.ts";
import { JobService } from "./gen/abacus/v1/job_service_pb.ts";
import { OperatorService } from "./gen/abacus/v1/operator_service_pb.ts";
import type { TaskSchema } from "./gen/abacus/v1/task_pb.ts";
import { type ReadOptions, read } from "./read.ts";
import { repeat } from "./repeat.ts";
import { type SubscribeOptions, type Target, subscribe } from "./subscription.ts";
import { uuid } from "./uuid.ts";

/** How long a unary call may take, in milliseconds. The services have a bound of their own. */
const UNARY_TIMEOUT_MS = 30_000;
/** The largest page of requests. */
const PAGE_SIZE = 1000;

/** Where Abacus is and how to speak with it; everything may be left out. */
export interface AbacusOptions {
  /** The address of Envoy or a gateway, such as `https://abacus.example`. Default: where the page came from. */
  readonly baseUrl?: string | undefined;
  /** Who asks: 1 to 64 of the characters `A-Z a-z 0-9 . _ -`. Default `anonymous`. */
  readonly client?: string | undefined;
  /** In place of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Bounds of the waits between tries. */
  readonly retry?: Partial<Retry> | undefined;
  /** In place of grpc-web by `fetch`: a transport of Connect, for tests or servers. `baseUrl` and `fetch` are unused. */
  readonly transport?: Transport | undefined;
}

/** A task as it may be written: `{ task: { case: "fibonacci", value: { n: 100n } } }`. */
export type TaskInit = MessageInitShape<typeof TaskSchema>;

/** How to submit a task; everything may be left out. */
export interface SubmitOptions {
  /** A UUID: the same again is the same call, with the same answer. Default: a random one. */
  readonly requestId?: string | undefined;
  /** True: refuse with `KIND_SUSPENDED` when the task's kind is suspended, instead of queueing. Default false. */
  readonly rejectIfSuspended?: boolean | undefined;
  /** Gives up; the task may have been accepted all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** How to make a short call. */
export interface CallOptions {
  /** Gives up. */
  readonly signal?: AbortSignal | undefined;
}

/** What was asked for, and the job that answers it. */
export interface Submitted {
  readonly request: Request;
  readonly job: Job;
}

/** Speaks with Abacus. It holds no connection: streams are opened by those who read them. */
export class Abacus {
  /** The calls of JobService as they are; errors are Connect's, which {@link AbacusError.from} reads. */
  readonly jobs: Client<typeof JobService>;
  /** The calls of OperatorService as they are. */
  readonly operators: Client<typeof OperatorService>;
  /** Who asks. */
  readonly client: string;
  readonly #retry: Retry;

  constructor(options: AbacusOptions = {}) {
    const transport = withDeadline(options.transport ?? grpcWeb(options));
    this.jobs = createClient(JobService, transport);
    this.operators = createClient(OperatorService, transport);
    this.client = options.client ?? "anonymous";
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
  }

  /**
   * Asks for a task. The call is repeated under one request id until it is answered, so it takes effect once.
   * @throws AbacusError: INVALID_ARGUMENT with every wrong field, RESOURCE_EXHAUSTED, FAILED_PRECONDITION when the kind
   *   is suspended and that was to be refused, or UNAVAILABLE after the last try
   */
  async submit(task: TaskInit, options: SubmitOptions = {}): Promise<Submitted> {
    const { requestId = uuid(), rejectIfSuspended = false, signal } = options;
    const submission = { task, client: this.client, requestId, rejectIfSuspended };
    const answer = await this.#repeat(signal, (call) => this.jobs.submitJob(submission, call));
    return { request: present(answer.request, "request"), job: present(answer.job, "job") };
  }

  /**
   * Cancels a request, by its name. Its job stops when no other request wants it. Cancelling again changes nothing.
   * @throws AbacusError: `REQUEST_NOT_FOUND`, or UNAVAILABLE after the last try
   */
  async cancel(requestName: string, { signal }: CallOptions = {}): Promise<Submitted> {
    const answer = await this.#repeat(signal, (call) => this.jobs.cancelRequest({ name: requestName }, call));
    return { request: present(answer.request, "request"), job: present(answer.job, "job") };
  }

  /**
   * The requests of a client, newest first, page by page as they are read.
   * @throws AbacusError
   */
  async *requests(client = this.client, { signal }: CallOptions = {}): AsyncGenerator<Request, void> {
    let pageToken = "";
    do {
      const query = { client, pageSize: PAGE_SIZE, pageToken };
      const page = await this.#repeat(signal, (call) => this.jobs.listRequests(query, call));
      yield* page.requests;
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }

  /**
   * Follows jobs: their states, progress and results, each frame once, across any cut. Keep the cursor of the last
   * frame to go on after a reload. Each chunk has its checksum and follows the one before; a damaged one is fetched
   * again. Ends after the terminal frame of each job that is named; that of a client does not end.
   *
   * Leaving the loop leaves the stream; jobs go on.
   * @throws AbacusError that does not heal: INVALID_ARGUMENT, NOT_FOUND, ...; DATA_LOSS when a chunk is damaged
   *   each time it comes; the reason of the signal, once it is aborted
   */
  subscribe(target: Target, options: SubscribeOptions = {}): AsyncGenerator<Frame, void> {
    return subscribe(this.jobs, target, { ...options, retry: this.#retry });
  }

  /**
   * Reads the result of a job that has succeeded, or a part of it, across any cut; each chunk is checked as in
   * {@link subscribe}. Gives the summary of the whole result at its end.
   * @throws AbacusError: `JOB_NOT_FOUND`, `JOB_NOT_FINISHED`, `NO_RESULT`, `FORMAT_TOO_LARGE`, ... as in {@link subscribe}
   */
  read(job: string, options: ReadOptions = {}): AsyncGenerator<Chunk, ResultSummary> {
    return read(this.jobs, job, { ...options, retry: this.#retry });
  }

  /**
   * Reads what `content` lacks of the result of a job that has succeeded, and completes it.
   * @throws AbacusError as {@link read}, and `RESULT_DAMAGED`
   */
  async fill(content: Content, job: string, options: Omit<ReadOptions, "offset" | "limit"> = {}): Promise<void> {
    const chunks = this.read(job, { ...options, offset: content.bytes });
    for (;;) {
      const next = await chunks.next();
      if (next.done) return content.complete(next.value);
      content.append(next.value);
    }
  }

  #repeat<T>(signal: AbortSignal | undefined, call: (options: { signal?: AbortSignal }) => Promise<T>): Promise<T> {
    return repeat(() => call(signal ? { signal } : {}), this.#retry, signal);
  }
}

function grpcWeb({ baseUrl, fetch }: AbacusOptions): Transport {
  const origin = baseUrl ?? (globalThis.location as Location | undefined)?.origin;
  if (origin === undefined) throw new TypeError("outside a page, baseUrl must say where Abacus is");
  return createGrpcWebTransport({ baseUrl: origin, ...(fetch && { fetch }) });
}

/** Gives unary calls a deadline. The transport's own would be one for streams too. */
function withDeadline(transport: Transport): Transport {
  return {
    unary: (method, signal, timeoutMs, header, input, values) =>
      transport.unary(method, signal, timeoutMs ?? UNARY_TIMEOUT_MS, header, input, values),
    stream: (method, signal, timeoutMs, header, input, values) =>
      transport.stream(method, signal, timeoutMs, header, input, values),
  };
}

/** A part of an answer that the contract promises. */
function present<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw new TypeError(`the answer has no ${name}`);
  return part;
}
