// The dead letters: jobs that failed, page by page, each to be tried once more.

import type { Abacus, Job } from "@abacus/client";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { ageText, instant } from "../format/time.ts";
import { Refusal } from "../shell/refusal.tsx";
import { jobHref } from "../shell/route.ts";
import { useAction } from "./action.ts";

const PAGE_SIZE = 10;

/** One page of them. */
interface Page {
  readonly jobs: readonly Job[];
  /** The token of the next page; empty when this is the last one. */
  readonly next: string;
}

/** What the dead letters depend on. */
export interface DeadLettersProps {
  readonly abacus: Abacus;
  /** How many jobs have failed: when it changes, the page is read anew. */
  readonly failed: bigint;
  /** True: nothing can be reached, and the page says so. When it ends, the page is read anew. */
  readonly lost: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The dead letters, newest first. */
export function DeadLetters({ abacus, failed, lost, now }: DeadLettersProps) {
  const title = useRef<HTMLHeadingElement>(null);
  // The tokens of the pages up to this one; that of the first is empty.
  const [tokens, setTokens] = useState([""]);
  const { page, error, read, remove } = usePage(abacus, tokens.at(-1)!);
  useEffect(() => (lost ? undefined : read()), [read, failed, lost]);
  const turn = (next: string[]) => {
    setTokens(next);
    title.current?.focus();
  };
  return (
    <section class="operators-section" aria-labelledby="operators-dead">
      <h2 id="operators-dead" ref={title} tabIndex={-1}>
        Dead letters
      </h2>
      {error !== undefined && !lost && <Refusal error={error} onRetry={read} />}
      {page?.jobs.length === 0 && <p class="note">{tokens.length === 1 ? "No job has failed." : "Nothing is left on this page."}</p>}
      <ul class="operators-dead">
        {page?.jobs.map((job) => (
          <DeadJob key={job.id} job={job} now={now} abacus={abacus} retried={() => remove(job)} />
        ))}
      </ul>
      {page !== undefined && (tokens.length > 1 || page.next !== "") && (
        <div class="actions">
          <button type="button" class="small" disabled={tokens.length === 1} onClick={() => turn(tokens.slice(0, -1))}>
            Newer
          </button>
          <button type="button" class="small" disabled={page.next === ""} onClick={() => turn([...tokens, page.next])}>
            Older
          </button>
        </div>
      )}
    </section>
  );
}

// The page of this token. `read` asks for it; a later call, or what it returns, ends an earlier one.
function usePage(abacus: Abacus, token: string) {
  const [page, setPage] = useState<Page | undefined>();
  const [error, setError] = useState<unknown>();
  const reading = useRef<AbortController | undefined>(undefined);
  const read = useCallback(() => {
    reading.current?.abort();
    const mine = new AbortController();
    reading.current = mine;
    abacus.operators.listDeadJobs({ pageSize: PAGE_SIZE, pageToken: token }, { signal: mine.signal }).then(
      ({ jobs, nextPageToken }) => {
        if (mine.signal.aborted) return;
        setPage({ jobs, next: nextPageToken });
        setError(undefined);
      },
      (thrown: unknown) => mine.signal.aborted || setError(thrown),
    );
    return () => mine.abort();
  }, [abacus, token]);
  const remove = (gone: Job) => setPage((old) => old && { ...old, jobs: old.jobs.filter(({ id }) => id !== gone.id) });
  return { page, error, read, remove };
}

function DeadJob({ job, now, abacus, retried }: { job: Job; now: number; abacus: Abacus; retried: () => void }) {
  const action = useAction();
  const retry = () =>
    action.run(async () => {
      await abacus.operators.retryJob({ job: job.id });
      retried();
    });
  return (
    <li>
      <div>
        <a href={jobHref(job.id)}>{job.id}</a>
        <span class="muted">
          {job.endTime && ageText(now - instant(job.endTime))}, attempt {job.attempt}
        </span>
      </div>
      <p>
        {job.failure?.message} <code class="reason">{job.failure?.reason}</code>
      </p>
      <button type="button" class="small" aria-disabled={action.busy} onClick={retry}>
        Try again <span class="unseen">{job.id}</span>
      </button>
      {action.error !== undefined && <Refusal error={action.error} />}
    </li>
  );
}
