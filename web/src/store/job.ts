// What is known of a job, and how each frame of the subscription changes it. Pure: contents are kept elsewhere.
import { create } from "@bufbuild/protobuf";
import { type Frame, type Terminal } from "@abacus/client/gen/frame";
import { type Failure, type Job, JobSchema, JobState, type Progress, type ResultSummary } from "@abacus/client/gen/job";

/** An attempt that was lost or failed, and was repeated. */
export interface Retried {
  /** The number of the attempt that ended. */
  attempt: number;
  failure?: Failure;
}

/** What is known of a job. Replaced, never changed. */
export interface JobView {
  readonly id: string;
  readonly kind: string;
  readonly state: JobState;
  /** Its kind is suspended while it waits. */
  readonly suspended: boolean;
  /** The number of its latest attempt; 0 before the first. */
  readonly attempt: number;
  readonly sequence: bigint;
  /** The latest whole message about it: lane, worker, times, task. Older than the rest. */
  readonly job?: Job;
  readonly progress?: Progress;
  /** Attempts that were repeated while this page looked, oldest first, at most {@link MOST_RETRIED}. */
  readonly retried: readonly Retried[];
  readonly result?: ResultSummary;
  readonly failure?: Failure;
  /** No service keeps it any more. */
  readonly gone?: true;
}

/** How many repeated attempts are remembered. */
export const MOST_RETRIED = 20;

/** A job of which nothing but its id is known. */
export function unknownJob(id: string): JobView {
  const kind = id.slice(0, Math.max(id.lastIndexOf("-"), 0));
  return { id, kind, state: JobState.UNSPECIFIED, suspended: false, attempt: 0, sequence: 0n, retried: [] };
}

/** What is left of a view when the service may have lost the job: its task, to be submitted again. */
export function forgotten({ id, kind, job }: JobView): JobView {
  const task = job?.task;
  return { ...unknownJob(id), kind, ...(task ? { job: create(JobSchema, { id, kind, task }) } : {}) };
}

/** Whether nothing will change any more. */
export function isFinal(state: JobState): boolean {
  return state === JobState.SUCCEEDED || state === JobState.FAILED || state === JobState.CANCELLED;
}

/** The view after a message about the whole job, unless something newer is known. */
export function observe(view: JobView, job: Job): JobView {
  if (job.sequence < view.sequence) return view;
  const { progress: _progress, result: _result, failure: _failure, gone: _gone, ...rest } = view;
  const task = job.task ?? view.job?.task;
  return {
    ...rest,
    kind: job.kind,
    state: job.state,
    suspended: job.suspended,
    attempt: job.attempt,
    sequence: job.sequence,
    job: task ? { ...job, task } : job,
    ...(job.progress && job.state === JobState.RUNNING ? { progress: job.progress } : {}),
    ...(job.result ? { result: job.result } : {}),
    ...(job.failure ? { failure: job.failure } : {}),
  };
}

/** The view after a frame about this job. */
export function follow(view: JobView, frame: Frame): JobView {
  const { event } = frame;
  if (event.case === "snapshot") return event.value.job ? observe(view, event.value.job) : view;
  if (frame.sequence < view.sequence) return view;
  const now = { ...view, sequence: frame.sequence, attempt: frame.attempt };
  switch (event.case) {
    case "progress":
      return { ...now, state: JobState.RUNNING, suspended: false, progress: event.value };
    case "chunk":
      // Thousands may come: only the first changes anything.
      return isFinal(view.state) || view.state === JobState.RUNNING ? view : { ...now, state: JobState.RUNNING };
    case "retrying":
      return retrying(now, view.attempt, event.value.failure);
    case "suspended":
      return { ...now, suspended: true };
    case "resumed":
      return { ...now, suspended: false };
    case "terminal":
      return ended(now, event.value);
    default:
      return now;
  }
}

function retrying(view: JobView, attempt: number, failure?: Failure): JobView {
  const { progress: _progress, ...rest } = view;
  const retried = [...view.retried, { attempt, ...(failure ? { failure } : {}) }].slice(-MOST_RETRIED);
  return { ...rest, state: JobState.QUEUED, retried };
}

function ended(view: JobView, terminal: Terminal): JobView {
  const { progress: _progress, failure: _failure, ...rest } = view;
  return {
    ...rest,
    state: terminal.state,
    suspended: false,
    ...(terminal.result ? { result: terminal.result } : {}),
    ...(terminal.failure ? { failure: terminal.failure } : {}),
  };
}
