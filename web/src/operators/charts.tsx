// The charts of a mesh: what it gets done, what waits, and for how long.

import { grouped } from "../format/numbers.ts";
import { durationText } from "../format/time.ts";
import { Chart } from "./chart.tsx";
import { INTERVAL_S, rates, type Sample } from "./history.ts";

const LANE_LINES = [
  { name: "instant", colour: "--good" },
  { name: "short", colour: "--busy" },
  { name: "long", colour: "--accent" },
];

/** The four charts. */
export function Charts({ history }: { history: readonly Sample[] }) {
  const times = history.map(({ at }) => at);
  return (
    <div class="operators-charts">
      <Chart
        title="Throughput"
        explained={`Jobs a second, from the counters' growth over ${INTERVAL_S} s.`}
        times={times}
        format={perSecond}
        lines={[
          { name: "finished", colour: "--good", values: rates(history, ["succeeded", "failed", "cancelled"]) },
          { name: "asked for", colour: "--busy", values: rates(history, ["created", "joined", "cached"]) },
          { name: "failed", colour: "--bad", values: rates(history, ["failed"]) },
        ]}
      />
      <Chart
        title="Queue depth"
        explained="Jobs of all kinds and lanes."
        times={times}
        format={jobs}
        lines={[
          { name: "waiting", colour: "--busy", values: history.map(({ queued }) => queued) },
          { name: "running", colour: "--good", values: history.map(({ running }) => running) },
        ]}
      />
      <Chart
        title="Latency: the oldest waiting job"
        explained="How long the job that has waited longest in each lane has waited. No line: none waits."
        times={times}
        format={seconds}
        lines={LANE_LINES.map((line, lane) => ({ ...line, values: history.map(({ oldest }) => oldest[lane] ?? null) }))}
      />
      <Chart
        title="Latency: the way to the gateway and back"
        explained="How long GetStats, the call for these figures, took from this page."
        times={times}
        format={durationText}
        lines={[{ name: "round trip", colour: "--accent", values: history.map(({ roundTripMs }) => roundTripMs) }]}
      />
    </div>
  );
}

function perSecond(value: number): string {
  return `${value >= 100 ? grouped(Math.round(value)) : Number(value.toFixed(1))}/s`;
}

// Between whole jobs the axis stays without a label.
function jobs(value: number): string {
  return Number.isInteger(value) ? grouped(value) : "";
}

function seconds(value: number): string {
  return value === 0 ? "0 s" : durationText(value * 1000);
}
