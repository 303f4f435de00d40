/* A feature's card: everything known of it, as text; measured and published lengths side by side; claims marked as claims. */
import type * as L from "leaflet";
import { byId, country, data, itineraries, linksOf, name, numberOf, sources, title } from "./atlas.ts";
import { chainage, type Neighbour } from "./chainage.ts";
import { button, h, link, term, type Attributes, type Child } from "./dom.ts";
import { tell } from "./events.ts";
import { map } from "./stage.ts";
import { badge, shield } from "./badges.ts";
import type { Feature, Properties, Source, Statement, Value } from "./types.ts";
import { date, distance, has, km, list, number, say, sayProperty, t } from "./words.ts";

const FIELDS = ["kind", "mode", "status", "state", "date", "city", "building", "route", "population", "country", "neighbour", "region", "checkpoint", "home",
  "abroad", "multilateral", "hours", "from", "to", "refs", "lanes_planned", "works_start", "works_end", "opened", "participants", "decided", "note", "position",
  "accuracy_m", "corridors", "routes", "names_alt"];
// Told elsewhere in the card, or codes for those who keep the data.
const QUIET = new Set(["id", "name", "number", "series", "length_km", "length_main_km", "length_abroad_km", "length_total_km", "length_official_km",
  "length_official_source", "length_published_km", "length_published_kind", "length_published_source", "length_published_reason"]);
/** The country that a field of its own gives the length in, of an atlas of several; otherwise nothing. */
export const memberOf = (field: string): string | undefined => /^length_([a-z]{2})_km$/.exec(field)?.[1].toUpperCase();
const isQuiet = (field: string): boolean => QUIET.has(field) || memberOf(field) !== undefined;
/** Fields that name sources, which are told at the card's end, but for those of the lengths. */
const isSource = (field: string): boolean => !isQuiet(field) && /(^|_)sources?$/.test(field);
/** Fields whose values are days, months or years. */
export const DATES = new Set(["date", "works_start", "works_end", "opened"]);

/** The fields of a feature by stem, in the order in which they are told: name_en, name_ru and name_kk are one. */
export function fieldsOf(properties: Properties): string[] {
  const found = new Set(Object.keys(properties).map((field) => {
    const match = /^(.+)_([a-z]{2,3})$/.exec(field);
    return match && data.languages.includes(match[2]) ? match[1] : field;
  }));
  return [...FIELDS.filter((field) => found.has(field)), ...[...found].filter((field) => !isQuiet(field) && !isSource(field) && !FIELDS.includes(field)).sort()];
}

/** A field's name in the reader's language, else its own. */
export const fieldLabel = (field: string): string => (has(`field.${field}`) ? t(`field.${field}`) : field.replaceAll("_", " "));

/** A field's value as readers want it, or null where nothing is known; corridors and routes are buttons. */
export function valueOf(feature: Feature, field: string): string | HTMLElement | null {
  const { properties, layer: { record: { style } } } = feature;
  // Where a code and a text in the reader's language share a name, readers get the text.
  const raw = sayProperty(properties, field) || properties[field];
  if (raw === null || raw === undefined || raw === "") return null;
  const text = String(raw);
  const label = style.by === field && style.values?.[text]?.label;
  if (label) return say(label);
  // A kind without a label is a code for those who keep the data.
  if (field === "kind") return null;
  if (typeof raw === "boolean") return t(raw ? "yes" : "no");
  if (has(`${field}.${text}`)) return t(`${field}.${text}`);
  if (field === "accuracy_m") return t("plus_minus", { distance: distance(Number(raw)) });
  if (field === "country" || field === "neighbour") return country(text);
  if (field === "participants") return list(raw).map(country).join(", ");
  if (field === "from" || field === "to") return byId.has(text) ? name(byId.get(text)!) : null;
  const known = list(raw).flatMap((id) => byId.get(id) ?? []);
  if (field === "corridors" || field === "routes") return known.length ? chips(known) : null;
  if (DATES.has(field)) return date(text);
  if (typeof raw === "number") return number(raw, 3);
  return field === "names_alt" || field === "refs" ? list(raw).join(", ") : text;
}

/** Buttons to features, by their names unless told, which go there unless told. */
export const chips = (features: Feature[], text = name, run = (feature: Feature): void => tell("choose", feature)): HTMLElement =>
  h("span", { class: "cm-chips" }, features.map((feature) => button({ class: "cm-chip" }, () => run(feature), badge(feature), text(feature))));

/** Rows of a feature's lengths in kilometres. */
function lengths(properties: Properties): Child[] {
  const { length_km: home, length_main_km: main, length_abroad_km: abroad, length_total_km: total } = properties;
  const { length_published_km: published, length_published_kind: kind, length_published_source: id } = properties;
  const isAbroad = Number(abroad) > 0;
  const members = Object.keys(properties).filter((field) => memberOf(field) && Number(properties[field]) > 0);
  const [where, ...more] = members.map((field) => country(memberOf(field)!));
  const within = { country: where && more.length === 0 ? where : say(data.country_name) };
  const label = typeof abroad === "number" || typeof total === "number" ? t("length_home", within) : t("length");
  const reason = typeof published === "number" && sayProperty(properties, "length_published_reason");
  const row = (text: string, length: Value | undefined, ...rest: Child[]): Child => typeof length === "number" && term(text, km(length), ...rest);
  return [
    // What lies wholly abroad has no length at home to speak of.
    typeof home === "number" && !(home === 0 && isAbroad) && term(label, h("strong", null, km(home))),
    main !== home && row(t("length_main"), main),
    more.length > 0 && members.map((field) => row(t("length_home", { country: country(memberOf(field)!) }), properties[field])),
    isAbroad && row(t("length_abroad"), abroad), isAbroad && Number(home) > 0 && row(t("length_total"), total),
    row(t("length_official"), published, kind ? `, ${t(`length_published_kind.${String(kind)}`)}` : "",
      sources.has(String(id)) && [" (", publisher(String(id)), ")"]),
    reason && term(t("field.reason"), reason),
  ];
}

/** Buttons to the other itineraries on the same track, and for how many kilometres; nothing where there are none. */
function sharedTrack(feature: Feature): Child {
  const own = linksOf(feature.shape);
  const shared = itineraries().filter((other) => other !== feature).flatMap((other) => {
    const metres = [...linksOf(other.shape)].filter((one) => own.has(one)).map((one) => data.links.metres[one - 1]);
    return metres.length ? [{ other, km: metres.reduce((sum, length) => sum + length, 0) / 1000 }] : [];
  }).sort((a, b) => b.km - a.km);
  const lengthOf = new Map(shared.map(({ other, km: length }) => [other, length]));
  return shared.length > 0 && h("div", { class: "cm-shared" }, h("h3", null, t("shared_track")),
    chips([...lengthOf.keys()], (other) => `${title(other)} – ${km(lengthOf.get(other)!, 0)}`));
}

/** A link to a source by the name of who published it. */
function publisher(id: string): HTMLElement {
  const { publisher: by, title: what, url } = sources.get(id)!;
  return link(by || what, url);
}

/** Who published a source, when, and under which licence, as far as that is known. */
export const origin = ({ publisher: by, date: day, licence }: Source): string[] => [by, day && date(day), licence].flatMap((text) => text || []);

/** A list of sources that opens, each in one line with its link where it has one. */
export const sourceList = (ids: string[], attributes: Attributes | null = null): HTMLElement =>
  h("details", attributes, h("summary", null, `${t("field.sources")} (${number(ids.length)})`),
    h("ul", { class: "cm-sources" }, ids.map((id) => sources.get(id)!).map((source) => {
      const rest = origin(source).join(", ");
      return h("li", null, link(source.title, source.url), rest && ` – ${rest}`);
    })));

/** A list of claims that opens, each with how it stands and where it was made. */
export const claimList = (heading: string, claims: Statement[], open = false): HTMLElement =>
  h("details", { open }, h("summary", null, `${heading} (${number(claims.length)})`),
    h("ul", { class: "cm-claims" }, claims.map(({ standing, text, note, date: day, sources: named }) => {
      const known = named.filter((id) => sources.has(id));
      return h("li", { class: "cm-claim" }, h("span", { class: `cm-standing cm-standing-${standing}` }, t(`standing.${standing}`)),
        h("p", null, say(text)), say(note) && h("p", { class: "cm-remark" }, say(note)),
        h("p", { class: "cm-remark" }, day && `${date(day)}: `, known.map((id, i) => [i > 0 && "; ", publisher(id)])));
    })));

function claimsAbout(feature: Feature): Child[] {
  const own = data.statements.filter(({ about, features }) => about === feature.id || features?.includes(feature.id));
  const wide = data.statements.filter((statement) => statement.about === feature.layer.id && !own.includes(statement));
  const section = (claims: Statement[], what: string): Child => claims.length > 0 && claimList(t("claims_about", { name: what }), claims, claims === own);
  return [section(own, name(feature)), section(wide, say(feature.layer.record.name))];
}

/** What is to be said of a place's chainage on a feature; nothing where it is more than a few pixels off the lines, as when none of them is in sight. */
function chainageOf(feature: Feature, latlng: L.LatLng): HTMLElement | null {
  const found = chainage(feature, latlng);
  const metresOfPixel = (40075016.7 * Math.cos((latlng.lat * Math.PI) / 180)) / 256 / 2 ** map.getZoom();
  if (!found || found.offset_m > 40 * metresOfPixel) return null;
  const { way, before, after } = found;
  const start = way.nodes.at(0);
  const node = (key: string, near: Neighbour | null): Child => near && term(t(key), `${name(near.feature)}, ${distance(near.distance_m)}`);
  const at = start && start.km < 0.001 ? t("chainage.from", { km: km(found.km), start: name(start.feature) }) : km(found.km);
  return h("div", { class: "cm-chainage" }, h("h3", null, t("chainage")),
    h("dl", null, term(t("chainage.km"), at), node("chainage.before", before), node("chainage.after", after)),
    h("p", { class: "cm-remark" }, t("chainage.note")));
}

/** The card of a feature, as met at a place where it was, with whatever else is to stand below its fields. */
export function describe(feature: Feature, latlng: L.LatLng | null, ...more: Child[]): HTMLElement {
  const { properties, layer, shape } = feature;
  const rows = fieldsOf(properties).map((field) => {
    const shown = valueOf(feature, field);
    return shown !== null && term(fieldLabel(field), shown);
  });
  const named = Object.keys(properties).filter(isSource).flatMap((field) => list(properties[field]));
  const known = [...new Set(named)].filter((id) => sources.has(id));
  return h("div", { class: "cm-card" }, h("p", { class: "cm-kicker" }, say(layer.record.name)),
    h("h2", null, numberOf(feature) !== null && [shield(feature), " "], name(feature)), !shape && h("p", { class: "cm-remark" }, t("unlocated_note")),
    h("dl", { class: "cm-figures" }, lengths(properties)), feature.layer.record.build === "itineraries" && sharedTrack(feature), more,
    latlng && chainageOf(feature, latlng), h("dl", null, rows), claimsAbout(feature), known.length > 0 && sourceList(known));
}
