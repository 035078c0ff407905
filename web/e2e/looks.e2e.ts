// How each view looks, by day and by night, on a desk and on a phone: for programs here, for people in `output`.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";

import { expect, picture, test, WIDTHS } from "./fixtures.ts";
import { ask, job, spin, submit, compose, until, verified, visit } from "./person.ts";
import { fresh } from "./tasks.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Each view, and how to get there from a fresh page. */
const VIEWS: Record<string, (page: Page) => Promise<void>> = {
  welcome: async (page) => page.getByRole("heading", { level: 1 }).waitFor(),
  invalid: async (page) => {
    await compose(page, "Sum2", { First: "twelve", Second: "" });
    await submit(page);
    await until(() => page.getByRole("textbox", { name: "First" }).getAttribute("aria-invalid"), "true");
  },
  running: async (page) => {
    await spin(page, fresh("looks"), 20);
    await page.getByText("spinning").waitFor();
  },
  integer: async (page) => {
    await ask(page, "Fibonacci", { n: "100000" });
    await verified(job(page, "Fibonacci"));
    await page.getByRole("heading", { name: "The digits as pixels" }).waitFor();
  },
  primes: async (page) => {
    await ask(page, "Primes", { Start: "1", End: "20000" });
    await verified(job(page, "Primes"));
    await page.getByRole("heading", { name: "Ulam spiral" }).waitFor();
  },
  melody: async (page) => {
    await ask(page, "Surprise", { First: "2" });
    await verified(job(page, "Surprise"));
    await page.getByRole("button", { name: "Play" }).waitFor();
  },
  requests: async (page) => {
    await ask(page, "Fibonacci", { n: "1000" });
    await ask(page, "Mult3", { First: "-12", Second: "34", Third: "56" });
    await spin(page, fresh("looks"), 20);
    await visit(page, "My requests");
    await page.getByRole("listitem").filter({ hasText: "Mult3" }).waitFor();
    await until(() => page.getByRole("listitem").count(), 3);
  },
  operators: async (page) => {
    await spin(page, fresh("looks"), 20);
    await visit(page, "Operators");
    await page.getByRole("row", { name: /^worker-/ }).first().waitFor();
    await page.getByRole("heading", { name: "Counters" }).waitFor();
  },
  job: async (page) => {
    await ask(page, "Sum2", { First: "9".repeat(100), Second: "1" });
    await verified(job(page, "Sum2"));
    await page.getByRole("link", { name: /^sum2-/ }).click();
    await page.getByRole("heading", { level: 1, name: "Sum2" }).waitFor();
  },
};

for (const [name, go] of Object.entries(VIEWS)) {
  test(`${name}: read by everybody, in any light, on any screen`, async ({ page }) => {
    await go(page);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.evaluate(AXE);
      expect(await barriers(page), colorScheme).toEqual([]);
      await picture(page, `${name}-${colorScheme}`);
    }
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      await until(() => sideways(page), 0);
    }
  });
}

/** What keeps somebody from using the page, as axe finds it. */
async function barriers(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const axe = (window as unknown as { axe: typeof import("axe-core") }).axe;
    const { violations } = await axe.run();
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return grave.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
  });
}

/** By how many pixels the page is wider than the window. */
async function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
