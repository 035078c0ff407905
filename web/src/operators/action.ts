// A call that a button starts, and what became of it.

import { useSignal } from "@preact/signals";

/** One call at a time. */
export interface Action {
  readonly busy: boolean;
  /** Why the latest call failed. */
  readonly error: unknown;
  /** Makes the call, unless one is under way. */
  readonly run: (call: () => Promise<unknown>) => void;
}

/** An action that has made no call yet. */
export function useAction(): Action {
  const busy = useSignal(false);
  const error = useSignal<unknown>(undefined);
  const run = (call: () => Promise<unknown>) => {
    if (busy.peek()) return;
    busy.value = true;
    error.value = undefined;
    call()
      .catch((thrown: unknown) => (error.value = thrown))
      .finally(() => (busy.value = false));
  };
  return { busy: busy.value, error: error.value, run };
}
