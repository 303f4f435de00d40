/* Vector tiles, PMTiles files and hosts of them, made for tests; `TINY` is a real one.

   tiny.pmtiles was made by tippecanoe out of tests/tiny_atlas, bent so that there is detail to find: each step of its links and its border was cut into 12,
   of whose inner vertices the odd ones were moved by (+0.004, -0.003) degrees and the even ones by (-0.004, +0.003), rounded to 4 decimals; then
   `corridormap build` and `corridormap export --format mvt --layers links,border`. Thinned, the lines are those of tests/tiny_atlas again. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { PbfWriter } from "pbf";
import { zxyToTileId } from "pmtiles";

type Place = [number, number];
export interface MadeLayer {
  name: string;
  extent?: number;
  features: { id?: string | null; type?: number; lines: Place[][]; geometry?: number[] }[];
}

export const TINY: Uint8Array = new Uint8Array(readFileSync(new URL("tiny.pmtiles", import.meta.url)));

/** Cut and bend a line as it was for tiny.pmtiles. */
export const bent = (line: Place[]): Place[] => line.flatMap(([x, y], i): Place[] => {
  if (i === 0) return [[x, y]];
  const [u, v] = line[i - 1];
  const inner = Array.from({ length: 11 }, (_, j): Place => {
    const sign = j % 2 ? -1 : 1;
    return [u + ((x - u) * (j + 1)) / 12 + 0.004 * sign, v + ((y - v) * (j + 1)) / 12 - 0.003 * sign];
  });
  return [...inner, [x, y]];
});

/** Numbers that look like chance, the same for the same seed: each call gives a whole one below `below`. */
export function chance(seed: number): (below: number) => number {
  let state = seed + 1;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** A damaged copy of bytes: a few overwritten, sometimes the end torn off. */
export function damaged(bytes: Uint8Array, random: (below: number) => number, most = 8): Uint8Array {
  const copy = bytes.slice(0, random(4) ? bytes.length : random(bytes.length));
  for (let i = random(most); i >= 0 && copy.length; i -= 1) copy[random(copy.length)] = [0, 15, 127, 128, 255, random(256)][random(6)];
  return copy;
}

const zigzag = (value: number): number => (value < 0 ? -value * 2 - 1 : value * 2);

function commands(lines: Place[][]): number[] {
  const found: number[] = [];
  let [x, y] = [0, 0];
  for (const line of lines) {
    line.forEach((place, i) => {
      if (i < 2) found.push(i === 0 ? 9 : 8 * (line.length - 1) + 2);
      found.push(zigzag(place[0] - x), zigzag(place[1] - y));
      [x, y] = place;
    });
  }
  return found;
}

/** A tile of layers of lines. */
export function tile(layers: MadeLayer[]): Uint8Array {
  const pbf = new PbfWriter();
  for (const layer of layers) {
    pbf.writeMessage(3, (_, out) => {
      out.writeVarintField(15, 2);
      out.writeStringField(1, layer.name);
      layer.features.forEach((feature, i) => out.writeMessage(2, () => {
        if (feature.id !== null) out.writePackedVarint(2, [0, i]);
        out.writeVarintField(3, feature.type ?? 2);
        out.writePackedVarint(4, feature.geometry ?? commands(feature.lines));
      }, null));
      out.writeStringField(3, "id");
      for (const feature of layer.features) out.writeMessage(4, () => out.writeStringField(1, feature.id ?? ""), null);
      out.writeVarintField(5, layer.extent ?? 4096);
    }, null);
  }
  return pbf.finish().slice();
}

interface Entry {
  id: number;
  run: number;
  length: number;
  offset: number;
}

/** A directory of entries in the order of their ids; a run of 0 leads to a directory below. */
export function directory(entries: Entry[], count = entries.length): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarint(count);
  entries.forEach(({ id }, i) => pbf.writeVarint(id - (entries[i - 1]?.id ?? 0)));
  for (const { run } of entries) pbf.writeVarint(run);
  for (const { length } of entries) pbf.writeVarint(length);
  for (const { offset } of entries) pbf.writeVarint(offset + 1);
  return pbf.finish().slice();
}

export interface MadeFile {
  zoom?: number;
  version?: number;
  type?: number;
  packs?: boolean;
  /** The root directory, if not the right one; it leads to directories that begin where the root does. */
  root?: Uint8Array;
  tiles?: { x: number; y: number; bytes: Uint8Array }[];
}

/** A PMTiles file. */
export function pmtiles({ zoom = 8, version = 3, type = 1, packs = false, root, tiles = [] }: MadeFile): Uint8Array {
  const pack = (bytes: Uint8Array): Uint8Array => (packs ? gzipSync(bytes) : bytes);
  let offset = 0;
  const data = tiles.map(({ x, y, bytes }) => ({ id: zxyToTileId(zoom, x, y), bytes: pack(bytes) })).sort((one, other) => one.id - other.id);
  const entries = data.map(({ id, bytes }) => ({ id, run: 1, length: bytes.length, offset: (offset += bytes.length) - bytes.length }));
  const first = pack(root ?? directory(entries));
  const header = new Uint8Array(127);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode("PMTiles"));
  const places: [number, number][] = [[8, 127], [16, first.length], [40, 127], [48, first.length], [56, 127 + first.length], [64, offset]];
  for (const [at, value] of places) view.setBigUint64(at, BigInt(value), true);
  header.set([version], 7);
  header.set([1, packs ? 2 : 1, packs ? 2 : 1, type, 0, zoom], 96);
  return Uint8Array.from([header, first, ...data.map(({ bytes }) => bytes)].flatMap((bytes) => [...bytes]));
}

export interface Asked {
  url: string;
  init: RequestInit;
}

/** Stand in for the web: a host of one file, or of none; gives what it was asked. `answer` may answer otherwise. */
export function host(file: Uint8Array | null, answer?: (from: number, to: number) => Response): Asked[] {
  const asked: Asked[] = [];
  globalThis.fetch = (url, init = {}) => {
    asked.push({ url: url as string, init });
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec((init.headers as Record<string, string>).Range)!.map(Number);
    if (answer) return Promise.resolve(answer(from, to));
    return Promise.resolve(file ? new Response(file.slice(from, to + 1), { status: 206 }) : new Response("", { status: 404 }));
  };
  return asked;
}
