// What is being composed on the page: the chosen kind, what was typed for each, how the last submission went.
//
// It outlives the view, so that one can look elsewhere and come back.
import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { AbacusError, type Task } from "@abacus/client";
import { type Draft, draftOf, fieldOfViolation, taskOf, type Violation } from "../forms/draft.ts";
import { FORMS, kinds } from "../forms/kinds.ts";
import type { KindForm } from "../forms/model.ts";
import { store } from "../shell/store.ts";

/** How the last submission went. */
export type Outcome =
  | { kind: "none" }
  | { kind: "sending" }
  /** It was accepted. */
  | { kind: "accepted"; job: string }
  /** Fields are wrong: descriptions by field name. */
  | { kind: "wrong"; fields: ReadonlyMap<string, string> }
  /** It was refused for another reason. */
  | { kind: "refused"; error: AbacusError };

const chosenName = signal(FORMS[0]?.name ?? "");
const drafts = signal<ReadonlyMap<string, Draft>>(new Map());
const lastOutcome = signal<Outcome>({ kind: "none" });
const lastJob = signal<string | undefined>(undefined);

/** The form that is filled in. */
export const chosen: ReadonlySignal<KindForm | undefined> = computed(() =>
  FORMS.find((form) => form.name === chosenName.value),
);
/** What is typed into it; the service's example until something was. */
export const draft: ReadonlySignal<Draft> = computed(() => {
  const form = chosen.value;
  if (!form) return {};
  return drafts.value.get(form.name) ?? draftOf(form, kinds.value.get(form.name)?.example);
});
export const outcome: ReadonlySignal<Outcome> = lastOutcome;
/** The job that was asked for last. */
export const latest: ReadonlySignal<string | undefined> = lastJob;

export function choose(name: string): void {
  batch(() => {
    chosenName.value = name;
    lastOutcome.value = { kind: "none" };
  });
}

export function type(field: string, value: string | boolean): void {
  const form = chosen.peek();
  if (!form) return;
  batch(() => {
    drafts.value = new Map(drafts.peek()).set(form.name, { ...draft.peek(), [field]: value });
    const now = lastOutcome.peek();
    if (now.kind !== "wrong" || !now.fields.has(field)) return;
    const fields = new Map(now.fields);
    fields.delete(field);
    lastOutcome.value = { kind: "wrong", fields };
  });
}

/** Fills the form with what makes this task. */
export function fill(task: Task): void {
  const form = FORMS.find((form) => form.name === task.task.case);
  if (!form) return;
  batch(() => {
    choose(form.name);
    drafts.value = new Map(drafts.peek()).set(form.name, draftOf(form, task));
  });
}

/** Submits what is typed. */
export async function submit(): Promise<Outcome> {
  const form = chosen.peek();
  if (!form || lastOutcome.peek().kind === "sending") return lastOutcome.peek();
  const parsed = taskOf(form, draft.peek());
  if (parsed.violations) {
    lastOutcome.value = wrongFields(form, parsed.violations);
    return lastOutcome.peek();
  }
  lastOutcome.value = { kind: "sending" };
  try {
    const { job } = await store.submit(parsed.task);
    batch(() => {
      lastOutcome.value = { kind: "accepted", job: job.id };
      lastJob.value = job.id;
    });
  } catch (cause) {
    lastOutcome.value = refused(form, AbacusError.from(cause));
  }
  return lastOutcome.peek();
}

/** A refusal whose violations all belong to fields is told there; any other as a whole. */
function refused(form: KindForm, error: AbacusError): Outcome {
  const violations = [...error.violations];
  const all = violations.length > 0 && violations.every((violation) => fieldOfViolation(form, violation));
  return all ? wrongFields(form, violations) : { kind: "refused", error };
}

function wrongFields(form: KindForm, violations: readonly Violation[]): Outcome {
  const fields = new Map<string, string>();
  for (const violation of violations) {
    const name = fieldOfViolation(form, violation);
    if (name) fields.set(name, [fields.get(name), violation.description].filter(Boolean).join("; "));
  }
  return { kind: "wrong", fields };
}
