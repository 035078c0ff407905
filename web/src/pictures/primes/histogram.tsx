// How far apart neighbouring primes are, as bars.

import { useRef } from "preact/hooks";

import { counted, Figure, share } from "../figure.tsx";
import { useSurface } from "../surface.ts";
import { summarise, type GapSummary } from "./gaps.ts";

const HEIGHT = 220;
const ABOVE = 18;
const BELOW = 36;
const LEFT = 4;
// The narrowest bar that the eye tells from its neighbour, with its distance to it.
const SLOT = 7;
const LABEL = 36;

/** The histogram of gaps between primes; `count` is how many primes they come from. */
export function Histogram({ gaps, count }: { gaps: Float64Array; count: number }) {
  const summary = summarise(gaps);
  const finding = describe(summary, count);
  return (
    <Figure title="Gaps between primes" finding={finding} table={() => <GapTable summary={summary} />}>
      {summary.total > 0 && <Bars summary={summary} finding={finding} />}
      <p class="picture-legend">
        <span>
          <i class="picture-swatch picture-swatch-six" />
          gaps divisible by 6
        </span>
        <span>
          <i class="picture-swatch" />
          others
        </span>
      </p>
    </Figure>
  );
}

function Bars({ summary, finding }: { summary: GapSummary; finding: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSurface(frame);
  // Gaps are even, but for the one between 2 and 3, which shares a bar with 2.
  const widest = summary.seen.at(-1)!.gap;
  const bars = Math.max(1, Math.min(Math.floor((width - LEFT) / SLOT), Math.ceil(widest / 2)));
  const heights = inBars(summary, bars);
  const most = Math.max(...heights);
  const slot = Math.min((width - LEFT) / bars, 40);
  const y = (count: number) => ABOVE + (HEIGHT - ABOVE - BELOW) * (1 - count / most);
  const champion = heights.indexOf(most);
  // Labels stand below the bars that stand out, as far as there is room.
  const every = 3 * Math.ceil(LABEL / (3 * slot));
  return (
    <div ref={frame} class="picture-frame picture-gaps">
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={finding}>
          {heights.map((count, index) => (
            <g key={index} transform={`translate(${LEFT + (index + 0.5) * slot} 0)`}>
              <title>{`Gap ${2 * index + 2}: ${counted(count)}`}</title>
              <rect
                class={(index + 1) % 3 === 0 ? "picture-bar picture-bar-six" : "picture-bar"}
                x={-slot * 0.4}
                width={slot * 0.8}
                y={y(count)}
                height={y(0) - y(count)}
              />
              {(index + 1) % every === 0 && (index + 1) * slot + LABEL / 2 < width && (
                <text class="picture-name" y={HEIGHT - 20}>
                  {2 * index + 2}
                </text>
              )}
              {index === champion && (
                <text class="picture-name picture-champion" y={ABOVE - 5}>
                  {2 * index + 2}
                </text>
              )}
            </g>
          ))}
          <line class="picture-axis" x2={width} y1={y(0)} y2={y(0)} />
          <text class="picture-title" x={width} y={HEIGHT - 4}>
            gap{bars * 2 < widest ? `, up to ${bars * 2} of ${widest}` : ""}
          </text>
        </svg>
      )}
    </div>
  );
}

function GapTable({ summary }: { summary: GapSummary }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Gap</th>
          <th scope="col">Count</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {summary.seen.map(({ gap, count }) => (
          <tr key={gap}>
            <th scope="row">{gap}</th>
            <td>{counted(count)}</td>
            <td>{share(count, summary.total)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function inBars(summary: GapSummary, bars: number): number[] {
  const heights = new Array<number>(bars).fill(0);
  for (const { gap, count } of summary.seen) {
    const index = Math.ceil(gap / 2) - 1;
    if (index < bars) heights[index]! += count;
  }
  return heights;
}

function describe({ seen, total, champions, mean }: GapSummary, primes: number): string {
  if (total === 0) return primes === 0 ? "No primes, so no gaps." : "One prime, so no gaps.";
  const most = seen.find(({ gap }) => gap === champions[0])!.count;
  const frequent =
    champions.length === 1
      ? `The most frequent gap is ${champions[0]}: ${counted(most)} times, ${share(most, total)} of all.`
      : `The most frequent gaps are ${champions.slice(0, 5).join(", ")}: ${counted(most)} times each.`;
  return `${frequent} Neighbouring primes are ${mean.toFixed(1)} apart on average and ${counted(seen.at(-1)!.gap)} at most.`;
}
