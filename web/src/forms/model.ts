// What the forms look like, read from the descriptor of Task: one kind per member of its oneof, one input per field.
//
// A kind that is new in the contract appears by itself: nothing here or in the views names a kind.
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** How a field is filled in. */
export type Input =
  /** A whole number within a scalar's range. */
  | { kind: "integer"; least: bigint; most: bigint }
  /** A floating-point number. */
  | { kind: "number" }
  /** A whole number of any size, sent as the text it is. */
  | { kind: "digits" }
  /** A line of text. */
  | { kind: "text" }
  /** Yes or no. */
  | { kind: "checkbox" }
  /** A google.protobuf.Duration, in seconds. */
  | { kind: "seconds" }
  /** One of the named values of an enum. */
  | { kind: "choice"; options: { number: number; label: string }[] }
  /** Anything else (lists, maps, messages, bytes), in the JSON form of protobuf. */
  | { kind: "json" };

/** A field of a kind's form. */
export interface Field {
  /** Its name in the contract, as violations call it. */
  name: string;
  /** What to call it on the page. */
  label: string;
  /** Its comment in the contract; empty when there is none. */
  help: string;
  input: Input;
  desc: DescField;
}

/** A kind of task with its form. */
export interface KindForm {
  /** Its name: that of its member in Task. */
  name: string;
  label: string;
  help: string;
  fields: Field[];
  member: DescField & { fieldKind: "message" };
}

/** Comments of the contract by full name (src/gen/comments.json). */
export type Comments = Readonly<Record<string, string>>;

/** The forms of all kinds, in the order of Task. */
export function kindForms(task: DescMessage, comments: Comments): KindForm[] {
  const members = task.oneofs.flatMap((oneof) => oneof.fields);
  return members.flatMap((member) => {
    if (member.fieldKind !== "message") return [];
    const fields = member.message.fields.map((desc) => fieldOf(desc, comments));
    const help = comments[member.message.typeName] ?? comments[nameOf(member)] ?? "";
    return [{ name: member.name, label: labelOf(member.name), help, fields, member }];
  });
}

/** `count_only` as people write it: `Count only`. A single letter is a mathematician's, and stays as it is. */
export function labelOf(name: string): string {
  if (name.length === 1) return name;
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function fieldOf(desc: DescField, comments: Comments): Field {
  const help = comments[nameOf(desc)] ?? "";
  return { name: desc.name, label: labelOf(desc.name), help, input: inputOf(desc, help), desc };
}

function nameOf(field: DescField): string {
  return `${field.parent.typeName}.${field.name}`;
}

function inputOf(desc: DescField, help: string): Input {
  if (desc.fieldKind === "message" && desc.message.typeName === "google.protobuf.Duration") return { kind: "seconds" };
  if (desc.fieldKind === "enum") {
    const options = desc.enum.values.map(({ number, localName }) => ({ number, label: labelOf(localName.toLowerCase()) }));
    return { kind: "choice", options };
  }
  if (desc.fieldKind !== "scalar") return { kind: "json" };
  switch (desc.scalar) {
    case ScalarType.BOOL:
      return { kind: "checkbox" };
    case ScalarType.STRING:
      // The contract has no type for integers of any size; their fields are strings whose comment says so.
      return /\binteger\b/i.test(help) ? { kind: "digits" } : { kind: "text" };
    case ScalarType.BYTES:
      return { kind: "json" };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { kind: "number" };
    default:
      return { kind: "integer", ...rangeOf(desc.scalar) };
  }
}

function rangeOf(scalar: ScalarType): { least: bigint; most: bigint } {
  switch (scalar) {
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return { least: 0n, most: 2n ** 64n - 1n };
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return { least: 0n, most: 2n ** 32n - 1n };
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return { least: -(2n ** 63n), most: 2n ** 63n - 1n };
    default:
      return { least: -(2n ** 31n), most: 2n ** 31n - 1n };
  }
}
