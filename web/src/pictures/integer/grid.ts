// How the digits of an integer are laid out as cells: row by row, most significant first.

/** A picture of cells, each one digit. */
export interface Grid {
  /** Side of a cell in CSS pixels. */
  readonly scale: number;
  readonly columns: number;
  readonly rows: number;
  /** A cell shows each `step`-th digit; 1 when all are shown. */
  readonly step: number;
}

/** The room for a picture in CSS pixels. */
export interface Room {
  readonly width: number;
  readonly height: number;
}

/** The sides of cells that can be chosen, in CSS pixels, largest first. */
export const SCALES = [24, 16, 12, 8, 6, 4, 3, 2, 1] as const;

/** The largest cells that show all digits; when even the smallest do not, digits are left out evenly. */
export function fitted(total: number, room: Room): Grid {
  for (const scale of SCALES) {
    const columns = across(room, scale);
    const rows = Math.ceil(total / columns);
    if (rows * scale <= room.height) return { scale, columns, rows, step: 1 };
  }
  const columns = across(room, 1);
  const step = Math.ceil(total / (columns * Math.floor(room.height)));
  return { scale: 1, columns, rows: Math.ceil(Math.ceil(total / step) / columns), step };
}

/** Cells of this scale: as many digits as there is room for. */
export function zoomed(total: number, room: Room, scale: number): Grid {
  const columns = across(room, scale);
  const rows = Math.min(Math.ceil(total / columns), Math.max(1, Math.floor(room.height / scale)));
  return { scale, columns, rows, step: 1 };
}

/** Which digit is to be seen, of how many, and which one stands first now. */
export interface Place {
  readonly position: number;
  readonly top: number;
  readonly total: number;
}

/** The digit to show first, at the start of a row: the old one if it may be, and no room left empty at the end. */
export function scrolled({ position, top, total }: Place, grid: Grid): number {
  if (grid.step > 1) return 0;
  const row = Math.floor(position / grid.columns);
  const before = Math.floor(top / grid.columns);
  const wanted = row >= before && row < before + grid.rows ? before : row - Math.floor(grid.rows / 2);
  const last = Math.ceil(total / grid.columns) - grid.rows;
  return Math.max(0, Math.min(wanted, last)) * grid.columns;
}

/** Calls `see` with the bytes at `from`, `from + step`, ... of the pieces, at most `count` of them. */
export function sample(
  pieces: Iterable<Uint8Array>,
  { from, step, count }: { from: number; step: number; count: number },
  see: (byte: number, index: number) => void,
): void {
  let start = 0;
  let position = from;
  let index = 0;
  for (const piece of pieces) {
    const end = start + piece.length;
    for (; position < end && index < count; position += step) see(piece[position - start]!, index++);
    if (index >= count) return;
    start = end;
  }
}

function across(room: Room, scale: number): number {
  return Math.max(1, Math.floor(room.width / scale));
}
