// A view of one job, by its address: also of jobs that this client did not ask for.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { AbacusError } from "@abacus/client";
import { Refusal } from "../shell/refusal.tsx";
import { store } from "../shell/store.ts";
import { isFinal } from "../store/job.ts";
import { JobPanel } from "./job_panel.tsx";

/** How often a job is asked after that the subscription does not tell of, in milliseconds. */
const ASK_MS = 1000;

export function JobPage({ id }: { id: string }) {
  const error = useSignal<AbacusError | undefined>(undefined);
  const view = store.job(id).value;
  const { reachable } = store;
  const followed = store.session.value.requests.ofJob(id) !== undefined;
  const settled = isFinal(view.state) || followed;
  const refused = error.value !== undefined && !error.value.heals;

  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const ask = async () => {
      try {
        await store.detail(id);
        error.value = undefined;
      } catch (cause) {
        error.value = AbacusError.from(cause);
        if (!error.value.heals) return;
      }
      if (!left && !isFinal(store.job(id).peek().state)) waiting = setTimeout(() => void ask(), ASK_MS);
    };
    if (!settled && reachable) void ask();
    return () => {
      left = true;
      clearTimeout(waiting);
    };
  }, [id, settled, reachable]);

  return (
    <div class="job-page">
      <p>
        <a href="#/requests">My requests</a>
      </p>
      {error.value && !isFinal(view.state) ? <Refusal error={error.value} /> : null}
      {((!view.gone && !refused) || view.job?.task) && <JobPanel id={id} level="page" />}
    </div>
  );
}
