// Asks whether a worker is really to be drained: it cannot be taken back.

import type { Abacus, Worker } from "@abacus/client";
import { useEffect, useId, useRef } from "preact/hooks";

import { Refusal } from "../shell/refusal.tsx";
import { useAction } from "./action.ts";

/** The question, in front of the page. */
export function Drain(props: { worker: Worker; abacus: Abacus; changed: (worker: Worker) => void; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const action = useAction();
  useEffect(() => dialog.current!.showModal(), []);
  const drain = async () => {
    const answer = await props.abacus.operators.drainWorker({ worker: props.worker.id });
    if (answer.worker !== undefined) props.changed(answer.worker);
    // Closed by the dialog itself, so that the focus goes back to where it was.
    dialog.current?.close();
  };
  return (
    <dialog ref={dialog} class="operators-dialog" aria-labelledby={id} onClose={props.close}>
      <h2 id={id}>Drain this worker?</h2>
      <p>
        <code>{props.worker.id}</code> takes no new jobs and hands back those it has; others compute them. It stays so
        until its process is restarted.
      </p>
      {action.error !== undefined && <Refusal error={action.error} onRetry={() => action.run(drain)} />}
      <div class="actions">
        <button type="button" onClick={() => dialog.current?.close()}>
          Keep it
        </button>
        <button type="button" class="primary" aria-disabled={action.busy} onClick={() => action.run(drain)}>
          {action.busy ? "Draining…" : "Drain"}
        </button>
      </div>
    </dialog>
  );
}
