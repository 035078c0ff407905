// The kinds of tasks: where they stand, how much there is to do, and the switch that suspends them.

import { KindStatus, type Abacus, type Kind } from "@abacus/client";

import { grouped } from "../format/numbers.ts";
import { Refusal } from "../shell/refusal.tsx";
import { useAction } from "./action.ts";

const STATUS: Record<KindStatus, { text: string; tone: string; meaning: string }> = {
  [KindStatus.UNSPECIFIED]: { text: "Unknown", tone: "idle", meaning: "" },
  [KindStatus.ACTIVE]: { text: "Active", tone: "good", meaning: "its jobs are computed" },
  [KindStatus.SUSPENDED]: { text: "Suspended", tone: "busy", meaning: "its jobs wait until it is resumed" },
  [KindStatus.ERROR]: { text: "Error", tone: "bad", meaning: "its latest attempts failed" },
  [KindStatus.QUEUE]: { text: "Queue", tone: "busy", meaning: "no worker serves it, so its jobs wait" },
};

/** The table of kinds. `changed` is told each kind that was switched. */
export function Kinds({ kinds, abacus, changed }: { kinds: readonly Kind[]; abacus: Abacus; changed: (kind: Kind) => void }) {
  return (
    <table class="operators-table operators-kinds">
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">Status</th>
          <th scope="col">Workers</th>
          <th scope="col">Queued</th>
          <th scope="col">Running</th>
          <th scope="col">
            <span class="unseen">Switch</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {kinds.map((kind) => (
          <KindRow key={kind.name} kind={kind} abacus={abacus} changed={changed} />
        ))}
      </tbody>
    </table>
  );
}

function KindRow({ kind, abacus, changed }: { kind: Kind; abacus: Abacus; changed: (kind: Kind) => void }) {
  const action = useAction();
  const status = STATUS[kind.status] ?? STATUS[KindStatus.UNSPECIFIED];
  const suspended = kind.status === KindStatus.SUSPENDED;
  const turn = async () => {
    const query = { kind: kind.name };
    const answer = await (suspended ? abacus.operators.resumeKind(query) : abacus.operators.suspendKind(query));
    if (answer.kind !== undefined) changed(answer.kind);
  };
  return (
    <tr>
      <th scope="row">
        {kind.name}
        <span class="muted">{kind.summary}</span>
      </th>
      <td data-label="Status">
        <span class="badge" data-tone={status.tone} title={status.meaning}>
          {status.text}
        </span>
        {kind.status !== KindStatus.ACTIVE && <span class="muted">{status.meaning}</span>}
      </td>
      <td data-label="Workers">{kind.workers}</td>
      <td data-label="Queued">{grouped(kind.queued)}</td>
      <td data-label="Running">{grouped(kind.running)}</td>
      <td class="operators-switch">
        <button type="button" class="small" aria-disabled={action.busy} onClick={() => action.run(turn)}>
          {suspended ? "Resume" : "Suspend"} <span class="unseen">{kind.name}</span>
        </button>
        {action.error !== undefined && <Refusal error={action.error} onRetry={() => action.run(turn)} />}
      </td>
    </tr>
  );
}
