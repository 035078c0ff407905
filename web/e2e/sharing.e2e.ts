// Equal tasks are computed once: while the first is under way, and after.

import type { Abacus } from "@abacus/client";
import type { Locator } from "playwright-core";

import { expect, open, test } from "./fixtures.ts";
import { ask, copied, fact, job, says, spin, until, verified } from "./person.ts";
import { fresh } from "./tasks.ts";

test("two people who ask for the same share one job", async ({ abacus, stack, browser, page }) => {
  const before = await counted(abacus);
  const label = fresh("shared");
  await spin(page, label, 6);
  const first = job(page, label);
  await says(first, "Newly computed");
  const other = await open(browser, stack.url);
  await spin(other.page, label, 6);
  const second = job(other.page, label);
  await says(second, "Joined a running job");
  const id = (panel: Locator): Promise<string> => panel.getByRole("link", { name: /^spin-/ }).innerText();
  expect(await id(second)).toBe(await id(first));
  await Promise.all([verified(first), verified(second)]);
  expect(await fact(first, "SHA-256")).toBe(await fact(second, "SHA-256"));
  expect(await counted(abacus)).toEqual({ created: before.created + 1n, joined: before.joined + 1n });
  await other.close();
});

test("two tabs of one person share it as well, and both follow it", async ({ abacus, stack, page }) => {
  const before = await counted(abacus);
  const label = fresh("tabs");
  await spin(page, label, 6);
  const second = await page.context().newPage();
  await second.goto(stack.url);
  expect(await second.getByLabel("Client").inputValue()).toBe(await page.getByLabel("Client").inputValue());
  await spin(second, label, 6);
  await says(job(second, label), "Joined a running job");
  await Promise.all([verified(job(page, label)), verified(job(second, label))]);
  expect(await counted(abacus)).toEqual({ created: before.created + 1n, joined: before.joined + 1n });
});

test("what was computed is answered from the cache", async ({ page }) => {
  const n = "54321";
  await ask(page, "Fibonacci", { n });
  const panel = job(page, `Fibonacci n = ${n}`);
  await verified(panel);
  const digits = await copied(panel);
  await panel.getByRole("button", { name: "Submit again" }).click();
  await says(panel, "From the cache");
  await until(() => fact(panel, "Attempt"), "1");
  await verified(panel);
  expect(await copied(panel)).toBe(digits);
});

async function counted(abacus: Abacus): Promise<{ created: bigint; joined: bigint }> {
  const { counters } = await abacus.operators.getStats({});
  return { created: counters!.created, joined: counters!.joined };
}
