// The queues that have something in them.

import type { QueueStats } from "@abacus/client";

import { grouped } from "../format/numbers.ts";
import { durationText, millis } from "../format/time.ts";
import { laneText } from "../result/words.ts";

/** The table of queues. */
export function Queues({ queues }: { queues: readonly QueueStats[] }) {
  if (queues.length === 0) return <p class="note">No job waits or runs.</p>;
  return (
    <table class="operators-table">
      <thead>
        <tr>
          <th scope="col">Queue</th>
          <th scope="col">Waiting</th>
          <th scope="col">Running</th>
          <th scope="col">The oldest has waited</th>
        </tr>
      </thead>
      <tbody>
        {queues.map((queue) => (
          <tr key={`${queue.kind} ${queue.lane}`}>
            <th scope="row">
              {queue.kind}, {laneText(queue.lane)} lane
            </th>
            <td data-label="Waiting">{grouped(queue.queued)}</td>
            <td data-label="Running">{grouped(queue.running)}</td>
            <td data-label="Oldest">{queue.oldest ? durationText(millis(queue.oldest)) : "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
