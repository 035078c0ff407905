import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";

import { AbacusError } from "./errors.ts";
import { refusal, serving } from "./fakes.ts";
import { Abacus } from "./client.ts";

describe("an error", () => {
  it("tells what the services sent in its details", async () => {
    const violations = [
      { field: "task.sum2.first", description: "is required" },
      { field: "task.sum2.second", description: "must be a decimal integer" },
    ];
    const sent = refusal(Code.InvalidArgument, "INVALID_FIELD", { violations, retryMs: 1500 });
    const transport = serving({ getJob: () => Promise.reject(sent) });
    const error = await new Abacus({ transport }).jobs.getJob({ job: "x" }).then(() => undefined, AbacusError.from);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "AbacusError",
      message: "refused: INVALID_FIELD",
      code: Code.InvalidArgument,
      reason: "INVALID_FIELD",
      violations,
      retryAfterMs: 1500,
      metadata: { key: "value" },
    });
  });

  it("is itself when taken for another", () => {
    const error = new AbacusError("gone", { code: Code.NotFound });
    expect(AbacusError.from(error)).toBe(error);
    expect(error).toMatchObject({ reason: "", violations: [], retryAfterMs: undefined, metadata: {} });
  });

  it.each([
    new TypeError("Failed to fetch"),
    new ConnectError("missing trailer", Code.Unknown),
    new ConnectError("HTTP 400", Code.Internal),
  ])("of the transport is a lost connection: %s", (thrown) => {
    expect(AbacusError.from(thrown)).toMatchObject({ code: Code.Unavailable, reason: "CONNECTION_LOST", heals: true });
  });

  it("of a proxy keeps its code", () => {
    const error = AbacusError.from(new ConnectError("no such route", Code.Unimplemented));
    expect(error).toMatchObject({ code: Code.Unimplemented, reason: "", heals: false });
  });

  it("of a caller who has left is CANCELED", () => {
    expect(AbacusError.from(new DOMException("left", "AbortError")).code).toBe(Code.Canceled);
  });
});
