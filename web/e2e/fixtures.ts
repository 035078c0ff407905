// What the tests have at hand: one stack and one browser for all of them, and for each test a page of its own.

import { env, getuid } from "node:process";
import { Abacus } from "@abacus/client";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect, test as base } from "vitest";

import { OUTPUT, start } from "./stack.ts";

export { expect };

/** Widths that the page is looked at: a desk's and a phone's, in CSS pixels. */
export const WIDTHS = [1280, 380] as const;

export const test = base
  .extend("stack", { scope: "worker" }, async ({}, { onCleanup }) => {
    const stack = await start();
    onCleanup(() => stack.stop());
    return stack;
  })
  .extend("browser", { scope: "worker" }, async ({}, { onCleanup }) => {
    // Chromium's sandbox refuses to run as root, which CI is.
    const args = getuid?.() === 0 ? ["--no-sandbox"] : [];
    const browser = await chromium.launch({ executablePath: env["CHROMIUM"] ?? "/usr/bin/chromium", args });
    onCleanup(() => browser.close());
    return browser;
  })
  .extend("abacus", { scope: "worker" }, async ({ stack }) => new Abacus({ baseUrl: stack.url, client: "observer" }))
  .extend("page", async ({ stack, browser }, { onCleanup }) => {
    const { page, close } = await open(browser, stack.url);
    onCleanup(close);
    return page;
  });

/**
 * Opens the page as somebody who was never there; `close` says what was wrong with it. For a second tab of the same
 * person: `page.context().newPage()`.
 */
export async function open(browser: Browser, url: string): Promise<{ page: Page; close: () => Promise<void> }> {
  const permissions = ["clipboard-read", "clipboard-write"];
  const context = await browser.newContext({ viewport: { width: WIDTHS[0], height: 800 }, permissions });
  const wrong: string[] = [];
  context.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== url) wrong.push(`left the origin: ${request.url()}`);
  });
  context.on("weberror", (error) => wrong.push(`threw: ${error.error().stack ?? error.error().message}`));
  context.on("console", (message) => {
    // Calls fail while services are down, and the browser says so by itself.
    const isFault = message.type() === "error" && !message.text().startsWith("Failed to load resource");
    if (isFault) wrong.push(`wrote: ${message.text()}`);
  });
  const page = await context.newPage();
  await page.goto(url);
  const close = async (): Promise<void> => {
    await context.close();
    expect(wrong).toEqual([]);
  };
  return { page, close };
}

/** Leaves pictures of a view, at each width. */
export async function picture(page: Page, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${OUTPUT}${name}-${width}.png`, fullPage: true });
  }
  await page.setViewportSize({ width: WIDTHS[0], height: 800 });
}
