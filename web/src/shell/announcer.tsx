// What screen readers are told of what happens by itself: one sentence at a time, not more often than one can listen.
import { signal } from "@preact/signals";

/** The shortest time between two announcements, in milliseconds. */
const PAUSE_MS = 4000;

const spoken = signal("");
let waiting: string | undefined;
let resting: ReturnType<typeof setTimeout> | undefined;

/** Has a sentence told; of those that come while another is listened to, only the last is. */
export function announce(sentence: string): void {
  if (resting !== undefined) {
    waiting = sentence;
    return;
  }
  spoken.value = sentence;
  resting = setTimeout(() => {
    resting = undefined;
    if (waiting === undefined) return;
    const next = waiting;
    waiting = undefined;
    announce(next);
  }, PAUSE_MS);
}

export function Announcer() {
  return (
    <div class="unseen" role="status" aria-live="polite">
      {spoken.value}
    </div>
  );
}
