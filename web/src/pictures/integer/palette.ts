// One colour a digit, told apart with any colour vision: Paul Tol's scheme "muted" (personal.sron.nl/~pault), from
// dark to light so that a larger digit is also a lighter one.

/** The colours of the digits 0 to 9, as red, green and blue. */
export const PALETTE: readonly (readonly [number, number, number])[] = [
  [0x33, 0x22, 0x88],
  [0x88, 0x22, 0x55],
  [0x11, 0x77, 0x33],
  [0xaa, 0x44, 0x99],
  [0xcc, 0x66, 0x77],
  [0x44, 0xaa, 0x99],
  [0x99, 0x99, 0x33],
  [0x88, 0xcc, 0xee],
  [0xdd, 0xcc, 0x77],
  [0xdd, 0xdd, 0xdd],
];

/** The colour of a digit for CSS. */
export function css(digit: number): string {
  return `rgb(${PALETTE[digit]!.join(" ")})`;
}

/** Black or white, whichever is read better on the colour of the digit. */
export function ink(digit: number): string {
  return digit < 4 ? "white" : "black";
}
