/* Tiles from the web, over the map's own backdrop: where one is missing, the backdrop shows, and a quiet word says so. */
import * as L from "leaflet";
import { data } from "./atlas.ts";
import { escaped, h } from "./dom.ts";
import { on } from "./events.ts";
import { map } from "./stage.ts";
import { t } from "./words.ts";

/** Put a quiet word into the map's corner, by the key of its text; gives what shows or hides it. */
export function quietWord(key: string): (shown: boolean) => void {
  const element = h("div", { class: "cm-quiet", role: "status", hidden: true });
  Object.assign(new L.Control({ position: "bottomleft" }), { onAdd: () => element }).addTo(map);
  const tell = (shown: boolean): void => {
    element.textContent = shown ? t(key) : "";
    element.hidden = !shown;
  };
  on("language", () => tell(!element.hidden));
  return tell;
}

/** Show the tiles of the atlas, if it has any. */
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
