// A job on its way: what is told of it while it runs, and its end before its time.

import type { Page } from "playwright-core";

import { expect, test } from "./fixtures.ts";
import { job, says, spin, until, verified } from "./person.ts";
import { fresh } from "./tasks.ts";

const SECONDS = 4;

test("progress arrives one by one", async ({ page }) => {
  await watchBars(page);
  const label = fresh("progress");
  await spin(page, label, SECONDS);
  const panel = job(page, label);
  await panel.getByRole("progressbar", { name: "Progress" }).waitFor();
  await says(panel, "spinning");
  await says(panel, / left$/);
  await verified(panel);
  const steps = await watched(page);
  const values = steps.map(({ value }) => value);
  expect(new Set(values).size).toBeGreaterThanOrEqual(5);
  expect(values).toEqual([...values].sort((a, b) => a - b));
  // Had they been held back on the way, they would have come together at the end.
  expect(steps.at(-1)!.at - steps[0]!.at).toBeGreaterThan((SECONDS * 1000) / 4);
});

test("a job that nobody wants any more stops", async ({ abacus, page }) => {
  const label = fresh("cancelled");
  await spin(page, label, 600);
  const panel = job(page, label);
  await says(panel, "spinning");
  await panel.getByRole("button", { name: "Cancel" }).click();
  await says(panel, "Cancelled");
  expect(await panel.getByRole("progressbar").count()).toBe(0);
  await until(async () => {
    const { workers } = await abacus.operators.listWorkers({});
    return workers.flatMap(({ lanes }) => lanes).every(({ busy }) => busy === 0);
  }, true);
});

interface Step {
  value: number;
  at: number;
}

/** Takes down each value that a progress bar has. */
async function watchBars(page: Page): Promise<void> {
  await page.evaluate(() => {
    const steps: Step[] = [];
    Object.assign(window, { steps });
    new MutationObserver(() => {
      const value = document.querySelector("progress")?.getAttribute("value");
      if (value && steps.at(-1)?.value !== Number(value)) steps.push({ value: Number(value), at: performance.now() });
    }).observe(document, { attributes: true, childList: true, subtree: true });
  });
}

async function watched(page: Page): Promise<Step[]> {
  return page.evaluate(() => (window as unknown as { steps: Step[] }).steps);
}
