// A part of the view: its title, what went wrong with asking for it, and what it shows once there is an answer.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import { Refusal } from "../shell/refusal.tsx";
import { INTERVAL_S } from "./history.ts";
import type { Seen } from "./watch.ts";

/** A part that shows what was seen. */
export function Section<T>(props: {
  title: string;
  seen: Seen<T>;
  /** True: the page says already that nothing can be reached. */
  lost: boolean;
  children: (value: T) => ComponentChildren;
}) {
  const id = useId();
  const value = props.seen.value.value;
  const problem = props.seen.problem.value;
  return (
    <section class="operators-section" aria-labelledby={id}>
      <h2 id={id}>{props.title}</h2>
      {problem !== undefined && !props.lost && (
        <>
          <Refusal error={problem} />
          <p class="muted">These are the latest figures there are; the page asks again every {INTERVAL_S} seconds.</p>
        </>
      )}
      {value === undefined ? <p class="muted">Not known yet.</p> : props.children(value)}
    </section>
  );
}
