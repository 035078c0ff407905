// The page's frame: header, navigation, the view that the address names, footer.
import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { ComputeView } from "../compute/compute_view.tsx";
import { OperatorsView } from "../operators/index.tsx";
import { RequestsView } from "../requests/requests_view.tsx";
import { JobPage } from "../result/job_page.tsx";
import { Announcer } from "./announcer.tsx";
import { ClientName } from "./client_name.tsx";
import { ConnectionState } from "./connection.tsx";
import { Footer } from "./footer.tsx";
import { route, type Route } from "./route.ts";
import { store } from "./store.ts";

const TITLES: Record<Route["view"], string> = {
  compute: "Compute",
  requests: "My requests",
  operators: "Operators",
  job: "Job",
};
const VIEWS = ["compute", "requests", "operators"] as const;

export function App() {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(route.peek());
  useSignalEffect(() => {
    const now = route.value;
    document.title = `${TITLES[now.view]} · Abacus`;
    if (now === shown.current) return;
    shown.current = now;
    // Readers and keyboards go on where the new view begins.
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  });
  const { view } = route.value;
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => skip(event, main.current)}>
        Skip to content
      </a>
      <header class="page-header">
        <a class="name" href="#/" aria-label="Abacus, compute">
          <Mark />
          Abacus
        </a>
        <nav aria-label="Views">
          {VIEWS.map((name) => (
            <a key={name} href={name === "compute" ? "#/" : `#/${name}`} aria-current={name === view ? "page" : undefined}>
              {TITLES[name]}
            </a>
          ))}
        </nav>
        <div class="header-state">
          <ConnectionState />
          <ClientName />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} aria-label={TITLES[view]}>
        <View />
      </main>
      <Footer />
      <Announcer />
    </>
  );
}

function View() {
  const now = route.value;
  switch (now.view) {
    case "compute":
      return <ComputeView />;
    case "requests":
      return <RequestsView />;
    case "operators":
      return <OperatorsView abacus={store.session.value.abacus} />;
    case "job":
      return <JobPage key={now.id} id={now.id} />;
  }
}

/** The hash is the view's: the link moves the focus without it. */
function skip(event: Event, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}

/** Three wires with their beads. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M4 8h24M4 16h24M4 24h24" />
      <circle cx="9" cy="8" r="3" />
      <circle cx="16" cy="8" r="3" />
      <circle cx="12" cy="16" r="3" />
      <circle cx="23" cy="16" r="3" />
      <circle cx="19" cy="24" r="3" />
    </svg>
  );
}
