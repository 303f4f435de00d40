/* A map painted on a canvas, for pages without tiles: Web Mercator, moved by mouse, fingers and keys. */
import { button, h } from "./dom.ts";
import { t } from "./words.ts";

/** Right and down: a place on the unit square of Web Mercator, or pixels. */
export type Spot = [number, number];

/** The nearest zoom; the furthest is 0. */
const NEAREST = 18;
/** A pointer that moved less, in pixels, has pressed something rather than dragged the map. */
const STILL = 4;
/** Pixels to move by, right and down, or zooms. */
const KEYS: Record<string, Spot | number> = { ArrowLeft: [-80, 0], ArrowRight: [80, 0], ArrowUp: [0, -80], ArrowDown: [0, 80], "+": 1, "=": 1, "-": -1 };

const between = (low: number, value: number, high: number): number => Math.min(high, Math.max(low, value));

/** Whether something happened on what stands still on the map: the card, the buttons that zoom. */
const isStill = (event: Event): boolean => (event.target as Element).closest(".cm-still") !== null;

/** How far apart two places are. */
export const gap = ([x, y]: Spot, [left, top]: Spot): number => Math.hypot(x - left, y - top);

/** Longitude and latitude, in degrees, on the unit square of Web Mercator. */
export function mercator(lon: number, lat: number): Spot {
  const sine = Math.sin((between(-85, lat, 85) * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

/** A map in an element; `draw` is called with a canvas's context, cleared, whenever the view has changed. */
export class PlainMap {
  /** The middle of the view, on the unit square. */
  x = 0.5;
  y = 0.5;
  zoom = 1;
  /** The element's size in pixels. */
  width = 0;
  height = 0;
  private readonly canvas = h("canvas", { class: "cm-canvas", "aria-hidden": "true" });
  private frame = 0;

  constructor(readonly element: HTMLElement, private readonly draw: (context: CanvasRenderingContext2D) => void) {
    const zoomer = (sign: string, title: string, steps: number): HTMLElement =>
      button({ class: "cm-tool", "aria-label": title, title }, () => this.zoomBy(steps), sign);
    element.append(this.canvas, h("div", { class: "cm-zoom cm-still" }, zoomer("+", t("zoom_in"), 1), zoomer("−", t("zoom_out"), -1)));
    this.followFingers();
    this.followWheelAndKeys();
    new ResizeObserver(() => this.measure()).observe(element);
    this.measure();
  }

  /** How many pixels the world is wide. */
  size = (zoom = this.zoom): number => 256 * 2 ** zoom;

  /** Where on the element a place of the unit square is. */
  pixel = ([x, y]: Spot): Spot => [(x - this.x) * this.size() + this.width / 2, (y - this.y) * this.size() + this.height / 2];

  /** Longitude and latitude of a pixel. */
  lonlat(left: number, top: number): [number, number] {
    const [x, y] = [this.x + (left - this.width / 2) / this.size(), this.y + (top - this.height / 2) / this.size()];
    return [(x - 0.5) * 360, (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90];
  }

  /** Whether a place of the unit square is in sight, and not at the very edge. */
  sees(place: Spot): boolean {
    const [left, top] = this.pixel(place);
    return Math.abs(left / this.width - 0.5) < 5 / 12 && Math.abs(top / this.height - 0.5) < 5 / 12;
  }

  /** Draw anew with the browser's next picture. */
  paint(): void {
    window.cancelAnimationFrame(this.frame);
    this.frame = window.requestAnimationFrame(() => {
      const ratio = window.devicePixelRatio || 1;
      Object.assign(this.canvas, { width: Math.round(this.width * ratio), height: Math.round(this.height * ratio) });
      const context = this.canvas.getContext("2d")!;
      context.scale(ratio, ratio);
      this.draw(context);
    });
  }

  show([x, y]: Spot, zoom = this.zoom): void {
    Object.assign(this, { x: between(0, x, 1), y: between(0, y, 1), zoom: between(0, zoom, NEAREST) });
    this.paint();
  }

  /** Move by so many pixels. */
  pan = (right: number, down: number): void => this.show([this.x + right / this.size(), this.y + down / this.size()]);

  /** Zoom so that what lies under a pixel stays there. */
  zoomBy(steps: number, [left, top]: Spot = [this.width / 2, this.height / 2]): void {
    const zoom = between(0, this.zoom + steps, NEAREST);
    const share = 1 / this.size() - 1 / this.size(zoom);
    this.show([this.x + (left - this.width / 2) * share, this.y + (top - this.height / 2) * share], zoom);
  }

  /** See all of these places of the unit square, from no nearer than a zoom. */
  fit(places: Spot[], nearest: number): void {
    let [west, north, east, south] = [1, 1, 0, 0];
    for (const [x, y] of places.length ? places : [[0, 0], [1, 1]]) {
      [west, north, east, south] = [Math.min(west, x), Math.min(north, y), Math.max(east, x), Math.max(south, y)];
    }
    const zoom = (pixels: number, part: number): number => Math.log2(Math.max(40, pixels - 80) / 256 / part);
    this.show([(west + east) / 2, (north + south) / 2], Math.min(zoom(this.width, east - west), zoom(this.height, south - north), nearest));
  }

  /** Take the size that the element has now. */
  measure(): void {
    Object.assign(this, { width: this.element.clientWidth, height: this.element.clientHeight });
    this.paint();
  }

  /** The pixel of a pointer. */
  within(event: MouseEvent): Spot {
    const { left, top } = this.element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  private followFingers(): void {
    const { element } = this;
    const fingers = new Map<number, Spot>();
    let travelled = 0;
    element.addEventListener("pointerdown", (event) => {
      if (!fingers.size) travelled = 0;
      if (!event.button && !isStill(event)) fingers.set(event.pointerId, this.within(event));
    });
    // A pointer may leave the map while it drags it; capture would take the press from the mark under it.
    window.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const after = this.within(event);
      fingers.set(event.pointerId, after);
      travelled += gap(before, after);
      this.pan((before[0] - after[0]) / fingers.size, (before[1] - after[1]) / fingers.size);
      const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
      if (other) this.zoomBy(Math.log2((gap(after, other) || 1) / (gap(before, other) || 1)), [(after[0] + other[0]) / 2, (after[1] + other[1]) / 2]);
    });
    for (const end of ["pointerup", "pointercancel"] as const) window.addEventListener(end, ({ pointerId }) => fingers.delete(pointerId));
    element.addEventListener("click", (event) => {
      if (travelled > STILL && event.detail) event.stopPropagation();
    }, true);
  }

  private followWheelAndKeys(): void {
    const { element } = this;
    element.addEventListener("dblclick", (event) => event.target === this.canvas && this.zoomBy(1, this.within(event)));
    element.addEventListener("wheel", (event) => {
      if (isStill(event)) return;
      event.preventDefault();
      this.zoomBy(between(-1, (-event.deltaY * (event.deltaMode ? 30 : 1)) / 180, 1), this.within(event));
    }, { passive: false });
    element.addEventListener("keydown", (event) => {
      const step = KEYS[event.key];
      if (!step || event.target !== element || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      if (typeof step === "number") this.zoomBy(step);
      else this.pan(...step);
    });
  }
}
