/* A place found by its chainage, or a road by its number: a pin or a raised line, and a card that says how it was measured. */
import * as L from "leaflet";
import { itineraries, linksOf, name, title } from "./atlas.ts";
import { chips } from "./card.ts";
import { alongKm, chainage, waysOf, type Found, type Neighbour } from "./chainage.ts";
import { lngNear } from "./coordinates.ts";
import { h, svg, term, type Child } from "./dom.ts";
import { on, tell } from "./events.ts";
import { fit, show } from "./chosen.ts";
import { closeCard, isShown, openCard, type Card } from "./side.ts";
import { map } from "./stage.ts";
import type { Itinerary, Road } from "./types.ts";
import { distance, km as inKm, number, say, t } from "./words.ts";

/** So many of the corridors nearest to a position are told. */
const MOST_NEAR = 3;

/** What is on the map: of a road there is no place that an address could hold, and no marker to label. */
interface Shown { place?: { key: string; km: number }; layer: L.Layer; card: Card; label?: () => void }
let shown: Shown | null = null;

/** The pinned place: the key of its itinerary and the km along it. Null where nothing or a whole road is shown. */
export const pinned = (): NonNullable<Shown["place"]> | null => shown?.place ?? null;

/** A corridor's name with its number, or the number of a road. */
export const itineraryName = ({ road, feature }: Itinerary): string => (road ? road.ref : title(feature!));

/** From where to where an itinerary runs: the named nodes on its first way, "A – B". */
export function itineraryEnds({ shape }: Itinerary): string {
  const { nodes } = waysOf(shape)[0];
  return nodes.length ? `${name(nodes[0].feature)} – ${name(nodes.at(-1)!.feature)}` : "";
}

/** How a place along an itinerary is called: "KAZ01, km 400". */
export const placeTitle = (itinerary: Itinerary, km: number): string => t("chainage_at", { line: itineraryName(itinerary), km: number(km, 3) });

/** Buttons to the corridors that use a road, in their order. */
function corridorsOn(road: Road): HTMLElement {
  const own = new Set(road.lines.flatMap((line) => [...linksOf(line.shape)]));
  return chips(itineraries().filter((feature) => [...linksOf(feature.shape)].some((link) => own.has(link))));
}

/** A position as its coordinates, latitude first. */
export const positionTitle = ({ lat, lng }: L.LatLngLiteral): string => `${lat.toFixed(5)}, ${lngNear(lng, 0).toFixed(5)}`;

const card = (kicker: string, heading: string, note: string, rows: Child, ...rest: Child[]): HTMLElement => h("div", { class: "cm-card" },
  h("p", { class: "cm-kicker" }, kicker), h("h2", null, heading), h("p", { class: "cm-remark" }, t(note)), rows && h("dl", null, rows), ...rest);

function placeCard(itinerary: Itinerary, { latlng, km, before, after }: Found): HTMLElement {
  const { road, feature, shape } = itinerary;
  const start = waysOf(shape)[0].nodes.at(0);
  const beside = (label: string, node: Neighbour | null): Child =>
    node && term(t(label), chips([node.feature], (one) => `${name(one)} – ${distance(node.distance_m)}`));
  return card(road ? t("road_number") : say(feature!.layer.record.name), placeTitle(itinerary, km), "chainage_note", [
    beside("chainage_before", before), beside("chainage_after", after), start && term(t("chainage_start"), name(start.feature)),
    term(t("coordinates"), positionTitle(latlng)), road && term(t("field.corridors"), corridorsOn(road))]);
}

const roadCard = (road: Road): HTMLElement => card(t("road_number"), road.ref, "road_note",
  road.lines.map((line) => term(itineraryEnds(line) || road.ref, inKm(waysOf(line.shape)[0].km))), h("h3", null, t("field.corridors")), corridorsOn(road));

/** A position, and where on the nearest corridors it lies. */
function positionCard(latlng: L.LatLng): HTMLElement {
  const near = itineraries().flatMap((feature) => ({ feature, ...chainage(feature, latlng)! })).filter(({ way }) => way)
    .sort((a, b) => a.offset_m - b.offset_m).slice(0, MOST_NEAR);
  const where = new Map(near.map(({ feature, km, offset_m }) => [feature, t("position_near", { line: title(feature), km: number(km), distance: distance(offset_m) })]));
  return card(t("coordinates"), positionTitle(latlng), "chainage_note", null,
    h("h3", null, t("position_nearest")), chips([...where.keys()], (feature) => where.get(feature)!));
}

/** Take the pin or the raised road off the map. */
export function clearPin(): void {
  if (!shown) return;
  shown.layer.remove();
  if (isShown(shown.card)) closeCard();
  shown = null;
  tell("pin", undefined);
}

function put(what: Shown): void {
  clearPin();
  shown = what;
  what.layer.addTo(map);
  what.label?.();
  openCard(what.card);
  tell("pin", undefined);
}

/** Move the map to a place, and closer if it is far. */
const approach = (latlng: L.LatLng): void => fit(latlng.toBounds(1), Math.max(map.getZoom(), 7));

/** Show the place so many km along an itinerary, `still` without moving the map to it; false where the itinerary does not reach so far. */
export function showPlace(itinerary: Itinerary, km: number, still = false): boolean {
  const found = alongKm(itinerary.shape, km);
  if (!found) return false;
  if (itinerary.feature && !itinerary.feature.layer.visible) show(itinerary.feature.layer, true);
  pin(found.latlng, { label: () => placeTitle(itinerary, km), content: () => placeCard(itinerary, found) }, { key: itinerary.key, km });
  if (!still) approach(found.latlng);
  return true;
}

/** Show a position, and the nearest corridors. */
export function showPosition(position: L.LatLngLiteral): void {
  const latlng = L.latLng(position);
  pin(latlng, { label: () => positionTitle(latlng), content: () => positionCard(latlng) });
  approach(latlng);
}

/** Set a pin whose card it opens. */
function pin(latlng: L.LatLng, told: Card, place?: Shown["place"]): void {
  const picture = svg("svg", { width: 44, height: 44, viewBox: "0 0 44 44", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: "M22 41C18 34 11 27 11 19a11 11 0 0 1 22 0c0 8-7 15-11 22z" }), svg("circle", { cx: 22, cy: 19, r: 4 }));
  const icon = L.divIcon({ className: "cm-pin", iconSize: [44, 44], iconAnchor: [22, 40], html: picture as unknown as HTMLElement });
  const marker = L.marker(latlng, { icon, pane: "cm-point", zIndexOffset: 5000 });
  const label = (): void => marker.getElement()!.setAttribute("aria-label", told.label());
  marker.on("click", () => openCard(told)).on("keypress", (event) => event.originalEvent.key === "Enter" && openCard(told));
  put({ place, layer: marker, card: told, label });
}

/** Show a road, all its stretches, and say how long they are. */
export function showRoad(road: Road): void {
  const ways = road.lines.map((line) => waysOf(line.shape)[0]);
  const line = { pane: "cm-under", className: "cm-raised", weight: 12, interactive: false, smoothFactor: 1 };
  put({ layer: L.layerGroup(ways.map(({ places }) => L.polyline(places, line))), card: { label: () => road.ref, content: () => roadCard(road) } });
  fit(L.latLngBounds(ways.flatMap((way) => way.places)));
}

/** Keep the pin's words in the reader's language. */
export function startPin(): void {
  on("language", () => shown?.label?.());
}
