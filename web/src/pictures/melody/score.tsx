// A melody on staves, with the name and the length of each note below it.

import { useRef } from "preact/hooks";

import { useSurface } from "../surface.ts";
import { Accidental, ClefSign, NoteSigns, Rest } from "./glyphs.tsx";
import { printedBeats, printedName, type Note } from "./notes.ts";
import { clefFor, height, layOut, signsFor, SPACE, type Clef, type Placed, type Stave } from "./staff.ts";
import "./staff.css";

const HALF = SPACE / 2;
const LINES = [0, 1, 2, 3, 4];
const LABELS = 30;

// The vertical measure that all staves share.
interface Measure {
  readonly clef: Clef;
  /** From the top of a stave to its highest line. */
  readonly above: number;
  /** From the lowest line to the labels. */
  readonly below: number;
}

/** The notes; the one that sounds is marked. */
export function Score(props: { notes: readonly Note[]; sounding: number | undefined; description: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSurface(frame);
  const measure = measureOf(props.notes);
  const staves = width === 0 ? [] : layOut(props.notes, width);
  const tall = measure.above + 4 * SPACE + measure.below + LABELS;
  return (
    <div ref={frame} class="picture-frame">
      <svg class="staff" width={width} height={staves.length * tall} role="img" aria-label={props.description}>
        {staves.map((stave, number) => (
          <g key={number} transform={`translate(0 ${number * tall})`}>
            <StaveLines stave={stave} measure={measure} />
            {stave.notes.map((placed) => (
              <NoteColumn key={placed.index} placed={placed} measure={measure} sounds={placed.index === props.sounding} />
            ))}
          </g>
        ))}
      </svg>
    </div>
  );
}

function StaveLines({ stave, measure }: { stave: Stave; measure: Measure }) {
  const line = measure.clef === "treble" ? 3 : 1;
  return (
    <g>
      {LINES.map((number) => (
        <line key={number} class="staff-line" x2={stave.width} y1={measure.above + number * SPACE} y2={measure.above + number * SPACE} />
      ))}
      <ClefSign clef={measure.clef} x={15} y={measure.above + line * SPACE} />
    </g>
  );
}

function NoteColumn({ placed, measure, sounds }: { placed: Placed; measure: Measure; sounds: boolean }) {
  const { note, x } = placed;
  const floor = measure.above + 4 * SPACE + measure.below;
  return (
    <g class={sounds ? "staff-note staff-sounds" : "staff-note"}>
      <rect class="staff-shade" x={x - 12} width={24} y={2} height={floor + LABELS - 4} rx={4} />
      {note.pitch === undefined ? (
        <Rest sign={signsFor(note.beats)[0]!} x={x} top={measure.above} />
      ) : (
        <Pitched note={note} x={x} measure={measure} />
      )}
      <text class="staff-name" x={x} y={floor + 12}>
        {note.pitch === undefined ? "–" : printedName(note)}
      </text>
      <text class="staff-beats" x={x} y={floor + 25}>
        {printedBeats(note.beats)}
      </text>
    </g>
  );
}

function Pitched({ note, x, measure }: { note: Note; x: number; measure: Measure }) {
  const { step, accidental } = note.pitch!;
  const steps = height(step, measure.clef);
  const at = (stepsUp: number) => measure.above + (8 - stepsUp) * HALF;
  return (
    <g>
      {ledgers(steps).map((ledger) => (
        <line key={ledger} class="staff-line" x1={x - 9} x2={x + 9} y1={at(ledger)} y2={at(ledger)} />
      ))}
      <Accidental accidental={accidental} x={x} y={at(steps)} />
      <NoteSigns signs={signsFor(note.beats)} x={x} y={at(steps)} height={steps} />
    </g>
  );
}

// The heights of the short lines that a note outside the staff needs.
function ledgers(steps: number): number[] {
  const lines: number[] = [];
  for (let line = 10; line <= steps; line += 2) lines.push(line);
  for (let line = -2; line >= steps; line -= 2) lines.push(line);
  return lines;
}

function measureOf(notes: readonly Note[]): Measure {
  const clef = clefFor(notes);
  const heights = notes.flatMap(({ pitch }) => (pitch === undefined ? [] : [height(pitch.step, clef)]));
  const highest = Math.max(8, ...heights);
  const lowest = Math.min(0, ...heights);
  // The clefs and the stems reach about two spaces beyond the staff.
  return { clef, above: Math.max(18, (highest - 8) * HALF + 14), below: Math.max(18, -lowest * HALF + 8) };
}
