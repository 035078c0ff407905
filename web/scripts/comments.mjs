// Collects the contract's comments about tasks, for the help texts of the forms.
//
// Reads a descriptor set as JSON (`buf build -o -#format=json`) from standard input and writes one JSON object to
// src/gen/comments.json: full name of a message, field or enum value -> its comment as one paragraph. Only what can be
// reached from abacus.v1.Task is kept: the forms ask for nothing else.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const ROOT = ".abacus.v1.Task";
const OUTPUT = new URL("../src/gen/comments.json", import.meta.url);

// Numbers of fields in google/protobuf/descriptor.proto; paths of comments are made of them.
const MESSAGES = 4;
const ENUMS = 5;
const FIELDS = 2;
const NESTED_MESSAGES = 3;
const NESTED_ENUMS = 4;
const VALUES = 2;

const set = JSON.parse(readFileSync(0, "utf8"));
const types = new Map();
for (const file of set.file) {
  const comments = new Map();
  for (const { path = [], leadingComments } of file.sourceCodeInfo?.location ?? []) {
    if (leadingComments) comments.set(path.join("."), leadingComments);
  }
  collect(`.${file.package}`, [], { messages: file.messageType, enums: file.enumType }, comments, [MESSAGES, ENUMS]);
}

const reached = {};
const waiting = [ROOT];
const seen = new Set(waiting);
while (waiting.length > 0) {
  const type = types.get(waiting.pop());
  for (const [name, comment] of type?.comments ?? []) reached[name] = comment;
  for (const next of type?.uses ?? []) {
    if (!seen.has(next)) seen.add(next) && waiting.push(next);
  }
}
if (Object.keys(reached).length === 0) throw new Error(`no comments of ${ROOT}: was the descriptor set built with them?`);
mkdirSync(new URL(".", OUTPUT), { recursive: true });
writeFileSync(OUTPUT, `${JSON.stringify(reached, null, 1)}\n`);

function collect(scope, at, { messages = [], enums = [] }, comments, [messageNumber, enumNumber]) {
  messages.forEach((message, index) => {
    const path = [...at, messageNumber, index];
    const name = `${scope}.${message.name}`;
    const members = (message.field ?? []).map((field, i) => [`${name}.${field.name}`, comments.get([...path, FIELDS, i].join("."))]);
    const uses = (message.field ?? []).flatMap((field) => (field.typeName ? [field.typeName] : []));
    types.set(name, { comments: told([[name, comments.get(path.join("."))], ...members]), uses });
    const nested = { messages: message.nestedType, enums: message.enumType };
    collect(name, path, nested, comments, [NESTED_MESSAGES, NESTED_ENUMS]);
  });
  enums.forEach((type, index) => {
    const path = [...at, enumNumber, index];
    const name = `${scope}.${type.name}`;
    const values = type.value.map((value, i) => [`${name}.${value.name}`, comments.get([...path, VALUES, i].join("."))]);
    types.set(name, { comments: told([[name, comments.get(path.join("."))], ...values]), uses: [] });
  });
}

function told(entries) {
  return entries
    .filter(([, comment]) => comment)
    .map(([name, comment]) => [name.slice(1), comment.trim().replace(/\s+/g, " ")]);
}
