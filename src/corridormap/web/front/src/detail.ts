/* Lines that travel thinned get their detail from a file of vector tiles once the reader comes near. A stretch between two vertices that were kept is
   filled only by a line of the same id that passes both and strays no farther than the thinning allows: whatever the file says, the map stays true. */
import * as L from "leaflet";
import { openArchive, type Archive } from "./archive.ts";
import { data, layers, links, places } from "./atlas.ts";
import { on } from "./events.ts";
import { map } from "./stage.ts";
import { quietWord } from "./tiles.ts";
import type { DrawnLine, Layer, Step } from "./types.ts";

const NEAR_ZOOM = 7.5;
const AT_ONCE = 6;
const MOST_IN_VIEW = 60;
const MOST_FAILURES = 3;
const MOST_VERTICES = 2_000_000;
const MOST_BETWEEN = 20_000;
/** More than any true line has so close together: it keeps short the work that a line going round and round would make. */
const MOST_IN_CELL = 64;
const EQUATOR_M = 40_075_017;

/** A piece of a line within one tile. Points count in tiles of the file's zoom, from the world's north-western corner. */
export interface Piece {
  tile: string;
  points: L.Point[];
}

// Leaflet's own tiles are 256 pixels, that is 2 ** 8, wide.
const toPoint = (zoom: number, latlng: L.LatLng): L.Point => L.CRS.EPSG3857.latLngToPoint(latlng, zoom - 8);
const toLatLng = (zoom: number, point: L.Point): L.LatLng => L.CRS.EPSG3857.pointToLatLng(point, zoom - 8);

function push<K, V>(lists: Map<K, V[]>, key: K, value: V, most = Infinity): void {
  const list = lists.get(key);
  if (!list) lists.set(key, [value]);
  else if (list.length < most) list.push(value);
}

/** Things by where they are, found again from anywhere nearer than the size of a cell. */
class Grid<T> {
  private readonly cells = new Map<string, T[]>();

  constructor(private readonly size: number) {}

  add(point: L.Point, thing: T): void {
    const { x, y } = point.divideBy(this.size).floor();
    for (const dx of [-1, 0, 1]) for (const dy of [-1, 0, 1]) push(this.cells, `${x + dx} ${y + dy}`, thing, MOST_IN_CELL);
  }

  near(point: L.Point): T[] {
    const { x, y } = point.divideBy(this.size).floor();
    return this.cells.get(`${x} ${y}`) ?? [];
  }
}

const byDistance = <T>(things: T[], distance: (thing: T) => number): T[] => things.sort((one, other) => distance(one) - distance(other));

/** The parts of a line inside the tile with this corner, whose sides are 1 long; cut where it crosses them. */
export function cut(points: L.Point[], x: number, y: number): L.Point[][] {
  const tile = L.bounds([x, y], [x + 1, y + 1]);
  const found: L.Point[][] = [];
  let open = false;
  for (let i = 1; i < points.length; i += 1) {
    const [a, b] = [points[i - 1], points[i]];
    const inside = L.LineUtil.clipSegment(a, b, tile);
    if (inside && !inside[0].equals(inside[1])) {
      if (!open || inside[0] !== a) found.push([inside[0]]);
      found.at(-1)!.push(inside[1]);
    }
    open = inside && inside[1] === b;
  }
  return found;
}

/** Pieces of neighbouring tiles joined where one ends and, nearer than `reach`, the next begins. */
export function chains(pieces: Piece[], reach: number): L.Point[][] {
  const starts = new Grid<Piece>(reach);
  for (const piece of pieces) starts.add(piece.points[0], piece);
  const after = new Map<Piece, Piece>();
  const led = new Set<Piece>();
  for (const piece of pieces) {
    const end = piece.points.at(-1)!;
    const far = (other: Piece): number => other.points[0].distanceTo(end);
    if ([end.x, end.y].every((value) => Math.abs(value - Math.round(value)) >= reach / 2)) continue;
    const [next] = byDistance(starts.near(end).filter((other) => other.tile !== piece.tile && !led.has(other) && far(other) < reach), far);
    if (!next) continue;
    after.set(piece, next);
    led.add(next);
  }
  const seen = new Set<Piece>();
  // Those that nothing leads to come first; what is left are rings.
  return [...pieces.filter((piece) => !led.has(piece)), ...pieces].flatMap((first) => {
    const joined: L.Point[][] = [];
    for (let piece: Piece | undefined = first; piece && !seen.has(piece); piece = after.get(piece)) {
      seen.add(piece);
      joined.push(piece.points);
    }
    return joined.length ? [joined.flat()] : [];
  });
}

/** A thinned line: the vertices that were kept, and for each stretch from one to the next what was found to lie there. */
export class Thinned {
  readonly found: (L.LatLng[] | null)[];
  private points: L.Point[] = [];
  /** In tiles: how far the true line may be off this one, and what rounding may have moved. */
  private off = 0;
  private rounded = 0;

  /** `isShown` says whether it can be seen; `draw` draws it through these places instead, and gives the lines that are to be drawn anew. */
  constructor(readonly layer: string, readonly id: string, readonly kept: L.LatLng[], readonly isShown: () => boolean,
    readonly draw: (whole: L.LatLng[]) => DrawnLine[]) {
    this.found = new Array<null>(Math.max(0, kept.length - 1)).fill(null);
  }

  /** Count in tiles of this zoom. */
  setZoom(zoom: number): void {
    const stretch = 2 ** zoom / Math.cos((Math.max(...this.kept.map(({ lat }) => Math.abs(lat))) * Math.PI) / 180);
    this.points = this.kept.map((latlng) => toPoint(zoom, latlng));
    this.off = ((1.5 * data.tiles_from!.thinned_m) / EQUATOR_M) * stretch;
    this.rounded = stretch / 360 / data.links.scale;
  }

  /** The tiles that stretches in view may pass whose detail is not known yet. */
  tiles(view: L.Bounds): string[] {
    const wanted = new Set<string>();
    const reach = this.off + 0.07;
    const near = L.bounds(view.min!.subtract([this.off, this.off]), view.max!.add([this.off, this.off]));
    this.found.forEach((known, k) => {
      const [a, b] = this.points.slice(k, k + 2);
      if (known || !near.overlaps(L.bounds(a, b))) return;
      const count = Math.ceil(a.distanceTo(b) * 8) + 1;
      for (let i = 0; i <= count; i += 1) {
        const { x, y } = a.add(b.subtract(a).multiplyBy(i / count));
        for (const dx of [-reach, reach]) for (const dy of [-reach, reach]) wanted.add(`${Math.floor(x + dx)} ${Math.floor(y + dy)}`);
      }
    });
    return [...wanted];
  }

  /** Fill stretches from what a file of this extent and zoom has of the line; gives how many. */
  fill(known: L.Point[][], extent: number, zoom: number): number {
    const near = Math.min(this.rounded + 2 / extent, this.off);
    const index = new Grid<number>(near);
    this.points.forEach((point, k) => index.add(point, k));
    let count = 0;
    for (const chain of known) {
      const meets = new Map<number, number[]>();
      chain.forEach((point, j) => index.near(point).filter((k) => this.points[k].distanceTo(point) <= near).forEach((k) => push(meets, k, j, MOST_IN_CELL)));
      const closest = (k: number): number[] => byDistance(meets.get(k) ?? [], (j) => chain[j].distanceTo(this.points[k])).slice(0, 4);
      for (const k of meets.keys()) {
        if (k >= this.found.length || this.found[k]) continue;
        const pairs = closest(k).flatMap((from) => closest(k + 1).map((to) => ({ from, to, far: to - from }))).filter(({ far }) => far > 0 && far < MOST_BETWEEN);
        const way = byDistance(pairs, ({ far }) => far).find(({ from, to }) => this.isAlong(k, chain, from, to));
        if (!way) continue;
        this.found[k] = chain.slice(way.from + 1, way.to).map((point) => toLatLng(zoom, point));
        count += 1;
      }
    }
    return count;
  }

  /** All places of the line as far as they are known. */
  whole(): L.LatLng[] {
    return this.kept.flatMap((latlng, k) => [latlng, ...(this.found[k] ?? [])]);
  }

  private isAlong(k: number, chain: L.Point[], from: number, to: number): boolean {
    for (let j = from + 1; j < to; j += 1) {
      if (L.LineUtil.pointToSegmentDistance(chain[j], this.points[k], this.points[k + 1]) > this.off) return false;
    }
    return true;
  }
}

/** The links, each drawn by steps of many lines. */
function thinnedLinks(): Thinned[] {
  const { layer: named, names: given = [] } = data.tiles_from!;
  const names: (string | undefined)[] = given.slice();
  const users = new Map<number, { step: Step; line: DrawnLine; layer: Layer }[]>();
  for (const layer of layers) {
    for (const { id, shape, lines } of layer.features) {
      if (layer.id === named && shape?.w) names[Math.abs(shape.w[0][0]) - 1] = id;
      for (const line of lines) for (const step of line.steps ?? []) push(users, step.link, { step, line, layer });
    }
  }
  return links.flatMap((kept, link) => {
    const id = names[link];
    const own = users.get(link) ?? [];
    if (named === null || id === undefined) return [];
    let drawn = -1;
    return new Thinned(named, id, kept, () => own.some(({ layer }) => layer.visible), (whole) => {
      // A number of its own each time, for how a link is drawn is remembered by its number.
      if (drawn >= 0) links[drawn] = [];
      drawn = links.push(whole) - 1;
      for (const { step } of own) step.drawn = drawn;
      return own.map(({ line }) => line);
    });
  });
}

/** Lines of layers that are not made of links. */
function otherLines(): Thinned[] {
  return layers.flatMap((layer) => layer.features.flatMap(({ id, shape, lines }) => (shape?.l ?? []).map((moves, piece, all) => {
    const strokes = lines.length / all.length;
    const own = lines.slice(piece * strokes, (piece + 1) * strokes);
    return new Thinned(layer.id, id, places(moves, layer.record.scale), () => layer.visible, (whole) => own.map((line) => line.setLatLngs(whole)));
  })));
}

const keyOf = ({ layer, id }: { layer: string; id: string }): string => `${layer}\n${id}`;

/** Read detail out of the file that the atlas names, if any, whenever the reader is near. */
export function startDetail(): void {
  if (!data.tiles_from) return;
  const asked = data.tiles_from.url;
  const lines = [...thinnedLinks(), ...otherLines()];
  const named = new Set(lines.map(({ layer }) => layer));
  const byKey = new Map<string, Thinned[]>();
  for (const line of lines) push(byKey, keyOf(line), line);
  const pieces = new Map<string, Piece[]>();
  const read = new Set<string>();
  const missing = quietWord("tiles_from.missing");
  let file: Archive | null = null;
  let extent = Infinity;
  let failures = 0;
  let vertices = 0;
  let filled = 0;
  let isBusy = false;
  let isDue = false;

  async function open(): Promise<Archive> {
    const url = new URL(asked, document.baseURI);
    if (!/^https?:$/.test(url.protocol)) throw new Error("no web here");
    const opened = await openArchive(url.href);
    for (const line of lines) line.setZoom(opened.zoom);
    return opened;
  }

  /** Corners of the tiles that the lines in view want and that were not asked for yet, those amid the view first. */
  function wanted(zoom: number): L.Point[] {
    const view = L.bounds(toPoint(zoom, map.getBounds().getNorthWest()), toPoint(zoom, map.getBounds().getSouthEast()));
    const tiles = new Set(lines.flatMap((line) => (line.isShown() ? line.tiles(view) : [])));
    const corners = [...tiles].filter((tile) => !read.has(tile)).map((tile) => L.point(tile.split(" ").map(Number) as [number, number]))
      .filter(({ x, y }) => x >= 0 && y >= 0 && x < 2 ** zoom && y < 2 ** zoom);
    return byDistance(corners, (corner) => corner.add([0.5, 0.5]).distanceTo(view.getCenter())).slice(0, MOST_IN_VIEW);
  }

  /** Read a tile; gives the keys of the lines that it has. */
  async function readTile(from: Archive, { x, y }: L.Point): Promise<string[]> {
    const tile = `${x} ${y}`;
    read.add(tile);
    const has = (await from.lines(x, y, named)).filter((line) => byKey.has(keyOf(line)));
    for (const line of has) {
      vertices += line.points.length;
      if (vertices > MOST_VERTICES) throw new Error("too many vertices");
      // A file has one extent; should it have more, the coarsest says how near is near.
      extent = Math.min(extent, line.extent);
      const points = line.points.map((point) => L.point(x + point.x / line.extent, y + point.y / line.extent));
      for (const part of cut(points, x, y)) push(pieces, keyOf(line), { tile, points: part });
    }
    return has.map(keyOf);
  }

  function draw(touched: Set<string>, zoom: number): void {
    const changed = new Set<DrawnLine>();
    for (const key of touched) {
      const joined = chains(pieces.get(key) ?? [], 4 / extent);
      for (const line of byKey.get(key)!) {
        const count = line.fill(joined, extent, zoom);
        filled += count;
        if (count) line.draw(line.whole()).forEach((drawn) => changed.add(drawn));
      }
    }
    changed.forEach((line) => line.redraw());
  }

  async function look(): Promise<void> {
    const from = file ??= await open();
    const tiles = wanted(from.zoom);
    for (let i = 0; i < tiles.length && failures < MOST_FAILURES; i += AT_ONCE) {
      const results = await Promise.allSettled(tiles.slice(i, i + AT_ONCE).map((tile) => readTile(from, tile)));
      failures += results.filter(({ status }) => status === "rejected").length;
      if (failures) missing(true);
      draw(new Set(results.flatMap((result) => (result.status === "fulfilled" ? result.value : []))), from.zoom);
    }
    // A file of other lines is no help, either.
    if (tiles.length && !filled) missing(true);
  }

  async function follow(): Promise<void> {
    isDue = isBusy;
    if (isBusy || failures >= MOST_FAILURES || map.getZoom() < NEAR_ZOOM) return;
    isBusy = true;
    await look().catch(() => {
      failures = MOST_FAILURES;
      missing(true);
    });
    isBusy = false;
    if (isDue) void follow();
  }
  map.on("moveend", () => void follow());
  on("layers", () => void follow());
  void follow();
}
