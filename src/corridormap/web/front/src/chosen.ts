/* Showing layers, and one feature at a time: chosen on the map, in a list, by search, table or address, it stays so until it is left or another is. */
import * as L from "leaflet";
import { layers, title } from "./atlas.ts";
import { chips, describe } from "./card.ts";
import { h } from "./dom.ts";
import { on, tell } from "./events.ts";
import { closeCard, covered, openCard } from "./side.ts";
import { map } from "./stage.ts";
import type { Feature, Layer } from "./types.ts";
import { t } from "./words.ts";

/** The chosen feature; null while none is. */
export let chosen: Feature | null = null;

/** Show or hide a layer. */
export function show(layer: Layer, visible: boolean): void {
  layer.visible = visible;
  layer.asked = visible;
  if (visible) map.addLayer(layer.group);
  else map.removeLayer(layer.group);
  tell("layers", layer);
}

/** Points on the same spot, which the one on top hides. */
function pointsOver({ latlng }: Feature): Feature[] {
  if (!latlng) return [];
  const at = map.latLngToContainerPoint(latlng);
  return layers.filter((layer) => layer.visible).flatMap((layer) => layer.features)
    .filter((other) => other.latlng && map.latLngToContainerPoint(other.latlng).distanceTo(at) < 10);
}

/** Choose a feature and show its card, with what is to be said of the place it was met at on the map; `here` is all that may have been meant. */
export function choose(feature: Feature, latlng: L.LatLng | null, here = pointsOver(feature)): void {
  const others = here.filter((other) => other !== feature);
  const also = (): HTMLElement | false => others.length > 0
    && h("div", { class: "cm-also" }, h("h3", null, t("also_here")), chips(others, title, (other) => choose(other, latlng, here)));
  const closed = (): void => {
    chosen = null;
    tell("close", feature);
  };
  openCard({ label: () => title(feature), content: () => describe(feature, latlng, also()), closed });
  chosen = feature;
  tell("open", feature);
}

/** Let the reader choose among lines that run together at a place. */
export function chooseAmong(features: Feature[], latlng: L.LatLng): void {
  const content = (): HTMLElement => h("div", { class: "cm-card" }, h("h2", null, t("run_here")),
    chips(features, title, (feature) => choose(feature, latlng, features)));
  openCard({ label: () => t("run_here"), content });
}

/** Leave the chosen feature. */
export const leave = (): void => {
  if (chosen) closeCard();
};

/** Move the map so that some bounds lie where nothing covers them. */
export function fit(bounds: L.LatLngBoundsExpression, maxZoom?: number): void {
  const { top, left, right, bottom } = covered();
  map.fitBounds(bounds, { paddingTopLeft: [24 + left, 24 + top], paddingBottomRight: [24 + right, 24 + bottom], maxZoom, animate: false });
}

/** Choose a feature and show it: its layer, its card and, unless the map is to keep `still`, all of it. */
export function goTo(feature: Feature, still = false): void {
  if (!feature.layer.visible) show(feature.layer, true);
  choose(feature, null);
  if (still) return;
  if (feature.latlng) fit(feature.latlng.toBounds(1), Math.max(map.getZoom(), 7));
  else if (feature.lines.length) fit(L.latLngBounds(feature.lines.flatMap((line) => line.getLatLngs() as L.LatLng[])));
}

/** Choose what is asked for, and leave what is hidden. */
export function startChosen(): void {
  on("choose", (feature) => goTo(feature));
  on("layers", (layer) => {
    if (chosen?.layer === layer && !layer.visible) leave();
  });
}
