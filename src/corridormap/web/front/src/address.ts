/* What an address says: the query's options for embedding, and in the hash the view, layers, chosen feature and language as they are now.
   Every value is checked against what the page knows; what does not fit is as if it were not there. */
import { byId, changeLanguage, data, layerById, layers, minZoom } from "./atlas.ts";
import { waysOf } from "./chainage.ts";
import { lngNear, onMap } from "./coordinates.ts";
import { on } from "./events.ts";
import { itineraryByKey } from "./find.ts";
import { pinned, showPlace } from "./pin.ts";
import { chosen, goTo, show } from "./chosen.ts";
import { map, options, type Options } from "./stage.ts";
import { THEMES } from "./theme.ts";
import { lang, setLanguage } from "./words.ts";
import { allYears, showYear, year } from "./years.ts";

const flag = (text: string): boolean | undefined => (text === "1" ? true : text === "0" ? false : undefined);

const PARSERS: { [K in keyof Options]-?: (text: string) => Options[K] } = {
  embed: flag, panel: flag, legend: flag, scroll: flag,
  theme: (text) => THEMES.find((theme) => theme === text),
  title: (text) => text.trim().slice(0, 120) || undefined,
  lang: (text) => (data.languages.includes(text) ? text : undefined),
  layers(text) {
    if (text === "none") return [];
    const known = text.split(",").filter(layerById);
    return known.length ? [...new Set(known)] : undefined;
  },
  map(text) {
    const match = /^(\d{1,2}(?:\.\d{1,4})?)\/(-?\d{1,2}(?:\.\d{1,8})?)\/(-?\d{1,3}(?:\.\d{1,8})?)$/.exec(text);
    if (!match) return undefined;
    const [zoom, lat, written] = match.slice(1).map(Number);
    const lng = onMap(written);
    const [west, south, east, north] = data.extent;
    const inside = lat > south - 12 && lat < Math.min(84, north + 12) && lng > west - 12 && lng < east + 12;
    return inside && zoom >= minZoom() && zoom <= data.max_zoom ? { zoom, lat, lng } : undefined;
  },
  feature: (text) => (byId.has(text) ? text : undefined),
  km(text) {
    const match = /^(.{1,80}):(\d{1,5}(?:\.\d{1,3})?)$/.exec(text);
    const line = match && itineraryByKey(match[1]);
    return line && Number(match[2]) <= waysOf(line.shape)[0].km ? { key: line.key, km: Number(match[2]) } : undefined;
  },
  year: (text) => allYears().find((known) => String(known) === text),
};

function parse(text: string, names: (keyof Options)[]): Options {
  const given = new URLSearchParams(text);
  const found = names.filter((name) => given.has(name)).map((name) => [name, PARSERS[name](given.get(name)!)]);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Options;
}

const fromHash = (names: (keyof Options)[] = ["map", "layers", "feature", "km", "year", "lang"]): Options => parse(window.location.hash.slice(1), names);

/** Read what the empty frame needs: its language and view are right from the first paint. */
export function readFrameOptions(): void {
  Object.assign(options, parse(window.location.search, ["embed", "panel", "map", "theme", "title", "lang"]), fromHash(["map", "lang"]));
  if (options.lang) setLanguage(options.lang);
}

/** Read the rest, which needs the data, before anything else is drawn. */
export function readOptions(): void {
  Object.assign(options, parse(window.location.search, Object.keys(PARSERS) as (keyof Options)[]), fromHash());
  if (options.layers) for (const layer of layers) layer.visible = layer.asked = options.layers.includes(layer.id);
}

/** Readable where the web allows it: commas, slashes and colons stay; an apostrophe could end a careless attribute. */
const encode = (text: string): string => encodeURIComponent(text).replace(/%2C/g, ",").replace(/%2F/g, "/").replace(/%3A/g, ":").replace(/'/g, "%27");

/** Options as the text of a query or hash, in the order given, the unset ones left out. */
export const encodeOptions = (given: Record<string, string | number | null | undefined>): string => Object.entries(given)
  .filter(([, value]) => value !== undefined && value !== null).map(([name, value]) => `${name}=${encode(String(value))}`).join("&");

/** The state of the page as the texts that its address holds; the view is zoom/latitude/longitude in degrees. */
export function state(): { map: string; layers: string; feature?: string; km?: string; year?: string; lang: string } {
  const center = map.getCenter();
  const place = pinned();
  return {
    map: `${Number(map.getZoom().toFixed(2))}/${center.lat.toFixed(4)}/${lngNear(center.lng, 0).toFixed(4)}`,
    layers: layers.filter((layer) => layer.visible).map((layer) => layer.id).join(",") || "none",
    feature: chosen?.id,
    km: place ? `${place.key}:${place.km}` : undefined,
    year: year?.toString(),
    lang,
  };
}

/** The page's own address without query and hash, or null where it has none that others could open: in a notebook, in srcdoc. */
export function address(): string | null {
  const { href, protocol } = window.location;
  return ["http:", "https:", "file:"].includes(protocol) ? href.replace(/[?#].*$/s, "") : null;
}

/** Run something whenever the state may have changed. */
export function onState(run: () => void): void {
  map.on("moveend", run);
  for (const event of ["layers", "language", "open", "close", "pin", "year"] as const) on(event, run);
}

/** Show the year, the place and the feature asked for, without leaving a view that was asked for, too. */
function choose({ feature, km, year: at, map: view }: Options): void {
  if (at) showYear(at);
  if (km) showPlace(itineraryByKey(km.key)!, km.km, view !== undefined);
  if (feature) goTo(byId.get(feature)!, view !== undefined);
}

/** Go where a link within the page, or the reader's own hand, asks to. */
function restore(given: Options): void {
  if (given.lang) changeLanguage(given.lang);
  for (const layer of layers) if (given.layers && given.layers.includes(layer.id) !== layer.visible) show(layer, !layer.visible);
  if (given.map) map.setView([given.map.lat, given.map.lng], given.map.zoom, { animate: false });
  choose(given);
}

/** Show what the address asked for, then keep the address at what is shown. */
export function startAddress(): void {
  choose(options);
  // An address that nobody touched stays as it was.
  let written = encodeOptions(state());
  let timer = 0;
  onState(() => {
    // Browsers slow down a page that changes its address often.
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      const text = encodeOptions(state());
      if (text === written) return;
      written = text;
      try {
        window.history.replaceState(null, "", `#${text}`);
      } catch {
        // A sandboxed frame or one made of srcdoc has no address of its own to change; the page works without.
      }
    }, 350);
  });
  window.addEventListener("hashchange", () => restore(fromHash()));
}
