// From what is typed into a form to a task, and back.
//
// Only what cannot be sent at all is refused here (a word where a number belongs); limits are the service's, which
// answers all violations at once.
import {
  create,
  fromJson,
  isFieldSet,
  type JsonValue,
  type Message,
  type MessageShape,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";
import type { TaskSchema } from "@abacus/client/gen/task";
import { grouped } from "../format/numbers.ts";
import type { Field, KindForm } from "./model.ts";

type Task = MessageShape<typeof TaskSchema>;

/** What is typed, by field name. Checkboxes hold `true` or `false`, all others text. */
export type Draft = Readonly<Record<string, string | boolean>>;

/** A wrong field. */
export interface Violation {
  /** Its path in the submission, such as `task.primes.end`. */
  field: string;
  description: string;
}

/** Either the task, or what is wrong with the draft. */
export type Parsed = { task: Task; violations?: never } | { task?: never; violations: Violation[] };

class Unusable extends Error {}

/** The draft that would make this task; an empty one when the task is of another kind or absent. */
export function draftOf(form: KindForm, task?: Task): Draft {
  const given = task && isFieldSet(task, form.member) ? taskMessage(form, task) : undefined;
  return Object.fromEntries(form.fields.map((field) => [field.name, textOf(field, given)]));
}

/** The task that a draft stands for. */
export function taskOf(form: KindForm, draft: Draft): Parsed {
  const violations: Violation[] = [];
  const inner = reflect(form.member.message, create(form.member.message));
  for (const field of form.fields) {
    try {
      write(inner, field, draft[field.name] ?? "");
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      violations.push({ field: `task.${form.name}.${field.name}`, description: error.message });
    }
  }
  if (violations.length > 0) return { violations };
  const task = reflect(form.member.parent);
  task.set(form.member, inner);
  return { task: task.message as Task };
}

/** The name of the field of this form that a violation belongs to; nothing when it is of none. */
export function fieldOfViolation(form: KindForm, violation: Violation): string | undefined {
  const prefix = `task.${form.name}.`;
  if (!violation.field.startsWith(prefix)) return undefined;
  const name = violation.field.slice(prefix.length).split(/[.[]/, 1)[0];
  return form.fields.find((field) => field.name === name)?.name;
}

function taskMessage(form: KindForm, task: Task): ReflectMessage {
  return reflect(form.member.parent, task).get(form.member) as ReflectMessage;
}

function textOf({ desc, input }: Field, given?: ReflectMessage): string | boolean {
  if (input.kind === "checkbox") return given ? (given.get(desc) as boolean) : false;
  if (input.kind === "choice") return String(given ? given.get(desc) : 0);
  if (!given || !given.isSet(desc)) return given && input.kind === "integer" ? "0" : "";
  if (input.kind === "seconds") return secondsText((given.get(desc) as ReflectMessage).message as Duration);
  if (input.kind === "json") {
    const whole = toJson(desc.parent, given.message) as Record<string, JsonValue>;
    return JSON.stringify(whole[desc.jsonName]);
  }
  return String(given.get(desc));
}

function write(inner: ReflectMessage, { desc, input }: Field, typed: string | boolean): void {
  if (input.kind === "checkbox") return set(inner, desc, typed === true);
  const text = String(typed);
  if (input.kind === "text") return set(inner, desc, text);
  if (input.kind === "digits") return set(inner, desc, text.replace(/\s+/g, ""));
  if (text.trim() === "") return;
  switch (input.kind) {
    case "integer": {
      const value = integer(text, input);
      const wide = desc.fieldKind === "scalar" && WIDE.has(desc.scalar);
      return set(inner, desc, wide ? value : Number(value));
    }
    case "number":
      return set(inner, desc, number(text));
    case "choice":
      return set(inner, desc, Number(text));
    case "seconds":
      return set(inner, desc, reflect(DurationSchema, duration(text)));
    case "json":
      return writeJson(inner, desc, text);
  }
}

const WIDE: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);

function set(inner: ReflectMessage, desc: Field["desc"], value: unknown): void {
  inner.set(desc as never, value as never);
}

function integer(text: string, { least, most }: { least: bigint; most: bigint }): bigint {
  const digits = text.replace(/[\s_,]+/g, "");
  const range = `a whole number from ${grouped(least)} to ${grouped(most)}`;
  if (!/^[+-]?\d+$/.test(digits)) throw new Unusable(`must be ${range}`);
  // More digits than any 64-bit number has: compared without making the number.
  if (digits.replace(/^[+-]?0*/, "").length > 20) throw new Unusable(`must be ${range}`);
  const value = BigInt(digits.replace(/^\+/, ""));
  if (value < least || value > most) throw new Unusable(`must be ${range}`);
  return value;
}

function number(text: string): number {
  const value = Number(text);
  if (Number.isNaN(value)) throw new Unusable("must be a number");
  return value;
}

function duration(text: string): Duration {
  const match = /^\s*(\d{1,12})?(?:\.(\d{0,9})\d*)?\s*s?\s*$/.exec(text);
  if (!match || (match[1] === undefined && !match[2])) throw new Unusable("must be a number of seconds, such as 2.5");
  return create(DurationSchema, {
    seconds: BigInt(match[1] ?? 0),
    nanos: Number((match[2] ?? "").padEnd(9, "0")),
  });
}

function secondsText({ seconds, nanos }: Duration): string {
  const fraction = String(nanos).padStart(9, "0").replace(/0+$/, "");
  return fraction ? `${seconds}.${fraction}` : String(seconds);
}

function writeJson(inner: ReflectMessage, desc: Field["desc"], text: string): void {
  let parsed: Message;
  try {
    parsed = fromJson(desc.parent, { [desc.jsonName]: JSON.parse(text) as JsonValue });
  } catch (error) {
    throw new Unusable(`must be JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  set(inner, desc, reflect(desc.parent, parsed).get(desc));
}
