import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

// The client library as sources, not as it is published.
const source = "abacus-source";

// The gateway embeds what is built here (gateway/src/page.rs), so the files keep their names; what tells a new build
// from an old one is their ETag.
export default defineConfig({
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
  build: {
    target: "es2022",
    outDir: "dist",
    assetsDir: "assets",
    // The page's content security policy has no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        entryFileNames: "assets/page.js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
      },
    },
  },
  worker: {
    format: "es",
    rollupOptions: { output: { entryFileNames: "assets/[name].js" } },
  },
  server: {
    // `npm run dev` beside a running mesh.
    proxy: {
      "/abacus.v1.": {
        target: process.env.ABACUS_ORIGIN ?? "http://127.0.0.1:8080",
        // A stream that has nothing to tell yet is open all the same: its headers are passed on at once.
        configure: (proxy) => proxy.on("proxyRes", (_answer, _request, response) => setImmediate(() => response.flushHeaders())),
      },
    },
  },
  test: { include: ["client/src/**/*.test.ts", "src/**/*.test.ts"] },
});
