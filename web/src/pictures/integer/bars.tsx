// Ten bars, one a digit: the shares of the digits, and below them how far they are from a tenth.

import { useRef } from "preact/hooks";

import { useSurface } from "../surface.ts";
import { deviations } from "./digits.ts";

const SHARES = 150;
const LABELS = 34;
const DEVIATIONS = 80;
const HEIGHT = SHARES + LABELS + DEVIATIONS;
// Of 100 random counts 95 lie within so many standard deviations.
const USUAL = 1.96;
// From this width on a bar's label has room for two decimals and the sign.
const ROOMY = 44;

/** The bars of these counts. */
export function Bars({ counts, total, finding }: { counts: readonly number[]; total: number; finding: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSurface(frame);
  const slot = width / 10;
  const middle = (digit: number) => (digit + 0.5) * slot;
  return (
    <div ref={frame} class="picture-frame">
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={finding}>
          <Shares counts={counts} width={width} />
          {counts.map((count, digit) => (
            <g key={digit} transform={`translate(${middle(digit)} ${SHARES})`}>
              <text class="picture-name" y={14}>
                {digit}
              </text>
              <text class="picture-value" y={28}>
                {percent(count, total, slot)}
              </text>
            </g>
          ))}
          <g transform={`translate(0 ${SHARES + LABELS})`}>
            <Deviations counts={counts} width={width} />
          </g>
        </svg>
      )}
    </div>
  );
}

// From 0, against a tenth.
function Shares({ counts, width }: { counts: readonly number[]; width: number }) {
  const expected = counts.reduce((sum, count) => sum + count, 0) / 10;
  const most = Math.max(...counts, expected, 1);
  const y = (count: number) => 4 + (SHARES - 4) * (1 - count / most);
  return (
    <g>
      {counts.map((count, digit) => (
        <rect key={digit} class="picture-bar" {...across(digit, width)} y={y(count)} height={y(0) - y(count)} />
      ))}
      <line class="picture-expected" x2={width} y1={y(expected)} y2={y(expected)} />
      <line class="picture-axis" x2={width} y1={y(0)} y2={y(0)} />
    </g>
  );
}

// Up and down from a tenth, in standard deviations.
function Deviations({ counts, width }: { counts: readonly number[]; width: number }) {
  const values = deviations(counts);
  const most = Math.max(USUAL * 1.4, ...values.map(Math.abs));
  const y = (value: number) => (DEVIATIONS / 2) * (1 - (0.95 * value) / most);
  return (
    <g>
      {values.map((value, digit) => (
        <rect
          key={digit}
          class="picture-bar"
          {...across(digit, width)}
          y={Math.min(y(0), y(value))}
          height={Math.abs(y(value) - y(0))}
        />
      ))}
      <line class="picture-expected" x2={width} y1={y(0)} y2={y(0)} />
      {[-USUAL, USUAL].map((limit) => (
        <line key={limit} class="picture-limit" x2={width} y1={y(limit)} y2={y(limit)} />
      ))}
    </g>
  );
}

function across(digit: number, width: number): { x: number; width: number } {
  const slot = width / 10;
  const bar = Math.min(slot * 0.72, 56);
  return { x: (digit + 0.5) * slot - bar / 2, width: bar };
}

// As exactly as the count supports and there is room for, which on a phone is not even enough for the sign.
function percent(count: number, total: number, slot: number): string {
  if (total === 0) return "";
  const supported = total < 1000 ? 0 : total < 1_000_000 ? 1 : 2;
  const value = (100 * count) / total;
  return slot < ROOMY ? value.toFixed(Math.min(supported, 1)) : `${value.toFixed(supported)}%`;
}
