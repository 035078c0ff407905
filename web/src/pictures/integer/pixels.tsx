// The digits of an integer as a picture: each a pixel of its own colour.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { counted, Cursor, Figure } from "../figure.tsx";
import type { Source } from "../reading.ts";
import { useSurface } from "../surface.ts";
import { hasSign } from "./digits.ts";
import { fitted, SCALES, scrolled, zoomed, type Grid } from "./grid.ts";
import { paint } from "./paint.ts";
import { css } from "./palette.ts";

const HEIGHT = 320;
const REDRAW_MS = 250;
const ROW = 20;
const ROWS = 10;

/** The pixel picture of an integer's digits. */
export function Pixels(props: { source: Source; expected: number | undefined }) {
  const { source } = props;
  const bytes = useGrowth(source, props.expected);
  const sign = hasSign(byteAt(source, 0)) ? 1 : 0;
  const total = Math.max(0, bytes - sign);
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const surface = useSurface(frame);
  const [scale, setScale] = useState<number | undefined>();
  const [cursor, setCursor] = useState(0);
  const [hovered, setHovered] = useState<number | undefined>();
  const top = useRef(0);

  const room = { width: surface.width, height: Math.min(HEIGHT, Math.max(160, surface.width * 0.7)) };
  const grid = scale === undefined ? fitted(total, room) : zoomed(total, room, scale);
  const position = Math.min(cursor, Math.max(0, total - 1));
  top.current = scrolled({ position, top: top.current, total }, grid);
  useLayoutEffect(() => {
    if (surface.width === 0) return;
    paint(canvas.current!, { source, sign, grid, top: top.current, cursor: position, ratio: surface.ratio, mark: "white" });
  }, [source, bytes, grid.scale, grid.columns, grid.rows, grid.step, top.current, position, surface]);

  const pointed = (event: MouseEvent): number | undefined => {
    const column = Math.floor(event.offsetX / grid.scale);
    const index = Math.floor(event.offsetY / grid.scale) * grid.columns + column;
    const at = top.current + index * grid.step;
    return column >= 0 && column < grid.columns && at < total ? at : undefined;
  };
  const finding = describe(total, grid, top.current);
  return (
    <Figure title="The digits as pixels" finding={finding} table={() => <DigitTable {...{ source, sign, total, position }} />}>
      <Zoom grid={grid} scale={scale} choose={setScale} />
      <div ref={frame} class="picture-frame">
        <canvas
          ref={canvas}
          class="picture-canvas"
          role="img"
          aria-label={finding}
          onPointerMove={(event) => setHovered(pointed(event))}
          onPointerLeave={() => setHovered(undefined)}
          onClick={(event) => setCursor(pointed(event) ?? position)}
        />
      </div>
      <Legend />
      <Cursor
        label="Position"
        last={Math.max(0, total - 1)}
        position={position}
        told={tell(source, sign, hovered ?? position)}
        move={setCursor}
      />
    </Figure>
  );
}

function Zoom(props: { grid: Grid; scale: number | undefined; choose: (scale: number | undefined) => void }) {
  const at = SCALES.findIndex((scale) => scale === props.grid.scale);
  const thinned = props.grid.step > 1;
  return (
    <div class="picture-controls" role="group" aria-label="Size of the pixels">
      <button type="button" class="small" disabled={at === SCALES.length - 1} onClick={() => props.choose(SCALES[at + 1])}>
        Smaller
      </button>
      <button type="button" class="small" disabled={at === 0} onClick={() => props.choose(thinned ? 1 : SCALES[at - 1])}>
        Larger
      </button>
      <button type="button" class="small" aria-pressed={props.scale === undefined} onClick={() => props.choose(undefined)}>
        The whole number
      </button>
    </div>
  );
}

function Legend() {
  return (
    <ul class="picture-palette" aria-label="Colours of the digits">
      {Array.from({ length: 10 }, (_, digit) => (
        <li key={digit}>
          <span style={{ background: css(digit) }} />
          {digit}
        </li>
      ))}
    </ul>
  );
}

// The digits around the cursor, in rows.
function DigitTable(props: { source: Source; sign: number; total: number; position: number }) {
  const last = Math.ceil(props.total / ROW) - ROWS;
  const first = Math.max(0, Math.min(Math.floor(props.position / ROW), last)) * ROW;
  const rows = Array.from({ length: ROWS }, (_, row) => first + row * ROW).filter((start) => start < props.total);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">From position</th>
          <th scope="col">{ROW} digits</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((start) => (
          <tr key={start}>
            <th scope="row">{counted(start + 1)}</th>
            <td class="picture-digits">{digitsAt(props.source, props.sign + start, ROW)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// How many bytes there are, looked at now and then until all have come.
function useGrowth(source: Source, expected: number | undefined): number {
  const [bytes, setBytes] = useState(source.bytes);
  useEffect(() => {
    setBytes(source.bytes);
    if (source.bytes === expected) return;
    const timer = setInterval(() => {
      setBytes(source.bytes);
      if (source.bytes === expected) clearInterval(timer);
    }, REDRAW_MS);
    return () => clearInterval(timer);
  }, [source, expected]);
  return bytes;
}

function describe(total: number, grid: Grid, top: number): string {
  const shown = Math.min(grid.columns * grid.rows * grid.step, total - top);
  if (grid.step > 1) {
    return `All ${counted(total)} digits, row by row; there are more than pixels, so each shows one of ${counted(grid.step)} neighbouring digits.`;
  }
  if (shown >= total) return `All ${counted(total)} digits, row by row, ${counted(grid.columns)} in a row.`;
  return `The digits ${counted(top + 1)} to ${counted(top + shown)} of ${counted(total)}, ${counted(grid.columns)} in a row.`;
}

function tell(source: Source, sign: number, position: number): string {
  const byte = byteAt(source, sign + position);
  return byte === undefined ? "No digit yet" : `Digit ${String.fromCharCode(byte)} at position ${counted(position + 1)}`;
}

function byteAt(source: Source, at: number): number | undefined {
  return source.slice(at, at + 1)[0];
}

// In groups of five.
function digitsAt(source: Source, from: number, count: number): string {
  return String.fromCharCode(...source.slice(from, from + count)).replace(/.{5}(?=.)/g, "$& ");
}
