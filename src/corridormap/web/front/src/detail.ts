/* Lines that travel thinned get their detail from a file of vector tiles once the reader comes near. A stretch between two vertices that were kept is
   filled only by a line of the same id that passes both and strays no farther than the thinning allows: whatever the file says, the map stays true. */
import * as L from "leaflet";
import { openArchive, type TileLine } from "./archive.ts";
import { data, layers, links, places } from "./atlas.ts";
import { quietWord } from "./controls.ts";
import { on } from "./events.ts";
import { map } from "./stage.ts";
import type { DrawnLine, Layer, Step } from "./types.ts";

const NEAR_ZOOM = 7.5;
const EQUATOR_M = 40_075_017;
/** No more is read or looked at. `inCell` is more than a true line has so close together: it keeps short what a line going round and round would make. */
const MOST = { atOnce: 6, inView: 60, failures: 3, vertices: 2_000_000, inCell: 64 };

/** A piece of a line within one tile. Points count in tiles of the file's zoom, from the world's north-western corner. */
export interface Piece { tile: string; points: L.Point[] }

// Leaflet's own tiles are 256 pixels, that is 2 ** 8, wide.
const toPoint = (zoom: number, latlng: L.LatLng): L.Point => L.CRS.EPSG3857.latLngToPoint(latlng, zoom - 8);
const toLatLng = (zoom: number, point: L.Point): L.LatLng => L.CRS.EPSG3857.pointToLatLng(point, zoom - 8);

const cellOf = ({ x, y }: L.Point): string => `${x} ${y}`;

function push<K, V>(lists: Map<K, V[]>, key: K, value: V, most = Infinity): void {
  const list = lists.get(key);
  if (!list) lists.set(key, [value]);
  else if (list.length < most) list.push(value);
}

/** Finds the things that lie no farther from a point than `reach`. */
function finder<T>(things: Iterable<T>, placeOf: (thing: T) => L.Point, reach: number): (point: L.Point) => T[] {
  const cells = new Map<string, T[]>();
  const corner = (point: L.Point): L.Point => point.divideBy(reach).floor();
  for (const thing of things) {
    const own = corner(placeOf(thing));
    for (const dx of [-1, 0, 1]) for (const dy of [-1, 0, 1]) push(cells, cellOf(own.add([dx, dy])), thing, MOST.inCell);
  }
  return (point) => (cells.get(cellOf(corner(point))) ?? []).filter((thing) => placeOf(thing).distanceTo(point) <= reach);
}

/** The parts of a line inside the tile with this corner, whose sides are 1 long; cut where it crosses them. */
export function cut(points: L.Point[], x: number, y: number): L.Point[][] {
  const tile = L.bounds([x, y], [x + 1, y + 1]);
  const found: L.Point[][] = [];
  let part: L.Point[] | null = null;
  for (let i = 1; i < points.length; i += 1) {
    const inside = L.LineUtil.clipSegment(points[i - 1], points[i], tile);
    if (inside && !inside[0].equals(inside[1])) {
      if (!part) found.push(part = [inside[0]]);
      part.push(inside[1]);
    }
    if (!inside || inside[1] !== points[i]) part = null;
  }
  return found;
}

/** Pieces of neighbouring tiles joined where one ends and, nearer than `reach`, the next begins. */
export function chains(pieces: Piece[], reach: number): L.Point[][] {
  const startsNear = finder(pieces, ({ points }) => points[0], reach);
  const after = new Map<Piece, Piece>();
  const free = new Set(pieces);
  for (const piece of pieces) {
    const end = piece.points.at(-1)!;
    if ([end.x, end.y].every((value) => Math.abs(value - Math.round(value)) >= reach / 2)) continue;
    const others = startsNear(end).filter((other) => other.tile !== piece.tile && free.has(other));
    const [next] = others.sort((one, other) => one.points[0].distanceTo(end) - other.points[0].distanceTo(end));
    if (!next) continue;
    after.set(piece, next);
    free.delete(next);
  }
  const left = new Set<Piece | undefined>(pieces);
  // Those that nothing leads to come first; what is left are rings.
  return [...free, ...pieces].flatMap((first) => {
    const joined: L.Point[][] = [];
    for (let piece: Piece | undefined = first; piece && left.delete(piece); piece = after.get(piece)) joined.push(piece.points);
    return joined.length ? [joined.flat()] : [];
  });
}

/** A thinned line: the vertices that were kept, and for each stretch from one to the next what was found to lie there. */
export class Thinned {
  readonly found: (L.LatLng[] | null)[];
  private readonly points: L.Point[];
  /** In tiles: how far the true line may be off this one, and what rounding may have moved. */
  private readonly off: number;
  private readonly rounded: number;

  /** `isShown` says whether it can be seen; `draw` draws it through these places instead, and gives the lines that are to be drawn anew. */
  constructor(readonly layer: string, readonly id: string, readonly kept: L.LatLng[], scale: number, private readonly zoom: number, readonly isShown: () => boolean,
    readonly draw: (whole: L.LatLng[]) => DrawnLine[]) {
    const equator = 2 ** zoom / Math.cos((Math.max(...kept.map(({ lat }) => Math.abs(lat))) * Math.PI) / 180);
    this.found = new Array<null>(Math.max(0, kept.length - 1)).fill(null);
    this.points = kept.map((latlng) => toPoint(zoom, latlng));
    this.off = ((1.5 * data.tiles_from!.thinned_m) / EQUATOR_M) * equator;
    this.rounded = equator / 360 / scale;
  }

  /** Add the tiles that stretches in view may pass whose detail is not known yet, each by its north-western corner. */
  addTiles(wanted: Map<string, L.Point>, view: L.Bounds): void {
    const reach = this.off + 0.07;
    const near = L.bounds(view.min!.subtract([this.off, this.off]), view.max!.add([this.off, this.off]));
    this.found.forEach((known, k) => {
      const [a, b] = this.points.slice(k, k + 2);
      if (known || !near.overlaps(L.bounds(a, b))) return;
      const count = Math.ceil(a.distanceTo(b) * 8) + 1;
      for (let i = 0; i <= count; i += 1) {
        const passed = a.add(b.subtract(a).multiplyBy(i / count));
        const corners = [-reach, reach].flatMap((dx) => [-reach, reach].map((dy) => passed.add([dx, dy]).floor()));
        corners.forEach((corner) => wanted.set(cellOf(corner), corner));
      }
    });
  }

  /** Fill stretches from what a file of this extent has of the line; gives how many. */
  fill(known: L.Point[][], extent: number): number {
    const near = Math.min(this.rounded + 2 / extent, this.off);
    const keptNear = finder(this.points.keys(), (k) => this.points[k], near);
    const before = this.found.filter(Boolean).length;
    for (const chain of known) {
      // The stretches that the chain has begun and not left since, and where on it each begins.
      const begun = new Map<number, number>();
      chain.forEach((point, j) => {
        for (const k of begun.keys()) {
          if (L.LineUtil.pointToSegmentDistance(point, this.points[k], this.points[k + 1]) > this.off) begun.delete(k);
        }
        const passed = keptNear(point);
        for (const k of passed.map((end) => end - 1).filter((end) => begun.has(end))) {
          this.found[k] = chain.slice(begun.get(k)! + 1, j).map((between) => toLatLng(this.zoom, between));
          begun.delete(k);
        }
        for (const k of passed) if (this.found[k] === null) begun.set(k, j);
      });
    }
    return this.found.filter(Boolean).length - before;
  }

  /** All places of the line as far as they are known. */
  whole(): L.LatLng[] {
    return this.kept.flatMap((latlng, k) => [latlng, ...(this.found[k] ?? [])]);
  }
}

/** The links, each drawn by steps of many lines. */
function thinnedLinks(zoom: number): Thinned[] {
  const { layer: named, names: given = [] } = data.tiles_from!;
  if (named === null) return [];
  const names: (string | undefined)[] = given.slice();
  const stepsOf = links.map((): { step: Step; line: DrawnLine; layer: Layer }[] => []);
  for (const layer of layers) {
    for (const { id, shape, lines } of layer.features) {
      if (layer.id === named && shape?.w) names[Math.abs(shape.w[0][0]) - 1] = id;
      for (const line of lines) for (const step of line.steps ?? []) stepsOf[step.link].push({ step, line, layer });
    }
  }
  return links.flatMap((kept, link) => {
    const id = names[link];
    const own = stepsOf[link];
    if (id === undefined) return [];
    let drawn = -1;
    return new Thinned(named, id, kept, data.links.scale, zoom, () => own.some(({ layer }) => layer.visible), (whole) => {
      // A number of its own each time, for how a link is drawn is remembered by its number.
      if (drawn >= 0) links[drawn] = [];
      drawn = links.push(whole) - 1;
      for (const { step } of own) step.drawn = drawn;
      return own.map(({ line }) => line);
    });
  });
}

/** Lines of layers that are not made of links. */
function otherLines(zoom: number): Thinned[] {
  return layers.flatMap((layer) => layer.features.flatMap(({ id, shape, lines }) => (shape?.l ?? []).map((run, piece, all) => {
    const strokes = lines.length / all.length;
    const own = lines.slice(piece * strokes, (piece + 1) * strokes);
    const { scale } = layer.record;
    return new Thinned(layer.id, id, places(run, scale), scale, zoom, () => layer.visible, (whole) => own.map((line) => line.setLatLngs(whole)));
  })));
}

/** Open the file; gives what reads and draws the detail in view. */
async function open(missing: (shown: boolean) => void): Promise<() => Promise<void>> {
  const { href, protocol } = new URL(data.tiles_from!.url, document.baseURI);
  if (!/^https?:$/.test(protocol)) throw new Error("no web here");
  const file = await openArchive(href);
  const { zoom } = file;
  const lines = [...thinnedLinks(zoom), ...otherLines(zoom)];
  const named = new Set(lines.map(({ layer }) => layer));
  const keyOf = ({ layer, id }: TileLine | Thinned): string => `${layer}\n${id}`;
  const byKey = new Map<string, Thinned[]>();
  for (const line of lines) push(byKey, keyOf(line), line);
  const pieces = new Map<Thinned[], Piece[]>();
  const read = new Set<string>();
  /** Lines that tiles were read of since they were last drawn. */
  const touched = new Set<Thinned[]>();
  let [extent, failures, vertices] = [Infinity, 0, 0];

  /** Corners of the tiles that the lines in view want and that were not asked for yet, those amid the view first. */
  function wanted(): L.Point[] {
    const { min, max } = map.getPixelBounds();
    const side = 2 ** (map.getZoom() - zoom + 8);
    const view = L.bounds(min!.divideBy(side), max!.divideBy(side));
    const corners = new Map<string, L.Point>();
    for (const line of lines) if (line.isShown()) line.addTiles(corners, view);
    const due = [...corners.values()].filter((corner) => corner.y >= 0 && corner.y < 2 ** zoom && !read.has(cellOf(corner)));
    const middle = view.getCenter().subtract([0.5, 0.5]);
    return due.sort((one, other) => one.distanceTo(middle) - other.distanceTo(middle)).slice(0, MOST.inView);
  }

  async function readTile(corner: L.Point): Promise<void> {
    const tile = cellOf(corner);
    read.add(tile);
    for (const line of await file.lines(L.Util.wrapNum(corner.x, [0, 2 ** zoom]), corner.y, named)) {
      const same = byKey.get(keyOf(line));
      if (!same) continue;
      vertices += line.points.length;
      if (vertices > MOST.vertices) throw new Error("too many vertices");
      // A file has one extent; should it have more, the coarsest says how near is near.
      extent = Math.min(extent, line.extent);
      const points = line.points.map(({ x, y }) => corner.add([x / line.extent, y / line.extent]));
      for (const part of cut(points, corner.x, corner.y)) push(pieces, same, { tile, points: part });
      touched.add(same);
    }
  }

  function draw(): void {
    const changed = new Set<DrawnLine>();
    for (const same of touched) {
      const joined = chains(pieces.get(same) ?? [], 4 / extent);
      for (const line of same) if (line.fill(joined, extent)) line.draw(line.whole()).forEach((drawn) => changed.add(drawn));
    }
    touched.clear();
    changed.forEach((line) => line.redraw());
  }

  return async () => {
    const tiles = wanted();
    for (let i = 0; i < tiles.length; i += MOST.atOnce) {
      const results = await Promise.allSettled(tiles.slice(i, i + MOST.atOnce).map(readTile));
      failures += results.filter(({ status }) => status === "rejected").length;
      draw();
      if (failures) missing(true);
      if (failures >= MOST.failures) throw new Error("too many failures");
    }
    // A file of other lines is no help, either.
    if (tiles.length && !lines.some(({ found }) => found.some(Boolean))) missing(true);
  };
}

/** Read detail out of the file that the atlas names, if any, whenever the reader is near. */
export function startDetail(): void {
  if (!data.tiles_from) return;
  const missing = quietWord("tiles_from.missing");
  let read: (() => Promise<void>) | null = null;
  let isOver = false;
  // One look after the other: what moved during one, the next one sees.
  let looks = Promise.resolve();
  const look = async (): Promise<void> => {
    if (isOver || map.getZoom() < NEAR_ZOOM) return;
    read ??= await open(missing);
    await read();
  };
  const follow = (): void => {
    looks = looks.then(look).catch(() => {
      isOver = true;
      missing(true);
    });
  };
  map.on("moveend", follow);
  on("layers", follow);
  follow();
}
