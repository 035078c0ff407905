// The kinds: their forms, from the contract, and what the service says of them.
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type Kind, type Task, TaskSchema } from "@abacus/client";
import comments from "../gen/comments.json";
import { store } from "../shell/store.ts";
import { draftOf } from "./draft.ts";
import { type KindForm, kindForms } from "./model.ts";

/** The forms of all kinds, in the order of the contract. */
export const FORMS: readonly KindForm[] = kindForms(TaskSchema, comments);

/** How much of a parameter is shown where there is little room, in characters. */
const SHORT = 24;

const reachable = computed(() => store.reachable);
const known = signal<ReadonlyMap<string, Kind>>(new Map());

/** What the service says of the kinds, by name; empty until it has answered. */
export const kinds: ReadonlySignal<ReadonlyMap<string, Kind>> = known;

/** Asks the service for the kinds and their status. A failure leaves what was known: the connection tells of it. */
export async function refreshKinds(): Promise<void> {
  const answer = await store.session.peek().abacus.operators.listKinds({}).catch(() => undefined);
  if (answer) known.value = new Map(answer.kinds.map((kind) => [kind.name, kind]));
}

// At first, and whenever a connection has been cut: the answer may have become another meanwhile.
effect(() => {
  if (reachable.value) void refreshKinds();
});

/** The parameters of a task in a few words: `n = 1000`. */
export function parametersText(task: Task): string {
  const form = FORMS.find((form) => form.name === task.task.case);
  if (!form) return "";
  const draft = draftOf(form, task);
  const parts = form.fields.flatMap(({ name, label, input }) => {
    const value = draft[name];
    if (value === true) return [label.toLowerCase()];
    if (value === false || value === "" || value === undefined) return [];
    const unit = input.kind === "seconds" ? " s" : "";
    return [`${label.toLowerCase()} = ${shortened(value)}${unit}`];
  });
  return parts.join(", ");
}

function shortened(value: string): string {
  return value.length <= SHORT ? value : `${value.slice(0, SHORT / 2)}…${value.slice(-SHORT / 4)}`;
}
