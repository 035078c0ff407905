// Each kind through its form, to a result that was checked in the browser.

import { expect, test } from "./fixtures.ts";
import { ask, copied, fact, field, job, says, seen, spin, submit, verified } from "./person.ts";
import { fibonacci, fresh } from "./tasks.ts";

test("fibonacci: the thousandth number to its last digit", async ({ page }) => {
  await ask(page, "Fibonacci", { n: "1000" });
  const panel = job(page, "Fibonacci n = 1000");
  await verified(panel);
  const digits = String(fibonacci(1000));
  expect(await fact(panel, "Length")).toBe("209 digits");
  expect(await copied(panel)).toBe(digits);
  expect((await seen(panel)).join("")).toContain(digits.slice(0, 10));
});

test("primes: those up to a hundred, or how many there are", async ({ page }) => {
  await ask(page, "Primes", { Start: "1", End: "100" });
  const panel = job(page, "Primes start = 1, end = 100");
  await verified(panel);
  const primes = "2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71 73 79 83 89 97".split(" ");
  expect(await fact(panel, "Count")).toBe("25");
  expect((await copied(panel)).split("\n").filter((line) => line !== "")).toEqual(primes);
  await ask(page, "Primes", { "Count only": true });
  const count = job(page, "count only");
  await verified(count);
  expect(await copied(count)).toBe("25");
});

test("sum2: two integers of a hundred digits", async ({ page }) => {
  const [first, second] = ["7".repeat(100), "8".repeat(100)];
  await ask(page, "Sum2", { First: first, Second: second });
  const panel = job(page, "Sum2");
  await verified(panel);
  expect(await copied(panel)).toBe(String(BigInt(first) + BigInt(second)));
});

test("mult3: one factor below zero", async ({ page }) => {
  await ask(page, "Mult3", { First: "-12", Second: "34", Third: "56" });
  const panel = job(page, "Mult3");
  await verified(panel);
  expect(await copied(panel)).toBe("-22848");
  expect((await seen(panel)).join("")).toContain("−22848");
});

test("surprise: a melody to read, and to hear on a click", async ({ page }) => {
  await ask(page, "Surprise", { First: "2" });
  const panel = job(page, "Surprise");
  await verified(panel);
  await says(panel, /^C4:1 D4:1 E4:1 C4:1 C4:1 D4:1 E4:1 C4:1 E4:1 F4:1 G4:2 /);
  await panel.getByRole("img", { name: "In order: C4 1, D4 1, E4 1, C4 1, C4 1, D4 1, E4 1, C4 1, E4 1, F4 1, G4 2" }).waitFor();
  await panel.getByRole("button", { name: "Play" }).click();
  // The note that sounds is marked for the eye alone.
  const sounding = panel.locator(".staff-sounds");
  await sounding.filter({ hasText: "C4" }).waitFor();
  await sounding.filter({ hasText: "D4" }).waitFor();
  await panel.getByRole("button", { name: "Stop" }).click();
  await panel.getByRole("button", { name: "Play" }).waitFor();
  expect(await sounding.count()).toBe(0);
});

test("spin: its label, after its time", async ({ page }) => {
  const label = fresh("coffee");
  await spin(page, label, 0.5);
  const panel = job(page, label);
  await verified(panel);
  await panel.getByRole("region", { name: "Result" }).getByText(label, { exact: true }).waitFor();
});

test("factorial, binomial and power: to the last digit", async ({ page }) => {
  await ask(page, "Factorial", { n: "25" });
  await verified(job(page, "Factorial n = 25"));
  expect(await copied(job(page, "Factorial n = 25"))).toBe("15511210043330985984000000");
  await ask(page, "Binomial", { n: "100", k: "50" });
  await verified(job(page, "Binomial"));
  expect(await copied(job(page, "Binomial"))).toBe("100891344545564193334812497256");
  await ask(page, "Power", { Base: "-3", Exponent: "41" });
  await verified(job(page, "Power"));
  expect(await copied(job(page, "Power"))).toBe(String((-3n) ** 41n));
});

test("nth prime: counted, not listed", async ({ page }) => {
  await ask(page, "Nth prime", { n: "1000000000" });
  await verified(job(page, "Nth prime"));
  expect(await copied(job(page, "Nth prime"))).toBe("22801763489");
});

test("the example of each kind can be computed as it stands", async ({ page }) => {
  const kinds = page.getByRole("radio");
  const count = await kinds.count();
  expect(count).toBeGreaterThanOrEqual(10);
  for (let i = 0; i < count; i += 1) {
    await kinds.nth(i).check();
    await page.getByRole("button", { name: "Example" }).click();
    await submit(page);
    const kind = await kinds.nth(i).getAttribute("value");
    await verified(page.getByRole("article").filter({ has: page.getByRole("link", { name: new RegExp(`^${kind}-`) }) }));
  }
});

test("an address with a number asks for it", async ({ stack, page }) => {
  await page.goto(`${stack.url}/?n=42`);
  const panel = job(page, "Fibonacci n = 42");
  await verified(panel);
  expect(await copied(panel)).toBe("267914296");
  expect(await field(page, "n").inputValue()).toBe("42");
});
