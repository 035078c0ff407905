// Paints the digits of an integer onto a canvas, each a cell.

import type { Source } from "../reading.ts";
import { sample, type Grid } from "./grid.ts";
import { ink, PALETTE } from "./palette.ts";

const ZERO = 0x30;
// From this side on, in CSS pixels, a cell has room for its digit in print.
const LEGIBLE = 12;
// The colours as pixels: red, green, blue and opacity in the order of memory.
const COLOURS = new Uint32Array(new Uint8Array(PALETTE.flatMap((rgb) => [...rgb, 255])).buffer);

/** What is to be painted. */
export interface Painting {
  readonly source: Source;
  /** Where the first digit stands in the source. */
  readonly sign: number;
  readonly grid: Grid;
  /** The digit in the first cell. */
  readonly top: number;
  /** The digit that the cursor stands on. */
  readonly cursor: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  /** The colour of the cursor. */
  readonly mark: string;
}

/** Paints the cells and the cursor. */
export function paint(canvas: HTMLCanvasElement, painting: Painting): void {
  const { grid, ratio } = painting;
  canvas.width = Math.max(1, Math.round(grid.columns * grid.scale * ratio));
  canvas.height = Math.max(1, Math.round(grid.rows * grid.scale * ratio));
  canvas.style.width = `${grid.columns * grid.scale}px`;
  canvas.style.height = `${grid.rows * grid.scale}px`;
  const context = canvas.getContext("2d")!;
  const digits = visible(painting);
  context.imageSmoothingEnabled = false;
  context.drawImage(cells(digits, grid), 0, 0, canvas.width, canvas.height);
  context.scale(ratio, ratio);
  if (grid.scale >= LEGIBLE) print(context, digits, grid);
  outline(context, painting);
}

// The bytes of the digits in the cells; 0 where there is none.
function visible({ source, sign, grid, top }: Painting): Uint8Array {
  const digits = new Uint8Array(grid.columns * grid.rows);
  sample(source.pieces(), { from: sign + top, step: grid.step, count: digits.length }, (byte, index) => {
    digits[index] = byte;
  });
  return digits;
}

// One pixel a cell.
function cells(digits: Uint8Array, grid: Grid): HTMLCanvasElement {
  const small = document.createElement("canvas");
  small.width = grid.columns;
  small.height = grid.rows;
  const context = small.getContext("2d")!;
  const image = context.createImageData(grid.columns, grid.rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let index = 0; index < digits.length; index++) pixels[index] = COLOURS[digits[index]! - ZERO] ?? 0;
  context.putImageData(image, 0, 0);
  return small;
}

function print(context: CanvasRenderingContext2D, digits: Uint8Array, { columns, scale }: Grid): void {
  context.font = `${Math.round(scale * 0.7)}px ui-monospace, monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  digits.forEach((byte, index) => {
    if (byte === 0) return;
    context.fillStyle = ink(byte - ZERO);
    const [column, row] = [index % columns, Math.floor(index / columns)];
    context.fillText(String.fromCharCode(byte), (column + 0.5) * scale, (row + 0.55) * scale);
  });
}

function outline(context: CanvasRenderingContext2D, { grid, top, cursor, mark }: Painting): void {
  const index = Math.floor((cursor - top) / grid.step);
  if (index < 0 || index >= grid.columns * grid.rows) return;
  // Never smaller than can be found.
  const side = Math.max(grid.scale, 9);
  const [column, row] = [index % grid.columns, Math.floor(index / grid.columns)];
  const within = (cell: number, cells: number) =>
    Math.max(1, Math.min((cell + 0.5) * grid.scale - side / 2, cells * grid.scale - side - 1));
  const [x, y] = [within(column, grid.columns), within(row, grid.rows)];
  context.lineWidth = 4;
  context.strokeStyle = "black";
  context.strokeRect(x, y, side, side);
  context.lineWidth = 2;
  context.strokeStyle = mark;
  context.strokeRect(x, y, side, side);
}
