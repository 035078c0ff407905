// The workers: how loaded they are, since when they live, and the way to empty one.

import { WorkerState, type Abacus, type LaneSlots, type Worker } from "@abacus/client";
import { useState } from "preact/hooks";

import { grouped } from "../format/numbers.ts";
import { ageText, instant } from "../format/time.ts";
import { laneText } from "../result/words.ts";
import { Drain } from "./drain.tsx";

const STATES: Record<WorkerState, { text: string; tone: string }> = {
  [WorkerState.UNSPECIFIED]: { text: "Unknown", tone: "idle" },
  [WorkerState.SERVING]: { text: "Serving", tone: "good" },
  [WorkerState.DRAINING]: { text: "Draining", tone: "busy" },
  [WorkerState.STUCK]: { text: "Stuck", tone: "bad" },
};

/** What the rows of workers need besides the worker. */
export interface WorkersProps {
  readonly workers: readonly Worker[];
  readonly abacus: Abacus;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Told each worker that was drained. */
  readonly changed: (worker: Worker) => void;
}

/** The table of workers. */
export function Workers(props: WorkersProps) {
  const [draining, setDraining] = useState<Worker | undefined>();
  if (props.workers.length === 0) {
    return <p class="note">No worker is alive: jobs wait until one is started.</p>;
  }
  return (
    <>
      <table class="operators-table">
        <thead>
          <tr>
            <th scope="col">Worker</th>
            <th scope="col">State</th>
            <th scope="col">Busy slots by lane</th>
            <th scope="col">Started</th>
            <th scope="col">Last heard of</th>
            <th scope="col">Finished</th>
            <th scope="col">
              <span class="unseen">Drain</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {props.workers.map((worker) => (
            <WorkerRow key={worker.id} worker={worker} now={props.now} drain={() => setDraining(worker)} />
          ))}
        </tbody>
      </table>
      {draining !== undefined && (
        <Drain worker={draining} abacus={props.abacus} changed={props.changed} close={() => setDraining(undefined)} />
      )}
    </>
  );
}

function WorkerRow({ worker, now, drain }: { worker: Worker; now: number; drain: () => void }) {
  const drained = worker.state === WorkerState.DRAINING;
  const state = STATES[worker.state] ?? STATES[WorkerState.UNSPECIFIED];
  return (
    <tr>
      <th scope="row">
        <code>{worker.id}</code>
        <span class="muted">
          {worker.address}, version {worker.version}
        </span>
      </th>
      <td data-label="State">
        <span class="badge" data-tone={state.tone}>
          {state.text}
        </span>
      </td>
      <td data-label="Busy slots by lane">
        <ul class="operators-lanes">
          {worker.lanes.map((lane) => (
            <Slots key={lane.lane} lane={lane} />
          ))}
        </ul>
      </td>
      <td data-label="Started">{worker.startTime && ageText(now - instant(worker.startTime))}</td>
      <td data-label="Last heard of">{worker.heartbeatTime && ageText(now - instant(worker.heartbeatTime))}</td>
      <td data-label="Finished">{grouped(worker.finished)}</td>
      <td class="operators-switch">
        {/* It stays while it has nothing left to do, since the focus comes back to it. */}
        <button type="button" class="small" aria-disabled={drained} onClick={() => drained || drain()}>
          Drain… <span class="unseen">{worker.id}</span>
        </button>
      </td>
    </tr>
  );
}

function Slots({ lane }: { lane: LaneSlots }) {
  const part = lane.slots === 0 ? 0 : Math.min(1, lane.busy / lane.slots);
  return (
    <li>
      <span>{laneText(lane.lane)}</span>
      <span class="operators-bar" aria-hidden="true">
        <span style={{ inlineSize: `${100 * part}%` }} />
      </span>
      <span class="tabular">
        {lane.busy} of {lane.slots}
      </span>
    </li>
  );
}
