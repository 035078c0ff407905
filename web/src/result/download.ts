// The result as a file, and on the clipboard.
import type { Content } from "@abacus/client";

/** Up to here a text goes to the clipboard without a question, in bytes. */
export const COPIED_FREELY = 2 ** 20;
/** Beyond this it does not go there at all: other programs stall over it. In bytes. */
export const COPIED_AT_MOST = 32 * 2 ** 20;

/** The address at which the service streams a result as a file, however long. */
export function serviceHref(job: string): string {
  return `/v1/jobs/${encodeURIComponent(job)}/result`;
}

/** The name of a job's file. */
export function fileName(job: string): string {
  return `${job}.txt`;
}

/** Saves what is here as a file. */
export function save(content: Content, job: string): void {
  const href = URL.createObjectURL(content.blob());
  const link = document.createElement("a");
  link.href = href;
  link.download = fileName(job);
  link.click();
  // The browser has taken hold of it when the click has been handled.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** Puts a text on the clipboard; false when the browser does not let a page do that. */
export async function copy(text: string): Promise<boolean> {
  // Only in secure contexts: a page from another host by plain HTTP has none.
  const clipboard = (navigator as Partial<Navigator>).clipboard;
  if (!clipboard) return copyByCommand(text);
  try {
    await clipboard.writeText(text);
    return true;
  } catch {
    return copyByCommand(text);
  }
}

function copyByCommand(text: string): boolean {
  const give = (event: ClipboardEvent) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("copy", give, { capture: true, once: true });
  const done = document.execCommand("copy");
  document.removeEventListener("copy", give, { capture: true });
  return done;
}
