// What goes wrong, as one type: a refusal of Abacus, a lost connection, a damaged piece.

import { Code, ConnectError } from "@connectrpc/connect";
import { durationMs } from "@bufbuild/protobuf/wkt";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.ts";

/** One wrong field of a request. */
export interface Violation {
  /** Its path within the request, such as `task.primes.end`. */
  readonly field: string;
  /** What is wrong with it and what is allowed. */
  readonly description: string;
}

/** What an error is made of; all but the code may be left out. */
export interface ErrorParts {
  readonly code: Code;
  readonly reason?: string;
  readonly violations?: readonly Violation[];
  readonly retryAfterMs?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/**
 * Why a call did not succeed.
 *
 * `reason` is what programs should look at. The services' reasons are listed in docs/errors.md; those that arise in
 * the browser are
 * - `CONNECTION_LOST` (UNAVAILABLE): the server was not reached, or the answer was cut off;
 * - `SILENCE` (UNAVAILABLE): a stream stayed silent for too long to be alive;
 * - `CHUNK_DAMAGED`, `CHUNK_MISPLACED` (DATA_LOSS): a piece of a result does not have its checksum, or leaves a gap or
 *   an overlap;
 * - `RESULT_DAMAGED` (DATA_LOSS): a whole result does not have its length or SHA-256.
 *
 * It is empty when somebody between the browser and Abacus answered.
 */
export class AbacusError extends Error {
  override readonly name = "AbacusError";
  /** The gRPC status code. */
  readonly code: Code;
  /** An UPPER_SNAKE word for programs. */
  readonly reason: string;
  /** Every wrong field. */
  readonly violations: readonly Violation[];
  /** After how many milliseconds the same call may succeed; absent when the server did not say. */
  readonly retryAfterMs: number | undefined;
  /** More about the reason. */
  readonly metadata: Readonly<Record<string, string>>;

  constructor(message: string, parts: ErrorParts) {
    super(message, { cause: parts.cause });
    this.code = parts.code;
    this.reason = parts.reason ?? "";
    this.violations = parts.violations ?? [];
    this.retryAfterMs = parts.retryAfterMs;
    this.metadata = parts.metadata ?? {};
  }

  /** Anything that was thrown, as an error of this type. The original is its `cause`. */
  static from(thrown: unknown): AbacusError {
    if (thrown instanceof AbacusError) return thrown;
    if (thrown instanceof ConnectError) return fromConnect(thrown);
    return fromConnect(ConnectError.from(thrown));
  }

  /**
   * True when the same stream may be opened again with success: for everything but a refusal that stays one until
   * somebody changes something.
   */
  get heals(): boolean {
    switch (this.code) {
      case Code.InvalidArgument:
      case Code.NotFound:
      case Code.AlreadyExists:
      case Code.PermissionDenied:
      case Code.FailedPrecondition:
      case Code.OutOfRange:
      case Code.Unimplemented:
      case Code.Unauthenticated:
        return false;
      case Code.ResourceExhausted:
        // A full queue tells when to come back, too large a task does not; without a reason it was a proxy's limit.
        return this.retryAfterMs !== undefined || this.reason === "";
      default:
        return true;
    }
  }
}

/** What an error of the transport tells, with the details that the server sent. */
function fromConnect(error: ConnectError): AbacusError {
  const info = error.findDetails(ErrorInfoSchema)[0];
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  const violations = error
    .findDetails(BadRequestSchema)
    .flatMap((bad) => bad.fieldViolations)
    .map(({ field, description }) => ({ field, description }));
  if (info === undefined && isTransportFault(error)) {
    return new AbacusError("the connection was lost", {
      code: Code.Unavailable,
      reason: "CONNECTION_LOST",
      cause: error,
    });
  }
  return new AbacusError(error.rawMessage, {
    code: error.code,
    reason: info?.reason ?? "",
    violations,
    retryAfterMs: delay && durationMs(delay),
    metadata: info?.metadata ?? {},
    cause: error,
  });
}

/**
 * Whether an error without a reason stands for a connection that failed: `fetch` throws a TypeError for each, and an
 * answer that is cut off or not gRPC at all comes as one of these codes.
 */
function isTransportFault(error: ConnectError): boolean {
  return error.code === Code.Unknown || error.code === Code.Internal;
}
