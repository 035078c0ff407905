// How far a job is: the bar, the phase, the estimated time left.
import { useEffect } from "preact/hooks";
import { JobState } from "@abacus/client";
import { percentText } from "../format/numbers.ts";
import { millis, remainingText } from "../format/time.ts";
import { announce } from "../shell/announcer.tsx";
import { isFinal, type JobView } from "../store/job.ts";
import { stateWord } from "./words.ts";

export function JobProgress({ view }: { view: JobView }) {
  const { state, progress, suspended } = view;
  useAnnounced(view);
  if (isFinal(state) || state === JobState.UNSPECIFIED) return null;
  if (state === JobState.QUEUED) {
    return (
      <p class="note">
        {suspended
          ? "Its kind is suspended: it waits until an operator resumes it."
          : "It waits for a worker."}
      </p>
    );
  }
  const fraction = progress?.fraction;
  return (
    <div class="progress">
      {fraction === undefined ? (
        <progress aria-label="Progress" max={1} />
      ) : (
        <progress aria-label="Progress" max={1} value={fraction} />
      )}
      <p>
        <span class="tabular">{fraction === undefined ? "" : percentText(fraction)}</span>
        <span>{progress?.phase || "starting"}</span>
        <span class="muted tabular">{progress?.remaining ? `${remainingText(millis(progress.remaining))} left` : ""}</span>
      </p>
    </div>
  );
}

/** Tells of the state when it changes, and of each tenth of the way. */
function useAnnounced({ id, state, suspended, progress }: JobView): void {
  const tenth = Math.floor((progress?.fraction ?? 0) * 10);
  const running = state === JobState.RUNNING;
  useEffect(() => {
    if (running && tenth > 0) announce(`${tenth * 10} percent done`);
  }, [id, running, tenth]);
  useEffect(() => {
    if (state !== JobState.UNSPECIFIED) announce(`The job is ${stateWord(state, suspended).text.toLowerCase()}.`);
  }, [id, state, suspended]);
}
