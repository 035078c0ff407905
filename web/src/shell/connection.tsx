// The state of the tab's stream, in the header.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { announce } from "./announcer.tsx";
import { clock } from "./clock.ts";
import { store } from "./store.ts";

const online = signal(navigator.onLine);
addEventListener("online", () => (online.value = true));
addEventListener("offline", () => (online.value = false));

/** One word for the state, and its colour. */
type Tone = "good" | "busy" | "bad";

export function ConnectionState() {
  const connection = store.connection.value;
  const again = () => store.session.peek().subscription.start();
  const [tone, text] = told();
  useEffect(() => announce(SENTENCES[text] ?? ""), [text]);
  const cut = connection.kind === "waiting" || connection.kind === "stopped";
  return (
    <div class="connection" data-tone={tone}>
      <span class="connection-dot" aria-hidden="true" />
      <span class="connection-text">{text}</span>
      {cut && <Retry at={connection.kind === "waiting" ? connection.retryAt : undefined} />}
      {cut && (
        <button type="button" class="small" onClick={again} title={connection.error.message}>
          Try now
        </button>
      )}
    </div>
  );
}

const SENTENCES: Record<string, string> = {
  Connected: "Connected.",
  Offline: "This device is offline.",
  "Connection lost": "The connection is lost. It is tried again by itself.",
  "Connection refused": "The connection is refused.",
};

function told(): [Tone, string] {
  if (!online.value) return ["bad", "Offline"];
  switch (store.connection.value.kind) {
    case "open":
      return ["good", "Connected"];
    case "connecting":
      return ["busy", "Connecting"];
    case "waiting":
      return ["bad", "Connection lost"];
    case "stopped":
      return ["bad", "Connection refused"];
  }
}

function Retry({ at }: { at: Date | undefined }) {
  if (!at) return null;
  const seconds = Math.ceil((at.getTime() - clock.value) / 1000);
  return <span class="muted">{seconds > 0 ? `next try in ${seconds} s` : "trying"}</span>;
}
