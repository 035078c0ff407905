// All of one job: what it computes, how it stands, what can be done, its result.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { JobState } from "@abacus/client";
import { parametersText } from "../forms/kinds.ts";
import { labelOf } from "../forms/model.ts";
import { Pictures } from "../pictures/index.tsx";
import { Refusal } from "../shell/refusal.tsx";
import { jobHref } from "../shell/route.ts";
import { store } from "../shell/store.ts";
import { isFinal, type JobView } from "../store/job.ts";
import { ContentView } from "./content_view.tsx";
import { Facts, Retries } from "./facts.tsx";
import { JobProgress } from "./progress.tsx";
import { stateWord } from "./words.ts";

interface Props {
  id: string;
  /** Beside the form, or alone on the page. */
  level: "compact" | "page";
}

export function JobPanel({ id, level }: Props) {
  const view = store.job(id).value;
  useDetails(view);
  useEffect(() => store.contents.open(id), [id]);
  const { state, failure, job, result } = view;
  const holding = store.contents.of(id).holding.value;
  const Title = level === "page" ? "h1" : "h2";
  const word = stateWord(state, view.suspended);
  return (
    <article class="job" aria-labelledby="job-title">
      <header>
        <Title id="job-title">
          {labelOf(view.kind)} <span class="parameters">{job?.task && parametersText(job.task)}</span>
        </Title>
        <span class="badge" data-tone={word.tone}>
          {word.text}
        </span>
      </header>
      <p class="job-id">
        {level === "compact" ? <a href={jobHref(id)}>{id}</a> : <code>{id}</code>}
      </p>
      <JobProgress view={view} />
      <Retries view={view} />
      {failure && state === JobState.FAILED && (
        <div class="refusal" role="alert">
          <p>
            {failure.message} <code class="reason">{failure.reason}</code>
          </p>
        </div>
      )}
      <Facts view={view} />
      <Actions view={view} />
      <ContentView view={view} />
      {"content" in holding && <Pictures content={holding.content} summary={result} task={job?.task} />}
    </article>
  );
}

/** Asks for what frames do not tell (worker, lane, times), whenever the attempt or the state is another. */
function useDetails({ id, job, attempt, state, gone }: JobView): void {
  const { reachable } = store;
  const complete = job?.task && job.attempt === attempt && job.state === state && (attempt === 0 || job.worker);
  useEffect(() => {
    if (complete || gone || !reachable) return;
    // What cannot be told now is asked for with the next change.
    store.detail(id).catch(() => undefined);
  }, [id, complete, gone, attempt, state, reachable]);
}

function Actions({ view }: { view: JobView }) {
  const error = useSignal<unknown>(undefined);
  const request = store.session.value.requests.ofJob(view.id);
  const ended = isFinal(view.state);
  const attempt = (action: () => Promise<unknown>) => async () => {
    error.value = undefined;
    await action().catch((cause: unknown) => (error.value = cause));
  };
  const open = request && !ended && request.state !== JobState.CANCELLED;
  return (
    <>
      <div class="actions">
        {open && (
          <button type="button" onClick={attempt(() => store.cancel(request))}>
            Cancel
          </button>
        )}
        {(ended || view.gone) && view.job?.task && (
          <button type="button" onClick={attempt(() => store.resubmit(view.id))}>
            Submit again
          </button>
        )}
      </div>
      {error.value !== undefined && <Refusal error={error.value} />}
    </>
  );
}
