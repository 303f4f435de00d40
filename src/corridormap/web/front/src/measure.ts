/* Measuring: the geodesic length of a line that the reader draws on the map. */
import * as L from "leaflet";
import { chain } from "./chainage.ts";
import { lngNear } from "./coordinates.ts";
import { button, h } from "./dom.ts";
import { on } from "./events.ts";
import { highlight } from "./lines.ts";
import { closeCard } from "./side.ts";
import { foldSheet, map, release } from "./stage.ts";
import { distance, number, t } from "./words.ts";

const PANE = "cm-measure";
const RAD = Math.PI / 180;
let points: L.LatLng[] = [];
const drawn = L.layerGroup();
let box: HTMLElement | null = null;
let listening: AbortController;

export const isMeasuring = (): boolean => box !== null;

/** Places along the shortest way between two, to draw it: those on the chord, projected onto the sphere, which on a screen looks the same as the ellipsoid. */
function arc(a: L.LatLng, b: L.LatLng): L.LatLng[] {
  const vector = ({ lat, lng }: L.LatLng): number[] =>
    [Math.cos(lat * RAD) * Math.cos(lng * RAD), Math.cos(lat * RAD) * Math.sin(lng * RAD), Math.sin(lat * RAD)];
  const [from, to] = [vector(a), vector(b)];
  const count = Math.min(64, Math.ceil(a.distanceTo(b) / 111_000));
  const places = [a];
  for (let i = 1; i < count; i += 1) {
    const [x, y, z] = from.map((part, axis) => part + ((to[axis] - part) * i) / count);
    places.push(L.latLng(Math.atan2(z, Math.hypot(x, y)) / RAD, lngNear(Math.atan2(y, x) / RAD, a.lng)));
  }
  return [...places, b];
}

/** Measure along some points: draw the line, and say how long it is. */
function keep(places: L.LatLng[]): void {
  points = places;
  drawn.clearLayers();
  const still = { pane: PANE, interactive: false };
  const line = points.flatMap((place, i) => (i ? arc(points[i - 1], place).slice(1) : [place]));
  L.polyline(line, { ...still, color: "#ffffff", weight: 6, opacity: 0.9 }).addTo(drawn);
  L.polyline(line, { ...still, color: "#a3005c", weight: 2.5, dashArray: "7 5" }).addTo(drawn);
  for (const place of points) L.circleMarker(place, { ...still, radius: 5, color: "#a3005c", weight: 2, fillColor: "#ffffff", fillOpacity: 1 }).addTo(drawn);
  const key = ["measure.none", "measure.one"][points.length];
  box!.querySelector("p")!.textContent = key ? t(key) : t("measure.length", { distance: distance(chain(points).at(-1)!), count: number(points.length) });
  for (const element of box!.querySelectorAll<HTMLButtonElement>(".cm-measure-needs-point")) element.disabled = points.length === 0;
}

const addCentre = (): void => keep([...points, map.getCenter()]);
const undo = (): void => keep(points.slice(0, -1));

/** Keep an event on the map to ourselves; what happens on its buttons is theirs. */
function swallow(event: Event): boolean {
  if ((event.target as Element).closest(".leaflet-control")) return false;
  event.stopImmediatePropagation();
  event.preventDefault();
  return true;
}

/** While measuring, a click anywhere on the map sets a point, on a line or a symbol too: nobody else hears of it. */
function onClick(event: MouseEvent): void {
  // The click that ends a drag, and the second one of a double click, set nothing.
  if (swallow(event) && !(map.dragging as L.Handler & { moved(): boolean }).moved() && event.detail <= 1) keep([...points, map.mouseEventToLatLng(event)]);
}

function onKey(event: KeyboardEvent): void {
  const target = event.target as Element;
  const leaves = !event.defaultPrevented && !target.closest("dialog, .cm-table");
  const onMap = target === map.getContainer();
  const run = { Escape: leaves && toggleMeasuring, Enter: onMap && addCentre, Backspace: onMap && points.length > 0 && undo }[event.key];
  if (!run) return;
  event.preventDefault();
  run();
}

function tool(key: string, run: () => void, more = ""): HTMLElement {
  return button({ class: `cm-tool ${more}`.trim() }, ({ currentTarget }) => {
    run();
    // The browser drops the focus of a button that has just been disabled; the map is where one goes on.
    if (box && (currentTarget as HTMLButtonElement).disabled) map.getContainer().focus({ preventScroll: true });
  }, t(key));
}

function buildBox(): void {
  box?.remove();
  box = h("div", { class: "cm-measure leaflet-control", role: "group", "aria-label": t("measure") },
    h("p", { class: "cm-measure-result", role: "status", "aria-live": "polite" }),
    h("p", { class: "cm-remark" }, t("measure.hint")), h("p", { class: "cm-remark cm-measure-keys" }, t("measure.keys")),
    h("div", { class: "cm-tools" }, tool("measure.centre", addCentre), tool("measure.undo", undo, "cm-measure-needs-point"),
      tool("measure.clear", () => keep([]), "cm-measure-needs-point"), tool("measure.end", toggleMeasuring)));
  L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
  map.getContainer().append(box);
  keep(points);
}

function begin(): void {
  const container = map.getContainer();
  (map.getPane(PANE) ?? map.createPane(PANE)).style.zIndex = "630";
  closeCard();
  highlight(null);
  foldSheet();
  buildBox();
  drawn.addTo(map);
  container.classList.add("cm-measuring");
  const { signal } = listening = new window.AbortController();
  container.addEventListener("click", onClick, { capture: true, signal });
  container.addEventListener("dblclick", swallow, { capture: true, signal });
  document.addEventListener("keydown", onKey, { signal });
  // From here the arrow keys move the map and Enter sets points.
  container.focus({ preventScroll: true });
}

function end(): void {
  listening.abort();
  points = [];
  drawn.remove();
  box!.remove();
  box = null;
  map.getContainer().classList.remove("cm-measuring");
  release("measure");
}

/** Begin to measure, or end it. */
export const toggleMeasuring = (): void => (box ? end() : begin());

on("language", () => box && buildBox());
