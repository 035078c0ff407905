// When the page wakes up: it comes online, or is looked at again.

/** Calls `listener` each time the page wakes up, until the returned function is called. */
export function onWake(listener: () => void): () => void {
  const page = globalThis.document as Document | undefined;
  const seen = (): void => {
    if (page?.visibilityState === "visible") listener();
  };
  // Workers come online too, but are not looked at; Node knows neither.
  globalThis.addEventListener?.("online", listener);
  page?.addEventListener("visibilitychange", seen);
  return () => {
    globalThis.removeEventListener?.("online", listener);
    page?.removeEventListener("visibilitychange", seen);
  };
}

/**
 * Waits for `ms` milliseconds, or less when the page wakes up.
 * @throws the reason of `signal`, once it is aborted
 */
export function rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      forget();
      signal?.removeEventListener("abort", abort);
      settle();
    };
    const abort = (): void => end(() => reject(signal?.reason));
    const wake = (): void => end(resolve);
    const timer = setTimeout(wake, ms);
    const forget = onWake(wake);
    signal?.addEventListener("abort", abort);
  });
}
