// What one has asked for outlives the page.

import { expect, test } from "./fixtures.ts";
import { ask, job, says, spin, until, verified, visit } from "./person.ts";
import { fresh } from "./tasks.ts";

test("name, list and running jobs survive a reload", async ({ page }) => {
  await ask(page, "Fibonacci", { n: "345" });
  await verified(job(page, "Fibonacci n = 345"));
  const label = fresh("reloaded");
  await spin(page, label, 600);
  await says(job(page, label), "spinning");
  const client = await page.getByLabel("Client").inputValue();
  await page.reload();
  expect(await page.getByLabel("Client").inputValue()).toBe(client);
  await visit(page, "My requests");
  const rows = page.getByRole("listitem");
  await until(() => rows.count(), 2);
  const spinning = rows.filter({ hasText: label });
  await spinning.getByText(/^Running\s+\d+ %$/).waitFor();
  await rows.filter({ hasText: "n = 345" }).getByText("Succeeded", { exact: true }).waitFor();
  await spinning.getByRole("button", { name: "Cancel Spin" }).click();
  await spinning.getByText("Cancelled", { exact: true }).waitFor();
});

test("a request is submitted again from the list, and its result is read again", async ({ page }) => {
  await ask(page, "Sum2", { First: "1", Second: "2" });
  await verified(job(page, "Sum2"));
  await page.reload();
  await visit(page, "My requests");
  const rows = page.getByRole("listitem").filter({ hasText: "Sum2" });
  await rows.getByRole("button", { name: "Submit again: Sum2" }).click();
  await until(() => rows.count(), 2);
  await rows.first().getByText("From the cache").waitFor();
  await rows.first().getByText(/ago|just now/).waitFor();
  await rows.first().getByRole("link").click();
  await verified(job(page, "Sum2 first = 1, second = 2"));
});

test("another name has another list", async ({ page }) => {
  await ask(page, "Sum2", { First: "3", Second: "4" });
  await verified(job(page, "Sum2"));
  const client = page.getByLabel("Client");
  const before = await client.inputValue();
  await visit(page, "My requests");
  await client.fill("two words");
  await until(() => client.getAttribute("aria-invalid"), "true");
  await client.fill(fresh("other"));
  await client.press("Enter");
  await page.getByText("Nothing has been asked for under this name.").waitFor();
  await client.fill(before);
  await client.press("Enter");
  await page.getByRole("listitem").filter({ hasText: "Sum2" }).waitFor();
});
