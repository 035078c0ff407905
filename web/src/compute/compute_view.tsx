// The first view: compose a task, and see what becomes of the latest one.
import { useEffect, useRef } from "preact/hooks";
import { refreshKinds } from "../forms/kinds.ts";
import { JobPanel } from "../result/job_panel.tsx";
import { choose, latest, outcome, submit, type } from "./composer.ts";
import { TaskForm } from "./task_form.tsx";

/** From here on form and result stand side by side; see shell.css. */
const WIDE = matchMedia("(min-width: 60rem)");

export function ComputeView() {
  const result = useRef<HTMLDivElement>(null);
  const job = latest.value;
  const now = outcome.value;
  useEffect(() => {
    computeFromAddress();
    void refreshKinds();
  }, []);
  useEffect(() => {
    if (now.kind === "accepted" && !WIDE.matches) result.current?.scrollIntoView({ behavior: "smooth", block: "start" });
  }, [now]);
  return (
    <div class="compute">
      <section aria-labelledby="compose-title" class="compose">
        <h1 id="compose-title">Exact integers, however long</h1>
        <TaskForm />
      </section>
      <div ref={result} class="outcome">
        {job ? <JobPanel key={job} id={job} level="compact" /> : <Welcome />}
      </div>
    </div>
  );
}

function Welcome() {
  return (
    <section class="welcome" aria-label="What happens next">
      <svg viewBox="0 0 240 120" aria-hidden="true">
        {WIRES.map((beads, row) => (
          <g key={row}>
            <path d={`M10 ${20 + row * 20}H230`} />
            {beads.map((x) => (
              <ellipse key={x} cx={x} cy={20 + row * 20} rx="8" ry="7" />
            ))}
          </g>
        ))}
      </svg>
      <p>The digits appear here while they are computed.</p>
      <p class="muted">
        Equal tasks are computed once. You can close this page: the job goes on, and stands under <a href="#/requests">My requests</a>.
      </p>
    </section>
  );
}

const WIRES = [
  [22, 40, 150, 168, 218],
  [22, 70, 88, 200, 218],
  [22, 40, 58, 76, 218],
  [52, 70, 182, 200, 218],
  [22, 120, 138, 156, 218],
];

let computed = false;

/** `/?n=42` asks for a Fibonacci number; once, however often the view is shown. */
function computeFromAddress(): void {
  const n = new URLSearchParams(location.search).get("n");
  if (n === null || computed) return;
  computed = true;
  choose("fibonacci");
  type("n", n);
  void submit();
}
