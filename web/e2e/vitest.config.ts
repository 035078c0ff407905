import { defineConfig } from "vitest/config";

import page from "../vite.config.ts";

// The tests share one stack and one browser, so they run one after the other in one process.
export default defineConfig({
  ...page,
  test: {
    include: ["e2e/**/*.e2e.ts"],
    globalSetup: "e2e/build.ts",
    pool: "forks",
    maxWorkers: 1,
    isolate: false,
    fileParallelism: false,
    // Results of millions of digits, computed by debug builds on small machines.
    testTimeout: 180_000,
  },
});
