// The requests of the client, newest first: pages from the service, and those that this page makes itself.
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Request } from "@abacus/client/gen/job";

/** How many requests one page of the list adds. */
export const PAGE = 50;

/** How many requests are listed at most; the service keeps as many of a client unless set otherwise. */
export const MOST = 10_000;

/** Where the list comes from: all requests of a client, newest first. */
export type Source = () => AsyncIterable<Request>;

export class Requests {
  readonly #rows = signal<readonly Request[]>([]);
  readonly #status = signal<"idle" | "reading" | "failed">("idle");
  readonly #more = signal(false);
  readonly #error = signal<unknown>(undefined);
  #pages: AsyncIterator<Request> | undefined;
  #reading: Promise<void> | undefined;

  constructor(private readonly source: Source) {}

  /** The requests that were read so far, newest first. */
  get rows(): ReadonlySignal<readonly Request[]> {
    return this.#rows;
  }
  get status(): ReadonlySignal<"idle" | "reading" | "failed"> {
    return this.#status;
  }
  /** Whether there are older ones to be read. */
  get hasMore(): ReadonlySignal<boolean> {
    return this.#more;
  }
  /** Why the list could not be read. */
  get error(): ReadonlySignal<unknown> {
    return this.#error;
  }

  /** The latest request for a job. */
  ofJob(job: string): Request | undefined {
    return this.#rows.value.find((request) => request.job === job);
  }

  /** Puts requests into the list, each once. */
  put(...requests: Request[]): void {
    this.#rows.value = merged(this.#rows.peek(), requests);
  }

  /** Reads the newest requests again. */
  refresh(): Promise<void> {
    return this.#take(() => {
      this.#pages = this.source()[Symbol.asyncIterator]();
    });
  }

  /** Reads the newest requests, and forgets all that were known. */
  restart(): Promise<void> {
    this.#rows.value = [];
    return this.refresh();
  }

  /** Reads older ones. */
  readMore(): Promise<void> {
    return this.#take(() => undefined);
  }

  /** One reading at a time: another waits for its end. */
  #take(prepare: () => void): Promise<void> {
    const before = this.#reading ?? Promise.resolve();
    const reading = before.then(() => {
      prepare();
      return this.#read();
    });
    this.#reading = reading;
    return reading;
  }

  async #read(): Promise<void> {
    this.#status.value = "reading";
    try {
      const page: Request[] = [];
      let done = this.#pages === undefined;
      while (!done && page.length < PAGE) {
        const next = await this.#pages!.next();
        if (next.done) done = true;
        else page.push(next.value);
      }
      this.put(...page);
      this.#more.value = !done;
      this.#error.value = undefined;
      this.#status.value = "idle";
    } catch (error) {
      this.#error.value = error;
      this.#status.value = "failed";
    }
  }
}

/** Both lists as one, newest first, up to {@link MOST}; of a request in both, the newer word counts. */
export function merged(before: readonly Request[], news: readonly Request[]): Request[] {
  const byName = new Map(before.map((request) => [request.name, request]));
  for (const request of news) byName.set(request.name, request);
  return [...byName.values()].sort(newestFirst).slice(0, MOST);
}

function newestFirst(a: Request, b: Request): number {
  const seconds = (b.createTime?.seconds ?? 0n) - (a.createTime?.seconds ?? 0n);
  if (seconds !== 0n) return seconds > 0n ? 1 : -1;
  return (b.createTime?.nanos ?? 0) - (a.createTime?.nanos ?? 0);
}
