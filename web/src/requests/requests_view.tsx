// What this client has asked for, newest first.
import { useEffect } from "preact/hooks";
import { counted } from "../format/numbers.ts";
import { Refusal } from "../shell/refusal.tsx";
import { store } from "../shell/store.ts";
import { RequestRow } from "./request_row.tsx";

export function RequestsView() {
  const { client, requests } = store.session.value;
  const rows = requests.rows.value;
  const { reachable } = store;
  useEffect(() => {
    if (reachable) void requests.refresh();
  }, [requests, reachable]);
  const reading = requests.status.value === "reading";
  return (
    <section class="requests" aria-labelledby="requests-title">
      <h1 id="requests-title">My requests</h1>
      <p class="muted">
        {counted(rows.length, "request")}
        {requests.hasMore.value ? " so far" : ""} of <code>{client}</code>
      </p>
      {requests.status.value === "failed" && (
        <Refusal error={requests.error.value} onRetry={() => void requests.refresh()} />
      )}
      {rows.length === 0 && !reading ? (
        <p class="note">
          Nothing has been asked for under this name. <a href="#/">Compute something.</a>
        </p>
      ) : (
        <ul class="request-list">
          {rows.map((request) => (
            <RequestRow key={request.name} request={request} />
          ))}
        </ul>
      )}
      {requests.hasMore.value && (
        <button type="button" disabled={reading} onClick={() => void requests.readMore()}>
          {reading ? "Reading…" : "Older requests"}
        </button>
      )}
    </section>
  );
}
