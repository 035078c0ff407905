// Ulam's spiral: index 0 in the middle, then one to the right, up, left, down, and outward for ever
// (M. Stein, S. M. Ulam, M. B. Wells, "A Visual Display of Some Properties of the Distribution of Primes", 1964).

/** A cell, counted from the middle: x to the right, y upward. */
export interface Cell {
  readonly x: number;
  readonly y: number;
}

/** Where the spiral puts this index. */
export function cellOf(index: number): Cell {
  if (index === 0) return { x: 0, y: 0 };
  const ring = Math.ceil((Math.sqrt(index + 1) - 1) / 2);
  const side = 2 * ring;
  // How far before the ring's last cell, which stands at its lower right corner.
  const before = (side + 1) ** 2 - 1 - index;
  if (before <= side) return { x: ring - before, y: -ring };
  if (before <= 2 * side) return { x: -ring, y: before - side - ring };
  if (before <= 3 * side) return { x: before - 2 * side - ring, y: ring };
  return { x: ring, y: ring - (before - 3 * side) };
}

/** The index that stands in this cell. */
export function indexOf({ x, y }: Cell): number {
  const ring = Math.max(Math.abs(x), Math.abs(y));
  const side = 2 * ring;
  const last = (side + 1) ** 2 - 1;
  if (y === -ring) return last - (ring - x);
  if (x === -ring) return last - side - (y + ring);
  if (y === ring) return last - 2 * side - (x + ring);
  return last - 3 * side - (ring - y);
}

/** The side of the smallest whole square that holds this many numbers; always odd. */
export function sideFor(numbers: number): number {
  const side = Math.ceil(Math.sqrt(numbers));
  return side % 2 === 0 ? side + 1 : side;
}
