/* A browser's window for modules under test; Leaflet looks for one as it is read. */
import { JSDOM } from "jsdom";

const { window } = new JSDOM('<!DOCTYPE html><html lang="en"><body></body></html>', { url: "https://example.org/", pretendToBeVisual: true });
Object.assign(globalThis, { window });
for (const name of Object.getOwnPropertyNames(window)) {
  if (!(name in globalThis)) Object.defineProperty(globalThis, name, { configurable: true, get: () => window[name as never] as unknown });
}
// jsdom knows no media queries, and no canvas to measure text on.
window.matchMedia = ((media: string) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} })) as never;
window.HTMLCanvasElement.prototype.getContext = (() => ({ font: "", measureText: (text: string) => ({ width: text.length * 7 }) })) as never;
// Nor does it lay anything out.
for (const [side, value] of [["offsetWidth", 800], ["offsetHeight", 600]] as const) {
  Object.defineProperty(window.HTMLElement.prototype, side, { configurable: true, get: () => value });
}
class Observer {
  observe(): void { /* Nothing changes its size or leaves the screen here. */ }
  disconnect(): void { /* See above. */ }
}
Object.assign(globalThis, { ResizeObserver: Observer, IntersectionObserver: Observer });
