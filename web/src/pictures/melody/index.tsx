// A melody to hear and to read.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Figure } from "../figure.tsx";
import { frequency, printedBeats, printedName, type Note } from "./notes.ts";
import { Player } from "./player.ts";
import { Score } from "./score.tsx";

const SLOWEST = 40;
const FASTEST = 220;
const USUAL = 104;

/** Plays a melody on a click and shows its notes. */
export function Melody({ notes }: { notes: readonly Note[] }) {
  const player = useMemo(() => new Player(), []);
  const [tempo, setTempo] = useState(USUAL);
  const current = useRef(tempo);
  current.current = tempo;
  useEffect(() => () => player.stop(), [player]);
  const playing = player.playing.value;
  const sounding = player.sounding.value;
  const description = describe(notes);
  return (
    <Figure title="The melody" finding={description} table={() => <NoteTable notes={notes} />}>
      <div class="picture-controls">
        <button type="button" class="small" onClick={() => (playing ? player.stop() : player.play(notes, () => current.current))}>
          {playing ? "Stop" : "Play"}
        </button>
        <label>
          Tempo
          <input
            type="range"
            min={SLOWEST}
            max={FASTEST}
            value={tempo}
            aria-valuetext={`${tempo} beats a minute`}
            onInput={(event) => setTempo(event.currentTarget.valueAsNumber)}
          />
          <span class="picture-tempo">{tempo} beats a minute</span>
        </label>
      </div>
      <Score notes={notes} sounding={sounding} description={`${description} In order: ${notes.map(spoken).join(", ")}.`} />
    </Figure>
  );
}

function NoteTable({ notes }: { notes: readonly Note[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Note</th>
          <th scope="col">Name</th>
          <th scope="col">Beats</th>
          <th scope="col">Hertz</th>
        </tr>
      </thead>
      <tbody>
        {notes.map((note, index) => (
          <tr key={index}>
            <th scope="row">{index + 1}</th>
            <td>{printedName(note)}</td>
            <td>{printedBeats(note.beats)}</td>
            <td>{note.pitch === undefined ? "" : frequency(note.pitch).toFixed(1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function describe(notes: readonly Note[]): string {
  const pitched = notes.filter(({ pitch }) => pitch !== undefined).sort((one, other) => one.pitch!.midi - other.pitch!.midi);
  const beats = notes.reduce((sum, note) => sum + note.beats, 0);
  const rests = notes.length - pitched.length;
  const compass = pitched.length === 0 ? "" : ` from ${printedName(pitched[0]!)} to ${printedName(pitched.at(-1)!)}`;
  return `${pitched.length} notes${compass}${rests > 0 ? ` and ${rests} rests` : ""}, ${printedBeats(beats)} beats long. Which song is it?`;
}

function spoken({ name, pitch, beats }: Note): string {
  const called = pitch === undefined ? "rest" : name.replaceAll("#", " sharp ").replace(/(?<=^.)b+/, " flat ");
  return `${called} ${printedBeats(beats)}`;
}
