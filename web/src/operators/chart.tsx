// A chart over the last ten minutes, with its words: what it shows now, and its values as a table.

import { useEffect, useRef, useState } from "preact/hooks";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { colour, useSurface } from "../pictures/surface.ts";
import { INTERVAL_S, SPAN_S, torn } from "./history.ts";
import "./chart.css";

const HEIGHT = 180;
// The shortest time that a chart shows.
const SHORTEST_S = 60;
// One row of the table for so many samples.
const TABLE_STEP = 30 / INTERVAL_S;
const DASHES = [[], [6, 4], [2, 3]];

/** A line. */
export interface Line {
  readonly name: string;
  /** The custom property with its colour. */
  readonly colour: string;
  /** One value for each time; null where there is none. */
  readonly values: readonly (number | null)[];
}

/** What a chart shows. */
export interface ChartProps {
  readonly title: string;
  /** What is measured and how, in a sentence. */
  readonly explained: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  /** A value as people read it, with its unit. */
  readonly format: (value: number) => string;
}

/** The chart. */
export function Chart(props: ChartProps) {
  const [pointed, setPointed] = useState<number | undefined>();
  const at = props.times.findIndex((time) => time === pointed);
  const index = at < 0 ? props.times.length - 1 : at;
  return (
    <figure class="operators-chart">
      <figcaption>
        <h3>{props.title}</h3>
        <p>{props.explained}</p>
      </figcaption>
      <Plot {...props} point={setPointed} />
      <ul class="operators-legend">
        {props.lines.map((line, number) => (
          <li key={line.name}>
            <svg viewBox="0 0 24 8" aria-hidden="true">
              <line x2="24" y1="4" y2="4" style={{ stroke: `var(${line.colour})` }} stroke-dasharray={DASHES[number]!.join(" ")} />
            </svg>
            {line.name}: <b>{told(line.values[index], props.format)}</b>
          </li>
        ))}
        <li>{at < 0 ? "now" : `at ${clockTime(props.times[at]!)}`}</li>
      </ul>
      <details>
        <summary>As a table</summary>
        <ChartTable {...props} />
      </details>
    </figure>
  );
}

function Plot(props: ChartProps & { point: (time: number | undefined) => void }) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const surface = useSurface(frame);
  const { times, lines, format, point } = props;
  const data = torn(times, lines.map(({ values }) => values));
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    if (surface.width === 0) return;
    const made = new UPlot(options(frame.current!, { width: surface.width, lines, format, point }), latest.current, frame.current!);
    plot.current = made;
    return () => made.destroy();
  }, [surface]);
  useEffect(() => plot.current?.setData(data), [times]);
  return <div ref={frame} class="operators-plot" role="img" aria-label={summary(props)} />;
}

function options(
  element: HTMLElement,
  chart: { width: number; lines: readonly Line[]; format: (value: number) => string; point: (time: number | undefined) => void },
): UPlot.Options {
  const muted = colour(element, "--ink-muted");
  const grid = { stroke: colour(element, "--line"), width: 1 };
  return {
    width: chart.width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: {
      x: { range: (_, first) => span(first, Date.now() / 1000) },
      y: { range: (_, __, most) => [0, Math.max(1, (most ?? 0) * 1.1)] },
    },
    axes: [
      { stroke: muted, grid, ticks: grid, size: 30, space: 70, values: (_, splits) => splits.map(clockTime) },
      { stroke: muted, grid, ticks: grid, size: 78, space: 36, values: (_, splits) => splits.map(chart.format) },
    ],
    series: [
      {},
      ...chart.lines.map((line, number) => ({
        label: line.name,
        stroke: colour(element, line.colour),
        width: 2,
        dash: DASHES[number]!,
        points: { show: false },
      })),
    ],
    hooks: {
      setCursor: [(plot) => chart.point(plot.cursor.idx == null ? undefined : plot.data[0][plot.cursor.idx])],
    },
  };
}

// The last ten minutes, or what there is of them.
function span(first: number, now: number): [number, number] {
  return [Math.min(now - SHORTEST_S, Math.max(now - SPAN_S, first ?? now)), now];
}

function ChartTable({ times, lines, format }: ChartProps) {
  const newestFirst = times.map((_, index) => times.length - 1 - index).filter((_, row) => row % TABLE_STEP === 0);
  return (
    <div class="operators-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {lines.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {newestFirst.map((index) => (
            <tr key={times[index]}>
              <th scope="row">{clockTime(times[index]!)}</th>
              {lines.map(({ name, values }) => (
                <td key={name}>{told(values[index], format)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function summary({ title, lines, format }: ChartProps): string {
  const words = lines.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    const most = known.length === 0 ? "" : `, at most ${format(Math.max(...known))}`;
    return `${name} now ${told(values.at(-1), format)}${most}`;
  });
  return `${title} over the last ten minutes: ${words.join("; ")}.`;
}

function told(value: number | null | undefined, format: (value: number) => string): string {
  return value == null ? "–" : format(value);
}

function clockTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB");
}
