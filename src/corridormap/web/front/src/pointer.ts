/* The pointer on the map: which lines it meets is measured, for a finger needs more room than a line has and several may run side by side. */
import * as L from "leaflet";
import { numberOf, title } from "./atlas.ts";
import { choose, chooseAmong } from "./chosen.ts";
import { h } from "./dom.ts";
import { highlight, linesAt } from "./lines.ts";
import { map } from "./stage.ts";
import type { Feature } from "./types.ts";

/** How far from a line it still is meant, and how much farther than the nearest another may be meant, in pixels. */
const MOUSE = { reach: 8, together: 3 };
const FINGER = { reach: 20, together: 10 };

/** The lines that a place in the map's container may mean, nearest first. */
function meant(at: L.Point, { reach, together }: typeof MOUSE): Feature[] {
  const found = linesAt(at, reach);
  return found.filter(({ away }) => away <= found[0].away + together).map(({ feature }) => feature);
}

/** Whether a click is a finger's, which covers what lies side by side. */
export const isFinger = (event: Event): boolean => ("pointerType" in event ? event.pointerType === "touch" : window.matchMedia("(pointer: coarse)").matches);

/** Choose lines by click or touch, and name them under a mouse. */
export function startPointer(): void {
  const container = map.getContainer();
  const tooltip = L.tooltip({ direction: "top", offset: [0, -8], className: "cm-tooltip" });
  let waiting = 0;
  const rest = (): void => {
    window.cancelAnimationFrame(waiting);
    waiting = 0;
    tooltip.remove();
    highlight(null);
    container.classList.remove("cm-over");
  };
  const look = (at: L.Point): void => {
    const features = meant(at, MOUSE);
    if (!features.length) {
      rest();
      return;
    }
    const [first] = features;
    const named = features.length === 1 ? title(first) : features.map((feature) => numberOf(feature) ?? title(feature)).join(" · ");
    tooltip.setLatLng(map.containerPointToLatLng(at)).setContent(h("span", null, named)).openOn(map);
    highlight(features.length === 1 ? first : null);
    container.classList.add("cm-over");
  };
  map.on("click", ({ containerPoint, latlng, originalEvent }) => {
    const features = meant(containerPoint, isFinger(originalEvent) ? FINGER : MOUSE);
    rest();
    if (features.length > 1) chooseAmong(features, latlng);
    else if (features.length) choose(features[0], latlng);
  });
  map.on("mousemove", ({ containerPoint, originalEvent }) => {
    // A symbol, a shield or a button says itself what it is.
    const free = !(originalEvent.target as Element).closest(".leaflet-interactive, .leaflet-control, .cm-shield, .cm-measuring");
    window.cancelAnimationFrame(waiting);
    if (free) waiting = window.requestAnimationFrame(() => look(containerPoint));
    else if (waiting || container.classList.contains("cm-over")) rest();
  });
  map.on("mouseout movestart", rest);
}
