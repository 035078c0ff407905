import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { bytesText, counted, grouped, percentText } from "./numbers.ts";
import { ageText, durationText, millis, remainingText } from "./time.ts";

test.each([
  [0, "0 µs"],
  [0.35, "350 µs"],
  [12.4, "12 ms"],
  [999.6, "1.00 s"],
  [1_250, "1.25 s"],
  [59_949, "59.9 s"],
  [59_999, "1 min"],
  [125_000, "2 min 5 s"],
  [3_720_000, "1 h 2 min"],
  [90_000_000, "1 d 1 h"],
])("%d ms took %s", (ms, text) => expect(durationText(ms)).toBe(text));

test.each([
  [0, "less than a second"],
  [8_400, "about 8 s"],
  [200_000, "about 3 min 20 s"],
  [3_599_000, "about 1 h"],
])("%d ms are left: %s", (ms, text) => expect(remainingText(ms)).toBe(text));

test.each([
  [-5_000, "just now"],
  [1_999, "just now"],
  [12_000, "12 s ago"],
  [3_599_000, "59 min ago"],
  [7_200_000, "2 h ago"],
  [86_400_000, "1 day ago"],
  [200_000_000, "2 days ago"],
])("%d ms ago is %s", (ms, text) => expect(ageText(ms)).toBe(text));

test.each([
  [1, "1 byte"],
  [1_023, "1023 bytes"],
  [1_024, "1.0 KiB"],
  [1_048_575, "1.0 MiB"],
  [20_899_000, "19.9 MiB"],
  [5 * 2 ** 40, "5120.0 GiB"],
])("%d is %s", (bytes, text) => expect(bytesText(bytes)).toBe(text));

test("all is done only at the end", () => {
  expect(percentText(0.9999)).toBe("99 %");
  expect(percentText(1)).toBe("100 %");
  expect(percentText(-1)).toBe("0 %");
});

test("numbers are grouped, also beyond 2^53", () => {
  expect(grouped(18_446_744_073_709_551_615n)).toBe("18,446,744,073,709,551,615");
  expect(counted(1n, "digit")).toBe("1 digit");
  expect(counted(2_000, "digit")).toBe("2,000 digits");
});

test("a duration has fractions of milliseconds", () => {
  expect(millis(create(DurationSchema, { seconds: 2n, nanos: 350_000 }))).toBe(2_000.35);
});
