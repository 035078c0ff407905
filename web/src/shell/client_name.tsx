// Under which name this browser asks: shown in the header, changed in place.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { CLIENT_NAME } from "../store/kept.ts";
import { store } from "./store.ts";

const RULE = "1 to 64 of the characters A-Z a-z 0-9 . _ -";

export function ClientName() {
  const { client } = store.session.value;
  const typed = useSignal<string | undefined>(undefined);
  const input = useRef<HTMLInputElement>(null);
  const value = typed.value ?? client;
  const wrong = !CLIENT_NAME.test(value);

  const leave = () => {
    if (!wrong) store.rename(value);
    typed.value = undefined;
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (wrong) input.current?.focus();
    else input.current?.blur();
  };
  return (
    <form class="client" onSubmit={submit}>
      <label for="client">Client</label>
      <input
        id="client"
        ref={input}
        value={value}
        maxLength={64}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        aria-invalid={wrong}
        aria-describedby="client-help"
        onInput={(event) => (typed.value = event.currentTarget.value)}
        onBlur={leave}
        onKeyDown={(event) => {
          if (event.key === "Escape") typed.value = undefined;
        }}
      />
      <span id="client-help" class={wrong ? "client-help wrong" : "unseen"}>
        {wrong ? RULE : `Requests belong to this name. ${RULE}`}
      </span>
    </form>
  );
}
