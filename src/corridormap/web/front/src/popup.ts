/* Showing layers and features; the popup has what is known of a feature, at its place on the map. */
import * as L from "leaflet";
import { layers, title } from "./atlas.ts";
import { chips, describe } from "./card.ts";
import { h } from "./dom.ts";
import { on, tell } from "./events.ts";
import { foldSheet, map } from "./stage.ts";
import type { Feature, Layer } from "./types.ts";
import { t } from "./words.ts";

/** The feature whose popup is open, and where; null while none is. */
export let opened: { feature: Feature; latlng: L.LatLng; popup: L.Popup } | null = null;

/** Show or hide a layer. */
export function show(layer: Layer, visible: boolean): void {
  layer.visible = visible;
  if (visible) map.addLayer(layer.group);
  else map.removeLayer(layer.group);
  tell("layers", layer);
}

/** Open a popup of the page's own look, at most so high as a share of the map; it says what it is to those who do not see it. */
export function raise(latlng: L.LatLng, content: HTMLElement, label: string, popupOptions: L.PopupOptions = {}, share = 0.6): L.Popup {
  const { x, y } = map.getSize();
  const popup = L.popup({
    className: "cm-popup", maxWidth: Math.min(340, x - 50), minWidth: Math.min(240, x - 60), maxHeight: Math.max(140, Math.round(y * share)),
    autoPanPaddingTopLeft: [12, 12], autoPanPaddingBottomRight: [x < 640 ? 12 : 56, 12], ...popupOptions,
  });
  popup.setLatLng(latlng).setContent(content).openOn(map);
  const element = popup.getElement()!;
  element.setAttribute("role", "dialog");
  element.setAttribute("aria-label", label);
  element.querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", t("close"));
  return popup;
}

/** Other points on the same spot, which the one on top hides. */
function alsoHere(feature: Feature): HTMLElement | null {
  if (!feature.latlng) return null;
  const at = map.latLngToContainerPoint(feature.latlng);
  const others = layers.filter((layer) => layer.visible).flatMap((layer) => layer.features)
    .filter((other) => other !== feature && other.latlng && map.latLngToContainerPoint(other.latlng).distanceTo(at) < 10);
  if (!others.length) return null;
  return h("div", { class: "cm-also" }, h("h3", null, t("also_here")), chips(others, title, (other) => openPopup(other, other.latlng!)));
}

const cardOf = (feature: Feature, latlng: L.LatLng): HTMLElement => describe(feature, latlng, alsoHere(feature));

/** Open the popup of a feature at a place. */
export function openPopup(feature: Feature, latlng: L.LatLng): void {
  const popup = raise(latlng, cardOf(feature, latlng), title(feature), {}, map.getSize().x < 640 ? 0.42 : 0.6);
  opened = { feature, latlng, popup };
  popup.on("remove", () => {
    opened = null;
    tell("close", feature);
  });
  tell("open", feature);
}

/** Show a feature: its layer, its place, its popup. Where the map is to keep `still`, the popup of a line that is elsewhere stands nearest to the centre. */
export function goTo(feature: Feature, still = false): void {
  if (!feature.layer.visible) show(feature.layer, true);
  if (!still) foldSheet();
  const center = map.getCenter();
  const lines = feature.lines.filter((line) => line.part === "line").map((line) => line.getLatLngs() as L.LatLng[]);
  const longest = lines.reduce((best, line) => (line.length > best.length ? line : best), []);
  let place = feature.latlng ?? longest.at(longest.length / 2) ?? center;
  if (still) {
    const nearer = (best: L.LatLng, other: L.LatLng): L.LatLng => (center.distanceTo(other) < center.distanceTo(best) ? other : best);
    if (lines.length && !map.getBounds().contains(place)) place = lines.flat().reduce(nearer);
    // Without animation, for the popup's own move to find the map at rest.
  } else if (feature.latlng) map.setView(place, Math.max(map.getZoom(), 7), { animate: false });
  else if (lines.length) map.fitBounds(L.latLngBounds(lines.flat()), { padding: [24, 24], animate: false });
  openPopup(feature, place);
}

/** Open popups of the features asked for, and keep the open one as the page is. */
export function startPopup(): void {
  on("choose", goTo);
  on("layers", (layer) => {
    if (opened?.feature.layer === layer && !layer.visible) opened.popup.close();
  });
  on("language", () => {
    if (opened) openPopup(opened.feature, opened.latlng);
  });
  on("theme", () => opened?.popup.setContent(cardOf(opened.feature, opened.latlng)));
}
