// The result itself, as far as it is here; what is not is fetched when somebody looks.
import { useEffect, useMemo } from "preact/hooks";
import type { Content } from "@abacus/client";
import { JobState } from "@abacus/client";
import { bytesText, counted, percentText } from "../format/numbers.ts";
import { store } from "../shell/store.ts";
import type { Held } from "../store/contents.ts";
import type { JobView } from "../store/job.ts";
import { serviceHref } from "./download.ts";
import { Rows, ROWS_HELP } from "./rows.tsx";
import { kindOfText } from "./sheet.ts";
import { Tools } from "./tools.tsx";
import { Viewer } from "./viewer.ts";

/** The first bytes tell what a result is. */
const TELLING_BYTES = 64;
/** A text is shown whole up to this length, in bytes. */
const MOST_TEXT = 64 * 1024;

export function ContentView({ view }: { view: JobView }) {
  const held = store.contents.of(view.id);
  const holding = held.holding.value;
  useReading(view, holding.kind);
  switch (holding.kind) {
    case "none":
      return view.state === JobState.SUCCEEDED ? <p class="note">The result is on its way.</p> : null;
    case "missed":
      return view.state === JobState.SUCCEEDED ? (
        <p class="note">The result is on its way.</p>
      ) : (
        <p class="note">The result began before this page was loaded. All of it is read when the job is done.</p>
      );
    case "too-large":
      return (
        <p class="note">
          The result takes {bytesText(view.result?.bytes ?? holding.bytes)}: more than this tab keeps. <a href={serviceHref(view.id)}>Download it</a>, or
          set more memory at the foot of the page.{" "}
          <button type="button" class="small" onClick={() => store.contents.clear(view.id)}>
            Read it again
          </button>
        </p>
      );
    case "broken":
      return (
        <div class="refusal" role="alert">
          <p>{holding.reason}</p>
          <button type="button" class="small" onClick={() => store.contents.clear(view.id)}>
            Read it again
          </button>
        </div>
      );
    default:
      return <Arrived view={view} held={held} content={holding.content} />;
  }
}

function useReading({ id, state }: JobView, kind: string): void {
  const { reachable } = store;
  useEffect(() => {
    if (reachable && state === JobState.SUCCEEDED) store.reader.read(id);
  }, [id, state, kind, reachable]);
  useEffect(() => () => store.reader.stop(id), [id]);
}

interface ArrivedProps {
  view: JobView;
  held: Held;
  content: Content;
}

/** What is kept in bytes to be small, not to be looked at. The service writes it out as text. */
function Bytes({ view, content }: { view: JobView; content: Content }) {
  return (
    <p class="note">
      The list is kept as the gaps between primes: {bytesText(view.result?.bytes ?? content.bytes)}. <a href={serviceHref(view.id)}>See it in lines</a>.
    </p>
  );
}

function Arrived(props: ArrivedProps) {
  void props.held.revision.value;
  return props.content.isBinary ? <Bytes {...props} /> : <Characters {...props} />;
}

function Characters({ view, held, content }: ArrivedProps) {
  const kind = useMemo(() => kindOfText(content.text(0, TELLING_BYTES)), [content, content.bytes > 0]);
  const viewer = useMemo(
    () => (kind === "text" ? undefined : new Viewer(content, kind, held.revision)),
    [content, kind, held],
  );
  void held.revision.value;
  const whole = held.holding.value.kind === "whole";
  const label = viewer ? `Result, ${counted(viewer.sheet.value.units, viewer.sheet.value.unit)}` : "Result";
  return (
    <section class="content" aria-label="Result">
      <Arriving view={view} bytes={content.bytes} whole={whole} />
      {viewer ? (
        <>
          <Tools viewer={viewer} view={view} whole={whole} />
          <Rows viewer={viewer} label={label} />
          <p id="rows-help" class="unseen">
            {ROWS_HELP}
          </p>
        </>
      ) : (
        <pre class="text" tabIndex={0}>
          {content.text(0, MOST_TEXT)}
        </pre>
      )}
    </section>
  );
}

function Arriving({ view, bytes, whole }: { view: JobView; bytes: number; whole: boolean }) {
  if (whole) return null;
  const total = view.result ? Number(view.result.bytes) : undefined;
  return (
    <p class="arriving">
      <span class="connection-dot" aria-hidden="true" /> Arriving: <span class="tabular">{bytesText(bytes)}</span>
      {total ? ` of ${bytesText(total)}, ${percentText(bytes / total)}` : ""}
    </p>
  );
}
