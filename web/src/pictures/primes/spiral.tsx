// Ulam's spiral around the start of an interval.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { counted, Cursor, Figure, share } from "../figure.tsx";
import { colour, useSurface } from "../surface.ts";
import { draw } from "./draw.ts";
import { REMEMBERED, type PrimeReader } from "./gaps.ts";
import { indexOf, sideFor } from "./ulam.ts";

const WIDEST = 520;
const PARTS = 10;
// Fewer primes than this make no pattern.
const MANY = 200;
const SIDES = [21, 51, 101, 151, 201, 251];

/** The spiral; `count`, `last` and (once all primes are there) the interval's `end` tell how far it is known. */
export function Spiral(props: { reader: PrimeReader; count: number; last: number; end: bigint | undefined }) {
  const { reader, last } = props;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const surface = useSurface(frame);
  const [chosen, setChosen] = useState<number | undefined>();
  const [cursor, setCursor] = useState(0);
  const [hovered, setHovered] = useState<number | undefined>();

  const start = reader.start ?? 0n;
  const known = props.end === undefined ? last + 1 : Number(props.end - start) + 1;
  const size = Math.min(surface.width, WIDEST);
  const sides = choices(size, surface.ratio, known);
  // Cells of two pixels show the diagonals best.
  const side = sides.find((option) => option === chosen) ?? sides.findLast((option) => 2 * option <= size) ?? sides[0]!;
  const shown = Math.min(known, side * side, REMEMBERED);
  const position = Math.min(cursor, Math.max(0, shown - 1));
  useLayoutEffect(() => {
    if (size === 0) return;
    const element = canvas.current!;
    const colours = { prime: colour(element, "--accent"), other: colour(element, "--paper"), mark: colour(element, "--ink") };
    draw(element, { marks: reader.marks, side, size, ratio: surface.ratio, known: shown, cursor: position, colours });
  }, [reader, props.count, side, size, shown, position, surface]);

  const pointed = (event: MouseEvent): number | undefined => {
    const middle = (side - 1) / 2;
    const x = Math.floor((event.offsetX / size) * side) - middle;
    const y = middle - Math.floor((event.offsetY / size) * side);
    const index = indexOf({ x, y });
    return Math.abs(x) <= middle && Math.abs(y) <= middle && index < shown ? index : undefined;
  };
  const primes = tally(reader.marks, shown, 1)[0] ?? 0;
  const finding = describe({ start, shown, known, primes });
  return (
    <Figure title="Ulam spiral" finding={finding} table={() => <DensityTable {...{ reader, start, shown }} />}>
      <label class="picture-controls">
        Numbers shown
        <select value={side} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
          {sides.map((option) => (
            <option key={option} value={option}>
              {counted(Math.min(known, option * option))}
            </option>
          ))}
        </select>
      </label>
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
      <p class="picture-legend">
        <span>
          <i class="picture-swatch picture-swatch-six" />
          prime
        </span>
        <span>
          <i class="picture-swatch picture-swatch-other" />
          not prime
        </span>
      </p>
      <Cursor
        label="Number"
        last={Math.max(0, shown - 1)}
        position={position}
        told={tell(reader, start, hovered ?? position)}
        move={setCursor}
      />
    </Figure>
  );
}

// How the primes thin out.
function DensityTable({ reader, start, shown }: { reader: PrimeReader; start: bigint; shown: number }) {
  const length = Math.ceil(shown / PARTS);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Numbers</th>
          <th scope="col">Primes</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {tally(reader.marks, shown, PARTS).map((primes, part) => {
          const from = part * length;
          const numbers = Math.min(length, shown - from);
          return (
            <tr key={part}>
              <th scope="row">
                {counted(start + BigInt(from))} to {counted(start + BigInt(from + numbers - 1))}
              </th>
              <td>{counted(primes)}</td>
              <td>{share(primes, numbers)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** How many of the first `shown` numbers are prime, in up to so many parts of equal length. */
function tally(marks: Uint8Array, shown: number, parts: number): number[] {
  const length = Math.max(1, Math.ceil(shown / parts));
  const primes = new Array<number>(Math.ceil(shown / length)).fill(0);
  for (let offset = 0; offset < shown; offset++) if (marks[offset] === 1) primes[Math.floor(offset / length)]!++;
  return primes;
}

// The sides to choose from: round ones, and the one that shows most of what is known. No cell is smaller than a device
// pixel, and no number beyond those that are remembered.
function choices(size: number, ratio: number, known: number): number[] {
  const most = Math.min(Math.floor(size * ratio), Math.floor(Math.sqrt(REMEMBERED)), sideFor(Math.max(1, known)));
  const odd = Math.max(1, most % 2 === 0 ? most - 1 : most);
  return [...SIDES.filter((side) => side < odd), odd];
}

function describe(seen: { start: bigint; shown: number; known: number; primes: number }): string {
  if (seen.shown === 0) return "No numbers yet.";
  const last = seen.start + BigInt(seen.shown - 1);
  const range = `The numbers ${counted(seen.start)} to ${counted(last)}, wound outward from the middle`;
  const part = seen.shown < seen.known ? ` (the first of ${counted(seen.known)})` : "";
  return `${range}${part}: ${counted(seen.primes)} of them are prime, ${share(seen.primes, seen.shown)}${seen.primes > MANY ? ", and gather on diagonals" : ""}.`;
}

function tell(reader: PrimeReader, start: bigint, offset: number): string {
  if (reader.count === 0 && reader.last < 0) return "No number yet";
  const value = counted(start + BigInt(offset));
  return reader.marks[offset] === 1 ? `${value} is prime` : `${value} is not prime`;
}
