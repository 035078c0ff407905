// @abacus/client: submit exact-integer computations to Abacus from a browser and follow them, across any cut.

export { Code } from "@connectrpc/connect";

export { Abacus } from "./client.ts";
export type { AbacusOptions, CallOptions, SubmitOptions, Submitted, TaskInit } from "./client.ts";
export { AbacusError } from "./errors.ts";
export type { Violation } from "./errors.ts";
export { Content } from "./content.ts";
export { primesOfGaps } from "./gaps.ts";
export type { Connection, OnConnection } from "./connection.ts";
export type { ReadOptions } from "./read.ts";
export type { Retry } from "./backoff.ts";
export type { SubscribeOptions, Target } from "./subscription.ts";

export type { Chunk, Frame, Snapshot, Terminal } from "./gen/abacus/v1/frame_pb.ts";
export { Disposition, JobState, Lane, ResultFormat } from "./gen/abacus/v1/job_pb.ts";
export type { Failure, Job, Progress, Request, ResultSummary } from "./gen/abacus/v1/job_pb.ts";
export { KindStatus } from "./gen/abacus/v1/operator_service_pb.ts";
export type { Counters, GetStatsResponse, Kind, QueueStats } from "./gen/abacus/v1/operator_service_pb.ts";
export { TaskSchema } from "./gen/abacus/v1/task_pb.ts";
export type { Task } from "./gen/abacus/v1/task_pb.ts";
export { WorkerState } from "./gen/abacus/v1/worker_pb.ts";
export type { LaneSlots, Worker } from "./gen/abacus/v1/worker_pb.ts";
