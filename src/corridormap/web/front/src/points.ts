/* Points: a marker for each; the keyboard reaches them by the panel's lists, the table and the search. */
import * as L from "leaflet";
import { layers, places, symbol, title } from "./atlas.ts";
import { mark } from "./badges.ts";
import { h } from "./dom.ts";
import { on } from "./events.ts";
import { choose, chosen } from "./chosen.ts";
import { pointSymbol } from "./symbols.ts";
import type { Feature } from "./types.ts";

/** Place an element by its corner: Leaflet's transforms give each a picture of its own to compose, and hundreds of those are slow. */
export function moveTo(element: HTMLElement, point: L.Point): void {
  Object.assign(element, { _leaflet_pos: point });
  Object.assign(element.style, { left: `${point.x}px`, top: `${point.y}px` });
}

/** What Leaflet's markers keep to themselves. */
interface Inner {
  _icon: HTMLElement;
  _zIndex: number;
  _resetZIndex(): void;
  options: L.MarkerOptions;
}

const Marker = L.Marker.extend({
  _setPos(this: Inner, point: L.Point) {
    moveTo(this._icon, point);
    this._zIndex = point.y + this.options.zIndexOffset!;
    this._resetZIndex();
  },
}) as unknown as new (place: L.LatLng, options: L.MarkerOptions) => L.Marker;

/** Draw a feature that is a point; one without a known position is only listed. */
export function drawPoint(feature: Feature): void {
  if (!feature.shape?.p) return;
  const { layer } = feature;
  const drawn = symbol(feature);
  const reach = Math.max(18, (drawn.size || 8) + 8);
  const icon = L.divIcon({ html: h("span", { class: "cm-point" }, pointSymbol(drawn)), className: "cm-marker", iconSize: [reach, reach] });
  const [place] = places(feature.shape.p, layer.record.scale);
  const marker = new Marker(place, {
    icon, pane: "cm-point", keyboard: false, zIndexOffset: Math.round((drawn.size || 8) * 100), riseOnHover: true,
  });
  marker.on("click", () => choose(feature, null));
  marker.on("add", () => {
    mark(marker.getElement()!, feature);
    marker.getElement()!.classList.toggle("cm-asked", layer.asked);
    ring(feature, chosen === feature);
    nameMarker(feature);
  });
  marker.bindTooltip(() => h("span", null, title(feature)), { direction: "top", offset: [0, -8], className: "cm-tooltip" });
  feature.latlng = place;
  feature.marker = marker;
  layer.group.addLayer(marker);
}

/** Tell a screen reader what a marker is, in the reader's language. */
function nameMarker(feature: Feature): void {
  const element = feature.marker?.getElement();
  if (!element) return;
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", title(feature));
}

const ring = (feature: Feature, shown: boolean): unknown => feature.marker?.getElement()?.classList.toggle("cm-chosen", shown);

on("open", (feature) => ring(feature, true));
on("close", (feature) => ring(feature, false));
on("language", () => layers.forEach((layer) => layer.features.forEach(nameMarker)));
