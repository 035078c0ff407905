// What every picture has around it: a title, the finding in words, and the figures behind it as a table.

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";

/** A picture with its words. */
export function Figure(props: {
  title: string;
  /** What the picture shows, in a sentence or two. */
  finding: string;
  children: ComponentChildren;
  /** A `<table>` of the same figures, made when it is opened. */
  table: () => ComponentChildren;
}) {
  const [open, setOpen] = useState(false);
  return (
    <figure class="picture">
      <figcaption>
        <h3>{props.title}</h3>
        <p>{props.finding}</p>
      </figcaption>
      {props.children}
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>As a table</summary>
        {open && <div class="picture-scroll">{props.table()}</div>}
      </details>
    </figure>
  );
}

/** Moves a cursor over the cells of a picture by mouse, finger or keys, and says what is there. */
export function Cursor(props: {
  label: string;
  last: number;
  position: number;
  /** What stands at the position. */
  told: string;
  move: (position: number) => void;
}) {
  const id = useId();
  return (
    <div class="picture-cursor">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={props.last}
        value={props.position}
        aria-valuetext={props.told}
        onInput={(event) => props.move(event.currentTarget.valueAsNumber)}
      />
      <output for={id}>{props.told}</output>
    </div>
  );
}

const grouping = new Intl.NumberFormat("en");

/** A count as people read it: `1,234,567`. */
export function counted(value: number | bigint): string {
  return grouping.format(value);
}

/** A share of a whole in per cent. */
export function share(part: number, whole: number): string {
  return whole === 0 ? "0%" : `${((100 * part) / whole).toFixed(2)}%`;
}
