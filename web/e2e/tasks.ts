// Tasks whose results the tests know by other means than Abacus.

/** F(n), by its definition. */
export function fibonacci(n: number): bigint {
  let [a, b] = [0n, 1n];
  for (let i = 0; i < n; i += 1) [a, b] = [b, a + b];
  return a;
}

/** F(100,000): 20,899 digits, which is long enough to need tools. */
export const LONG_N = 100_000;
/** F(10,000,000) has 2,089,877 digits. */
export const VERY_LONG_N = 10_000_000;
export const VERY_LONG_DIGITS = 2_089_877;

/** Primes up to here: so many, and the last one of them; one per line they take 20,116,599 bytes. */
export const HUGE_END = 38_000_000;
export const HUGE_COUNT = "2,318,966";
export const HUGE_LAST = "37999991";

/** A label that no other test has: a job of its own. */
export function fresh(what: string): string {
  return `${what}-${crypto.randomUUID().slice(0, 8)}`;
}
