// The signs of musical notation, drawn so that no music font is needed. Lengths are in pixels of a staff whose lines
// are `SPACE` apart; y grows downward.

import { SPACE, TIED, type Clef, type Sign } from "./staff.ts";

const STEM = 3.5 * SPACE;
const HALF = SPACE / 2;

/** A clef at its line: G for treble, F for bass. In units of a space, scaled. */
export function ClefSign({ clef, x, y }: { clef: Clef; x: number; y: number }) {
  const transform = `translate(${x} ${y}) scale(${SPACE})`;
  if (clef === "bass") {
    return (
      <g class="staff-clef" transform={transform}>
        <path d="M-1.05 -.05C-1 -1.15 .75 -1.4 .85 .05C.9 1.15 -.2 1.9 -1.2 2.35" />
        <circle cx="-.8" cy="0" r=".24" />
        <circle cx="1.35" cy="-.5" r=".17" />
        <circle cx="1.35" cy=".5" r=".17" />
      </g>
    );
  }
  return (
    <g class="staff-clef" transform={transform}>
      <path d="M.1 .55C-.5 .45 -.55 -.5 .15 -.6C1 -.65 1.3 .25 .9 .7C.45 1.2 -.35 1.15 -.85 .65C-1.55 -.1 -1.2 -.95 -.55 -1.6C.1 -2.25 .75 -2.8 .62 -3.7C.55 -4.35 .3 -4.45 .12 -4.15C-.2 -3.65 -.2 -3.1 -.1 -2.5L.5 1.6C.6 2.35 -.15 2.6 -.5 2.2" />
      <circle cx="-.38" cy="2" r=".26" />
    </g>
  );
}

/** A sharp, a flat, or two of them, to the left of `x`. */
export function Accidental({ accidental, x, y }: { accidental: number; x: number; y: number }) {
  const shape =
    accidental > 0 ? "M-2 -9V9M2 -10V8M-4 -2.5L4 -4.5M-4 4.5L4 2.5" : "M-2.5 -11V5C1 3 3 0 2 -2.5C1 -4 -1.5 -3 -2.5 -1";
  return (
    <g class="staff-accidental">
      {Array.from({ length: Math.abs(accidental) }, (_, count) => (
        <path key={count} d={shape} transform={`translate(${x - 11 - 9 * count} ${y})`} />
      ))}
    </g>
  );
}

/** The heads, stems, flags, dots and ties of a note whose place is `height` steps above the lowest line. */
export function NoteSigns({ signs, x, y, height }: { signs: readonly Sign[]; x: number; y: number; height: number }) {
  const up = height < 4;
  return (
    <g>
      {signs.map((sign, count) => (
        <g key={count} transform={`translate(${x + count * TIED} ${y})`}>
          {sign.base < 4 && <Stem flags={Math.max(0, -Math.log2(sign.base))} up={up ? 1 : -1} />}
          <ellipse class={sign.base > 1 ? "staff-head staff-open" : "staff-head"} rx={5} ry={3.5} transform="rotate(-18)" />
          <Dots dots={sign.dots} raised={height % 2 === 0 ? HALF : 0} />
          {count > 0 && <path class="staff-tie" d={`M${3 - TIED} ${up ? 7 : -7}q${TIED / 2 - 3} ${up ? 5 : -5} ${TIED - 6} 0`} />}
        </g>
      ))}
    </g>
  );
}

/** A rest; `top` is the y of the highest line. */
export function Rest({ sign, x, top }: { sign: Sign; x: number; top: number }) {
  return (
    <g class="staff-rest" transform={`translate(${x} ${top + 2 * SPACE})`}>
      {restShape(sign.base)}
      <Dots dots={sign.dots} raised={HALF} />
    </g>
  );
}

function restShape(base: number) {
  if (base >= 2) return <rect class="staff-block" x={-5} width={10} y={base === 4 ? -SPACE : -HALF} height={HALF} />;
  if (base === 1) return <path d="M-2.5 -11L2.5 -4.5C-1 -2 -.5 0 3 4.5C-2 2.5 -4 5.5 0 10" />;
  const hooks = base === 0.5 ? [0] : [0, SPACE];
  return (
    <g>
      <path d={`M4 -5L${base === 0.5 ? 0 : -2} ${base === 0.5 ? 9 : 15}`} />
      {hooks.map((y) => (
        <g key={y} transform={`translate(${-y / 4} ${y})`}>
          <path d="M-3.5 -4.5Q0 -1 4 -5" />
          <circle cx={-3} cy={-4.5} r={2} />
        </g>
      ))}
    </g>
  );
}

// A stem goes up at the right of its head, or down (-1) at its left.
function Stem({ flags, up }: { flags: number; up: 1 | -1 }) {
  const x = 4.6 * up;
  const end = -STEM * up;
  return (
    <g class="staff-stem">
      <path d={`M${x} ${-up}V${end}`} />
      {Array.from({ length: flags }, (_, count) => (
        <path key={count} d={`M${x} ${end + count * 7 * up}q1 ${6 * up} 6 ${9 * up}q3 ${4 * up} 1 ${9 * up}`} />
      ))}
    </g>
  );
}

function Dots({ dots, raised }: { dots: number; raised: number }) {
  return (
    <>
      {Array.from({ length: dots }, (_, count) => (
        <circle key={count} class="staff-dot" cx={9.5 + 4.5 * count} cy={-raised} r={1.6} />
      ))}
    </>
  );
}
