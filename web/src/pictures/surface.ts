// What a drawing depends on besides its data: the width it has, the pixels of the screen, and the theme.

import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** The surroundings of a drawing. A new value means: draw anew. */
export interface Surface {
  /** Width of the element in CSS pixels; 0 before it is known. */
  readonly width: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  /** Grows with each change of the theme. */
  readonly theme: number;
}

/** Watches the element's width, the screen's pixels and the theme. */
export function useSurface(element: RefObject<HTMLElement | null>): Surface {
  const [surface, setSurface] = useState<Surface>({ width: 0, ratio: devicePixelRatio, theme: 0 });
  useEffect(() => {
    const change = (part: Partial<Surface>) => setSurface((before) => ({ ...before, ...part }));
    const repaint = () => setSurface((before) => ({ ...before, theme: before.theme + 1 }));
    const sizes = new ResizeObserver(([entry]) => change({ width: Math.floor(entry!.contentRect.width) }));
    sizes.observe(element.current!);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", repaint);
    const attributes = new MutationObserver(repaint);
    attributes.observe(document.documentElement, { attributes: true });
    const forget = watchRatio((ratio) => change({ ratio }));
    return () => {
      sizes.disconnect();
      scheme.removeEventListener("change", repaint);
      attributes.disconnect();
      forget();
    };
  }, [element]);
  return surface;
}

/** The colour that a custom property has at this element now, in a form that a canvas understands. */
export function colour(element: HTMLElement, property: string): string {
  const before = element.style.color;
  element.style.color = `var(${property})`;
  const resolved = getComputedStyle(element).color;
  element.style.color = before;
  return resolved;
}

// A query for one resolution reports only that it no longer holds, so each change asks for the next.
function watchRatio(tell: (ratio: number) => void): () => void {
  let query: MediaQueryList;
  const watch = () => {
    query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    query.addEventListener("change", changed);
  };
  const changed = () => {
    query.removeEventListener("change", changed);
    tell(devicePixelRatio);
    watch();
  };
  watch();
  return () => query.removeEventListener("change", changed);
}
