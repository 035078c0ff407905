// The operators' view: how the mesh is, and the few switches it has.

import { AbacusError, type Abacus } from "@abacus/client";
import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { ageText } from "../format/time.ts";
import { clock } from "../shell/clock.ts";
import { Charts } from "./charts.tsx";
import { Counters } from "./counters.tsx";
import { DeadLetters } from "./dead.tsx";
import { INTERVAL_S } from "./history.ts";
import { Kinds } from "./kinds.tsx";
import { Queues } from "./queues.tsx";
import { Section } from "./section.tsx";
import { Watch } from "./watch.ts";
import { Workers } from "./workers.tsx";
import "./operators.css";

/** Shows and steers the mesh for as long as it is on the page. */
export function OperatorsView({ abacus }: { abacus: Abacus }) {
  const watch = Watch.of(abacus);
  useEffect(() => watch.start(), [watch]);
  const now = clock.value;
  const lost = lostBy(watch);
  const failed = watch.stats.value.value?.counters?.failed ?? 0n;
  return (
    <div class="operators">
      <h1>Operators</h1>
      {lost !== undefined && <Lost error={lost} since={now - watch.answeredAt.value} />}
      <Section title="Kinds" seen={watch.kinds} lost={lost !== undefined}>
        {(kinds) => <Kinds kinds={kinds} abacus={abacus} changed={(kind) => put(watch.kinds.value, kind, "name")} />}
      </Section>
      <Section title="Workers" seen={watch.workers} lost={lost !== undefined}>
        {(workers) => (
          <Workers workers={workers} abacus={abacus} now={now} changed={(worker) => put(watch.workers.value, worker, "id")} />
        )}
      </Section>
      <Section title="Queues" seen={watch.stats} lost={lost !== undefined}>
        {(stats) => <Queues queues={stats.queues} />}
      </Section>
      <Section title="Last ten minutes" seen={watch.stats} lost={lost !== undefined}>
        {() => <Charts history={watch.history.value} />}
      </Section>
      <DeadLetters abacus={abacus} failed={failed} lost={lost !== undefined} now={now} />
      <Section title="Counters" seen={watch.stats} lost={lost !== undefined}>
        {(stats) => <Counters stats={stats} />}
      </Section>
    </div>
  );
}

function Lost({ error, since }: { error: AbacusError; since: number }) {
  return (
    <div class="refusal" role="alert">
      <p>
        Nothing can be reached: {error.message} {error.reason !== "" && <code class="reason">{error.reason}</code>}
      </p>
      {/* Not to be read aloud each second. */}
      <p aria-live="off">
        The figures are those of {ageText(since)}. The page asks again every {INTERVAL_S} seconds.
      </p>
    </div>
  );
}

// The error of all three questions, when none was answered.
function lostBy({ kinds, workers, stats }: Watch): AbacusError | undefined {
  const problems = [kinds, workers, stats].map(({ problem }) => problem.value);
  return problems.every((problem) => problem !== undefined) ? problems[0] : undefined;
}

// Puts what a call answered in the place of what was seen before.
function put<T, K extends keyof T>(list: Signal<T[] | undefined>, item: T, key: K): void {
  list.value = list.value?.map((other) => (other[key] === item[key] ? item : other));
}
