// What the page knows, as signals: the client, its connection, its requests, its jobs and their results.
//
// One subscription feeds it; what that does not bring (jobs of others, results that came before the page) is read when
// a view asks for it.
import { batch, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { Abacus, AbacusError } from "@abacus/client";
import type { Frame } from "@abacus/client/gen/frame";
import type { Job, Request } from "@abacus/client/gen/job";
import { JobState } from "@abacus/client/gen/job";
import type { Task } from "@abacus/client/gen/task";
import { Contents } from "./contents.ts";
import { follow, forgotten, isFinal, type JobView, observe, unknownJob } from "./job.ts";
import { keepClient, keepMemoryMib, keptClient, keptMemoryMib } from "./kept.ts";
import { Reader } from "./reader.ts";
import { Requests } from "./requests.ts";
import { type Connection, Subscription } from "./subscription.ts";

/** How often arriving bytes are shown, in milliseconds. */
const PUBLISH_MS = 80;
/** How long to wait for more news before the list of requests is read again, in milliseconds. */
const REREAD_MS = 300;

/** How many jobs are remembered, without their results. */
const MOST_JOBS = 20_000;

/** What the page works with while it has one client name. */
export interface Session {
  readonly client: string;
  readonly abacus: Abacus;
  readonly requests: Requests;
  readonly subscription: Subscription;
}

export class Store {
  readonly memoryMib: Signal<number> = signal(keptMemoryMib());
  readonly contents = new Contents(() => this.memoryMib.peek() * 2 ** 20);
  readonly reader = new Reader(this);
  readonly #jobs = new Map<string, Signal<JobView>>();
  readonly #session: Signal<Session>;
  /** Jobs that the subscription is delivering, or will: not to be read besides. */
  readonly #expected = new Set<string>();
  /** Of each submission under way, the jobs whose delivery ended meanwhile. */
  readonly #ended = new Set<Set<string>>();
  #publishing: ReturnType<typeof setTimeout> | undefined;
  #rereading: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#session = signal(this.#begin(keptClient()));
    effect(() => {
      keepMemoryMib(this.memoryMib.value);
      this.contents.shrink();
    });
  }

  get session(): ReadonlySignal<Session> {
    return this.#session;
  }
  get connection(): ReadonlySignal<Connection> {
    return this.#session.value.subscription.connection;
  }

  /** Whether a call has hope: false while the stream is cut. */
  get reachable(): boolean {
    const { kind } = this.connection.value;
    return kind === "open" || kind === "connecting";
  }

  /** Goes on under another name: another list of requests, another subscription. */
  rename(client: string): void {
    if (client === this.#session.peek().client) return;
    this.#expected.clear();
    this.#session.peek().subscription.stop();
    keepClient(client);
    this.#session.value = this.#begin(client);
  }

  /** A job as far as it is known. */
  job(id: string): Signal<JobView> {
    const known = this.#jobs.get(id);
    if (known) return known;
    if (this.#jobs.size >= MOST_JOBS) this.#forgetOldest();
    const fresh = signal(unknownJob(id));
    this.#jobs.set(id, fresh);
    return fresh;
  }

  /** Submits a task; what is answered is known to the store before this returns. */
  async submit(task: Task): Promise<{ request: Request; job: Job }> {
    const session = this.#session.peek();
    const ended = new Set<string>();
    this.#ended.add(ended);
    try {
      const { request, job } = await session.abacus.submit(task);
      if (!ended.has(job.id)) this.#expected.add(job.id);
      batch(() => {
        this.learn(job);
        session.requests.put(request);
      });
      return { request, job };
    } finally {
      this.#ended.delete(ended);
    }
  }

  /** Submits again what a job computes. */
  async resubmit(id: string): Promise<Request> {
    const task = this.job(id).peek().job?.task ?? (await this.detail(id)).task;
    if (!task) throw new Error("the task of this job is not known any more");
    return (await this.submit(task)).request;
  }

  async cancel(request: Request): Promise<void> {
    const session = this.#session.peek();
    const answer = await session.abacus.cancel(request.name);
    batch(() => {
      session.requests.put(answer.request);
      this.learn(answer.job);
    });
  }

  /** Asks for all that is known of a job. */
  async detail(id: string): Promise<Job> {
    try {
      const { job } = await this.#session.peek().abacus.jobs.getJob({ job: id });
      if (!job) throw new Error("the service told nothing of this job");
      this.learn(job);
      return job;
    } catch (cause) {
      const error = AbacusError.from(cause);
      const view = this.job(id);
      if (error.reason === "JOB_NOT_FOUND") view.value = { ...view.peek(), gone: true };
      throw error;
    }
  }

  /** Takes a message about a whole job. */
  learn(job: Job): void {
    const view = this.job(job.id);
    view.value = observe(view.peek(), job);
  }

  /** Whether the subscription will bring this job's result. */
  expects(id: string): boolean {
    return this.#expected.has(id);
  }

  #begin(client: string): Session {
    const abacus = new Abacus({ client });
    const requests = new Requests(() => abacus.requests(client));
    const subscription = new Subscription(client, abacus, {
      take: (frame) => this.#take(frame),
      restarted: () => this.#restarted(),
    });
    subscription.start();
    void requests.refresh();
    return { client, abacus, requests, subscription };
  }

  #take(frame: Frame): void {
    const { job: id, event } = frame;
    if (!id) return;
    this.#count(id, event.case);
    if (event.case === "chunk" && !this.reader.isReading(id)) {
      this.contents.append(id, event.value);
      this.#publishing ??= setTimeout(() => this.#publish(), PUBLISH_MS);
    }
    const view = this.job(id);
    const before = view.peek();
    const after = follow(before, frame);
    if (after !== before) view.value = after;
    if (event.case === "snapshot") this.#noticeRequest(id);
    if (event.case !== "terminal") return;
    if (event.value.state === JobState.SUCCEEDED && event.value.result && !this.reader.isReading(id)) {
      this.contents.complete(id, event.value.result);
      this.#publish();
    }
    // Another request of this client may have been cancelled while the job went on.
    if (!isFinal(before.state)) this.#rereadSoon();
  }

  /** Makes room for some jobs: of those that nobody looks at and that have ended, the ones that came first go. */
  #forgetOldest(): void {
    for (const [id, view] of this.#jobs) {
      if (this.#jobs.size < MOST_JOBS - MOST_JOBS / 10) return;
      if (this.contents.isOpen(id) || !isFinal(view.peek().state)) continue;
      this.#jobs.delete(id);
      this.contents.forget(id);
    }
  }

  /** The service knows nothing of what was received: it may have begun with new data. */
  #restarted(): void {
    this.#expected.clear();
    this.contents.restart();
    for (const view of this.#jobs.values()) view.value = forgotten(view.peek());
    void this.#session.peek().requests.restart();
  }

  /** A snapshot begins a delivery, the terminal frame ends it. */
  #count(id: string, event: Frame["event"]["case"]): void {
    if (event === "snapshot") this.#expected.add(id);
    if (event !== "terminal") return;
    this.#expected.delete(id);
    for (const ended of this.#ended) ended.add(id);
  }

  #publish(): void {
    clearTimeout(this.#publishing);
    this.#publishing = undefined;
    batch(() => this.contents.publish());
  }

  /** A job that none of the known requests asks for: somebody else submitted it under this name. */
  #noticeRequest(id: string): void {
    if (!this.#session.peek().requests.rows.peek().some((request) => request.job === id)) this.#rereadSoon();
  }

  #rereadSoon(): void {
    clearTimeout(this.#rereading);
    this.#rereading = setTimeout(() => void this.#session.peek().requests.refresh(), REREAD_MS);
  }
}
