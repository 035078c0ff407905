// The operators' switches, and what others see of them.

import { test } from "./fixtures.ts";
import { ask, job, says, spin, until, verified, visit } from "./person.ts";
import { fresh } from "./tasks.ts";

test("jobs of a suspended kind wait, say so, and go on when it is resumed", async ({ abacus, stack, page, onTestFinished }) => {
  onTestFinished(async () => void (await abacus.operators.resumeKind({ kind: "spin" })));
  await visit(page, "Operators");
  const row = page.getByRole("row", { name: /^spin/ });
  await row.getByRole("button", { name: "Suspend spin" }).click();
  await row.getByText("its jobs wait until it is resumed").waitFor();

  const tab = await page.context().newPage();
  await tab.goto(stack.url);
  await tab.getByRole("radio", { name: "Spin suspended" }).waitFor();
  const label = fresh("suspended");
  await spin(tab, label, 0.5);
  const panel = job(tab, label);
  await says(panel, "Suspended");
  await says(panel, "Its kind is suspended: it waits until an operator resumes it.");
  await ask(tab, "Fibonacci", { n: "77" });
  await verified(job(tab, "Fibonacci n = 77"));

  await row.getByRole("button", { name: "Resume spin" }).click();
  await row.getByText("Active", { exact: true }).waitFor();
  await visit(tab, "My requests");
  await tab.getByRole("listitem").filter({ hasText: label }).getByText("Succeeded").waitFor();
});

test("operators see workers, queues, figures and charts", async ({ page }) => {
  const label = fresh("watched");
  await spin(page, label, 600);
  const panel = job(page, label);
  await says(panel, "spinning");
  await visit(page, "Operators");
  const region = (name: string) => page.getByRole("region", { name });
  await until(() => region("Workers").getByRole("row", { name: /^worker-.*Serving/ }).count(), 2);
  await region("Workers").getByText("1 of 2").first().waitFor();
  await region("Queues").getByRole("row", { name: /^spin, long lane 0 1 / }).waitFor();
  await region("Counters").getByText("Newly computed").waitFor();
  for (const title of ["Throughput", "Queue depth", "Latency: the oldest waiting job", "Latency: the way to the gateway and back"]) {
    await region("Last ten minutes").getByRole("heading", { name: title }).waitFor();
  }
  await region("Dead letters").getByText("No job has failed.").waitFor();
  await visit(page, "Compute");
  await panel.getByRole("button", { name: "Cancel" }).click();
  await says(panel, "Cancelled");
});
