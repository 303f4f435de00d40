/* Labels and shields: placed one after another by importance, each only where nothing stands yet; more of them as the map grows. */
import * as L from "leaflet";
import { data, hasSymbols, layers, layersOf, name, numberOf, places, symbol, title } from "./atlas.ts";
import { shield } from "./badges.ts";
import { h } from "./dom.ts";
import { highlight } from "./lines.ts";
import { moveTo } from "./points.ts";
import { choose } from "./chosen.ts";
import { isFinger } from "./pointer.ts";
import { map } from "./stage.ts";
import type { BackdropFeature, DrawnLine, Feature } from "./types.ts";
import { lang, say, sayProperty } from "./words.ts";

const FONTS = { big: "600 13px ", mid: "600 12px ", small: "12px ", tiny: "11px ", country: "600 12px ", water: "italic 12px ", town: "11px " };
type Kind = keyof typeof FONTS;
const HEIGHT = 15;
const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif';

/** Left, top, right, bottom, in pixels of the map's container. */
type Box = [number, number, number, number];

interface Label {
  text: string;
  latlng: L.LatLng;
  /** The smaller, the more important; some come before the shields. */
  rank: number;
  /** The zoom from which it is shown. */
  from: number;
  kind: Kind;
  /** Of the symbol it stands beside; one without stands over its place. */
  radius?: number;
}

const widths = new Map<string, number>();
let ruler: CanvasRenderingContext2D | undefined;

function width(text: string, kind: Kind): number {
  const key = `${kind} ${text}`;
  if (!widths.has(key)) {
    ruler ??= document.createElement("canvas").getContext("2d")!;
    ruler.font = FONTS[kind] + FAMILY;
    // Countries' names are spaced out.
    widths.set(key, ruler.measureText(text).width * (kind === "country" ? 1.04 : 1) + (kind === "country" ? text.length * 1.5 : 0) + 4);
  }
  return widths.get(key)!;
}

// Almaty and Almaty-1 are one name to a reader.
const plain = (text: string): string => text.replace(/[\s-]*\d+$/u, "").toLocaleLowerCase();

function pointLabels(): Label[] {
  return layers.filter(hasSymbols).flatMap(({ record, features }) => features.flatMap((feature, i): Label[] => {
    if (!feature.latlng) return [];
    const [rank, from] = record.ranks![i];
    const base = { latlng: feature.latlng, radius: (symbol(feature).size || 8) / 2 + 3, text: name(feature), rank, from };
    if (record.build === "places") return [{ ...base, kind: rank < data.cartography.first_labels ? "mid" : "small" }];
    if (record.build !== "points") return [{ ...base, kind: "tiny" }];
    const city = sayProperty(feature.properties, "city");
    return [{ ...base, text: city || base.text, kind: city ? "big" : "small" }];
  }));
}

const centres = new WeakMap<BackdropFeature, L.LatLng>();

/** The place of a name of the backdrop, or the middle of a water; kept, for outlines are long and labels are placed at every move. */
function centreOf(feature: BackdropFeature, scale: number): L.LatLng {
  let centre = centres.get(feature);
  if (!centre) centres.set(feature, centre = L.latLngBounds(places(feature.shape!.p ?? feature.shape!.a![0][0], scale)).getCenter());
  return centre;
}

function backdropLabels(): Label[] {
  return data.backdrop.flatMap(({ kind, rank: [rank, from] = [0, 0], scale, features }) => features.flatMap((feature): Label[] => {
    if (kind === "label" || kind === "town" ? !feature.shape?.p : kind !== "water" || !feature.name || !feature.shape?.a) return [];
    const base = { latlng: centreOf(feature, scale), text: say(feature.name), rank, from };
    return [kind === "town" ? { ...base, kind, radius: 4 } : { ...base, kind: feature.kind === "country" ? "country" : "water" }];
  }));
}

const written = ({ text, kind }: Label): string => (kind === "country" ? text.toLocaleUpperCase(lang) : text);

/** Where a label may stand around its place, best first, as the box's left and top from there. */
function positions({ radius, kind }: Label, w: number): [number, number][] {
  if (radius === undefined) return [0, -16, 16].map((dy) => [-w / 2, dy - HEIGHT / 2]);
  // A town's name may stand a little away, clear of the lines that meet in the town.
  return (kind === "town" ? [radius, radius + 6] : [radius]).flatMap((r) => around(r, w));
}

function around(r: number, w: number): [number, number][] {
  return [[r, -HEIGHT / 2], [-r - w, -HEIGHT / 2], [-w / 2, -r - HEIGHT], [-w / 2, r], [r - 2, -r - HEIGHT + 4], [r - 2, r - 4],
    [-r - w + 2, -r - HEIGHT + 4], [-r - w + 2, r - 4]];
}

let controls = { key: "", boxes: [] as Box[] };

/** Where the map's buttons, scale and credits lie, which would cover a name; looked up when their number or size can have changed. */
function controlBoxes(size: L.Point): Box[] {
  const container = map.getContainer();
  const elements = [...container.querySelectorAll(".leaflet-control")];
  const key = [size.x, size.y, elements.length, lang].join();
  if (controls.key !== key) {
    const corner = container.getBoundingClientRect();
    controls = { key, boxes: elements.map((element) => {
      const box = element.getBoundingClientRect();
      const [left, top] = [box.left - corner.left, box.top - corner.top];
      // The scale grows and shrinks with the zoom, up to 120 pixels.
      return [left, top, left + (element.matches(".leaflet-control-scale") ? 124 : box.width), top + box.height];
    }) };
  }
  return controls.boxes;
}

/** So many squares of the corridors a town's name may cover. */
const TOWN_COVERS = 3;

/** Where a town lies. */
const dotAt = ({ x, y }: L.Point): Box => [x - 2, y - 2, x + 2, y + 2];

const meets = (a: Box, b: Box): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

/** The map in squares of so many pixels, by which names see where lines are. */
const CELL = 5;
const cellAt = (x: number, y: number): number => Math.floor(y / CELL) * 10_000 + Math.floor(x / CELL);

function cellsOf([left, top, right, bottom]: Box): number[] {
  const found: number[] = [];
  for (let y = top; y < bottom; y += CELL) for (let x = left; x < right; x += CELL) found.push(cellAt(x, y));
  return found;
}

/** The squares in sight that itineraries pass. */
function linesIn(size: L.Point): Set<number> {
  const found = new Set<number>();
  for (const { lines } of layersOf("itineraries").filter((layer) => layer.visible).flatMap((layer) => layer.features)) {
    for (const { x, y } of lines.flatMap((line) => pointsAlong(line, CELL))) if (x >= 0 && y >= 0 && x < size.x && y < size.y) found.add(cellAt(x, y));
  }
  return found;
}

/** Places along a line as it is drawn, every so many pixels, in the map's container. */
function pointsAlong(line: DrawnLine, every: number): L.Point[] {
  const [ring] = (line as unknown as { _rings?: L.Point[][] })._rings ?? [];
  if (line.part !== "line" || !ring) return [];
  const found: L.Point[] = [];
  let run = 0;
  for (let i = 1; i < ring.length; i += 1) {
    const step = ring[i].distanceTo(ring[i - 1]);
    for (let next = Math.max(every, Math.ceil(run / every) * every); next < run + step; next += every) {
      found.push(map.layerPointToContainerPoint(ring[i - 1].add(ring[i].subtract(ring[i - 1]).multiplyBy((next - run) / step))));
    }
    run += step;
  }
  return found;
}

/** What stands on the map so far, for one placing of labels. */
class Placing {
  readonly nodes: HTMLElement[] = [];
  readonly size = map.getSize();
  private readonly taken: Box[] = controlBoxes(this.size).slice();
  private readonly names: { key: string; at: L.Point }[] = [];
  private readonly lines = linesIn(this.size);

  isInside = (box: Box): boolean => box[0] >= 0 && box[1] >= 0 && box[2] <= this.size.x && box[3] <= this.size.y;
  isFree = (box: Box): boolean => !this.taken.some((other) => meets(box, other));
  take = (box: Box): number => this.taken.push(box);
  /** How many squares of the corridors lie under a box. */
  covers = (box: Box): number => cellsOf(box).filter((cell) => this.lines.has(cell)).length;

  put(node: HTMLElement, box: Box, inset: number): void {
    moveTo(node, map.containerPointToLayerPoint([box[0] + inset, box[1]]).round());
    this.nodes.push(node);
  }

  /** Find where a label can stand, if anywhere. */
  roomFor(label: Label, at: L.Point): Box | undefined {
    if (at.x < -100 || at.y < -50 || at.x > this.size.x + 100 || at.y > this.size.y + 50) return undefined;
    const w = width(written(label), label.kind);
    const boxes = positions(label, w).map(([left, top]): Box => [at.x + left, at.y + top, at.x + left + w, at.y + top + HEIGHT])
      .filter((box) => this.isInside(box) && this.isFree(box));
    const covers = new Map(boxes.map((box) => [box, this.covers(box)]));
    // The place that covers least of the corridors; a country's name can be told without, and covers nothing, a town's next to nothing.
    const box = boxes.sort((a, b) => covers.get(a)! - covers.get(b)!).at(0);
    const most = label.kind === "country" ? 0 : label.kind === "town" ? TOWN_COVERS : Infinity;
    return box && covers.get(box)! <= most ? box : undefined;
  }

  label(label: Label): void {
    const at = map.latLngToContainerPoint(label.latlng);
    const key = plain(label.text);
    if (this.names.some((other) => other.key === key && other.at.distanceTo(at) < 90)) return;
    const box = this.roomFor(label, at);
    if (!box) return;
    this.take([box[0] - 1, box[1], box[2] + 1, box[3]]);
    this.names.push({ key, at });
    const dot = dotAt(at);
    if (label.kind === "town" && this.isFree(dot)) {
      this.take(dot);
      this.put(h("div", { class: "cm-town" }), dot, 0);
    }
    this.put(h("div", { class: `cm-label cm-label-${label.kind}` }, written(label)), box, 2);
  }
}

/** Place all labels and shields anew. */
export function placeLabels(): void {
  const zoom = map.getZoom();
  const placing = new Placing();
  // Symbols that a name must not cover.
  for (const feature of layersOf("points").filter(hasSymbols).flatMap((layer) => layer.features)) {
    if (!feature.latlng) continue;
    const { x, y } = map.latLngToContainerPoint(feature.latlng);
    const half = (symbol(feature).size || 8) / 2;
    placing.take([x - half, y - half, x + half, y + half]);
  }
  const told = pointLabels().filter((label) => zoom >= label.from);
  // A town that a layer names is not named once more; a road may pass it at some distance.
  const keys = told.map(({ text }) => plain(text));
  const isTold = (town: Label): boolean =>
    told.some(({ latlng }, i) => keys[i] === plain(town.text) && latlng.distanceTo(town.latlng) < data.cartography.same_town_m);
  const context = backdropLabels().filter((label) => zoom >= label.from && !(label.kind === "town" && isTold(label)));
  const wanted = [...told, ...context].filter((label) => label.text).sort((a, b) => a.rank - b.rank);
  const { labels_ahead, first_labels } = data.cartography;
  const tell = (above: number, most: number): void => wanted.filter(({ rank }) => rank > above && rank <= most).forEach((label) => placing.label(label));
  // Every corridor has its number on every map, rather beside the most important names; more of them only where names leave room.
  const ahead: Box[] = [];
  for (const label of wanted.filter(({ rank }) => rank <= labels_ahead)) {
    const at = map.latLngToContainerPoint(label.latlng);
    const box = placing.roomFor(label, at);
    ahead.push(dotAt(at), ...(box ? [box] : []));
  }
  const shields = new Shields(placing, ahead);
  shields.round();
  tell(-Infinity, first_labels);
  for (let round = 1; round < (zoom < 4.5 ? 1 : zoom < 6 ? 2 : 3); round += 1) shields.round();
  tell(first_labels, Infinity);
  map.getPane("cm-label")!.replaceChildren(...placing.nodes);
}

/** The corridors' numbers on their lines, rather where one runs alone, and not twice within sight of itself. */
class Shields {
  private readonly corridors: { feature: Feature; spots: Spot[]; set: L.Point[] }[];

  constructor(private readonly placing: Placing, ahead: Box[]) {
    const shown = layersOf("itineraries").filter((layer) => layer.visible);
    const numbered = shown.map((layer) => layer.features.filter((feature) => numberOf(feature) !== null)).find((features) => features.length) ?? [];
    // How many of the itineraries shown use each link.
    const usesOf = new Map<number, number>();
    for (const { lines } of shown.flatMap((layer) => layer.features)) {
      for (const link of new Set(lines.flatMap(({ steps }) => steps?.map((step) => step.link) ?? []))) usesOf.set(link, (usesOf.get(link) ?? 0) + 1);
    }
    this.corridors = numbered.map((feature) => ({ feature, spots: spotsOf(feature, placing, usesOf, ahead), set: [] }));
  }

  /** Set one more number on each corridor that has room for it. */
  round(): void {
    const { placing } = this;
    const apart = Math.max(140, placing.size.x / 4);
    for (const { feature, spots, set } of this.corridors) {
      const spot = spots.find(({ point, box }) => set.every((other) => other.distanceTo(point) > apart) && placing.isFree(box));
      if (!spot) continue;
      placing.take(spot.box);
      set.push(spot.point);
      const node = shield(feature);
      node.setAttribute("role", "button");
      node.setAttribute("tabindex", "-1");
      node.setAttribute("aria-label", title(feature));
      // A number says which corridor is meant; a finger on it may mean the lines beside it too, as anywhere on the map.
      node.addEventListener("click", (event) => {
        if (isFinger(event)) return;
        event.stopPropagation();
        choose(feature, map.containerPointToLatLng(spot.point));
      });
      node.addEventListener("mouseenter", () => highlight(feature));
      node.addEventListener("mouseleave", () => highlight(null));
      placing.put(node, spot.box, 0);
    }
  }
}

/**
 * Lead the keyboard through the map, which is one stop of it: Enter steps from the map to the numbers, the arrows from one to the next,
 * Enter chooses the corridor, Escape leads back.
 */
export function startKeys(): void {
  const container = map.getContainer();
  container.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    const pane = map.getPane("cm-label")!;
    if (container.classList.contains("cm-measuring") || (target !== container && !pane.contains(target))) return;
    const shields = [...pane.querySelectorAll<HTMLElement>(".cm-shield")].sort((a, b) => Number(a.dataset.number) - Number(b.dataset.number));
    const at = shields.indexOf(target);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (at < 0 ? event.key !== "Enter" : !step && !["Enter", " ", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (at < 0) shields.at(0)?.focus({ preventScroll: true });
    else if (step) shields[(at + step + shields.length) % shields.length].focus({ preventScroll: true });
    else if (event.key === "Escape") container.focus({ preventScroll: true });
    else target.click();
  });
}

interface Spot {
  point: L.Point;
  box: Box;
  alone: boolean;
}

/** Spots in sight along a corridor, every 10 pixels, from the middle of what is in sight outwards, stretches of its own and few lines first, names ahead last. */
function spotsOf(feature: Feature, placing: Placing, usesOf: Map<number, number>, ahead: Box[]): Spot[] {
  const found: Spot[] = [];
  const half = String(numberOf(feature)).length > 1 ? 12 : 9;
  for (const line of feature.lines) {
    const alone = line.steps?.every(({ link }) => usesOf.get(link) === 1 && !data.links.displaced[link]) ?? false;
    for (const point of pointsAlong(line, 10)) {
      const box: Box = [point.x - half, point.y - 9, point.x + half, point.y + 9];
      if (placing.isInside(box)) found.push({ point, box, alone });
    }
  }
  const costs = new Map(found.map((spot, i) => [spot, Math.abs(i - found.length / 2) / found.length + (spot.alone ? 0 : 1)
    + (ahead.some((box) => meets(box, spot.box)) ? 2 : 0) + placing.covers(spot.box) / 3]));
  return found.sort((a, b) => costs.get(a)! - costs.get(b)!);
}
