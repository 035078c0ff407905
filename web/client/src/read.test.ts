import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";

import { Abacus } from "./client.ts";
import { Content } from "./content.ts";
import { chunk, refusal, serving, summaryOf } from "./fakes.ts";
import { type ReadResultRequest, ReadResultResponseSchema, type ReadResultResponse } from "./gen/abacus/v1/job_service_pb.ts";

const TEXT = "0123456789abcdef";

function message(event: MessageInitShape<typeof ReadResultResponseSchema>["event"]): ReadResultResponse {
  return create(ReadResultResponseSchema, event && { event });
}

/** What a gateway sends of the text: chunks of three, then the summary. */
function answer({ offset, limit }: ReadResultRequest): ReadResultResponse[] {
  const end = limit === 0n ? TEXT.length : Math.min(Number(offset + limit), TEXT.length);
  const messages = [];
  for (let at = Number(offset); at < end; at += 3) {
    messages.push(message({ case: "chunk", value: chunk(at, TEXT.slice(at, Math.min(at + 3, end))) }));
  }
  return [...messages, message({ case: "summary", value: summaryOf(TEXT) })];
}

/** An Abacus whose first tries to read end after so many messages, with this error. */
function cutAt(cuts: readonly number[], error?: unknown) {
  const asked: ReadResultRequest[] = [];
  const transport = serving({
    async *readResult(request) {
      const messages = answer(request);
      const cut = cuts[asked.push(request) - 1];
      yield* messages.slice(0, cut ?? messages.length);
      if (cut !== undefined && error !== undefined) throw error;
    },
  });
  return { asked, abacus: new Abacus({ transport, retry: { random: () => 0 } }) };
}

describe("reading a result", () => {
  it.each([
    ["UNAVAILABLE", refusal(Code.Unavailable, "SHUTTING_DOWN")],
    ["a network error", new TypeError("network error")],
    ["a clean end without the summary", undefined],
  ])("goes on from the next byte after %s", async (_, error) => {
    const { asked, abacus } = cutAt([2, 1], error);
    const content = new Content();
    await abacus.fill(content, "sum2-0");
    expect(content.text()).toBe(TEXT);
    expect(content.summary).toBeDefined();
    expect(asked.map(({ offset }) => offset)).toEqual([0n, 6n, 9n]);
  });

  it("goes on where a content stands", async () => {
    const { asked, abacus } = cutAt([]);
    const content = new Content();
    for await (const one of abacus.read("sum2-0", { limit: 6 })) content.append(one);
    await abacus.fill(content, "sum2-0");
    expect(content.text()).toBe(TEXT);
    expect(asked.map(({ offset, limit }) => [offset, limit])).toEqual([[0n, 6n], [6n, 0n]]);
  });

  it("gives a part, and not a byte more, though the summary comes only with the second try", async () => {
    const { asked, abacus } = cutAt([1, 1], refusal(Code.Unavailable, "SHUTTING_DOWN"));
    const chunks = abacus.read("sum2-0", { offset: 2, limit: 4 });
    let text = "";
    let next = await chunks.next();
    for (; !next.done; next = await chunks.next()) text += String(next.value.content.value);
    expect(text).toBe("2345");
    expect(next.value.bytes).toBe(16n);
    expect(asked.map(({ offset, limit }) => [offset, limit])).toEqual([[2n, 4n], [5n, 1n], [6n, 1n]]);
  });

  it("throws a refusal", async () => {
    const { asked, abacus } = cutAt([0], refusal(Code.FailedPrecondition, "JOB_NOT_FINISHED"));
    const filling = abacus.fill(new Content(), "sum2-0");
    await expect(filling).rejects.toMatchObject({ code: Code.FailedPrecondition, reason: "JOB_NOT_FINISHED" });
    expect(asked).toHaveLength(1);
  });

  it("fetches a damaged chunk again", async () => {
    let tries = 0;
    const transport = serving({
      async *readResult(request) {
        const [first, ...others] = answer(request);
        tries += 1;
        if (tries === 1 && first?.event.case === "chunk") first.event.value.crc32c = 1;
        yield first!;
        yield* others;
      },
    });
    const content = new Content();
    await new Abacus({ transport, retry: { random: () => 0 } }).fill(content, "sum2-0");
    expect(content.text()).toBe(TEXT);
    expect(tries).toBe(2);
  });
});
