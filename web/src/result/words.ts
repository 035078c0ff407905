// The contract's enums in words.
import { Disposition, JobState, Lane } from "@abacus/client";

/** How a state looks: its word and the colour of its badge. */
export interface Word {
  text: string;
  tone: "idle" | "busy" | "good" | "bad";
}

const STATES: Record<JobState, Word> = {
  [JobState.UNSPECIFIED]: { text: "Not kept", tone: "idle" },
  [JobState.QUEUED]: { text: "Queued", tone: "idle" },
  [JobState.RUNNING]: { text: "Running", tone: "busy" },
  [JobState.SUCCEEDED]: { text: "Succeeded", tone: "good" },
  [JobState.FAILED]: { text: "Failed", tone: "bad" },
  [JobState.CANCELLED]: { text: "Cancelled", tone: "idle" },
};

const DISPOSITIONS: Record<Disposition, string> = {
  [Disposition.UNSPECIFIED]: "",
  [Disposition.CREATED]: "Newly computed",
  [Disposition.JOINED]: "Joined a running job",
  [Disposition.CACHED]: "From the cache",
};

const LANES: Record<Lane, string> = {
  [Lane.UNSPECIFIED]: "",
  [Lane.INSTANT]: "instant",
  [Lane.SHORT]: "short",
  [Lane.LONG]: "long",
};

/** A state in a word; one this page does not know stands as unknown. */
export function stateWord(state: JobState, suspended = false): Word {
  if (suspended && state === JobState.QUEUED) return { text: "Suspended", tone: "idle" };
  return STATES[state] ?? { text: "Unknown", tone: "idle" };
}

export function dispositionText(disposition: Disposition): string {
  return DISPOSITIONS[disposition] ?? "";
}

export function laneText(lane: Lane): string {
  return LANES[lane] ?? "";
}
