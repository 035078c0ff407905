// The time, for ages and countdowns: one timer for the whole page, which runs while somebody looks.
import { type ReadonlySignal, signal } from "@preact/signals";

const now = signal(Date.now());
let ticking: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now.value = Date.now();
}

function followVisibility(): void {
  clearInterval(ticking);
  ticking = undefined;
  if (document.visibilityState === "hidden") return;
  tick();
  ticking = setInterval(tick, 1000);
}

document.addEventListener("visibilitychange", followVisibility);
followVisibility();

/** Milliseconds since 1970, moved on every second. */
export const clock: ReadonlySignal<number> = now;
