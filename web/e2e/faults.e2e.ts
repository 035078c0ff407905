// What somebody sees while services die, and when they are back.

import { expect, open, test } from "./fixtures.ts";
import { slowLine } from "./line.ts";
import { ask, connection, fact, field, job, spin, submit, until, verified, watchConnection } from "./person.ts";
import { fresh, VERY_LONG_DIGITS, VERY_LONG_N } from "./tasks.ts";

/** Slow enough that two million digits take a while, in bytes a second. */
const SLOW_LINE = 400_000;

test("two million digits arrive whole while notifier, gateway and Envoy are killed", async ({ stack, browser }) => {
  const line = await slowLine(stack.url, SLOW_LINE);
  const { page, close } = await open(browser, line.url);
  const told = await watchConnection(page);
  await ask(page, "Fibonacci", { n: String(VERY_LONG_N) });
  const panel = job(page, "Fibonacci");
  const arrived = async (): Promise<number> => {
    const label = await panel.getByRole("group", { name: /^Result, / }).getAttribute("aria-label");
    return Number(label!.replace(/\D/g, ""));
  };
  const victims = ["notifier-1", "gateway-1", "envoy"];
  for (const [index, victim] of victims.entries()) {
    await until(async () => (await arrived()) > index * 300_000, true);
    expect(await arrived(), `${victim} is killed in the middle`).toBeLessThan(VERY_LONG_DIGITS);
    await stack.kill(victim);
  }
  expect(await arrived()).toBeLessThan(VERY_LONG_DIGITS);
  await verified(panel);
  expect(await told()).toContain("Connection lost");
  await connection(page, "Connected");
  expect(await fact(panel, "Length")).toBe("2,089,877 digits");
  await close();
  line.close();
});

test("a lost connection is shown, and heals", async ({ stack, page }) => {
  const label = fresh("cut");
  await spin(page, label, 5);
  await connection(page, "Connected");
  const told = await watchConnection(page);
  await stack.kill("envoy");
  await until(async () => (await told()).slice(1).at(-1), "Connected");
  expect(await told()).toContain("Connection lost");
  await until(() => page.getByRole("button", { name: "Try now" }).count(), 0);
  await verified(job(page, label));
});

test("a device without a network says so, and goes on by itself", async ({ page }) => {
  await connection(page, "Connected");
  await page.context().setOffline(true);
  await connection(page, "Offline");
  await field(page, "n").fill("123");
  await submit(page);
  await page.context().setOffline(false);
  await connection(page, "Connected");
  await verified(job(page, "Fibonacci n = 123"));
});

test("a calculator that dies costs an attempt, not the job", async ({ stack, page }) => {
  const label = fresh("lost");
  await spin(page, label, 3);
  const panel = job(page, label);
  await panel.getByText("spinning").waitFor();
  await Promise.all([stack.kill("calculator-1"), stack.kill("calculator-2")]);
  await verified(panel);
  expect(Number(await fact(panel, "Attempt"))).toBeGreaterThanOrEqual(2);
});
