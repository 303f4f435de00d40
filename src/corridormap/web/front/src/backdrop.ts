/* The backdrop: land, the atlas's own country, boundaries, waters and rivers; the paper beneath is sea or land, whichever goes on outside. Over it, tiles from the web. */
import * as L from "leaflet";
import { data, layersOf, links, linksOf, places } from "./atlas.ts";
import { quietWord } from "./controls.ts";
import { escaped } from "./dom.ts";
import { map } from "./stage.ts";
import type { BackdropFeature } from "./types.ts";

/** What is drawn, from below; the rest is names. */
const ORDER = ["land", "country", "river", "water", "boundary"];

/** Draw the backdrop, one feature a task. */
export function* drawBackdrop(): Iterable<() => void> {
  const [west, south, east, north] = data.paper;
  const still = { pane: "cm-backdrop", renderer: L.svg({ pane: "cm-backdrop", padding: 0.2 }), interactive: false, smoothFactor: 1, fillOpacity: 1 };
  if (data.surround === "land") {
    yield () => L.rectangle([[south, west], [north, east]], { ...still, stroke: false, className: "cm-sea" }).addTo(map);
  }
  for (const layer of data.backdrop.filter(({ kind }) => ORDER.includes(kind)).sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))) {
    const options = { ...still, className: `cm-${layer.kind}`, opacity: 1, weight: layer.kind === "land" ? 0 : 1 };
    const draw = ({ shape }: BackdropFeature): void => {
      if (shape?.a) L.polygon(shape.a.map((rings) => rings.map((ring) => places(ring, layer.scale))), options).addTo(map);
      if (shape?.l) L.polyline(shape.l.map((line) => places(line, layer.scale)), options).addTo(map);
    };
    for (const feature of layer.features) yield () => draw(feature);
  }
  // Railways and roads of no itinerary that is shown at first, for bearings; close up only.
  const shown = layersOf("itineraries").filter(({ record }) => record.visible).flatMap(({ features }) => features);
  const used = new Set(shown.flatMap(({ shape }) => [...linksOf(shape)]));
  for (const { shape, properties } of layersOf("links").flatMap((layer) => layer.features)) {
    const [link] = linksOf(shape);
    if (used.has(link) || !["rail", "road"].includes(String(properties.mode))) continue;
    yield () => L.polyline(links[link - 1], { ...still, className: "cm-way", opacity: 1, weight: 1.2 }).addTo(map);
  }
}

/** Show the tiles of the atlas, if it has any: where one is missing, the backdrop shows, and a quiet word says so. */
export function startTiles(): void {
  if (!data.tiles) return;
  const { url, subdomains, min_zoom, max_zoom, attribution, referrer_policy } = data.tiles;
  map.createPane("cm-tiles").style.zIndex = "215";
  const missing = quietWord("tiles_missing");
  L.tileLayer(url, {
    pane: "cm-tiles", className: "cm-tiles", subdomains, minZoom: min_zoom, maxNativeZoom: max_zoom,
    attribution: escaped(attribution), referrerPolicy: referrer_policy,
  }).on("tileerror", () => missing(true)).on("tileload", () => missing(false)).addTo(map);
}
