// What happened since the broker's data began, and what is kept.

import type { GetStatsResponse } from "@abacus/client";

import { bytesText, grouped } from "../format/numbers.ts";

/** The counters. */
export function Counters({ stats }: { stats: GetStatsResponse }) {
  const counters = stats.counters;
  const figures: [string, string][] = [
    ["Newly computed", grouped(counters?.created ?? 0n)],
    ["Joined a running job", grouped(counters?.joined ?? 0n)],
    ["From the cache", grouped(counters?.cached ?? 0n)],
    ["Succeeded", grouped(counters?.succeeded ?? 0n)],
    ["Failed", grouped(counters?.failed ?? 0n)],
    ["Cancelled", grouped(counters?.cancelled ?? 0n)],
    ["Attempts repeated", grouped(counters?.retried ?? 0n)],
    ["Jobs kept", grouped(stats.keptJobs)],
    ["Results kept", bytesText(stats.keptBytes)],
    ["Workers alive", grouped(stats.workers)],
  ];
  return (
    <dl class="operators-figures">
      {figures.map(([name, figure]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  );
}
