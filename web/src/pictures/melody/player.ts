// Plays a melody with WebAudio. Notes are handed to the audio clock shortly before they sound, so that they are on time
// however busy the page is, and a new tempo counts from the next note on.

import { signal, type ReadonlySignal } from "@preact/signals";

import { frequency, type Note } from "./notes.ts";

// How far ahead notes are handed over, and how often that is looked after, in seconds and milliseconds.
const AHEAD_S = 0.15;
const TICK_MS = 25;
// A note stops a little before the next, so that repeated notes are heard as two.
const SOUNDING = 0.9;
// Strengths of the harmonics: a soft reed that small loudspeakers still carry in the low octaves.
const HARMONICS = [0, 1, 0.45, 0.3, 0.12, 0.08];
const LOUDNESS = 0.25;

/** A number of beats a minute, read anew for each note. */
export type Tempo = () => number;

/** Plays one melody at a time. */
export class Player {
  readonly #sounding = signal<number | undefined>(undefined);
  readonly #playing = signal(false);
  #end: (() => void) | undefined;

  /** The number of the note that sounds now. */
  get sounding(): ReadonlySignal<number | undefined> {
    return this.#sounding;
  }

  get playing(): ReadonlySignal<boolean> {
    return this.#playing;
  }

  /** Plays the notes from the first. Browsers allow it in answer to a click or a key only. */
  play(notes: readonly Note[], tempo: Tempo): void {
    this.stop();
    const context = new AudioContext();
    const voice = new Voice(context);
    const handed: { from: number; to: number }[] = [];
    let next = context.currentTime + AHEAD_S;
    const tick = () => {
      const now = context.currentTime;
      while (handed.length < notes.length && next < now + AHEAD_S) {
        const note = notes[handed.length]!;
        const length = (note.beats * 60) / tempo();
        voice.sound(note, next, length * SOUNDING);
        handed.push({ from: next, to: next + length });
        next += length;
      }
      const current = handed.findIndex(({ from, to }) => from <= now && now < to);
      this.#sounding.value = current < 0 ? undefined : current;
      if (handed.length === notes.length && now >= next) this.stop();
    };
    const timer = setInterval(tick, TICK_MS);
    this.#playing.value = true;
    this.#end = () => {
      clearInterval(timer);
      void context.close();
    };
  }

  /** Falls silent. */
  stop(): void {
    this.#end?.();
    this.#end = undefined;
    this.#playing.value = false;
    this.#sounding.value = undefined;
  }
}

class Voice {
  readonly #context: AudioContext;
  readonly #wave: PeriodicWave;

  constructor(context: AudioContext) {
    this.#context = context;
    this.#wave = context.createPeriodicWave(new Float32Array(HARMONICS.length), new Float32Array(HARMONICS));
  }

  /** Lets a note sound at a time of the audio clock, for so many seconds. */
  sound({ pitch }: Note, at: number, seconds: number): void {
    if (pitch === undefined) return;
    const oscillator = this.#context.createOscillator();
    const envelope = this.#context.createGain();
    oscillator.setPeriodicWave(this.#wave);
    oscillator.frequency.value = frequency(pitch);
    envelope.gain.setValueAtTime(0, at);
    envelope.gain.linearRampToValueAtTime(LOUDNESS, at + 0.012);
    envelope.gain.exponentialRampToValueAtTime(LOUDNESS / 4, at + seconds);
    envelope.gain.linearRampToValueAtTime(0, at + seconds + 0.02);
    oscillator.connect(envelope).connect(this.#context.destination);
    oscillator.start(at);
    oscillator.stop(at + seconds + 0.03);
  }
}
