// Which view is shown: the part of the address after `#`.
import { type ReadonlySignal, signal } from "@preact/signals";

export type Route = { view: "compute" } | { view: "requests" } | { view: "operators" } | { view: "job"; id: string };

const current = signal<Route>(routeOf(location.hash));
addEventListener("hashchange", () => {
  current.value = routeOf(location.hash);
});

/** The view to be shown now. */
export const route: ReadonlySignal<Route> = current;

/** The view that a hash stands for; one that stands for none is that of computing. */
export function routeOf(hash: string): Route {
  const [view, id] = hash.replace(/^#\/?/, "").split("/");
  if (view === "requests" || view === "operators") return { view };
  if (view === "jobs" && id) return { view: "job", id: decoded(id) };
  return { view: "compute" };
}

/** A part of an address. One that was typed wrong stands for itself: the mesh then says what is wrong with it. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a job's view. */
export function jobHref(id: string): string {
  return `#/jobs/${encodeURIComponent(id)}`;
}
