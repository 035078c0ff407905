// The form of a task: the kind, its fields, and the way to submit them.
import { useEffect, useRef } from "preact/hooks";
import { KindStatus } from "@abacus/client";
import { FieldInput } from "../forms/field.tsx";
import { FORMS, kinds } from "../forms/kinds.ts";
import type { KindForm } from "../forms/model.ts";
import { announce } from "../shell/announcer.tsx";
import { Prose } from "../shell/prose.tsx";
import { Refusal } from "../shell/refusal.tsx";
import { choose, chosen, draft, fill, outcome, submit, type } from "./composer.ts";

export function TaskForm() {
  const form = useRef<HTMLFormElement>(null);
  const now = outcome.value;
  useEffect(() => {
    if (now.kind !== "wrong") return;
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    announce([...now.fields].map(([field, text]) => `${field} ${text}`).join(". "));
  }, [now]);

  const kind = chosen.value;
  const example = kind && kinds.value.get(kind.name)?.example;
  const onSubmit = (event: Event) => {
    event.preventDefault();
    // The task in the address is no longer what the page shows.
    if (location.search) history.replaceState(null, "", location.pathname + location.hash);
    void submit();
  };
  return (
    <form class="task" ref={form} onSubmit={onSubmit} noValidate>
      <KindChoice />
      {kind && <Fields key={kind.name} kind={kind} />}
      {now.kind === "refused" && <Refusal error={now.error} onRetry={() => void submit()} />}
      <div class="actions">
        <button type="submit" class="primary" disabled={now.kind === "sending"}>
          {now.kind === "sending" ? "Sending…" : "Compute"}
        </button>
        {example && (
          <button type="button" onClick={() => fill(example)}>
            Example
          </button>
        )}
      </div>
    </form>
  );
}

function KindChoice() {
  return (
    <fieldset class="kinds">
      <legend>What to compute</legend>
      {FORMS.map(({ name, label }) => {
        const suspended = kinds.value.get(name)?.status === KindStatus.SUSPENDED;
        return (
          <label key={name} class="kind">
            <input type="radio" name="kind" value={name} checked={chosen.value?.name === name} onChange={() => choose(name)} />
            <span>
              {label}
              {suspended && <span class="muted"> suspended</span>}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

const NOTES: Partial<Record<KindStatus, string>> = {
  [KindStatus.SUSPENDED]: "This kind is suspended: a job of it waits until an operator resumes it.",
  [KindStatus.ERROR]: "The latest attempts at jobs of this kind failed.",
  [KindStatus.QUEUE]: "No worker serves this kind now: a job of it waits until one does.",
};

function Fields({ kind }: { kind: KindForm }) {
  const told = kinds.value.get(kind.name);
  const note = told && NOTES[told.status];
  const now = outcome.value;
  return (
    <>
      <p class="summary">
        <Prose text={kind.help || (told?.summary ?? "")} />
      </p>
      {note && <p class="note">{note}</p>}
      {kind.fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          id={`task-${kind.name}-${field.name}`}
          value={draft.value[field.name] ?? ""}
          wrong={now.kind === "wrong" ? now.fields.get(field.name) : undefined}
          onChange={(value) => type(field.name, value)}
        />
      ))}
    </>
  );
}
