/* Lines, as corridormap.cartography decides: itineraries in their lanes, roads past the railways beside them, what is in doubt dashed. */
import * as L from "leaflet";
import { data, itineraries, layers, links, places } from "./atlas.ts";
import { mark } from "./badges.ts";
import { on } from "./events.ts";
import { map } from "./stage.ts";
import { shade } from "./theme.ts";
import type { DrawnLine, Feature, Step } from "./types.ts";

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

/** Move a path sideways: every vertex along the bisector of its two segments, by the mean of their offsets in pixels right of the way of travel. */
function sideways(points: L.Point[], offsets: number[]): L.Point[] {
  const last = offsets.length - 1;
  const normals = offsets.map((_, i) => {
    const step = points[i + 1].subtract(points[i]);
    const length = Math.hypot(step.x, step.y) || 1;
    return L.point(-step.y / length, step.x / length);
  });
  return points.map((point, i) => {
    const [before, after] = [Math.max(i - 1, 0), Math.min(i, last)];
    const bisector = normals[before].add(normals[after]);
    const size = Math.hypot(bisector.x, bisector.y) || 1;
    // At a sharp turn no vertex shoots away.
    return point.add(bisector.multiplyBy((offsets[before] + offsets[after]) / 2 / size / Math.max(size / 2, 0.5)));
  });
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** How much thinner lines are on a map of the whole country than on one of a province. */
const slimness = (zoom: number): number => Math.max(0.62, Math.min(1.15, 0.62 + (zoom - 3.75) * 0.26));

/** How much of a displacement is drawn: all of it on small maps, none where a road and the railway beside it both have room. */
function displacement(zoom: number): number {
  const [whole, none] = data.cartography.displaced;
  return Math.max(0, Math.min(1, (none - zoom) / (none - whole)));
}

const rings = new WeakMap<Step[], { key: string; ring: L.Point[] }>();

/** The way of a run over the screen, from the map's pixel origin, in its lane if it has one; a casing, its line and its dashes share it. */
function ringOf(steps: Step[], lane: number | null): L.Point[] {
  const zoom = map.getZoom();
  const origin = map.getPixelOrigin();
  const key = [zoom, origin.x, origin.y, ...steps.map((step) => step.drawn ?? step.link)].join();
  const kept = rings.get(steps);
  if (kept?.key === key) return kept.ring;
  const points: L.Point[] = [];
  const offsets: number[] = [];
  const [spacing, share] = [data.cartography.spacing * slimness(zoom), displacement(zoom)];
  for (const step of steps) {
    const path = linkPath(step.drawn ?? step.link, zoom);
    const ordered = step.forward ? path : path.slice().reverse();
    for (const point of points.length ? ordered.slice(1) : ordered) points.push(point.subtract(origin));
    const aside = data.links.displaced[step.link] * share;
    const offset = lane === null ? 0 : (lane + (step.forward ? aside : -aside)) * spacing;
    for (let i = 1; i < ordered.length; i += 1) offsets.push(offset);
  }
  const ring = (offsets.some(Boolean) ? sideways(points, offsets) : points).map((point) => L.point(tenth(point.x), tenth(point.y)));
  rings.set(steps, { key, ring });
  return ring;
}

/** A run of links as a Leaflet line. */
const SharedLine = L.Polyline.extend({
  _projectLatlngs(this: DrawnLine, _places: unknown, result: L.Point[][], bounds: L.Bounds) {
    const { layer, shape } = this.owner;
    const ring = ringOf(this.steps!, layer.record.build === "itineraries" ? shape!.o ?? 0 : null);
    ring.forEach((point) => bounds.extend(point));
    result.push(ring);
  },
}) as unknown as new (places: L.LatLng[], options: L.PolylineOptions) => L.Polyline;

interface Run {
  dashed: boolean;
  steps: Step[];
}

/** Split a feature's ways into runs that are dashed throughout or not at all; a link travelled twice is drawn once. */
export function runsOf(ways: number[][], isDashed: (link: number) => boolean | undefined = () => false): Run[] {
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
      const dashed = isDashed(link) ?? false;
      if (!run || run.dashed !== dashed) runs.push(run = { dashed, steps: [] });
      run.steps.push({ link, forward: signed > 0 });
    }
  }
  return runs;
}

interface LineOptions extends L.PolylineOptions {
  level: string;
}

/** All lines in one drawing, lower levels first: a drawing of each level's own would be one more picture to compose at every step. */
const LEVELS = ["under", "casing", "line"];

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
  _addPath(this: Drawing, line: DrawnLine & { _path: SVGElement; options: LineOptions }) {
    if (!this._rootGroup) this._initContainer();
    mark(line._path, line.owner);
    line._path.dataset.part = line.part;
    this._levels[line.options.level].appendChild(line._path);
  },
}) as unknown as new (options: L.RendererOptions) => L.SVG;

const renderers = new WeakMap<L.Map, L.SVG>();

/** Draw a feature that is made of lines. */
export function drawLines(feature: Feature): void {
  const { layer, shape } = feature;
  if (shape?.w) for (const run of runsOf(shape.w, (link) => shape.d?.includes(link + 1))) drawPiece(feature, run.steps, run.dashed);
  else for (const run of shape?.l ?? []) drawPiece(feature, places(run, layer.record.scale), Boolean(shape!.d));
}

const isSteps = (piece: Step[] | L.LatLng[]): piece is Step[] => "link" in piece[0];

function drawPiece(feature: Feature, piece: Step[] | L.LatLng[], dashed: boolean): void {
  if (!renderers.has(map)) renderers.set(map, new Levels({ pane: "cm-line" }));
  const { record } = feature.layer;
  for (const { part, colour, width, dash } of feature.strokes![Number(dashed)]) {
    // Thin lines of the network and the border go under the itineraries.
    const level = part === "casing" ? part : record.build === "itineraries" ? "line" : "under";
    const options: LineOptions = {
      level, renderer: renderers.get(map), pane: "cm-line", interactive: false, className: `cm-${part}`,
      weight: width, dashArray: dash, opacity: 1, lineCap: dash ? "butt" : "round", lineJoin: "round",
      color: part === "line" ? shade(colour) : colour,
    };
    const line = (isSteps(piece)
      ? new SharedLine(piece.flatMap((step) => (step.forward ? links[step.link] : links[step.link].slice().reverse())), { ...options, smoothFactor: 0 })
      : L.polyline(piece, { ...options, smoothFactor: 1 })) as DrawnLine;
    Object.assign(line, { part, owner: feature, colour, width, steps: isSteps(piece) ? piece : undefined });
    feature.lines.push(line);
    feature.layer.group.addLayer(line);
  }
}

let raised: Feature | null = null;
let kept: Feature | null = null;

/** Raise one itinerary and fade the others; with null, raise the chosen one, or show all alike where none is. */
export function highlight(looked: Feature | null): void {
  const next = looked ?? kept;
  if (next === raised) return;
  raised = next;
  const fades = next?.layer.record.build === "itineraries";
  for (const feature of itineraries()) {
    if (!feature.layer.visible) continue;
    for (const line of feature.lines) {
      line.getElement()?.classList.toggle("cm-faded", fades && feature !== next);
      if (fades && feature === next && line.getElement()) line.bringToFront();
    }
  }
}

/** The lines shown within so many pixels of a place in the map's container, nearest first; itineraries come before what lies under them. */
export function linesAt(at: L.Point, reach: number): { feature: Feature; away: number }[] {
  const place = map.containerPointToLayerPoint(at);
  const found = layers.filter((layer) => layer.visible).flatMap((layer) => layer.features).flatMap((feature) => {
    const away = Math.min(...feature.lines.filter((line) => line.part === "line")
      .map((line) => (line.closestLayerPoint(place) as (L.Point & { distance: number }) | null)?.distance ?? Infinity));
    return away <= reach ? [{ feature, away }] : [];
  }).sort((a, b) => a.away - b.away);
  const itinerary = found.filter(({ feature }) => feature.layer.record.build === "itineraries");
  return itinerary.length ? itinerary : found;
}

const everyLine = (): DrawnLine[] => layers.flatMap((layer) => layer.features.flatMap((feature) => feature.lines));

/** Fit line widths to the zoom. */
export function fitWidths(): void {
  const factor = slimness(map.getZoom());
  for (const line of everyLine()) {
    line.options.weight = line.width * factor;
    line.getElement()?.setAttribute("stroke-width", String(tenth(line.options.weight)));
  }
}

on("paint", () => {
  for (const line of everyLine()) if (line.part === "line") line.setStyle({ color: shade(line.colour) });
});

on("open", (feature) => {
  kept = feature;
  highlight(null);
});
on("close", () => {
  kept = null;
  highlight(null);
});
// A layer that is shown anew is drawn anew.
on("layers", () => {
  raised = null;
  highlight(null);
});
