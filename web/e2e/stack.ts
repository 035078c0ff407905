// All of Abacus as local processes: Redis, the services, Envoy; what is killed is started again.
//
// `cargo xtask dev` runs them; this starts it, reads what it tells on standard output, and keeps what the processes log.
// ABACUS_DEV is the command in place of `cargo xtask dev --no-build --port 0`, divided at spaces and run at the
// repository's root.

import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { env, kill } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Where logs and screenshots are left. */
export const OUTPUT = fileURLToPath(new URL("output/", import.meta.url));
/** The repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** How long things may take, in milliseconds: the first start ever has Envoy installed. */
const READY_WITHIN = 150_000;
const REVIVED_WITHIN = 30_000;
const STOPPED_WITHIN = 20_000;

/** One process that runs. */
export interface Process {
  /** `redis`, `envoy`, `gateway-1`, `notifier-1`, `calculator-1`, ... */
  readonly name: string;
  readonly pid: number;
  /** `host:port`. */
  readonly address: string;
}

/** Starts everything and waits until the public door answers. */
export async function start(): Promise<Stack> {
  const [program = "", ...args] = (env["ABACUS_DEV"] ?? "cargo xtask dev --no-build --port 0").split(" ");
  const dev = spawn(program, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  mkdirSync(OUTPUT, { recursive: true });
  const log = createWriteStream(`${OUTPUT}stack.log`);
  dev.stderr.pipe(log);
  const stack = new Stack(dev);
  try {
    await stack.ready();
  } catch (error) {
    await stack.stop();
    throw new Error(`the stack did not start: see ${OUTPUT}stack.log`, { cause: error });
  }
  return stack;
}

/** All of Abacus. */
export class Stack {
  /** The address of the public door, once ready. */
  url = "";
  /** The processes that run, by name. */
  readonly processes = new Map<string, Process>();
  readonly #dev: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #lines = new Set<() => void>();

  constructor(dev: ChildProcess) {
    this.#dev = dev;
    this.#ended = new Promise((resolve) => {
      dev.once("exit", () => resolve());
      dev.once("error", () => resolve());
    });
    createInterface({ input: dev.stdout! }).on("line", (line) => this.#take(line));
  }

  /** Waits until the public door answers. */
  async ready(): Promise<void> {
    await this.#until(READY_WITHIN, "the public door", () => this.url !== "");
  }

  /** Sends a process a signal. */
  signal(name: string, signal: NodeJS.Signals): void {
    kill(this.#process(name).pid, signal);
  }

  /** Kills a process the hard way, and waits until its successor was started. */
  async kill(name: string): Promise<Process> {
    const { pid } = this.#process(name);
    kill(pid, "SIGKILL");
    const revived = (): boolean => (this.processes.get(name)?.pid ?? pid) !== pid;
    await this.#until(REVIVED_WITHIN, `a new ${name}`, revived);
    return this.#process(name);
  }

  /** Stops everything. */
  async stop(): Promise<void> {
    this.#dev.kill("SIGTERM");
    const hard = setTimeout(() => this.#dev.kill("SIGKILL"), STOPPED_WITHIN);
    await this.#ended;
    clearTimeout(hard);
  }

  #process(name: string): Process {
    const process = this.processes.get(name);
    if (process === undefined) throw new Error(`${name} does not run; ${[...this.processes.keys()].join(", ")} do`);
    return process;
  }

  /** Takes a line: `started NAME pid=PID address=HOST:PORT`, `ended NAME ...`, `ready URL`, or another. */
  #take(line: string): void {
    const [word, name = "", pid = "", address = ""] = line.split(" ");
    if (word === "started") {
      this.processes.set(name, { name, pid: Number(pid.slice("pid=".length)), address: address.slice("address=".length) });
    }
    if (word === "ended") this.processes.delete(name);
    if (word === "ready") this.url = name;
    for (const look of this.#lines) look();
  }

  /** Waits until a line has made this true. */
  async #until(ms: number, what: string, isTrue: () => boolean): Promise<void> {
    let look = (): void => undefined;
    let timer: NodeJS.Timeout | undefined;
    const told = new Promise<void>((resolve, reject) => {
      look = () => void (isTrue() && resolve());
      this.#lines.add(look);
      timer = setTimeout(() => reject(new Error(`${what} did not come within ${ms} ms`)), ms);
      void this.#ended.then(() => reject(new Error(`waiting for ${what}, the command ended`)));
      look();
    });
    await told.finally(() => {
      this.#lines.delete(look);
      clearTimeout(timer);
    });
  }
}
