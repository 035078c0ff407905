// One request of the list: what was asked, how it stands, what can be done.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { JobState, type Request } from "@abacus/client";
import { percentText } from "../format/numbers.ts";
import { ageText, instant } from "../format/time.ts";
import { parametersText } from "../forms/kinds.ts";
import { labelOf } from "../forms/model.ts";
import { dispositionText, stateWord } from "../result/words.ts";
import { clock } from "../shell/clock.ts";
import { Refusal } from "../shell/refusal.tsx";
import { jobHref } from "../shell/route.ts";
import { store } from "../shell/store.ts";
import { isFinal, type JobView } from "../store/job.ts";

export function RequestRow({ request }: { request: Request }) {
  const view = store.job(request.job).value;
  const element = useTaskWhenSeen(view);
  const state = stateOf(request, view);
  const word = stateWord(state, view.suspended);
  const running = state === JobState.RUNNING && view.progress;
  return (
    <li ref={element} class="request">
      <a class="request-task" href={jobHref(request.job)}>
        <strong>{labelOf(view.kind)}</strong> <span class="parameters">{view.job?.task && parametersText(view.job.task)}</span>
      </a>
      <span class="badge" data-tone={word.tone}>
        {word.text}
        {running && <span class="tabular"> {percentText(running.fraction)}</span>}
      </span>
      <span class="muted request-answer">{dispositionText(request.disposition)}</span>
      <time class="muted tabular" dateTime={request.createTime && new Date(instant(request.createTime)).toISOString()}>
        {request.createTime && ageText(clock.value - instant(request.createTime))}
      </time>
      <Actions request={request} state={state} />
    </li>
  );
}

/** A request that was cancelled stays so, whatever its job does for others. */
function stateOf(request: Request, view: JobView): JobState {
  if (request.state === JobState.CANCELLED) return JobState.CANCELLED;
  return view.state === JobState.UNSPECIFIED ? request.state : view.state;
}

function Actions({ request, state }: { request: Request; state: JobState }) {
  const error = useSignal<unknown>(undefined);
  const busy = useSignal(false);
  const attempt = (action: () => Promise<unknown>) => async () => {
    busy.value = true;
    error.value = undefined;
    await action().catch((cause: unknown) => (error.value = cause));
    busy.value = false;
  };
  const what = labelOf(request.job.slice(0, request.job.lastIndexOf("-")));
  return (
    <>
      <span class="request-actions">
        {isFinal(state) || state === JobState.UNSPECIFIED ? (
          <button
            type="button"
            class="small"
            disabled={busy.value}
            aria-label={`Submit again: ${what}`}
            onClick={attempt(() => store.resubmit(request.job))}
          >
            Submit again
          </button>
        ) : (
          <button
            type="button"
            class="small"
            disabled={busy.value}
            aria-label={`Cancel ${what}`}
            onClick={attempt(() => store.cancel(request))}
          >
            Cancel
          </button>
        )}
      </span>
      {error.value !== undefined && <Refusal error={error.value} />}
    </>
  );
}

/** The list does not tell tasks: each is asked for when its row is looked at. */
function useTaskWhenSeen({ id, job, gone }: JobView) {
  const element = useRef<HTMLLIElement>(null);
  const known = job?.task !== undefined || gone === true;
  useEffect(() => {
    const row = element.current;
    if (known || !row) return;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      store.detail(id).catch(() => undefined);
    });
    observer.observe(row);
    return () => observer.disconnect();
  }, [id, known]);
  return element;
}
