/* A small atlas for tests, as corridormap.web.payload writes one: two railways that share a link, a road beside them, and what stands along them. */
import "./setup.ts";
import { readFileSync } from "node:fs";
import codec from "@mapbox/polyline";
import * as L from "leaflet";
import { CARTOGRAPHY } from "./cartography.ts";
import { readData, readFrame } from "../src/atlas.ts";
import { chain } from "../src/chainage.ts";
import { setElements, setMap } from "../src/stage.ts";
import { decode } from "../src/types.ts";
import type { Columns, Data, LayerRecord, LegendRow, Polyline, Rank, Shape, Stroke, Style, Texts, Value } from "../src/types.ts";

type Place = [lng: number, lat: number];

const LINES = 10_000;
const POINTS = 100_000;

/** Places as they travel, in steps of 1/scale of a degree. */
export const polyline = (places: Place[], scale: number): Polyline => codec.encode(places.map(([lng, lat]) => [Math.round(lat * scale), Math.round(lng * scale)]), 0);

/** Records as they travel: a list for each field, in alphabetical order; null where a record has no such field. */
export function columns(records: Record<string, Value>[]): Columns {
  const fields = [...new Set(records.flatMap(Object.keys))].sort();
  return Object.fromEntries(fields.map((field) => [field, records.map((record) => record[field] ?? null)]));
}

const point = (place: Place): Shape => ({ p: polyline([place], POINTS) });

const texts = (en: string, ru: string, kk: string): Texts => ({ en, ru, kk });

const named = (en: string, ru: string, kk: string): Record<string, string> => ({ name_en: en, name_ru: ru, name_kk: kk });

/** The strokes of a line, as the atlas's own Python decides them. */
export function strokes({ symbol, casing, values }: Style, value: string, mode?: string, doubt = false): Stroke[] {
  const { colour, width = 2, dash: own } = { ...symbol, ...values?.[value] };
  const dash = own ?? (doubt ? "7 6" : undefined);
  const core: Stroke[] = mode === "rail" && !dash ? [{ part: "core", colour: "#ffffff", width: width * 0.42, dash: "5 5" }] : [];
  return [...(casing ? [{ part: "casing" as const, colour: casing, width: width + 2.2 }] : []), { part: "line", colour, width, ...(dash ? { dash } : {}) }, ...core];
}

function layer(record: Pick<LayerRecord, "id" | "build" | "geometry" | "group" | "name" | "style" | "columns" | "shapes"> & Partial<LayerRecord>): LayerRecord {
  const scale = record.geometry === "Point" ? POINTS : LINES;
  const { columns: fields, geometry, name, style } = record;
  const values = (fields[style.by ?? ""] ?? fields.id.map(() => "")) as string[];
  const drawn = (value: string, mode?: string): Partial<LegendRow> => (geometry === "Point" ? { symbol: { ...style.symbol, ...style.values?.[value] } } : { strokes: strokes(style, value, mode) });
  const used = Object.entries(style.values ?? {}).filter(([value, { label }]) => label && values.includes(value));
  const legend = used.map(([value, { label }]): LegendRow => ({ text: label, count: values.filter((other) => other === value).length, ...drawn(value, value) }));
  return {
    summary: texts("", "", ""), visible: true, licence: "ODbL-1.0", sources: ["osm-rail"], scale, drawing: [],
    legend: record.build === "itineraries" ? values.map((feature) => ({ feature, ...drawn(feature) })) : legend.length ? legend : [{ text: name, ...drawn("") }],
    drawn: values.map((_, i) => i),
    strokes: geometry === "Point" ? undefined : values.map((value, i) => {
      const mode = fields.mode?.[i] as string | undefined;
      return [strokes(style, value, mode), strokes(style, value, mode, true)];
    }),
    ...record,
  };
}

const ALMATY: Place = [76.94567, 43.25654];
const KARAGANDA: Place = [73.0958, 49.8047];
const ASTANA: Place = [71.43, 51.13];
const BORDER: Place = [69.12, 55.39];

/** Their numbers in the page are 1 to 5. */
const LINKS = [
  { id: "rail:almaty-karaganda", mode: "rail", from: "almaty", to: "karaganda", accuracy_m: 300, open: true, displaced: 0, refs: null,
    places: [ALMATY, [75.1, 44.2], [74.98, 46.85], [73.7, 48.1], KARAGANDA] },
  { id: "rail:astana-karaganda", mode: "rail", from: "astana", to: "karaganda", accuracy_m: 300, open: true, displaced: 0, refs: null,
    places: [ASTANA, [72.2, 50.4], KARAGANDA] },
  { id: "rail:astana-border", mode: "rail", from: "astana", to: "x-rail-petropavl", accuracy_m: 3000, open: true, displaced: 0, refs: null,
    places: [ASTANA, [69.4, 53.28], BORDER] },
  { id: "road:almaty-karaganda", mode: "road", from: "almaty", to: "karaganda", accuracy_m: 100, open: true, displaced: -1.5, refs: "M-36",
    places: [ALMATY, [74.5, 44.9], [74.99, 46.8], KARAGANDA] },
  { id: "road:karaganda-astana", mode: "road", from: "karaganda", to: "astana", accuracy_m: 100, open: false, displaced: 1.5, refs: "M-36; E-125",
    places: [KARAGANDA, [72.3, 50.5], ASTANA] },
] as const satisfies { places: Place[]; [field: string]: unknown }[];

const RAIL = texts("Rail", "Железная дорога", "Темір жол");
const ROAD = texts("Road", "Автомобильная дорога", "Автомобиль жолы");

const corridors = (): LayerRecord => layer({
  id: "corridors", build: "itineraries", geometry: "MultiLineString", group: "lines", sources: ["osm-rail", "railway"],
  drawing: [RAIL, ROAD, texts("Dashed: 2 km", "Пунктир: 2 км", "Үзік: 2 км")].map((text) => ({ text, strokes: [] })),
  name: texts("International corridors", "Международные коридоры", "Халықаралық дәліздер"),
  summary: texts("Two rail corridors and a road.", "Два железнодорожных коридора и дорога.", "Екі теміржол дәлізі және бір жол."),
  style: { by: "id", casing: "#ffffff", dash_over_m: 2000, symbol: { colour: "#333333", width: 3 },
    values: { "rail-1": { colour: "#0b5fa5", width: 3.2 }, "rail-2": { colour: "#c8324b", width: 3.2 }, "road-3": { colour: "#d96b00", width: 2.6 } } },
  columns: columns([
    { id: "rail-1", number: 1, mode: "rail", ...named("Northern Corridor", "Северный коридор", "Солтүстік дәліз"), status: "open", accuracy_m: 3000,
      length_km: 1900.4, length_abroad_km: 0, length_total_km: 1900.4, length_published_km: 1910, length_published_kind: "official",
      length_published_source: "railway", sources: "osm-rail; railway", refs: null },
    { id: "rail-2", number: 2, mode: "rail", ...named("Southern Corridor", "Южный коридор", "Оңтүстік дәліз"), status: "open", accuracy_m: 300,
      length_km: 1190.2, length_abroad_km: 120, length_total_km: 1310.2, sources: "osm-rail" },
    { id: "road-3", number: 3, mode: "road", ...named("Almaty – Astana", "Алматы – Астана", "Алматы – Астана"), status: "partly planned", accuracy_m: 100,
      length_km: 1100, sources: "osm-rail", refs: "M-36; E-125" },
  ]),
  shapes: [{ w: [[1, -2, 3]], d: [3] }, { w: [[2, -1]], o: 1 }, { w: [[4, 5]], d: [5] }],
});

const border = (): LayerRecord => layer({
  id: "border", build: "lines", geometry: "LineString", group: "lines", name: texts("Border", "Граница", "Шекара"),
  style: { by: "kind", symbol: { colour: "#7a1f5c", width: 2 }, values: {
    land: { colour: "#7a1f5c", width: 2.2, dash: "10 3 2 3", label: texts("Land line", "Сухопутная линия", "Құрлық сызығы") },
    sea: { colour: "#7a1f5c", width: 1.6, dash: "3 4", label: texts("Sea line", "Морская линия", "Теңіз сызығы") } } },
  columns: columns([{ id: "border-land", kind: "land", ...named("Border with Russia", "Граница с Россией", "Ресеймен шекара"), length_km: 800 }]),
  shapes: [{ l: [polyline([[62, 54], BORDER, [71, 54.2]], LINES)] }],
});

const crossings = (): LayerRecord => layer({
  id: "crossings", build: "crossings", geometry: "Point", group: "points", name: texts("Border crossings", "Пункты пропуска", "Өткізу бекеттері"),
  style: { by: "mode", symbol: { colour: "#1f1f1f", shape: "diamond", size: 9 }, values: {
    rail: { shape: "square", label: RAIL }, road: { colour: "#7a1f5c", size: 10, label: ROAD } } },
  columns: columns([{ id: "x-rail-petropavl", mode: "rail", ...named("Petropavl – Petukhovo", "Петропавловск – Петухово", "Петропавл – Петухово"),
    neighbour: "RU", accuracy_m: 300, corridors: "rail-1", sources: "osm-rail" }]),
  shapes: [point(BORDER)], ranks: [[6, 7.5]],
});

const venues = (): LayerRecord => layer({
  id: "venues", build: "points", geometry: "Point", group: "points", licence: "CC-BY-4.0", sources: ["press"],
  name: texts("Summits", "Саммиты", "Саммиттер"),
  style: { symbol: { colour: "#a8790a", shape: "star", size: 14 } },
  columns: columns([{ id: "summit", kind: "summit", date: "2018-03-15", country: "KZ",
    ...named("Summit of <b>Astana</b>", "Саммит <b>в Астане</b>", "Астана <b>саммиті</b>") }]),
  shapes: [null], ranks: [[5, 6.5]],
});

const PLACES: Rank[] = [[1.85, 4.25], [1.95, 4.25], [1.88, 4.25]];

const places = (): LayerRecord => layer({
  id: "places", build: "places", geometry: "Point", group: "points", name: texts("Stations and towns", "Станции и города", "Стансалар мен қалалар"),
  style: { by: "kind", symbol: { colour: "#444444", shape: "circle", size: 5 }, values: {
    station: { label: texts("Station", "Станция", "Станса") },
    town: { colour: "#8a4b08", label: texts("Town on a road", "Город на дороге", "Жол бойындағы қала") },
    port: { colour: "#0b6e99", shape: "square", label: texts("Port", "Порт", "Порт") } } },
  columns: columns([
    { id: "almaty", kind: "station", ...named("Almaty", "Алматы", "Алматы"), country: "KZ", population: 2_000_900, accuracy_m: 100,
      corridors: "rail-1; rail-2; road-3", names_alt: "Alma-Ata; Верный" },
    { id: "karaganda", kind: "town", ...named("Karaganda", "Караганда", "Қарағанды"), country: "KZ", population: 497_777, accuracy_m: 100,
      corridors: "rail-1; rail-2; road-3" },
    { id: "astana", kind: "station", ...named("Astana", "Астана", "Астана"), country: "KZ", population: 1_239_900, accuracy_m: 100,
      corridors: "rail-1; rail-2; road-3" },
  ]),
  shapes: [point(ALMATY), point(KARAGANDA), point(ASTANA)], ranks: PLACES,
});

const links = (): LayerRecord => layer({
  id: "network_links", build: "links", geometry: "LineString", group: "lines", visible: false,
  name: texts("Network links", "Звенья сети", "Желі буындары"),
  style: { by: "mode", dash_over_m: 2000, symbol: { colour: "#5a5a5a", width: 1.4 }, values: {
    rail: { colour: "#5a5a5a", width: 1.4, label: RAIL }, road: { colour: "#8a4b08", width: 1.4, label: ROAD } } },
  columns: columns(LINKS.map((link) => ({ id: link.id, mode: link.mode, from: link.from, to: link.to, accuracy_m: link.accuracy_m, refs: link.refs,
    status: link.open ? "open" : "planned", country: "KZ", ...named(link.id, link.id, link.id) }))),
  shapes: LINKS.map((link, i) => ({ w: [[i + 1]], ...(link.accuracy_m > 2000 || !link.open ? { d: [i + 1] } : {}) })),
});

/** A fresh copy of the atlas, which a test may change before it is read. */
export function small(): Data {
  const locales: Data["locales"] = {};
  for (const code of ["en", "kk", "ru"]) {
    const { shared, page, labels } = JSON.parse(readFileSync(new URL(`../../../words/${code}.json`, import.meta.url), "utf8")) as Record<string, Record<string, string>>;
    const words = { ...shared, ...Object.fromEntries(Object.entries(labels).map(([key, text]) => [`field.${key}`, text])), ...page };
    for (const [key, text] of Object.entries(words)) locales[key] = { ...locales[key], [code]: text };
  }
  return {
    lang: "en", languages: ["en", "ru", "kk"], id: "small", country: "KZ", country_name: texts("Kazakhstan", "Казахстан", "Қазақстан"),
    title: texts("Corridors", "Коридоры", "Дәліздер"), description: texts("A small atlas.", "Небольшой атлас.", "Шағын атлас."),
    attribution: texts("© OpenStreetMap contributors", "© участники OpenStreetMap", "© OpenStreetMap қатысушылары"),
    extent: [60, 40, 90, 58], view: [67, 42, 78, 56], max_zoom: 14, paper: [60, 40, 90, 58], surround: "land",
    cartography: CARTOGRAPHY,
    groups: [{ id: "lines", name: texts("Lines", "Линии", "Сызықтар") }, { id: "points", name: texts("Points", "Точки", "Нүктелер") }],
    links: { scale: LINES, lines: LINKS.map((link) => polyline([...link.places], LINES)), displaced: LINKS.map((link) => link.displaced),
      metres: LINKS.map((link) => chain(decode(polyline([...link.places], LINES), LINES).map(([lat, lng]) => ({ lat, lng }))).at(-1)!) },
    layers: [corridors(), border(), crossings(), venues(), places(), links()],
    statements: [
      { about: "corridors", standing: "confirmed", text: texts("Rail carried most of it.", "Почти всё везли по рельсам.", "Көбі теміржолмен тасылды."),
        date: "2024-11", features: ["rail-1"], note: null, sources: ["press"] },
      { about: "x-rail-petropavl", standing: "unverified", text: texts("Queues last a day.", "Очереди длятся сутки.", "Кезек бір тәулікке созылады."),
        date: null, features: null, note: texts("One report.", "Одно сообщение.", "Бір хабар."), sources: ["press", "railway"] },
    ],
    sources: columns([
      { id: "osm-rail", title: "OpenStreetMap railways", publisher: "OpenStreetMap", url: "https://osm.org/", date: "2026-10-01", licence: "ODbL-1.0" },
      { id: "press", title: "A report", publisher: "The Press", url: "javascript:alert(1)", date: "2024-11", licence: null },
      { id: "railway", title: "Tariff guide", publisher: null, url: null, date: null, licence: null },
    ]),
    backdrop: [
      { kind: "land", scale: 300, thinned_m: 1500, features: [
        { shape: { a: [[polyline([[60, 40], [90, 40], [90, 58], [60, 58], [60, 40]], 300)]] } }] },
      { kind: "country", scale: 300, thinned_m: 1500, features: [
        { name: texts("Kazakhstan", "Казахстан", "Қазақстан"), shape: { a: [[polyline([[61, 41], [88, 41], [88, 55]], 300)]] } }] },
      { kind: "boundary", scale: 300, thinned_m: 1500, features: [{ shape: { l: [polyline([[61, 54], [88, 55]], 300)] } }] },
      { kind: "label", rank: [1, 0], scale: 300, thinned_m: 1500, features: [
        { id: "label:RU", kind: "country", name: texts("Russia", "Россия", "Ресей"), shape: { p: polyline([[70, 57]], 300) } },
        { id: "label:balkhash", kind: "lake", name: texts("Lake Balkhash", "озеро Балхаш", "Балқаш көлі"), shape: { p: polyline([[74.5, 46.2]], 300) } }] },
    ],
    locales,
  };
}

/** Read an atlas, the small one unless told, into atlas.ts. */
export function load(atlas: Data = small()): Data {
  readFrame(atlas);
  readData(atlas);
  return atlas;
}

/** An empty map of so many pixels with its panel beside it, as start.ts makes them; anew for each test. */
export function stand(width = 800, height = 600): L.Map {
  const element = document.createElement("div");
  const panel = document.createElement("aside");
  const app = document.createElement("div");
  app.className = "cm-app cm-open";
  app.append(panel, element);
  document.body.replaceChildren(app);
  Object.defineProperties(element, { clientWidth: { value: width }, clientHeight: { value: height } });
  const still = { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false };
  const map = L.map(element, { zoomControl: false, ...still });
  for (const name of ["cm-backdrop", "cm-under", "cm-line", "cm-label", "cm-point"]) map.createPane(name);
  map.setView([49, 72], 5, { animate: false });
  setElements({ app, panel });
  setMap(map);
  return map;
}
