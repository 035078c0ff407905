// Long work in pieces: between them the page draws, and answers its user.

/** How long the page may be kept from drawing, in milliseconds. */
const WORK_MS = 12;

/** Lets the page do what waits; a message is handled without the delay of timers. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** For work that comes in small steps: call it after each, and it breathes when it is time to. */
export class Pace {
  #since = performance.now();

  async step(): Promise<void> {
    if (performance.now() - this.#since < WORK_MS) return;
    await breathe();
    this.#since = performance.now();
  }
}
