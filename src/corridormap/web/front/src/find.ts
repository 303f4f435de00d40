/* Finding: names old and new in every language, numbers of corridors and roads, places by chainage and by coordinates. No screen here; search.ts shows it. */
import type * as L from "leaflet";
import MiniSearch, { type Query } from "minisearch";
import { byId, data, itineraries, layers, layersOf, linksOf, name } from "./atlas.ts";
import { waysOf } from "./chainage.ts";
import { coordinatesIn } from "./coordinates.ts";
import type { Feature, Itinerary, Road, Value } from "./types.ts";
import { inEveryLanguage, list } from "./words.ts";

/** What a text may mean: a position, a feature by the name that matched, a road, a place so many km along an itinerary, or one beyond the itinerary's end. */
export type Hit =
  | { kind: "position"; position: L.LatLngLiteral }
  | { kind: "feature"; feature: Feature; match: string }
  | { kind: "road"; road: Road }
  | { kind: "place" | "beyond"; itinerary: Itinerary; km: number };
type NameHit = Extract<Hit, { kind: "feature" }>;

// Road numbers are typed on whichever keyboard is at hand: М-36 and M-36 look alike and are one.
const ALIKE = new Map(Object.entries({ а: "a", в: "b", е: "e", з: "z", к: "k", м: "m", н: "h", о: "o", р: "p", с: "c", т: "t", у: "y", х: "x" }));

// Letters that a Russian or an English keyboard lacks.
const SPELT = new Map(Object.entries({ ə: "e", ı: "i", ә: "а", ғ: "г", қ: "к", ң: "н", ө: "о", ұ: "у", ү: "у", һ: "х", і: "и" }));

/** What a searcher types: lower case, no accents, no apostrophes, dashes as spaces; as corridormap.search.fold has it. */
export const fold = (text: string): string =>
  text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/[əıәғқңөұүһі]/g, (letter) => SPELT.get(letter)!)
    .replace(/['\u2019\u02bc`]/g, "").replace(/[\u2013-]/g, " ").trim().split(/\s+/).join(" ");

const asRef = (text: string): string => [...fold(text)].map((letter) => ALIKE.get(letter) ?? letter).filter((letter) => /[\p{L}\p{N}]/u.test(letter)).join("");

/** The words for such as "rail" and "km", in all languages of the page at once, longer ones first. */
const wordsFor = (key: string): string[] => inEveryLanguage(key).flatMap(list).map(fold).sort((a, b) => b.length - a.length);

/** Take the first of some words out of a text; gives the text without it, and whether it was there. */
function without(text: string, key: string): [string, boolean] {
  const padded = ` ${text} `;
  const word = wordsFor(key).find((one) => padded.includes(` ${one} `));
  return word === undefined ? [text, false] : [padded.replace(` ${word} `, " ").trim(), true];
}

/** A feature and all that it is called. */
interface Entry { feature: Feature; names: { text: string; folded: string }[] }
let entries: Entry[] | undefined;

/** A text kept once for each language, in all of them. */
const inLanguages = ({ properties }: Feature, stem: string): (Value | undefined)[] => data.languages.map((code) => properties[`${stem}_${code}`]);

const names = (): Entry[] => (entries ??= layers.flatMap((layer) => layer.features).map((feature) => {
  const { number, names_alt } = feature.properties;
  const texts = [...inLanguages(feature, "name"), number, ...list(names_alt), feature.id].map((text) => String(text ?? ""));
  return { feature, names: [...new Set(texts)].filter(Boolean).map((text) => ({ text, folded: fold(text) })) };
}));

/** How well a name fits, smaller is better, infinity not at all. A bare number is a corridor's number, not a digit in some id. */
function rank(folded: string, wanted: string): number {
  if (folded === wanted) return 0;
  if (folded.startsWith(wanted)) return 1;
  if (/^\d+$/.test(wanted) || !folded.includes(wanted)) return Infinity;
  return folded.includes(` ${wanted}`) ? 2 : 3;
}

function byName(wanted: string): NameHit[] {
  return names().flatMap(({ feature, names: own }) => {
    const ranks = own.map(({ folded }) => rank(folded, wanted));
    const best = Math.min(...ranks);
    return best < Infinity ? [{ kind: "feature" as const, feature, match: own[ranks.indexOf(best)].text, best }] : [];
    // Sorting is stable: within a rank the order of the layers holds.
  }).sort((a, b) => Number(isLink(a)) - Number(isLink(b)) || a.best - b.best);
}

/** Stretches of track are named after both their ends, and come last: they would hide the ends themselves. */
const isLink = ({ feature }: NameHit): boolean => feature.layer.record.build === "links";

/** What tells a feature from others of its name: the city and building of a venue, the year, and what kind of thing it is. */
function traits(feature: Feature): string {
  const { properties, layer: { record: { style } } } = feature;
  const kind = style.by === undefined ? undefined : style.values?.[String(properties[style.by])]?.label;
  return [...inLanguages(feature, "city"), ...inLanguages(feature, "building"), String(properties.date ?? "").slice(0, 4), ...Object.values(kind ?? {})]
    .filter(Boolean).join(" ");
}

let index: MiniSearch<Entry> | undefined;

/** An index of all names, also written as one word, and of what else tells a feature. */
function indexed(): MiniSearch<Entry> {
  if (index) return index;
  index = new MiniSearch<Entry>({
    idField: "feature", fields: ["names", "traits"],
    extractField: ({ feature, names: own }, field) => (field === "feature" ? feature.id : field === "traits" ? traits(feature)
      : own.flatMap(({ folded }) => [folded, folded.replaceAll(" ", "")]).join(" ")),
    tokenize: wordsIn, processTerm: (word) => word,
  });
  index.addAll(names());
  return index;
}

const wordsIn = (text: string): string[] => fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

const hasDigit = (word: string): boolean => /\d/.test(word);

/** What a text may have meant that no name holds: its words in any order or written as one, then with slips of the key, then at least some of them. */
function forgiving(text: string): NameHit[] {
  const words = wordsIn(text);
  const telling = words.filter((word) => word.length > 2 && !hasDigit(word));
  const all: Query = { combineWith: "OR", queries: [{ combineWith: "AND", queries: words }, words.join("")] };
  for (const [query, slips] of [[all, 0], [all, 0.2], [{ combineWith: "OR", queries: telling }, 0.2]] as [Query, number][]) {
    const found = indexed().search(query, { prefix: (word) => !hasDigit(word), fuzzy: (word) => word.length > 3 && !hasDigit(word) && slips });
    if (found.length) return found.map(({ id, terms }) => hitBy(byId.get(id as string)!, terms)).sort((a, b) => Number(isLink(a)) - Number(isLink(b)));
  }
  return [];
}

/** A feature by the first of its names that has one of some words. */
function hitBy(feature: Feature, words: string[]): NameHit {
  const own = names().find((entry) => entry.feature === feature)!.names;
  return { kind: "feature", feature, match: own.find(({ folded }) => words.some((word) => folded.replaceAll(" ", "").includes(word)))?.text ?? name(feature) };
}

let known: Map<string, Road> | null = null;

/** Roads by their number as `fold` and look-alike letters leave it; each line is a stretch in the order of the corridor that has most of the road. */
export function roads(): Map<string, Road> {
  if (known) return known;
  const links = new Map<string, number[]>();
  for (const { properties, shape } of layersOf("links").flatMap((layer) => layer.features)) {
    for (const ref of shape?.w ? list(properties.refs) : []) links.set(ref, [...(links.get(ref) ?? []), ...linksOf(shape)]);
  }
  known = new Map();
  for (const [ref, own] of [...links].sort(([a], [b]) => a.localeCompare(b, "en"))) {
    const road: Road = { ref, lines: [] };
    road.lines = stretches(own).map((way, i) => ({ key: i ? `${ref}.${i + 1}` : ref, road, shape: { w: [way] } }));
    known.set(asRef(ref), road);
  }
  return known;
}

function stretches(links: number[]): number[][] {
  const left = new Set(links);
  const ways = itineraries().flatMap((feature) => feature.shape?.w ?? []);
  const shared = (way: number[]): number => new Set(way.map(Math.abs).filter((link) => left.has(link))).size;
  const found: number[][] = [];
  for (const way of ways.sort((a, b) => shared(b) - shared(a))) {
    let run: number[] | null = null;
    for (const signed of way) {
      if (!left.delete(Math.abs(signed))) run = null;
      else if (run) run.push(signed);
      else found.push((run = [signed]));
    }
  }
  return [...found, ...[...left].sort((a, b) => a - b).map((link) => [link])];
}

/** A feature as a line along which kilometres are counted; nothing where it is not made of links. */
const itineraryOf = (feature: Feature): Itinerary[] => (feature.shape?.w?.length ? [{ key: feature.id, shape: feature.shape, feature }] : []);

/** The itinerary of a key that an address may hold: a corridor's id, or a road's number (KAZ01, and KAZ01.2 for its second stretch). */
export function itineraryByKey(key: string): Itinerary | undefined {
  const feature = byId.get(key);
  return feature ? itineraryOf(feature)[0] : [...roads().values()].flatMap((road) => road.lines).find((line) => line.key === key);
}

/** The corridors whose number a text tells: "11", "rail 1", "road 7". */
function withNumber(text: string): Feature[] {
  const [rest, named] = without(text, "search_corridor");
  const mode = ["rail", "road"].find((one) => without(rest, `search_${one}`)[1]);
  const digits = mode ? without(rest, `search_${mode}`)[0] : rest;
  return !/^\d{1,4}$/.test(digits) ? [] : itineraries().filter(({ properties, shape }) =>
    String(properties.number) === String(Number(digits)) && (mode ? properties.mode === mode : named || shape));
}

function byRoad(text: string, whole: boolean): Road[] {
  const wanted = asRef(without(text, "search_road")[0]);
  if (wanted.length < 2) return [];
  return [...roads()].filter(([key]) => (whole ? key === wanted : key.startsWith(wanted))).map(([, road]) => road);
}

/** Split "rail 1 km 836", "836 km rail 1" and "KAZ01 400" into a subject, if any, and kilometres; `told` is whether the word for kilometre was there. */
function split(text: string): { subject: string; km: number; told: boolean } {
  const units = new Set(wordsFor("search_km"));
  const tokens = text.replace(/(\d)(\p{L}+)(?=\s|$)/gu, (all, digit: string, word: string) => (units.has(word) ? `${digit} ${word}` : all)).split(" ");
  const isNumber = (token: string | undefined): boolean => token !== undefined && /^\d{1,5}([.,]\d{1,3})?$/.test(token);
  const unit = tokens.findIndex((token) => units.has(token));
  const at = unit < 0 ? tokens.length - 1 : isNumber(tokens[unit + 1]) ? unit + 1 : unit - 1;
  const subject = isNumber(tokens[at]) ? tokens.filter((_, place) => place !== at && place !== unit).join(" ") : "";
  return { subject, km: Number(tokens[at]?.replace(",", ".")), told: unit >= 0 };
}

function byChainage(text: string): Hit[] {
  const { subject, km, told } = split(text);
  const numbered = withNumber(subject);
  const ofRoads = byRoad(subject, true).flatMap((road) => road.lines);
  // "Almaty 1" is a station; by name a corridor is only meant where the word for kilometre stands.
  const named = told && !numbered.length && !ofRoads.length && subject.length > 2 ? byName(subject).map((hit) => hit.feature) : [];
  const lines = [...numbered, ...named.filter((feature) => feature.layer.record.build === "itineraries")].flatMap(itineraryOf).concat(ofRoads);
  const reached = lines.filter((line) => km <= waysOf(line.shape)[0].km);
  return (reached.length ? reached : lines).map((itinerary) => ({ kind: reached.length ? "place" : "beyond", itinerary, km }));
}

/** All that a text may mean, best first: places by chainage, corridors by number, roads, then names. */
export function find(typed: string): Hit[] {
  const start = typed.slice(0, 200);
  const position = coordinatesIn(start);
  if (position) return [{ kind: "position", position }];
  const text = fold(start.replace(/[\u2116#]/g, " ").replaceAll("ж/д", "жд"));
  if (!text) return [];
  const numbered = withNumber(text);
  const hits = [
    ...byChainage(text),
    ...numbered.map((feature): Hit => ({ kind: "feature", feature, match: name(feature) })),
    ...byRoad(text, false).map((road): Hit => ({ kind: "road", road })),
    ...byName(text).filter((hit) => !numbered.includes(hit.feature)),
  ];
  return hits.length ? hits : forgiving(text);
}
