// Long results: finding one's way in them, taking them along, and a page that stays alive.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";

import { expect, test } from "./fixtures.ts";
import { ask, copied, fact, job, says, seen, until, verified } from "./person.ts";
import { fibonacci, HUGE_COUNT, HUGE_END, HUGE_LAST, LONG_N } from "./tasks.ts";

/** A page that does not draw for so long is felt to hang, also on a machine with other work; in milliseconds. */
const LONGEST_GAP = 1000;

test("digits are searched for, gone to, copied and downloaded", async ({ page }) => {
  const digits = String(fibonacci(LONG_N));
  await ask(page, "Fibonacci", { n: String(LONG_N) });
  const panel = job(page, "Fibonacci");
  await verified(panel);

  const place = 12_345;
  const needle = digits.slice(place, place + 12);
  await panel.getByLabel("Find digits").fill(needle);
  await panel.getByLabel("Find digits").press("Enter");
  await says(panel, "At digit 12,346, 1 time in all");
  await until(async () => (await seen(panel)).join("").includes(needle.slice(-6)), true);
  await panel.getByLabel("Find digits").fill("00000000000000");
  await panel.getByRole("button", { name: "Next" }).click();
  await says(panel, "It does not occur.");

  await panel.getByLabel("Go to digit").fill("20,001");
  await panel.getByRole("button", { name: "Go", exact: true }).click();
  await says(panel, "At digit 20,001");
  await until(async () => (await seen(panel)).join("").includes(digits.slice(20_000, 20_010)), true);

  await panel.getByRole("group", { name: /^Result, / }).press("Escape");
  expect(await copied(panel)).toBe(digits);
  const [download] = await Promise.all([page.waitForEvent("download"), panel.getByRole("button", { name: "Download" }).click()]);
  const file = await readFile(await download.path());
  expect(file.toString()).toBe(digits);
  expect(await fact(panel, "SHA-256")).toContain(createHash("sha256").update(file).digest("hex"));
});

test("a list of twenty million bytes arrives and is scrolled through without a pause", async ({ page }) => {
  await watchFrames(page);
  await ask(page, "Primes", { Start: "0", End: String(HUGE_END) });
  const panel = job(page, "Primes");
  const rows = panel.getByRole("group", { name: /^Result, / });
  await rows.focus();
  const whole = verified(panel);
  let pending = true;
  void whole.finally(() => (pending = false)).catch(() => undefined);
  for (let turn = 0; pending || turn < 20; turn += 1) {
    await page.keyboard.press(turn % 5 === 4 ? "End" : "PageDown");
  }
  await whole;
  expect(await fact(panel, "Count")).toBe(HUGE_COUNT);
  await page.keyboard.press("End");
  await until(async () => (await seen(panel)).includes(HUGE_LAST), true);
  expect(await page.locator("*").count()).toBeLessThan(3000);
  expect(await longestGap(page)).toBeLessThan(LONGEST_GAP);
});

/** Measures from now on how long the page goes without drawing. */
async function watchFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const frames = { before: performance.now(), longest: 0 };
    Object.assign(window, { frames });
    const next = (now: number) => {
      frames.longest = Math.max(frames.longest, now - frames.before);
      frames.before = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}

async function longestGap(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { frames: { longest: number } }).frames.longest);
}
