// Notes as text: names in scientific pitch notation with a length in beats, `E4:1 D4:0.5 R:1`.

/** A note or a rest of a melody. */
export interface Note {
  /** Its name as written (`C#5`); `R` for a rest. */
  readonly name: string;
  /** Its length in beats. */
  readonly beats: number;
  /** How high it is; absent for a rest. */
  readonly pitch?: Pitch;
}

/** The height of a note. */
export interface Pitch {
  /** Steps of the white keys above C0: what decides the place on a staff. */
  readonly step: number;
  /** Semitones that it is raised (sharp, 1 or 2) or lowered (flat, -1 or -2). */
  readonly accidental: number;
  /** Its MIDI number: semitones above C-1; A4 is 69. */
  readonly midi: number;
}

const LETTERS = "CDEFGAB";
const SEMITONES = [0, 2, 4, 5, 7, 9, 11];
const PATTERN = /^(?:([A-G])(#{0,2}|b{0,2})(\d)|R):(\d{1,3}(?:\.\d{1,4})?)$/;

/** The notes of a text, or nothing when it is not a melody. An unfinished last word is left out unless `whole`. */
export function parseMelody(text: string, whole: "whole" | "growing"): Note[] | undefined {
  const words = text.split(" ");
  if (whole === "growing") words.pop();
  const notes = words.map(parseNote);
  return notes.length > 0 && notes.every((note) => note !== undefined) ? notes : undefined;
}

/** How often the air swings a second, in equal temperament with A4 = 440 Hz. */
export function frequency({ midi }: Pitch): number {
  return 440 * 2 ** ((midi - 69) / 12);
}

/** The name as it is printed: `C♯5`. */
export function printedName({ name, pitch }: Note): string {
  return pitch === undefined ? "rest" : name.replaceAll("#", "♯").replace(/(?<=^.)b+/, (flats) => "♭".repeat(flats.length));
}

/** The length as it is printed: `1½`. */
export function printedBeats(beats: number): string {
  const whole = Math.floor(beats);
  const rest = { 0.25: "¼", 0.5: "½", 0.75: "¾" }[beats - whole];
  if (rest === undefined) return String(beats);
  return whole === 0 ? rest : `${whole}${rest}`;
}

function parseNote(word: string): Note | undefined {
  const match = PATTERN.exec(word);
  if (match === null) return undefined;
  const beats = Number(match[4]);
  if (beats === 0) return undefined;
  const [name, letter] = [word.slice(0, word.indexOf(":")), match[1]];
  if (letter === undefined) return { name, beats };
  const signs = match[2]!;
  const accidental = signs.startsWith("b") ? -signs.length : signs.length;
  const place = LETTERS.indexOf(letter);
  const octave = Number(match[3]);
  const midi = 12 * (octave + 1) + SEMITONES[place]! + accidental;
  return { name, beats, pitch: { step: 7 * octave + place, accidental, midi } };
}
