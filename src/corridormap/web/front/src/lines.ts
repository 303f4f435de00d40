/* Lines: itineraries that share a link run side by side; rail and road differ by more than colour; what is uncertain is dashed. */
import * as L from "leaflet";
import { data, itineraries, layers, links, places, symbol, title } from "./atlas.ts";
import { mark } from "./badges.ts";
import { h } from "./dom.ts";
import { on } from "./events.ts";
import { openPopup } from "./popup.ts";
import { map } from "./stage.ts";
import { CASING, CORE, RAIL_DASH, SEA_DASH, UNCERTAIN_DASH } from "./symbols.ts";
import { shade } from "./theme.ts";
import type { DrawnLine, Feature, Part, Step, Style } from "./types.ts";

/** Pixels over which a line slants from one offset to another. */
const SLANT = 6;

const simplified = new WeakMap<L.LatLng[], { zoom: number; points: L.Point[] }>();

/** A link's way over the screen at a zoom, in pixels of the world, freed of bends too small to see; the same for all that share it. */
function linkPath(link: number, zoom: number): L.Point[] {
  const along = links[link];
  let kept = simplified.get(along);
  if (kept?.zoom !== zoom) {
    kept = { zoom, points: L.LineUtil.simplify(along.map((place) => map.project(place, zoom)), 1) };
    simplified.set(along, kept);
  }
  return kept.points;
}

/** Move a path sideways; each of its segments carries its own distance, in pixels right of the direction of travel. */
function sideways(points: L.Point[], offsets: number[]): L.Point[] {
  const directions = points.slice(1).map((point, i) => {
    const step = point.subtract(points[i]);
    const length = Math.hypot(step.x, step.y) || 1;
    return { x: step.x / length, y: step.y / length, length };
  });
  const at = (point: L.Point, { x, y }: { x: number; y: number }, offset: number, along: number): L.Point =>
    L.point(point.x - y * offset + x * along, point.y + x * offset + y * along);
  const moved = [at(points[0], directions[0], offsets[0], 0)];
  for (let i = 1; i < directions.length; i += 1) {
    const [before, after] = [directions[i - 1], directions[i]];
    if (offsets[i - 1] !== offsets[i]) {
      // From one offset to another: slant over a few pixels rather than jump.
      moved.push(at(points[i], before, offsets[i - 1], -Math.min(SLANT, before.length / 2)));
      moved.push(at(points[i], after, offsets[i], Math.min(SLANT, after.length / 2)));
      continue;
    }
    const normal = { x: -(before.y + after.y), y: before.x + after.x };
    const size = Math.hypot(normal.x, normal.y);
    if (size > 0.6) {
      // The mitre of the two segments; where they nearly turn back it would shoot away, and is cut off below.
      const reach = (offsets[i] * 2) / (size * size);
      moved.push(L.point(points[i].x + normal.x * reach, points[i].y + normal.y * reach));
    } else moved.push(at(points[i], before, offsets[i], 0), at(points[i], after, offsets[i], 0));
  }
  moved.push(at(points.at(-1)!, directions.at(-1)!, offsets.at(-1)!, 0));
  return moved;
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** How much thinner lines are on a map of the whole country than on one of a province. */
const slimness = (zoom: number): number => Math.max(0.62, Math.min(1.15, 0.62 + (zoom - 3.75) * 0.26));

/** Pixels between two lines side by side. */
const spacing = (zoom: number): number => (zoom >= 5 ? 4.4 * Math.min(1.15, slimness(zoom)) : 3.6 * slimness(zoom));

/** How far roads step aside for railways: wholly up to zoom 7, not at all from zoom 9 on, where both have room. */
const closeness = (zoom: number): number => Math.max(0, Math.min(1, (9 - zoom) / 2));

const rings = new WeakMap<Step[], { key: string; ring: L.Point[] }>();

/** The way of a run over the screen, from the map's pixel origin; a casing, its line and the dashes on it have it in common. */
function ringOf(steps: Step[]): L.Point[] {
  const zoom = map.getZoom();
  const origin = map.getPixelOrigin();
  const key = [zoom, origin.x, origin.y, ...steps.map((step) => `${step.drawn ?? step.link} ${step.offset} ${step.aside}`)].join();
  const kept = rings.get(steps);
  if (kept?.key === key) return kept.ring;
  const points: L.Point[] = [];
  const offsets: number[] = [];
  for (const step of steps) {
    const path = linkPath(step.drawn ?? step.link, zoom);
    const ordered = step.forward ? path : path.slice().reverse();
    for (const point of points.length ? ordered.slice(1) : ordered) points.push(point.subtract(origin));
    const offset = (step.offset + step.aside * closeness(zoom)) * spacing(zoom);
    for (let i = 1; i < ordered.length; i += 1) offsets.push(offset);
  }
  const ring = (offsets.some(Boolean) ? sideways(points, offsets) : points).map((point) => L.point(tenth(point.x), tenth(point.y)));
  rings.set(steps, { key, ring });
  return ring;
}

/** A run of links as a Leaflet line. */
const SharedLine = L.Polyline.extend({
  _projectLatlngs(this: DrawnLine, _places: unknown, result: L.Point[][], bounds: L.Bounds) {
    const ring = ringOf(this.steps!);
    ring.forEach((point) => bounds.extend(point));
    result.push(ring);
  },
}) as unknown as new (places: L.LatLng[], options: L.PolylineOptions) => L.Polyline;

interface Run {
  dashed: boolean;
  steps: Step[];
}

const isUncertain = (style: Style, link: number): boolean =>
  !data.links.open[link] || (style.dash_over_m !== undefined && (data.links.accuracy_m[link] ?? 0) > style.dash_over_m);

/** Split a feature's ways into runs that are dashed throughout or not at all; a link travelled twice is drawn once. */
export function runsOf(ways: number[][], isDashed: (link: number) => boolean = () => false): Run[] {
  const drawn = new Set<number>();
  const runs: Run[] = [];
  for (const way of ways) {
    let run: Run | undefined;
    for (const signed of way) {
      const link = Math.abs(signed) - 1;
      if (drawn.has(link)) {
        run = undefined;
        continue;
      }
      drawn.add(link);
      const dashed = isDashed(link);
      if (!run || run.dashed !== dashed) runs.push(run = { dashed, steps: [] });
      run.steps.push({ link, forward: signed > 0, offset: 0, aside: 0, alone: false });
    }
  }
  return runs;
}

interface LineOptions extends L.PolylineOptions {
  level: string;
}

/** All lines in one drawing, lower levels first: a drawing of each level's own would be one more picture to compose at every step. */
const LEVELS = ["hit", "under", "casing", "line"];

interface Drawing {
  _rootGroup?: SVGElement;
  _initContainer(): void;
  _levels: Record<string, SVGElement>;
}

const Levels = L.SVG.extend({
  _initContainer(this: Drawing) {
    (L.SVG.prototype as unknown as Drawing)._initContainer.call(this);
    this._levels = Object.fromEntries(LEVELS.map((level) => [level, this._rootGroup!.appendChild(L.SVG.create("g"))]));
  },
  _addPath(this: Drawing, line: DrawnLine & { _path: SVGElement; options: LineOptions; addInteractiveTarget(target: Element): void }) {
    if (!this._rootGroup) this._initContainer();
    mark(line._path, line.owner);
    line._path.dataset.part = line.part;
    this._levels[line.options.level].appendChild(line._path);
    line.addInteractiveTarget(line._path);
  },
}) as unknown as new (options: L.RendererOptions) => L.SVG;

const renderers = new WeakMap<L.Map, L.SVG>();

interface Stroke {
  part: Part;
  color: string;
  opacity?: number;
  weight: number;
  level: string;
  dashArray?: string;
}

function strokes(feature: Feature, dashed: boolean): Stroke[] {
  const { colour, width = 2, dash: own } = symbol(feature);
  const { build, style } = feature.layer.record;
  const { mode } = feature.properties;
  const dashArray = own || (mode === "sea" ? SEA_DASH : dashed ? UNCERTAIN_DASH : undefined);
  // Thin lines of the network and the border go under the itineraries.
  const level = build === "itineraries" ? "line" : "under";
  const made: Stroke[] = [{ part: "hit", color: "#000000", opacity: 0, weight: 14, level: "hit" }];
  if (style.casing) made.push({ part: "casing", color: style.casing, weight: width + CASING, level: "casing" });
  made.push({ part: "line", color: colour, weight: width, level, dashArray });
  // A railway is a line with pale dashes along its middle; a road is plain. Colour is never the only difference.
  if (mode === "rail" && !dashArray) made.push({ part: "core", color: "#ffffff", weight: width * CORE, level, dashArray: RAIL_DASH });
  return made;
}

/** Draw a feature that is made of lines. */
export function drawLines(feature: Feature): void {
  const { layer, shape } = feature;
  if (!shape?.w && !shape?.l) return;
  const { style, scale } = layer.record;
  const isDashed = style.dash_over_m !== undefined && Number(feature.properties.accuracy_m ?? 0) > style.dash_over_m;
  if (shape.w) for (const run of runsOf(shape.w, (link) => isUncertain(style, link))) drawPiece(feature, run.steps, run.dashed);
  else for (const moves of shape.l!) drawPiece(feature, places(moves, scale), isDashed);
}

const isSteps = (piece: Step[] | L.LatLng[]): piece is Step[] => "link" in piece[0];

function drawPiece(feature: Feature, piece: Step[] | L.LatLng[], dashed: boolean): void {
  if (!renderers.has(map)) renderers.set(map, new Levels({ pane: "cm-line" }));
  for (const stroke of strokes(feature, dashed)) {
    const { part } = stroke;
    const interactive = part === "hit" || part === "line";
    const options: LineOptions = {
      ...stroke, renderer: renderers.get(map), pane: "cm-line", interactive, bubblingMouseEvents: false, className: `cm-${part}`,
      lineCap: stroke.dashArray ? "butt" : "round", lineJoin: "round", color: part === "line" ? shade(stroke.color) : stroke.color,
    };
    const line = (isSteps(piece)
      ? new SharedLine(piece.flatMap((step) => (step.forward ? links[step.link] : links[step.link].slice().reverse())), { ...options, smoothFactor: 0 })
      : L.polyline(piece, { ...options, smoothFactor: 1 })) as DrawnLine;
    Object.assign(line, { part, owner: feature, colour: stroke.color, width: stroke.weight, steps: isSteps(piece) ? piece : undefined });
    if (interactive) listen(line, feature);
    feature.lines.push(line);
    feature.layer.group.addLayer(line);
  }
}

function listen(line: DrawnLine, feature: Feature): void {
  line.on("click", (event) => openPopup(feature, event.latlng));
  line.on("mouseover", () => highlight(feature));
  line.on("mouseout", () => highlight(null));
  line.bindTooltip(() => h("span", null, title(feature)), { sticky: true, direction: "top", offset: [0, -8], className: "cm-tooltip" });
}

let raised: Feature | null = null;

/** Raise one itinerary and fade the others; with null, show all alike again. */
export function highlight(chosen: Feature | null): void {
  // A path that is raised comes under the pointer anew: raised again and again, it would never be clicked.
  if (chosen === raised) return;
  raised = chosen;
  const fades = chosen?.layer.record.build === "itineraries";
  for (const feature of itineraries()) {
    if (!feature.layer.visible) continue;
    for (const line of feature.lines) {
      line.getElement()?.classList.toggle("cm-faded", fades && feature !== chosen);
      if (fades && feature === chosen && line.part !== "hit" && line.getElement()) line.bringToFront();
    }
  }
}

const everyLine = (): DrawnLine[] => layers.flatMap((layer) => layer.features.flatMap((feature) => feature.lines));

/** Fit line widths to the zoom. */
export function fitWidths(): void {
  const factor = slimness(map.getZoom());
  for (const line of everyLine()) {
    if (line.part === "hit") continue;
    line.options.weight = line.width * factor;
    line.getElement()?.setAttribute("stroke-width", String(tenth(line.options.weight)));
  }
}

on("paint", () => {
  for (const line of everyLine()) if (line.part === "line") line.setStyle({ color: shade(line.colour) });
});
