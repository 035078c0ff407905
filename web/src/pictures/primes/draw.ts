// Draws Ulam's spiral onto a canvas, each number a cell.

import type { PrimeReader } from "./gaps.ts";
import { cellOf, type Cell } from "./ulam.ts";

/** What is to be drawn. */
export interface Drawing {
  readonly marks: PrimeReader["marks"];
  /** Cells on a side. */
  readonly side: number;
  /** Side of the picture in CSS pixels. */
  readonly size: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  /** How many numbers are known, from the first on. */
  readonly known: number;
  /** The number that the cursor stands on, counted from the first. */
  readonly cursor: number;
  readonly colours: { readonly prime: string; readonly other: string; readonly mark: string };
}

/** Draws the known cells and the cursor. */
export function draw(canvas: HTMLCanvasElement, drawing: Drawing): void {
  const { side, size, ratio, colours } = drawing;
  canvas.width = canvas.height = Math.max(1, Math.round(size * ratio));
  canvas.style.width = canvas.style.height = `${size}px`;
  const context = canvas.getContext("2d")!;
  context.imageSmoothingEnabled = false;
  const count = Math.min(drawing.known, side * side);
  const all = layer(side, colours.other, { count, has: () => true });
  const primes = layer(side, colours.prime, { count, has: (index) => drawing.marks[index] === 1 });
  for (const image of [all, primes]) context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const cell = canvas.width / side;
  if (drawing.cursor < side * side) outline(context, at(cellOf(drawing.cursor), side), { cell, ratio, mark: colours.mark });
}

/** Column and row of a cell, from the upper left corner. */
export function at({ x, y }: Cell, side: number): { column: number; row: number } {
  const middle = (side - 1) / 2;
  return { column: middle + x, row: middle - y };
}

// A picture of one pixel a cell in which those of the first `count` indices have the colour that are wanted.
function layer(side: number, colour: string, wanted: { count: number; has: (index: number) => boolean }): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(side, side);
  for (let index = 0; index < wanted.count; index++) {
    if (!wanted.has(index)) continue;
    const { column, row } = at(cellOf(index), side);
    image.data[4 * (row * side + column) + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, side, side);
  return canvas;
}

function outline(
  context: CanvasRenderingContext2D,
  { column, row }: { column: number; row: number },
  { cell, ratio, mark }: { cell: number; ratio: number; mark: string },
): void {
  // Never smaller than can be found.
  const half = Math.max(cell, 9 * ratio) / 2;
  context.lineWidth = 2 * ratio;
  context.strokeStyle = mark;
  context.strokeRect((column + 0.5) * cell - half, (row + 0.5) * cell - half, 2 * half, 2 * half);
}
