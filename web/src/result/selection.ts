// Which units of a result are selected, where a pointer points, and how rows are cut for highlighting. Pure.
import type { Row, Sheet } from "./sheet.ts";

/** From where to where one has selected, both inclusive; equal ends are a caret. */
export interface Selection {
  readonly anchor: number;
  readonly focus: number;
}

/** Units [from, to). */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A point within the rows, in characters right of the gutter and rows from the first. */
export interface Point {
  column: number;
  row: number;
}

/** A part of a group that is shown in one way. */
export interface Part {
  text: string;
  mark: "" | "selected" | "found";
}

export function rangeOf({ anchor, focus }: Selection): Range {
  return { from: Math.min(anchor, focus), to: Math.max(anchor, focus) + 1 };
}

/** Whether more than a caret is selected. */
export function isExtended(selection: Selection | undefined): selection is Selection {
  return selection !== undefined && selection.anchor !== selection.focus;
}

/** The unit at a point; the nearest one when there is none. */
export function unitAtPoint({ column, row }: Point, sheet: Sheet): number {
  const wide = sheet.groupWidth + 1;
  const group = Math.min(Math.max(Math.floor(column / wide), 0), sheet.perRow / sheet.perGroup - 1);
  const within = Math.min(Math.max(Math.floor(column - group * wide), 0), sheet.groupWidth - 1);
  const inRow = sheet.perGroup === 1 ? group : group * sheet.perGroup + within;
  return bounded(Math.max(row, 0) * sheet.perRow + inRow, sheet);
}

/** The unit that a key moves the focus of the selection to; nothing for other keys. */
export function unitAfterKey(key: string, from: number, sheet: Sheet, rowsPerPage: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowLeft: from - 1,
    ArrowRight: from + 1,
    ArrowUp: from - sheet.perRow,
    ArrowDown: from + sheet.perRow,
    PageUp: from - rowsPerPage * sheet.perRow,
    PageDown: from + rowsPerPage * sheet.perRow,
    Home: 0,
    End: sheet.units - 1,
  };
  const to = steps[key];
  return to === undefined ? undefined : bounded(to, sheet);
}

/** A row's groups, cut where a highlight begins or ends. What was found stands out from what is selected. */
export function cut(row: Row, sheet: Sheet, selected?: Range, found?: Range): Part[][] {
  return row.groups.map((text, index) => {
    const first = row.first + index * sheet.perGroup;
    if (sheet.perGroup === 1) return [{ text, mark: markOf(first, selected, found) }];
    const edges = [0, text.length];
    for (const range of [selected, found]) {
      for (const edge of range ? [range.from - first, range.to - first] : []) {
        if (edge > 0 && edge < text.length) edges.push(edge);
      }
    }
    edges.sort((a, b) => a - b);
    return edges.slice(1).flatMap((end, i) => {
      const start = edges[i]!;
      return start === end ? [] : [{ text: text.slice(start, end), mark: markOf(first + start, selected, found) }];
    });
  });
}

function markOf(unit: number, selected?: Range, found?: Range): Part["mark"] {
  if (found && unit >= found.from && unit < found.to) return "found";
  return selected && unit >= selected.from && unit < selected.to ? "selected" : "";
}

function bounded(unit: number, sheet: Sheet): number {
  return Math.min(Math.max(unit, 0), Math.max(sheet.units - 1, 0));
}
