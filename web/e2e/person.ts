// What a person does on the page, and sees there: by roles, labels and texts, as a screen reader has them.

import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** What is typed into a form: text by the label of its field; `true` checks a box. */
export type Filled = Readonly<Record<string, string | true>>;

/** How long a job of the tests may take, queue and all, in milliseconds. */
export const DONE_WITHIN = 90_000;

/** Goes to a view by its link. */
export async function visit(page: Page, view: "Compute" | "My requests" | "Operators"): Promise<void> {
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: view }).click();
  await page.getByRole("main", { name: view }).waitFor();
}

/** Chooses a kind and fills its fields. */
export async function compose(page: Page, kind: string, filled: Filled): Promise<void> {
  await page.getByRole("radio", { name: kind }).check();
  for (const [label, value] of Object.entries(filled)) {
    if (value === true) await page.getByRole("checkbox", { name: label }).check();
    else await field(page, label).fill(value);
  }
}

/** Submits what is filled in. */
export async function submit(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Compute" }).click();
}

/** Composes and submits a task. */
export async function ask(page: Page, kind: string, filled: Filled): Promise<void> {
  await compose(page, kind, filled);
  await submit(page);
}

/** Asks for a thread that is busy for some seconds. */
export async function spin(page: Page, label: string, seconds: number): Promise<void> {
  await ask(page, "Spin", { Label: label, "Duration in seconds": String(seconds) });
  await job(page, label).waitFor();
}

/** The field with this label. */
export function field(page: Page, label: string): Locator {
  return page.getByRole("textbox", { name: label, exact: true });
}

/** The panel of a job, told by something in its title. */
export function job(page: Page, title: string | RegExp): Locator {
  return page.getByRole("article", { name: title });
}

/** Waits until a job's panel says so: a text as a whole, or a pattern. */
export async function says(panel: Locator, text: string | RegExp): Promise<void> {
  await panel.getByText(text, { exact: true }).first().waitFor({ timeout: DONE_WITHIN });
}

/** Waits until a job has succeeded, and its result is here and verified. */
export async function verified(panel: Locator): Promise<void> {
  await says(panel, "Succeeded");
  await says(panel, "verified in this browser");
}

/** What a job's panel says of one fact. */
export async function fact(panel: Locator, name: string): Promise<string> {
  const term = panel.getByRole("term").filter({ hasText: new RegExp(`^${name}$`) });
  return (await term.locator("xpath=following-sibling::dd[1]").innerText()).trim();
}

/** The whole result, by way of the clipboard. */
export async function copied(panel: Locator): Promise<string> {
  await panel.page().evaluate(() => navigator.clipboard.writeText("nothing was copied"));
  await panel.getByRole("button", { name: "Copy all" }).click();
  await says(panel, "Copied.");
  return panel.page().evaluate(() => navigator.clipboard.readText());
}

/** The digits or numbers that can be seen of a result, without the positions at the left. */
export async function seen(panel: Locator): Promise<string[]> {
  const rows = await panel.getByRole("group", { name: /^Result, / }).innerText();
  return rows.split("\n").flatMap((row) => row.trim().split(/\s+/));
}

/** Waits until the header says that the stream is open, or is not. */
export async function connection(page: Page, state: "Connected" | "Connection lost" | "Offline"): Promise<void> {
  await page.getByRole("banner").getByText(state, { exact: true }).waitFor({ timeout: DONE_WITHIN });
}

/** Takes down what the header says of the connection from now on; the returned function tells it. */
export async function watchConnection(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    const banner = document.querySelector("header")!;
    const look = (): void => {
      const state = /Connected|Connecting|Connection lost|Connection refused|Offline/.exec(banner.innerText)?.[0];
      if (state !== undefined && state !== told.at(-1)) told.push(state);
    };
    new MutationObserver(look).observe(banner, { characterData: true, childList: true, subtree: true });
    look();
  });
  return () => page.evaluate(() => (window as unknown as { told: string[] }).told);
}

/** Waits until this is so. */
export async function until<T>(read: () => Promise<T> | T, wanted: T): Promise<void> {
  await expect.poll(read, { timeout: DONE_WITHIN, interval: 100 }).toEqual(wanted);
}
