/* What happens on the page, for whoever wants to know. */
import type { Feature, Layer } from "./types.ts";

interface Events {
  /** The reader chose another language, or light or dark. */
  language: string;
  theme: boolean;
  /** The drawing turned dark or light, for the reader or for paper. */
  paint: boolean;
  /** The reader asked for a feature, from a list or a button. */
  choose: Feature;
  /** A layer was shown or hidden. */
  layers: Layer;
  /** A feature was chosen, or left. */
  open: Feature;
  close: Feature;
  /** A place by its chainage was pinned, or the pin taken away. */
  pin: void;
  /** Another year is shown, or none any more. */
  year: void;
}

const listeners: { [K in keyof Events]?: ((detail: Events[K]) => void)[] } = {};

/** Listen to an event of the page. */
export function on<K extends keyof Events>(event: K, listener: (detail: Events[K]) => void): void {
  (listeners[event] ??= [] as never).push(listener);
}

/** Tell everyone who listens, in the order in which they began to. */
export function tell<K extends keyof Events>(event: K, detail: Events[K]): void {
  for (const listener of listeners[event] ?? []) listener(detail);
}
