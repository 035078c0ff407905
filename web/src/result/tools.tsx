// What one can do with a long result: go to a place, look for digits, copy, download.
import { useSignal } from "@preact/signals";
import { bytesText, counted, grouped } from "../format/numbers.ts";
import { announce } from "../shell/announcer.tsx";
import type { JobView } from "../store/job.ts";
import { COPIED_AT_MOST, COPIED_FREELY, copy, save } from "./download.ts";
import { Find } from "./find.tsx";
import { ROWS_HELP } from "./rows.tsx";
import type { Viewer } from "./viewer.ts";

interface Props {
  viewer: Viewer;
  view: JobView;
  /** All of it is here, and verified. */
  whole: boolean;
}

export function Tools({ viewer, view, whole }: Props) {
  const { isLong } = viewer;
  const isQuiet = viewer.said.value === "" && viewer.selection.value === undefined;
  return (
    <div class="tools">
      {isLong && <Find viewer={viewer} />}
      {isLong && <GoTo viewer={viewer} />}
      <Copy viewer={viewer} />
      <button type="button" disabled={!whole} onClick={() => save(viewer.content, view.id)}>
        Download
      </button>
      <p class={isLong ? "tools-status tools-long muted tabular" : "tools-status muted tabular"}>
        {/* Screen readers have it from the rows themselves. */}
        {isLong && isQuiet && (
          <span class="rows-help" aria-hidden="true">
            {ROWS_HELP}
          </span>
        )}
        {viewer.said.value && <span>{viewer.said.value}</span>} <Selected viewer={viewer} />
      </p>
    </div>
  );
}

function GoTo({ viewer }: { viewer: Viewer }) {
  const typed = useSignal("");
  const { unit, units } = viewer.sheet.value;
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const position = Number(typed.value.replace(/[\s,_]+/g, ""));
    if (!Number.isInteger(position) || position < 1) return;
    const target = Math.min(position, units) - 1;
    viewer.goTo(target);
    announce(`${unit} ${grouped(target + 1)}`);
  };
  return (
    <form class="tool" onSubmit={onSubmit}>
      <label for="go-to">Go to {unit}</label>
      <input
        id="go-to"
        class="number"
        inputMode="numeric"
        autocomplete="off"
        placeholder={`≤ ${grouped(units)}`}
        value={typed.value}
        onInput={(event) => (typed.value = event.currentTarget.value)}
      />
      <button type="submit">Go</button>
    </form>
  );
}

function Copy({ viewer }: { viewer: Viewer }) {
  const asked = useSignal(false);
  const { said } = viewer;
  const bytes = viewer.copiedBytes;
  const what = viewer.selected.value ? "selection" : "all";

  const run = async () => {
    asked.value = false;
    said.value = (await copy(viewer.copied())) ? "Copied." : "This browser does not let the page copy.";
    announce(said.value);
  };
  const onClick = () => {
    if (bytes > COPIED_FREELY) {
      asked.value = true;
      said.value = "";
    } else void run();
  };
  const denied = bytes > COPIED_AT_MOST;
  return (
    <>
      <button type="button" onClick={onClick}>
        Copy {what}
      </button>
      {asked.value && bytes > COPIED_FREELY && (
        <span class="note tool-note" role="alert">
          {denied
            ? `${bytesText(bytes)} is too much for the clipboard: download it, or select a part.`
            : `${bytesText(bytes)} may stall the program it is pasted into. `}
          {!denied && (
            <button type="button" class="small" onClick={() => void run()}>
              Copy anyway
            </button>
          )}
          <button type="button" class="small" onClick={() => (asked.value = false)}>
            {denied ? "Close" : "Do not copy"}
          </button>
        </span>
      )}
    </>
  );
}

function Selected({ viewer }: { viewer: Viewer }) {
  const { unit } = viewer.sheet.value;
  const range = viewer.selected.value;
  const caret = viewer.selection.value;
  if (!caret) return null;
  return (
    <span>
      {range
        ? `${counted(range.to - range.from, unit)} selected: ${grouped(range.from + 1)} to ${grouped(range.to)}`
        : `At ${unit} ${grouped(caret.focus + 1)}`}
    </span>
  );
}
