/* What marks a feature in lists and on the map: a corridor's number, else the symbol of its layer. */
import { numberOf, symbol } from "./atlas.ts";
import { h } from "./dom.ts";
import { lineSymbol, pointSymbol } from "./symbols.ts";
import { shade } from "./theme.ts";
import type { Feature } from "./types.ts";

/** Say on an element which feature it shows. */
export function mark(element: Element, feature: Feature): void {
  const { dataset } = element as HTMLElement | SVGElement;
  dataset.layer = feature.layer.id;
  dataset.feature = feature.id;
  if (numberOf(feature) !== null) dataset.number = String(numberOf(feature));
}

/** A corridor's number; square for rail, round for road. */
export function shield(feature: Feature): HTMLElement {
  const node = h("span", { class: `cm-shield cm-shield-${feature.properties.mode === "rail" ? "rail" : "road"}` }, String(numberOf(feature)));
  node.style.borderColor = shade(symbol(feature).colour);
  mark(node, feature);
  return node;
}

/** The shield of a numbered feature, the symbol of any other. */
export function badge(feature: Feature): HTMLElement | SVGElement {
  const { strokes } = feature;
  if (!strokes) return pointSymbol(symbol(feature));
  return numberOf(feature) === null ? lineSymbol(strokes[0]) : shield(feature);
}
