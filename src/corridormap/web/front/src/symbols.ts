/* The pictures of points and lines, for maps and legends: a shape for every kind, so that colour is never alone. */
import { svg } from "./dom.ts";
import { isDark, shade } from "./theme.ts";
import type { Cartography, Stroke, Symbol } from "./types.ts";

/** The corners of each shape, right and down, where half its size is 1; what has none is a circle. */
export const shapes: Record<string, [number, number][]> = {};
let pale = "";

/** Take the shapes of points and the colour of their edges. */
export function takeSymbols(given: Cartography): void {
  for (const [name, corners] of Object.entries(given.shapes)) shapes[name] = corners.map(([right, up]) => [right, -up]);
  pale = given.pale;
}

const HIDDEN = { "aria-hidden": "true", focusable: "false", class: "cm-symbol" };

/** The picture of a point symbol, for the map and the legend alike. */
export function pointSymbol(symbol: Symbol): SVGSVGElement {
  const half = (symbol.size || 8) / 2;
  const edge = half * 1.2 + 2;
  const paint = { fill: symbol.colour, stroke: pale, "stroke-width": 1.6, "stroke-linejoin": "round", "paint-order": "stroke" };
  const corners = symbol.shape === undefined ? undefined : shapes[symbol.shape];
  const drawn = corners
    ? svg("polygon", { ...paint, points: corners.map(([x, y]) => `${(x * half).toFixed(2)},${(y * half).toFixed(2)}`).join(" ") })
    : svg("circle", { ...paint, r: half });
  const size = (edge * 2).toFixed(1);
  return svg("svg", { width: size, height: size, viewBox: `${-edge} ${-edge} ${edge * 2} ${edge * 2}`, ...HIDDEN }, drawn);
}

/** The picture of a line, for the legend. */
export function lineSymbol(strokes: Stroke[]): SVGSVGElement {
  const inks = { casing: (colour: string) => (isDark() ? "#12171a" : colour), line: shade, core: (colour: string) => colour };
  const lines = strokes.map(({ part, colour, width, dash }) => svg("line",
    { x1: 2, x2: 28, y1: 6, y2: 6, stroke: inks[part](colour), "stroke-width": width, ...(dash ? { "stroke-dasharray": dash } : {}) }));
  return svg("svg", { width: 30, height: 12, viewBox: "0 0 30 12", ...HIDDEN }, ...lines);
}
