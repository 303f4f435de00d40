/* Legends: what a layer's symbols mean, as the panel, the small box of an embedded map and the printed sheet show it. */
import { byId, name, numberOf, title } from "./atlas.ts";
import { valueOf } from "./card.ts";
import { button, h, type Child } from "./dom.ts";
import { badge } from "./badges.ts";
import { highlight } from "./lines.ts";
import { goTo } from "./chosen.ts";
import { lineSymbol, pointSymbol } from "./symbols.ts";
import type { Feature, Layer, LegendRow } from "./types.ts";
import { collator, km, number, say, t } from "./words.ts";

const picture = ({ symbol, strokes }: LegendRow): HTMLElement =>
  h("span", { class: "cm-key-symbol" }, symbol ? pointSymbol(symbol) : lineSymbol(strokes!));

const item = (drawn: Node, text: string): HTMLElement => h("li", null, drawn, h("span", null, text));

/** The key below an embedded map: itineraries one by one, other lines by their layer; points, which are not seen from afar, only if asked for. */
export function keyStrip({ asked, features, record: { build, geometry, legend, name: named } }: Layer): HTMLElement[] {
  if (build === "itineraries") {
    return features.filter(({ shape }) => shape).map((feature) => button({ class: `cm-key-item${numberOf(feature) === null ? "" : " cm-numbered"}`, title: name(feature) },
      () => goTo(feature), badge(feature), h("span", null, name(feature))));
  }
  if (geometry !== "Point") return [h("span", { class: "cm-key-item" }, picture(legend[0]), say(named))];
  return asked ? legend.map((row) => h("span", { class: "cm-key-item" }, picture(row), say(row.text))) : [];
}

/** The legend of the printed sheet: itineraries one by one, of other layers each symbol. */
export const printLegend = (layer: Layer): HTMLElement[] =>
  layer.record.legend.map((row) => item(picture(row), row.feature === undefined ? say(row.text) : title(byId.get(row.feature)!)));

function featureButton(feature: Feature): HTMLElement {
  const { length_km: home, length_total_km: total } = feature.properties;
  const length = home === 0 && typeof total === "number" ? total : home;
  // A town and its station share a name: in a list the kind tells them apart.
  const kind = feature.layer.record.style.by === "kind" && valueOf(feature, "kind");
  const made = button({ class: "cm-row" }, () => goTo(feature), badge(feature), h("span", { class: "cm-row-name" }, name(feature)),
    kind && h("span", { class: "cm-row-length" }, kind), typeof length === "number" && h("span", { class: "cm-row-length" }, km(length, 0)));
  made.addEventListener("mouseenter", () => highlight(feature));
  // A mouse that closes a card leaves the focus here, too; only the keyboard means this line by it.
  made.addEventListener("focus", () => made.matches(":focus-visible") && highlight(feature));
  for (const event of ["mouseleave", "blur"]) made.addEventListener(event, () => highlight(null));
  return h("li", null, made);
}

/** A list that is only filled when a reader opens it. */
function lazyList(summary: string, features: Feature[]): HTMLElement {
  const details = h("details", null, h("summary", null, summary));
  details.addEventListener("toggle", () => {
    const { compare } = collator();
    const sorted = features.slice().sort((a, b) => compare(name(a), name(b)));
    details.append(h("ul", { class: "cm-list" }, sorted.map(featureButton)));
  }, { once: true });
  return details;
}

/** The legend in the panel: itineraries as buttons, of other layers each symbol and a list to open; then how lines are drawn, and what has no place. */
export function panelLegend({ features, record: { legend, drawing } }: Layer): Child[] {
  const itineraries = legend.flatMap(({ feature }) => (feature === undefined ? [] : featureButton(byId.get(feature)!)));
  const key = (row: LegendRow): HTMLElement =>
    h("p", { class: "cm-key" }, picture(row), row.count === undefined ? say(row.text) : `${say(row.text)} (${number(row.count)})`);
  const lost = features.filter((feature) => !feature.shape);
  return [
    ...(itineraries.length ? [h("ul", { class: "cm-list" }, itineraries)]
      : [...legend.map(key), lazyList(t("features_list", { count: number(features.length) }), features)]),
    ...drawing.map(key),
    lost.length > 0 && lazyList(t("unlocated", { count: number(lost.length) }), lost),
  ];
}
