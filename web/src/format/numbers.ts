// Numbers as people read them; the digits of results are not touched here.

/** `1234567` as `1,234,567`. */
export function grouped(value: number | bigint): string {
  return value.toLocaleString("en-US");
}

/** A size in bytes in binary units, such as `19.9 MiB`. */
export function bytesText(bytes: number | bigint): string {
  let value = Number(bytes);
  if (value < 1024) return `${value} ${value === 1 ? "byte" : "bytes"}`;
  for (const unit of ["KiB", "MiB", "GiB"]) {
    value /= 1024;
    if (value < 1023.95 || unit === "GiB") return `${value.toFixed(1)} ${unit}`;
  }
  return `${value} GiB`;
}

/** A fraction from 0 to 1 as `42 %`; 100 % only when all is done. */
export function percentText(fraction: number): string {
  const bounded = Math.min(Math.max(fraction, 0), 1);
  return `${Math.floor(bounded * 100)} %`;
}

/** `1 digit`, `2 digits`. */
export function counted(count: number | bigint, noun: string): string {
  return `${grouped(count)} ${noun}${Number(count) === 1 ? "" : "s"}`;
}
