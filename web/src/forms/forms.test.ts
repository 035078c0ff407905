import { createFileRegistry, fromJson, toJson } from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { FieldDescriptorProto_Type as Type, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { TaskSchema } from "@abacus/client";
import { describe, expect, test } from "vitest";
import comments from "../gen/comments.json";
import { draftOf, fieldOfViolation, taskOf } from "./draft.ts";
import { kindForms, type KindForm } from "./model.ts";

const forms = kindForms(TaskSchema, comments);

function form(name: string): KindForm {
  const found = forms.find((form) => form.name === name);
  if (!found) throw new Error(`no form of ${name}`);
  return found;
}

describe("the forms of the contract", () => {
  test("have each kind and field, with its comment", () => {
    expect(forms.map(({ name }) => name)).toEqual(TaskSchema.fields.map(({ name }) => name));
    for (const { help, fields } of forms) {
      expect(help).not.toBe("");
      for (const field of fields) expect(field.help, field.name).not.toBe("");
    }
  });

  test("ask for each field in its own way", () => {
    const inputs = (name: string) => form(name).fields.map(({ input }) => input.kind);
    expect(inputs("primes")).toEqual(["integer", "integer", "checkbox", "checkbox"]);
    expect(inputs("sum2")).toEqual(["digits", "digits"]);
    expect(inputs("spin")).toEqual(["text", "seconds"]);
  });
});

/** Task with one kind that this page has never heard of. */
function tomorrow(): KindForm {
  const set = fromJson(FileDescriptorSetSchema, {
    file: [
      {
        name: "tomorrow.proto",
        package: "abacus.v1",
        syntax: "proto3",
        enumType: [{ name: "Shape", value: [{ name: "SHAPE_UNSPECIFIED", number: 0 }, { name: "SHAPE_ROUND", number: 1 }] }],
        messageType: [
          {
            name: "Task",
            oneofDecl: [{ name: "task" }],
            field: [{ name: "partitions", number: 9, label: 1, type: Type.MESSAGE, typeName: ".abacus.v1.Partitions", oneofIndex: 0, jsonName: "partitions" }],
          },
          {
            name: "Partitions",
            field: [
              { name: "least", number: 1, label: 1, type: Type.SINT64, jsonName: "least" },
              { name: "weight", number: 2, label: 1, type: Type.DOUBLE, jsonName: "weight" },
              { name: "shape", number: 3, label: 1, type: Type.ENUM, typeName: ".abacus.v1.Shape", jsonName: "shape" },
              { name: "parts", number: 4, label: 3, type: Type.UINT32, jsonName: "parts" },
              { name: "small", number: 5, label: 1, type: Type.INT32, jsonName: "small" },
            ],
          },
        ],
      },
    ],
  });
  const task = createFileRegistry(set).getMessage("abacus.v1.Task");
  if (!task) throw new Error("the registry has no Task");
  return kindForms(task, { "abacus.v1.Partitions.least": "The least part." })[0]!;
}

describe("a kind that is new in the contract", () => {
  test("has a form without a change of the page", () => {
    const { name, label, fields } = tomorrow();
    expect([name, label]).toEqual(["partitions", "Partitions"]);
    expect(fields.map(({ input }) => input.kind)).toEqual(["integer", "number", "choice", "json", "integer"]);
    expect(fields[0]!.help).toBe("The least part.");
  });

  test("makes its task, and the form again from that", () => {
    const kind = tomorrow();
    const draft = { least: "-12", weight: "0.5", shape: "1", parts: "[1,2,3]", small: "-7" };
    const { task } = taskOf(kind, draft);
    expect(toJson(kind.member.parent, task!)).toEqual({
      partitions: { least: "-12", weight: 0.5, shape: "SHAPE_ROUND", parts: [1, 2, 3], small: -7 },
    });
    expect(draftOf(kind, task)).toEqual(draft);
  });
});

describe("what is typed", () => {
  test("becomes a task", () => {
    const { task } = taskOf(form("primes"), { start: " 1 000 ", end: "9_223_372_036_854_775_807", count_only: true });
    expect(toJson(TaskSchema, task!)).toEqual({ primes: { start: "1000", end: "9223372036854775807", countOnly: true } });
  });

  test("is not limited in length where the contract is not", () => {
    const digits = "1234567890".repeat(20_000);
    const { task } = taskOf(form("sum2"), { first: `-${digits}`, second: "12 345\n678" });
    expect(toJson(TaskSchema, task!)).toEqual({ sum2: { first: `-${digits}`, second: "12345678" } });
  });

  test("of a duration is seconds with fractions, and absent when empty", () => {
    const duration = form("spin").fields[1]!;
    const json = (text: string) => toJson(TaskSchema, taskOf(form("spin"), { label: "", duration: text }).task!);
    expect(json("2.5")).toEqual({ spin: { duration: "2.500s" } });
    expect(json(" .25 s")).toEqual({ spin: { duration: "0.250s" } });
    const { task } = taskOf(form("spin"), { label: "a", duration: "" });
    const spin = reflect(TaskSchema, task!).get(form("spin").member) as ReflectMessage;
    expect(spin.isSet(duration.desc)).toBe(false);
  });

  test("comes back from the task it made", () => {
    const draft = { label: "hello", duration: "0.000000001" };
    expect(draftOf(form("spin"), taskOf(form("spin"), draft).task)).toEqual(draft);
    const zero = taskOf(form("fibonacci"), { n: "0" }).task;
    expect(draftOf(form("fibonacci"), zero)).toEqual({ n: "0" });
  });

  test.each([
    ["fibonacci", { n: "twelve" }, "task.fibonacci.n"],
    ["fibonacci", { n: "-1" }, "task.fibonacci.n"],
    ["fibonacci", { n: "18446744073709551616" }, "task.fibonacci.n"],
    ["fibonacci", { n: "1".repeat(100_000) }, "task.fibonacci.n"],
    ["surprise", { first: "4294967296" }, "task.surprise.first"],
    ["surprise", { first: "1.5" }, "task.surprise.first"],
    ["spin", { label: "", duration: "soon" }, "task.spin.duration"],
    ["spin", { label: "", duration: "." }, "task.spin.duration"],
  ])("that cannot be sent is told with its field: %s %o", (name, draft, field) => {
    expect(taskOf(form(name), draft).violations?.map((violation) => violation.field)).toEqual([field]);
  });

  test("is told of at all fields at once", () => {
    expect(taskOf(form("primes"), { start: "a", end: "b" }).violations).toHaveLength(2);
  });
});

test("a violation belongs to the field of its path", () => {
  const primes = form("primes");
  const field = (path: string) => fieldOfViolation(primes, { field: path, description: "" });
  expect(field("task.primes.end")).toBe("end");
  expect(field("task.primes.end[0].x")).toBe("end");
  expect(field("task.sum2.first")).toBeUndefined();
  expect(field("client")).toBeUndefined();
  expect(field("task.primes.nothing")).toBeUndefined();
});
