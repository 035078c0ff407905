// What is typed: told where it is wrong, and needing no mouse.

import type { Page } from "playwright-core";

import { expect, test } from "./fixtures.ts";
import { ask, field, job, until, verified } from "./person.ts";

test("a number below zero is refused at its field", async ({ page }) => {
  await ask(page, "Fibonacci", { n: "-1" });
  await refused(page, "n", /must be a whole number from 0 /);
  await field(page, "n").fill("1");
  await until(() => field(page, "n").getAttribute("aria-invalid"), "false");
});

test("an interval that ends before it starts is refused at its end", async ({ page }) => {
  await ask(page, "Primes", { Start: "100", End: "10" });
  await refused(page, "End", /100/);
  expect(await field(page, "Start").getAttribute("aria-invalid")).toBe("false");
});

test("letters are refused, and so is nothing: each at its field", async ({ page }) => {
  await ask(page, "Sum2", { First: "twelve", Second: "" });
  await refused(page, "First", /'t' as character 1/);
  expect(await field(page, "Second").getAttribute("aria-invalid")).toBe("true");
  await described(page, "Second", /is required/);
});

test("a limit of the service is told at its field", async ({ page }) => {
  await ask(page, "Spin", { "Duration in seconds": "601" });
  await refused(page, "Duration in seconds", /600/);
});

test("a task is composed, submitted and copied with the keyboard alone", async ({ page }) => {
  await tabTo(page, "Fibonacci");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  expect(await page.getByRole("radio", { name: "Sum2" }).isChecked()).toBe(true);
  for (const [label, value] of [["First", "20"], ["Second", "22"]] as const) {
    await tabTo(page, label);
    await page.keyboard.press("Control+A");
    await page.keyboard.type(value);
  }
  await tabTo(page, "Compute");
  await page.keyboard.press("Enter");
  await verified(job(page, "Sum2 first = 20, second = 22"));
  await tabTo(page, "Copy all");
  await page.keyboard.press("Enter");
  await until(() => page.evaluate(() => navigator.clipboard.readText()), "42");
});

test("Enter in a field submits", async ({ page }) => {
  await field(page, "n").fill("90");
  await field(page, "n").press("Enter");
  await verified(job(page, "Fibonacci n = 90"));
});

test("one can skip what stands before the content", async ({ page }) => {
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
});

test("an address that names no job says so", async ({ page }) => {
  for (const id of ["nothing", "%"]) {
    await page.evaluate((hash) => location.assign(hash), `#/jobs/${id}`);
    await page.reload();
    await page.getByText("must be a job id").waitFor();
    expect(await page.getByRole("article").count()).toBe(0);
  }
});

/** Waits until a field is shown as wrong for this reason, and has the focus. */
async function refused(page: Page, label: string, reason: RegExp): Promise<void> {
  await until(() => field(page, label).getAttribute("aria-invalid"), "true");
  await until(() => field(page, label).evaluate((element) => element === document.activeElement), true);
  await described(page, label, reason);
}

async function described(page: Page, label: string, reason: RegExp): Promise<void> {
  const texts = await field(page, label).evaluate((element) =>
    (element.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent),
  );
  expect(texts.join(" ")).toMatch(reason);
}

/** Presses Tab until what has this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      return (element?.labels?.[0] ?? element)?.textContent?.trim();
    });
    if (focused === name) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}
