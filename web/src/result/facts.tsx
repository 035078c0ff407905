// What is known of a job besides its result.
import type { ComponentChildren } from "preact";
import { counted, grouped, bytesText } from "../format/numbers.ts";
import { ageText, durationText, instant, millis } from "../format/time.ts";
import { clock } from "../shell/clock.ts";
import { store } from "../shell/store.ts";
import { type JobView, MOST_RETRIED } from "../store/job.ts";
import { dispositionText, laneText } from "./words.ts";

export function Facts({ view }: { view: JobView }) {
  const { job, attempt, result } = view;
  const request = store.session.value.requests.ofJob(view.id);
  const whole = store.contents.of(view.id).holding.value.kind === "whole";
  return (
    <dl class="facts">
      {result && <Fact name={sizeName(view)}>{sizeText(view)}</Fact>}
      {result && <Fact name="Size">{bytesText(result.bytes)}</Fact>}
      {result?.computeTime && <Fact name="Computed in">{durationText(millis(result.computeTime))}</Fact>}
      {request && dispositionText(request.disposition) && <Fact name="Answer">{dispositionText(request.disposition)}</Fact>}
      {request?.createTime && <Fact name="Asked">{ageText(clock.value - instant(request.createTime))}</Fact>}
      {attempt > 0 && <Fact name="Attempt">{grouped(attempt)}</Fact>}
      {job && laneText(job.lane) && <Fact name="Lane">{laneText(job.lane)}</Fact>}
      {job?.worker && (
        <Fact name="Worker">
          <code>{job.worker}</code>
        </Fact>
      )}
      {result && (
        <Fact name="SHA-256" wide>
          <code class="hash">{result.sha256}</code>{" "}
          {whole ? <span class="verified">verified in this browser</span> : <span class="muted">not verified here yet</span>}
        </Fact>
      )}
    </dl>
  );
}

/** Attempts that were lost or handed back, and why. */
export function Retries({ view }: { view: JobView }) {
  if (view.retried.length === 0) return null;
  return (
    <div class="note">
      <p>
        {view.retried.length === MOST_RETRIED ? "The latest attempts that were repeated:" : "Repeated, with what was sent kept:"}
      </p>
      <ul>
        {view.retried.map(({ attempt, failure }, index) => (
          <li key={index}>
            Attempt {attempt}: {failure?.message || "it was handed back"} {failure?.reason && <code>{failure.reason}</code>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Fact({ name, wide, children }: { name: string; wide?: true; children: ComponentChildren }) {
  return (
    <div class={wide ? "fact wide" : "fact"}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function sizeName({ result }: JobView): string {
  return result?.size.case === "digits" ? "Length" : "Count";
}

function sizeText({ result }: JobView): string {
  if (result?.size.case === "digits") return counted(result.size.value, "digit");
  return grouped(result?.size.value ?? 0n);
}
