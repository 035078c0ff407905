// A line of a given speed, for tests that must look at something before all of it has arrived.

import { connect, createServer } from "node:net";

/** Passes connections on, each of them at most this fast towards the browser, in bytes a second. */
export async function slowLine(url: string, speed: number): Promise<{ url: string; close: () => void }> {
  const { hostname, port } = new URL(url);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far);
    far.on("data", (bytes) => {
      near.write(bytes);
      far.pause();
      setTimeout(() => far.resume(), (1000 * bytes.length) / speed);
    });
    far.on("end", () => near.end());
    // What breaks on one side is told to the other.
    for (const [end, other] of [[near, far], [far, near]] as const) {
      end.on("error", () => other.destroy());
      end.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}
