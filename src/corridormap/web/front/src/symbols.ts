/* The pictures of points and lines, for maps and legends: a shape for every kind, so that colour is never alone. */
import { svg } from "./dom.ts";
import { isDark, shade } from "./theme.ts";
import type { Symbol } from "./types.ts";

/** The corners of each shape, where half its size is 1; what has none is a circle. */
export const SHAPES: Record<string, [number, number][]> = {
  square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  diamond: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
  triangle: [[0, -1.15], [1.15, 0.9], [-1.15, 0.9]],
  star: Array.from({ length: 10 }, (_, i) => {
    const radius = i % 2 ? 0.52 : 1.2;
    const angle = (Math.PI * (i - 2.5)) / 5;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  }),
};

/** Pixels that the pale edge is wider than the line on it, and the dashes of what is drawn on rails, at sea, and where a line is uncertain. */
export const CASING = 2.2;
export const RAIL_DASH = "5 5";
export const SEA_DASH = "1 6";
export const UNCERTAIN_DASH = "7 6";
/** The dashes along a railway's middle, as a share of its width. */
export const CORE = 0.42;

const HIDDEN = { "aria-hidden": "true", focusable: "false", class: "cm-symbol" };

/** The picture of a point symbol, for the map and the legend alike. */
export function pointSymbol(symbol: Symbol): SVGSVGElement {
  const half = (symbol.size || 8) / 2;
  const edge = half * 1.2 + 2;
  const paint = { fill: symbol.colour, stroke: "#ffffff", "stroke-width": 1.6, "stroke-linejoin": "round", "paint-order": "stroke" };
  const corners = symbol.shape === undefined ? undefined : SHAPES[symbol.shape];
  const drawn = corners
    ? svg("polygon", { ...paint, points: corners.map(([x, y]) => `${(x * half).toFixed(2)},${(y * half).toFixed(2)}`).join(" ") })
    : svg("circle", { ...paint, r: half });
  const size = (edge * 2).toFixed(1);
  return svg("svg", { width: size, height: size, viewBox: `${-edge} ${-edge} ${edge * 2} ${edge * 2}`, ...HIDDEN }, drawn);
}

/** The picture of a line symbol, for the legend. */
export function lineSymbol(symbol: Symbol, mode: unknown = null, casing?: string): SVGSVGElement {
  const width = symbol.width || 2;
  const dash = symbol.dash || (mode === "sea" ? SEA_DASH : null);
  const line = (stroke: string, size: number, dashes: string | null): SVGLineElement =>
    svg("line", { x1: 2, x2: 28, y1: 6, y2: 6, stroke, "stroke-width": size, ...(dashes ? { "stroke-dasharray": dashes } : {}) });
  const lines = [line(shade(symbol.colour), width, dash)];
  if (casing) lines.unshift(line(isDark() ? "#12171a" : casing, width + CASING, null));
  if (mode === "rail" && !dash) lines.push(line("#ffffff", width * CORE, RAIL_DASH));
  return svg("svg", { width: 30, height: 12, viewBox: "0 0 30 12", ...HIDDEN }, ...lines);
}
