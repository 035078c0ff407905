// One stream per tab, whatever is looked at: browsers open six connections to a host without HTTP/2, not more.

import type { Page, Request } from "playwright-core";

import { expect, test } from "./fixtures.ts";
import { ask, connection, job, spin, until, verified, visit } from "./person.ts";
import { fresh } from "./tasks.ts";

test("a tab has one subscription open at a time", async ({ stack, page }) => {
  const streams = watchStreams(page);
  await page.reload();
  await until(() => streams.open, 1);
  const labels = [fresh("one"), fresh("two"), fresh("three")];
  for (const label of labels) await spin(page, label, 1);
  await ask(page, "Fibonacci", { n: "4321" });
  await verified(job(page, "Fibonacci"));
  await visit(page, "My requests");
  await visit(page, "Operators");
  await visit(page, "My requests");
  for (const label of labels) await page.getByRole("listitem").filter({ hasText: label }).getByText("Succeeded").waitFor();
  expect(streams).toEqual({ open: 1, most: 1, begun: 1 });

  await stack.kill("envoy");
  await until(() => streams.begun > 1, true);
  await connection(page, "Connected");
  expect(streams.open).toBe(1);

  await page.getByLabel("Client").fill(fresh("renamed"));
  await page.getByLabel("Client").press("Enter");
  await page.getByText("Nothing has been asked for under this name.").waitFor();
  await connection(page, "Connected");
  await until(() => streams.open, 1);
});

interface Streams {
  open: number;
  most: number;
  begun: number;
}

/** Counts the subscriptions of a page from now on. */
function watchStreams(page: Page): Streams {
  const streams = { open: 0, most: 0, begun: 0 };
  const open = new Set<Request>();
  page.on("request", (request) => {
    if (!request.url().endsWith("/SubscribeResults")) return;
    open.add(request);
    streams.begun += 1;
    streams.open = open.size;
    streams.most = Math.max(streams.most, open.size);
  });
  const ended = (request: Request): void => {
    open.delete(request);
    streams.open = open.size;
  };
  page.on("requestfinished", ended);
  page.on("requestfailed", ended);
  return streams;
}
