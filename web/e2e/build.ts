// Before any test: builds what the stack runs, with the compiler's output to be seen and no deadline.

import { spawnSync } from "node:child_process";
import { env } from "node:process";

import { ROOT } from "./stack.ts";

const PACKAGES = ["xtask", "abacus-gateway", "abacus-notifier", "abacus-calculator"];

export default function build(): void {
  if (env["ABACUS_DEV"] !== undefined) return;
  const args = ["build", "--bins", ...PACKAGES.flatMap((name) => ["--package", name])];
  const { status } = spawnSync("cargo", args, { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) throw new Error("the services could not be built");
}
