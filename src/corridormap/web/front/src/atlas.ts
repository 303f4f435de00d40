/* The atlas in the page: its records, layers, features and links. */
import * as L from "leaflet";
import { decode, type Build, type Columns, type Data, type Feature, type Frame, type Layer, type Polyline, type Properties, type Shape, type Source, type Symbol, type Style } from "./types.ts";
import { tell } from "./events.ts";
import { map } from "./stage.ts";
import { takeSymbols } from "./symbols.ts";
import { lang, own, say, sayProperty, setLanguage, setWords } from "./words.ts";

/** All that the page was given; before `readData` only its frame. */
export let data: Data;
export let layers: Layer[] = [];
/** The places of every link, by its number less one. */
export let links: L.LatLng[][] = [];
export const byId = new Map<string, Feature>();
export let sources = new Map<string, Source>();

/** The farthest zoom: the atlas's own view has room on a phone. */
export const minZoom = (): number => Math.min(3, Math.log2(360 / (data.view[2] - data.view[0])) + 0.5);

/** The places of a line, for Leaflet. */
export const places = (line: Polyline, scale: number): L.LatLng[] => decode(line, scale).map(([lat, lng]) => L.latLng(lat, lng));

/** The records that columns hold, by some of their fields. */
const recordsOf = (columns: Columns, fields: string[]): object[] =>
  columns.id.map((_, i) => Object.fromEntries(fields.map((field) => [field, columns[field][i]])));

export function readFrame(frame: Frame): void {
  data = frame as Data;
  setLanguage(frame.lang);
  setWords({}, frame.languages);
}

export function readData(rest: Omit<Data, keyof Frame>): void {
  data = { ...data, ...rest };
  readTexts();
  setWords(data.locales, data.languages);
  takeSymbols(data.cartography);
  links = data.links.lines.map((line) => places(line, data.links.scale));
  sources = new Map((recordsOf(data.sources, Object.keys(data.sources)) as Source[]).map((source) => [source.id, source]));
  byId.clear();
  layers = data.layers.map((record) => {
    const { columns } = record;
    // Links travel without lengths and ids: these are made of mode and ends.
    if (record.build === "links") columns.length_km ??= record.shapes.map((shape) => (shape?.w ? data.links.metres[shape.w[0][0] - 1] / 1000 : null));
    columns.id ??= columns.mode.map((mode, i) => `${String(mode)}:${String(columns.from[i])}-${String(columns.to[i])}`);
    const layer: Layer = { id: record.id, record, fields: Object.keys(columns).sort(), visible: record.visible, asked: false, group: L.layerGroup(), features: [] };
    layer.features = (recordsOf(columns, layer.fields) as Properties[]).map((properties, i) =>
      ({ id: String(properties.id), layer, properties, shape: record.shapes[i], strokes: record.strokes?.[record.drawn![i]], lines: [] }));
    for (const feature of layer.features) byId.set(feature.id, feature);
    return layer;
  });
  compose("crossings", "name", ({ properties }, code) => ["home", "abroad"].map((side) => properties[`${side}_${code}`]).join(" – "));
  compose("links", "name", (link, code) => joined(endsOf(link), code));
  // Of a link that is in a layer, but not in the network, the line travels by itself.
  const ends: string[][] = [];
  for (const link of layersOf("links").flatMap(({ features }) => features)) for (const number of linksOf(link.shape)) ends[number - 1] = endsOf(link);
  if (ends.length) compose("itineraries", "route", ({ shape }, code) => shape && routeOf(shape, ends, code));
}

/** Give features and statements their texts, which travel language by language. */
function readTexts(): void {
  for (const [code, { layers: columns, text, note }] of Object.entries(data.texts ?? {})) {
    for (const record of data.layers) Object.assign(record.columns, columns[record.id]);
    data.statements.forEach((statement, i) => {
      statement.text = { ...statement.text, [code]: text[i] };
      if (note[i] !== null) statement.note = { ...statement.note, [code]: note[i] };
    });
  }
  delete data.texts;
}

/** Make a text of the features of some layers in each language, where it does not travel because it follows from other names. */
function compose(build: Build, stem: string, make: (feature: Feature, code: string) => string | null): void {
  for (const layer of layersOf(build).filter(({ fields }) => !fields.some((field) => field.startsWith(`${stem}_`)))) {
    layer.fields = [...layer.fields, ...data.languages.map((code) => `${stem}_${code}`)].sort();
    for (const feature of layer.features) for (const code of data.languages) feature.properties[`${stem}_${code}`] = make(feature, code);
  }
}

const endsOf = ({ properties: { from, to } }: Feature): string[] => [String(from), String(to)];

/** Places by their names, one after the other. A crossing's name is itself "here – there"; in brackets it stays one name. */
function joined(ids: string[], code: string): string {
  const names = ids.flatMap((id) => byId.get(id) ?? []).map(({ properties, layer: { record: { build } } }) => {
    const text = String(properties[`name_${code}`]);
    return build === "crossings" ? `(${text})` : text;
  });
  return names.filter((text, i) => text !== names[i - 1]).join(" – ");
}

/** The places on the ways of a shape; crossings and junctions only where a way begins or ends in them. */
function routeOf(shape: Shape, ends: string[][], code: string): string {
  const isPassed = (id: string): boolean => {
    const place = byId.get(id);
    return place?.layer.record.build !== "crossings" && place?.properties.kind !== "junction";
  };
  return shape.w!.map((way) => {
    const endOf = (signed: number): string => ends[Math.abs(signed) - 1][signed > 0 ? 1 : 0];
    const nodes = [endOf(-way[0]), ...way.map(endOf)];
    return joined(nodes.filter((id, i) => i === 0 || i === nodes.length - 1 || isPassed(id)), code);
  }).join("; ");
}

/** Read in another of the atlas's languages; others are left as they were. */
export function changeLanguage(code: string): void {
  if (!data.languages.includes(code) || code === lang) return;
  setLanguage(code);
  tell("language", code);
}

export const layerById = (id: string): Layer | undefined => layers.find((layer) => layer.id === id);

export const layersOf = (build: string): Layer[] => layers.filter((layer) => layer.record.build === build);

/** The corridors and other itineraries, in the order of their layers. */
export const itineraries = (): Feature[] => layersOf("itineraries").flatMap((layer) => layer.features);

export const name = (feature: Feature): string => sayProperty(feature.properties, "name") || feature.id;

export const numberOf = (feature: Feature): number | null => (typeof feature.properties.number === "number" ? feature.properties.number : null);

/** A feature's name with its number, where it has one. */
export const title = (feature: Feature): string => (numberOf(feature) === null ? "" : `${numberOf(feature)} · `) + name(feature);

/** Features in the order of their numbers, those without one last. */
export const byNumber = (features: Feature[]): Feature[] => features.slice().sort((a, b) => (numberOf(a) ?? 99) - (numberOf(b) ?? 99));

/** The symbol of one value of a style; what the value leaves open, the style's own symbol says. */
export const symbolOf = (style: Style, value: string): Symbol => ({ ...style.symbol, ...style.values?.[value] });

/** The symbol of a feature, from the style of its layer. */
export function symbol(feature: Feature): Symbol {
  const { style } = feature.layer.record;
  return symbolOf(style, style.by === undefined ? "" : String(feature.properties[style.by]));
}

/** A country's name: the atlas's own word for it, else the page's, else the browser's, else the code. */
export function country(code: string): string {
  if (code === data.country) return say(data.country_name);
  if (!/^[A-Z]{2}$/.test(code)) return code;
  const label = data.backdrop.flatMap(({ features }) => features).find(({ id }) => id === `label:${code}`);
  if (label) return say(label.name);
  const word = own(`country.${code}`);
  if (word || Intl.DisplayNames.supportedLocalesOf(lang).length === 0) return word || code;
  return new Intl.DisplayNames([lang], { type: "region" }).of(code) ?? code;
}

/** Whether a layer's points have their symbols now: from afar these would hide the lines that they stand on. */
export const hasSymbols = (layer: Layer): boolean => layer.visible && (layer.asked || !map.getContainer().classList.contains("cm-far"));

/** The numbers of the links that a shape is made of, each once. */
export const linksOf = (shape: Shape | null): Set<number> => new Set((shape?.w ?? []).flat().map(Math.abs));

/** The bounds of what some layers show; null where they show nothing. */
export function boundsOf(shown: Layer[]): L.LatLngBounds | null {
  const all = shown.flatMap(({ record: { scale, shapes } }) => shapes.flatMap((shape) => [
    ...[...linksOf(shape)].flatMap((link) => links[link - 1]),
    ...[...(shape?.l ?? []), shape?.p ?? ""].flatMap((line) => places(line, scale)),
  ]));
  return all.length ? L.latLngBounds(all) : null;
}
