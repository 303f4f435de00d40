/* Legends: what a layer's symbols mean, as the panel, the small box of an embedded map and the printed sheet show it. */
import { byNumber, name, numberOf, symbol, symbolOf, title } from "./atlas.ts";
import { valueOf } from "./card.ts";
import { button, h, type Child } from "./dom.ts";
import { badge } from "./badges.ts";
import { highlight } from "./lines.ts";
import { goTo } from "./popup.ts";
import { lineSymbol, pointSymbol, UNCERTAIN_DASH } from "./symbols.ts";
import type { Feature, Layer, Symbol } from "./types.ts";
import { distance, km, lang, number, say, t } from "./words.ts";

/** A symbol as its layer draws it. */
const picture = ({ record: { geometry, style } }: Layer, drawn: Symbol, mode: string | null = null): HTMLElement =>
  h("span", { class: "cm-key-symbol" }, geometry === "Point" ? pointSymbol(drawn) : lineSymbol(drawn, mode, style.casing));

/** Each symbol of a layer that its features use, what it means and how many do; the layer's own symbol where none is named. */
function keysOf(layer: Layer): [HTMLElement, text: string, count: number | null][] {
  const { style } = layer.record;
  const uses = (value: string): number => layer.features.filter(({ properties }) => String(properties[style.by!]) === value).length;
  const used = Object.entries(style.values ?? {}).filter(([value, { label }]) => label && uses(value) > 0);
  if (!used.length) return [[picture(layer, style.symbol), say(layer.record.name), null]];
  return used.map(([value, { label }]) => [picture(layer, symbolOf(style, value), value), say(label), uses(value)]);
}

const item = (drawn: Node, text: string): HTMLElement => h("li", null, drawn, h("span", null, text));

/** The legend of a small box: numbered corridors one by one, of other layers only the symbol. */
export const shortLegend = (layer: Layer): HTMLElement[] => (layer.record.build === "itineraries" && layer.features.some(numberOf)
  ? layer.features.map((feature) => item(badge(feature), name(feature))) : [item(picture(layer, layer.record.style.symbol), say(layer.record.name))]);

/** The legend of the printed sheet: numbered corridors one by one, of other layers each symbol. */
export function printLegend(layer: Layer): HTMLElement[] {
  const { build, style } = layer.record;
  const numbered = build === "itineraries" && style.values ? byNumber(layer.features.filter((feature) => numberOf(feature) !== null)) : [];
  if (!numbered.length) return keysOf(layer).map(([drawn, text]) => item(drawn, text));
  return numbered.map((feature) => item(picture(layer, symbol(feature), String(feature.properties.mode)), title(feature)));
}

function featureButton(feature: Feature): HTMLElement {
  const { length_km: home, length_total_km: total } = feature.properties;
  const length = home === 0 && typeof total === "number" ? total : home;
  // A town and its station share a name: in a list the kind tells them apart.
  const kind = feature.layer.record.style.by === "kind" && valueOf(feature, "kind");
  const made = button({ class: "cm-row" }, () => goTo(feature), badge(feature), h("span", { class: "cm-row-name" }, name(feature)),
    kind && h("span", { class: "cm-row-length" }, kind), typeof length === "number" && h("span", { class: "cm-row-length" }, km(length, 0)));
  for (const event of ["mouseenter", "focus"]) made.addEventListener(event, () => highlight(feature));
  for (const event of ["mouseleave", "blur"]) made.addEventListener(event, () => highlight(null));
  return h("li", null, made);
}

/** A list that is only filled when a reader opens it. */
function lazyList(summary: string, features: Feature[]): HTMLElement {
  const details = h("details", null, h("summary", null, summary));
  details.addEventListener("toggle", () => {
    const sorted = features.slice().sort((a, b) => name(a).localeCompare(name(b), lang));
    details.append(h("ul", { class: "cm-list" }, sorted.map(featureButton)));
  }, { once: true });
  return details;
}

/** The legend in the panel: corridors as buttons, of other layers each symbol and a list to open; then what dashes mean, and what has no place. */
export function panelLegend(layer: Layer): Child[] {
  const { features, record: { build, geometry, style } } = layer;
  const content: Child[] = [];
  const key = (...parts: Child[]): unknown => content.push(h("p", { class: "cm-key" }, ...parts));
  if (style.values && geometry !== "Point" && build === "itineraries") {
    content.push(h("ul", { class: "cm-list" }, byNumber(features).map(featureButton)));
    const modes = new Set(features.map((feature) => feature.properties.mode));
    for (const [mode, width] of [["rail", 3.2], ["road", 2.8]] as const) {
      if (modes.size > 1 && modes.has(mode)) key(lineSymbol({ colour: "#333333", width }, mode, style.casing), t(`solid_${mode}`));
    }
  } else {
    for (const [drawn, text, count] of keysOf(layer)) key(drawn, count === null ? text : `${text} (${number(count)})`);
    content.push(lazyList(t("features_list", { count: number(features.length) }), features));
  }
  if (geometry !== "Point" && style.dash_over_m !== undefined) {
    const { colour, width } = style.symbol;
    key(lineSymbol({ colour, width, dash: UNCERTAIN_DASH }, null, style.casing), t("dashed", { distance: distance(style.dash_over_m) }));
  }
  const lost = features.filter((feature) => !feature.shape);
  return [...content, lost.length > 0 && lazyList(t("unlocated", { count: number(lost.length) }), lost)];
}
