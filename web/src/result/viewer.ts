// What one looks at of a long result, shared by the rows and the tools above them.
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Content } from "@abacus/client";
import { LineIndex } from "./lines.ts";
import { type Extent, type Place, placed, revealing } from "./scroll.ts";
import { isExtended, type Range, rangeOf, type Selection } from "./selection.ts";
import { DigitSheet, PrimeSheet, type Sheet } from "./sheet.ts";

/** The room that the rows have, as measured. */
export interface Room {
  columns: number;
  charWidth: number;
  rowHeight: number;
  height: number;
}

/** Units that are taken in at a glance. */
const SEEN_AT_ONCE = 300;

const UNMEASURED: Room = { columns: 34, charWidth: 8, rowHeight: 24, height: 0 };

export class Viewer {
  readonly room: Signal<Room> = signal(UNMEASURED);
  readonly place: Signal<Place> = signal({ top: 0, scroll: 0 });
  readonly selection: Signal<Selection | undefined> = signal(undefined);
  readonly found: Signal<Range | undefined> = signal(undefined);
  /** What came of the latest search. */
  readonly said: Signal<string> = signal("");
  readonly sheet: ReadonlySignal<Sheet>;
  readonly extent: ReadonlySignal<Extent>;
  readonly selected: ReadonlySignal<Range | undefined>;
  /** The element that scrolls, while it is shown. */
  scroller: HTMLElement | null = null;

  constructor(readonly content: Content, kind: "integer" | "primes", revision: ReadonlySignal<number>) {
    const lines = new LineIndex();
    this.sheet = computed(() => {
      void revision.value;
      const { columns } = this.room.value;
      if (kind === "integer") return new DigitSheet(content, columns);
      lines.extend(content);
      return new PrimeSheet(content, lines, columns);
    });
    this.extent = computed(() => {
      const { rowHeight, height } = this.room.value;
      return { total: this.rows * rowHeight, window: height };
    });
    this.selected = computed(() => (isExtended(this.selection.value) ? rangeOf(this.selection.value) : undefined));
  }

  /** How many rows there are. */
  get rows(): number {
    const { units, perRow } = this.sheet.value;
    return Math.ceil(units / perRow);
  }

  /** Whether one needs tools to find one's way. */
  get isLong(): boolean {
    return this.sheet.value.units > SEEN_AT_ONCE;
  }

  /** Puts the caret to a unit and shows it, wherever the page stands. */
  goTo(unit: number): void {
    this.point(unit, "caret");
    this.reveal(unit);
    this.scroller?.scrollIntoView({ block: "nearest" });
  }

  /** Brings a unit into the window. */
  reveal(unit: number): void {
    const { rowHeight, height } = this.room.peek();
    const row = Math.floor(unit / this.sheet.peek().perRow);
    this.moveTo(revealing(row, this.place.peek().top, height, rowHeight));
  }

  /** Moves to a virtual position in pixels. */
  moveTo(top: number): void {
    this.place.value = placed(top, this.extent.peek());
    if (this.scroller) this.scroller.scrollTop = this.place.peek().scroll;
  }

  /** Puts the caret to a unit, or extends the selection to it. */
  point(unit: number, how: "caret" | "extend"): void {
    const anchor = how === "extend" ? (this.selection.peek()?.anchor ?? unit) : unit;
    this.selection.value = { anchor, focus: unit };
  }

  selectAll(): void {
    this.selection.value = { anchor: 0, focus: Math.max(this.sheet.peek().units - 1, 0) };
  }

  /** Shows bytes [offset, offset + length) as what was found. */
  showFound(offset: number, length: number): void {
    const sheet = this.sheet.peek();
    const from = sheet.unitAt(offset);
    batch(() => {
      this.found.value = { from, to: sheet.unitAt(offset + length - 1) + 1 };
      this.reveal(from);
    });
    this.scroller?.scrollIntoView({ block: "nearest" });
  }

  /** The text to be copied: what is selected, or all of it. */
  copied(): string {
    const range = this.selected.peek();
    const sheet = this.sheet.peek();
    return range ? sheet.copied(range.from, range.to) : sheet.copied(0, sheet.units);
  }

  /** How many bytes {@link copied} would give. */
  get copiedBytes(): number {
    const range = this.selected.value;
    const sheet = this.sheet.value;
    return range ? sheet.offsetOf(range.to) - sheet.offsetOf(range.from) : sheet.offsetOf(sheet.units);
  }
}
