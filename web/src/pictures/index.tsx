// Pictures of a result: digits of integers, primes of an interval, the notes of a melody.

import type { Task } from "@abacus/client/gen/task";
import type { ResultSummary } from "@abacus/client/gen/job";
import { useEffect, useState } from "preact/hooks";

import { Frequencies } from "./integer/frequencies.tsx";
import { Pixels } from "./integer/pixels.tsx";
import { Melody } from "./melody/index.tsx";
import { PrimePictures, type Interval } from "./primes/index.tsx";
import type { Source } from "./reading.ts";
import { shapeOf, type Shape } from "./shape.ts";
import "./pictures.css";

const LOOK_MS = 250;

/**
 * Draws what the result is: nothing when there is no picture of it. The content may still grow; the summary, once it is
 * there, says up to where.
 */
export function Pictures(props: { content: Source; summary: ResultSummary | undefined; task: Task | undefined }) {
  const expected = props.summary === undefined ? undefined : Number(props.summary.bytes);
  const shape = useShape(props.content, expected);
  if (shape.kind === "none") return null;
  return (
    <section class="pictures" aria-label="Pictures of the result">
      {shape.kind === "integer" && (
        <>
          <Frequencies source={props.content} expected={expected} />
          <Pixels source={props.content} expected={expected} />
        </>
      )}
      {shape.kind === "primes" && <PrimePictures source={props.content} expected={expected} interval={intervalOf(props.task)} />}
      {shape.kind === "melody" && <Melody notes={shape.notes} />}
    </section>
  );
}

// Looks again and again until the shape cannot change any more.
function useShape(source: Source, expected: number | undefined): Shape {
  const [, look] = useState({});
  const complete = expected !== undefined && source.bytes >= expected;
  const shape = shapeOf(source, complete);
  const settled = complete || shape.kind === "integer" || shape.kind === "primes";
  useEffect(() => {
    if (settled) return;
    const timer = setInterval(() => look({}), LOOK_MS);
    return () => clearInterval(timer);
  }, [source, settled]);
  return shape;
}

function intervalOf(task: Task | undefined): Interval | undefined {
  return task?.task.case === "primes" ? task.task.value : undefined;
}
