// Why something was refused, and what can be done: a sentence, the reason for programs, the time of the next try.
import { useMemo } from "preact/hooks";
import { AbacusError } from "@abacus/client";
import { clock } from "./clock.ts";

interface Props {
  error: unknown;
  /** Tries again; without it there is no button. */
  onRetry?: () => void;
}

export function Refusal({ error, onRetry }: Props) {
  const known = useMemo(() => AbacusError.from(error), [error]);
  const ready = useMemo(() => Date.now() + (known.retryAfterMs ?? 0), [known]);
  const seconds = Math.max(Math.ceil((ready - clock.value) / 1000), 0);
  return (
    <div class="refusal" role="alert">
      <p>
        {sentence(known.message)} {known.reason && <code class="reason">{known.reason}</code>}
      </p>
      {known.violations.length > 0 && (
        <ul>
          {known.violations.map(({ field, description }) => (
            <li key={field}>
              <code>{field}</code> {description}
            </li>
          ))}
        </ul>
      )}
      {onRetry && (
        <p>
          <button type="button" class="small" disabled={seconds > 0} onClick={onRetry}>
            {seconds > 0 ? `Try again in ${seconds} s` : "Try again"}
          </button>
        </p>
      )}
    </div>
  );
}

/** Services write their texts without a capital and a full stop. */
function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
