import assert from "node:assert/strict";
import { test } from "node:test";
import "./setup.ts";
import * as L from "leaflet";
import { polyline } from "./atlas.ts";
import { CARTOGRAPHY } from "./cartography.ts";
import { bent, chance, damaged, host, pmtiles, tile, TINY, type Asked, type MadeFile } from "./vectortiles.ts";
import { readLines } from "../src/archive.ts";
import { data, layers, links, readData, readFrame } from "../src/atlas.ts";
import { chains, cut, startDetail, Thinned } from "../src/detail.ts";
import { tell } from "../src/events.ts";
import { map, setMap } from "../src/stage.ts";
import type { Data, DrawnLine, Frame } from "../src/types.ts";
import { setLanguage } from "../src/words.ts";

type Place = [number, number];
const MISSING = { en: "Detail is missing.", ru: "Подробностей нет." };
const OFF_M = 1500;
const WAYS: Record<string, Place[]> = {
  "road:gate-east": [[-18, 64], [-17, 64.05], [-16.5, 64.2]],
  "road:middle-gate": [[-20, 64], [-19, 63.9], [-18, 64]],
  "road:middle-south": [[-20, 64], [-20.2, 63.7], [-20.1, 63.4]],
  "road:west-middle": [[-22, 64.1], [-21, 64.15], [-20, 64]],
};
const IDS = Object.keys(WAYS);
const BORDER: Place[] = [[-18, 63], [-18, 65]];

const places = (line: Place[]): L.LatLng[] => line.map(([lng, lat]) => L.latLng(lat, lng));
const layer = (id: string, build: string, visible: boolean, ids: string[], shapes: unknown[]): unknown =>
  ({ id, build, visible, geometry: "MultiLineString", scale: 10_000, columns: { id: ids }, shapes, style: { symbol: { colour: "#000000" } } });

/** The tiny atlas of tests/tiny_atlas, as far as its lines go, and a map that shows its middle. */
function tiny({ url = "tiny.pmtiles", zoom = 9, names }: { url?: string; zoom?: number; names?: string[] } = {}): void {
  readFrame({ lang: "en", languages: ["en", "ru"] } as unknown as Frame);
  readData({
    backdrop: [], sources: { id: [] }, cartography: CARTOGRAPHY, locales: { "tiles_from.missing": MISSING },
    links: { scale: 10_000, lines: IDS.map((id) => polyline(WAYS[id], 10_000)), metres: IDS.map(() => 1000) },
    tiles_from: { url, thinned_m: 1000, layer: "links", names },
    layers: [
      layer("corridors", "itineraries", true, ["west-east", "south"], [{ w: [[4, 2, 1]] }, { w: [[-3, -4], [2]] }]),
      layer("border", "lines", true, ["meridian"], [{ l: [polyline(BORDER, 10_000)] }]),
      ...(names ? [] : [layer("links", "links", false, IDS, IDS.map((_, i) => ({ w: [[i + 1]] })))]),
    ],
  } as unknown as Data);
  for (const { features } of layers) {
    for (const feature of features) {
      const ways = feature.shape?.w ?? [];
      // The casing of a run and its line have their steps in common.
      const drawn = ways.flatMap((way) => {
        const steps = way.map((signed) => ({ link: Math.abs(signed) - 1, forward: signed > 0 }));
        return ["casing", "line"].map((part) => Object.assign(L.polyline([]), { part, steps }) as unknown as DrawnLine);
      });
      feature.lines = feature.shape?.l ? ["casing", "line"].map((part) => Object.assign(L.polyline(places(BORDER)), { part }) as DrawnLine) : drawn;
    }
  }
  const element = document.body.appendChild(document.createElement("div"));
  Object.defineProperties(element, { clientWidth: { value: 900 }, clientHeight: { value: 600 } });
  setMap(L.map(element, { zoomAnimation: false, fadeAnimation: false }).setView([63.9, -19], zoom, { animate: false }));
}

const lineOf = (feature: string, line = 0): DrawnLine => layers.flatMap(({ features }) => features).find(({ id }) => id === feature)!.lines[line];
const drawnOf = (id: string): L.LatLng[] => {
  const step = layers[0].features.flatMap(({ lines }) => lines).flatMap(({ steps }) => steps!).find(({ link }) => IDS[link] === id)!;
  return links[step.drawn ?? step.link];
};
const has = (drawn: L.LatLng[], { lat, lng }: L.LatLng): boolean => drawn.some((place) => Math.abs(place.lat - lat) < 2e-4 && Math.abs(place.lng - lng) < 2e-4);
const word = (): string => map.getContainer().querySelector<HTMLElement>(".cm-quiet:not([hidden])")?.textContent ?? "";

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Wait until something holds, and then until nothing has been asked for a while. */
async function quiet(asked: Asked[], holds = () => true): Promise<void> {
  for (let left = 500; left > 0 && !holds(); left -= 1) await wait(20);
  for (let count = -1; count !== asked.length;) {
    count = asked.length;
    await wait(150);
  }
}

/** Whether all that is drawn lies along the thinned lines and passes their vertices in their order. */
function isTrue(drawn: L.LatLng[], thinned: L.LatLng[]): boolean {
  const crs = L.CRS.EPSG3857;
  const metres = Math.cos((64.3 * Math.PI) / 180);
  let k = 0;
  for (const place of drawn) {
    if (k < thinned.length && place.equals(thinned[k])) k += 1;
    else if (k === 0 || k === thinned.length) return false;
    else if (L.LineUtil.pointToSegmentDistance(crs.project(place), crs.project(thinned[k - 1]), crs.project(thinned[k])) * metres > OFF_M * 1.02) return false;
  }
  return k === thinned.length;
}

const made = (file: MadeFile["tiles"]): Uint8Array => pmtiles({ tiles: file });

test("lines are cut where they leave their tile and begin anew where they come back", () => {
  const points = [[0.5, 0.5], [1.5, 0.5], [1.5, 0.8], [0.5, 0.8], [0.5, 0.8], [0.2, 0.8]].map(([x, y]) => L.point(x, y));
  const parts = cut(points, 0, 0).map((part) => part.map(({ x, y }) => [x, y]));
  assert.deepEqual(parts, [[[0.5, 0.5], [1, 0.5]], [[1, 0.8], [0.5, 0.8], [0.2, 0.8]]]);
  assert.deepEqual(cut([L.point(-1, 0.5), L.point(2, 0.5)], 0, 0).map((part) => part.map(({ x }) => x)), [[0, 1]]);
  assert.deepEqual(cut([L.point(2, 2), L.point(3, 3)], 0, 0), []);
  assert.deepEqual(cut([L.point(1, 2), L.point(1, 1), L.point(2, 1)], 0, 0), []);
  // A vertex upon the side: the line begins there, and does not go on from the part before.
  const back = [[0.5, 0.5], [2, 0.5], [1, 0.8], [0.5, 0.8]].map(([x, y]) => L.point(x, y));
  assert.deepEqual(cut(back, 0, 0).map((part) => part.map(({ x, y }) => [x, y])), [[[0.5, 0.5], [1, 0.5]], [[1, 0.8], [0.5, 0.8]]]);
});

test("pieces are joined over the side of a tile, nearest first, in the direction of the line, and not within one tile", () => {
  const piece = (at: string, ...points: Place[]) => ({ tile: at, points: points.map(([x, y]) => L.point(x, y)) });
  const xs = (found: L.Point[][]): number[][] => found.map((chain) => chain.map(({ x }) => x));
  const east = piece("1 0", [1, 0.5001], [1.7, 0.5]);
  const west = piece("0 0", [0.3, 0.5], [1, 0.5]);
  assert.deepEqual(xs(chains([east, piece("1 0", [1, 0.504], [1.2, 0.9]), west], 0.01)), [[1, 1.2], [0.3, 1, 1, 1.7]]);
  assert.equal(chains([west, piece("0 0", [1, 0.5], [0.9, 0.4])], 0.01).length, 2);
  assert.equal(chains([west, piece("1 0", [1, 0.513], [1.9, 0.4])], 0.01).length, 2);
  assert.equal(chains([piece("0 0", [0.3, 0.5], [0.6, 0.5]), piece("1 0", [0.6, 0.5], [1.9, 0.4])], 0.01).length, 2);
  // Two lines over the same spot: each goes on as one of them.
  assert.equal(chains([west, piece("0 0", [0.2, 0.9], [1, 0.5]), east, piece("1 0", [1, 0.5002], [1.3, 0.5])], 0.01).length, 2);
  // A ring over two tiles is one chain, wherever it begins.
  assert.equal(chains([piece("0 0", [1, 0.2], [0.5, 0.5], [1, 0.8]), piece("1 0", [1, 0.8], [1.5, 0.5], [1, 0.2])], 0.01).length, 1);
});

const EXTENT = 16_384;
const near = (...offsets: [number, number, number][]): L.Point[] => offsets.map(([lng, lat, metres]) => L.CRS.EPSG3857.latLngToPoint(L.latLng(lat + metres / 111_320, lng), 0));
const along: [number, number, number][] = [[-20, 64, 0], [-19.8, 64, 500], [-19.4, 64, -900], [-19, 64, 0], [-18.5, 64, 700], [-18, 64, 0]];
const cases: [string, [number, number, number][], [number, number]][] = [
  ["follows the line: all is filled", along, [2, 1]],
  ["runs the other way: nothing is", along.slice().reverse(), [-1, -1]],
  ["strays too far from one stretch: the other is", along.map(([lng, lat, off], i) => [lng, lat, i === 2 ? 1700 : off]), [-1, 1]],
  ["passes by a vertex: no stretch of that one is", along.map(([lng, lat, off], i) => [lng, lat, i === 3 ? 200 : off]), [-1, -1]],
  ["ends amid a stretch: that one is not", along.slice(0, 5), [2, -1]],
  ["is another's altogether: nothing is", along.map(([lng, lat]) => [lng + 3, lat + 1, 0]), [-1, -1]],
];
for (const [name, chain, filled] of cases) {
  test(`a line that ${name}`, () => {
    tiny();
    const line = new Thinned("links", "x", places([[-20, 64], [-19, 64], [-18, 64]]), data.links.scale, 8, () => true, () => []);
    const points = near(...chain).map((point) => L.point(point.x, point.y));
    assert.equal(line.fill([points], EXTENT), filled.filter((count) => count >= 0).length);
    assert.deepEqual(line.found.map((found) => found?.length ?? -1), filled);
    assert.ok(isTrue(line.whole(), line.kept));
    assert.equal(line.fill([points], EXTENT), 0);
  });
}

test("however coarse a file says it is, its lines must pass the vertices", () => {
  tiny();
  const line = new Thinned("links", "x", places([[-20, 64], [-19, 64]]), data.links.scale, 8, () => true, () => []);
  assert.equal(line.fill([near([-20.4, 64, 0], [-19.5, 64, 0], [-18.6, 64, 0])], 1), 0);
  assert.equal(line.fill([near([-20.001, 64, 0], [-19.5, 64, 0], [-19.001, 64, 0])], 1), 1);
});

test("near by the true line is drawn, by all who travel a link and under its old number", async () => {
  tiny();
  const asked = host(TINY);
  const redrawn = new Set<DrawnLine>();
  for (const { features } of layers) for (const { lines } of features) for (const line of lines) line.redraw = () => { redrawn.add(line); return line; };
  startDetail();
  await quiet(asked, () => lineOf("south", 2).steps![0].drawn !== undefined);
  assert.ok(asked.length > 3 && asked.length < 30, `${asked.length}`);
  assert.ok(asked.every(({ url }) => url === "https://example.org/tiny.pmtiles"));
  const missed = places(bent(WAYS["road:middle-gate"])).filter((place) => !has(drawnOf("road:middle-gate"), place));
  assert.deepEqual(missed, []);
  for (const id of IDS) assert.ok(isTrue(drawnOf(id), places(WAYS[id])), id);
  assert.deepEqual(lineOf("west-east").steps!.map(({ link }) => link), [3, 1, 0]);
  assert.equal(lineOf("west-east").steps![1].drawn, lineOf("south", 2).steps![0].drawn);
  for (const line of [0, 1]) {
    const drawn = lineOf("meridian", line).getLatLngs() as L.LatLng[];
    assert.deepEqual(places(bent(BORDER)).filter((place) => !has(drawn, place)), []);
    assert.ok(isTrue(drawn, places(BORDER)));
  }
  assert.ok(redrawn.has(lineOf("west-east")) && redrawn.has(lineOf("south", 2)));
  assert.equal(word(), "");
  // Nothing is asked for twice.
  const count = asked.length;
  map.panBy([5, 5], { animate: false });
  tell("layers", layers[0]);
  await quiet(asked);
  assert.equal(asked.length, count);
});

test("far away nothing is asked for, and a hidden layer wants nothing", async () => {
  tiny({ zoom: 7 });
  const asked = host(TINY);
  for (const each of layers) each.visible = false;
  startDetail();
  await quiet(asked);
  assert.equal(asked.length, 0);
  map.setZoom(9, { animate: false });
  await quiet(asked, () => asked.length > 0);
  assert.equal(asked.length, 1);
  assert.equal(word(), "");
  layers[0].visible = true;
  tell("layers", layers[0]);
  await quiet(asked, () => drawnOf("road:middle-gate").length > 3);
  assert.ok(asked.length > 3);
  assert.ok(has(drawnOf("road:middle-gate"), places(bent(WAYS["road:middle-gate"]))[5]));
});

test("names of links travel where no layer tells them", async () => {
  tiny({ names: IDS });
  const asked = host(TINY);
  startDetail();
  await quiet(asked, () => drawnOf("road:middle-gate").length > 3);
  assert.ok(has(drawnOf("road:middle-gate"), places(bent(WAYS["road:middle-gate"]))[5]));
});

test("a page without such a file asks for nothing and says nothing", async () => {
  tiny();
  readData({ backdrop: [], sources: { id: [] }, locales: {}, links: { scale: 1, lines: [] }, layers: [], tiles_from: undefined } as unknown as Data);
  const asked = host(TINY);
  startDetail();
  await quiet(asked);
  assert.equal(asked.length, 0);
  assert.equal(map.getContainer().querySelector(".cm-quiet"), null);
});

const others = made([{ x: 113, y: 68, bytes: tile([{ name: "links", features: [{ id: "another", lines: [[[0, 0], [9, 9]]] }] }]) }]);
const failing: [string, Uint8Array | null, ((from: number, to: number) => Response)?][] = [
  ["missing", null],
  ["without ranges", null, () => new Response(TINY.slice(), { status: 200 })],
  ["nonsense", new Uint8Array(20_000).fill(120)],
  ["cut", TINY.slice(0, 4000)],
  ["a header alone", TINY.slice(0, 127)],
  ["of other lines", others],
  ["of broken tiles", made([...Array(12).keys()].flatMap((x) => [...Array(8).keys()].map((y) => ({ x: 108 + x, y: 64 + y, bytes: new Uint8Array(9).fill(255) }))))],
];
for (const [name, file, answer] of failing) {
  test(`with a file that is ${name} the map stays as it was and says so once`, async () => {
    tiny();
    const asked = host(file, answer);
    startDetail();
    await quiet(asked, () => word() !== "");
    assert.equal(word(), MISSING.en);
    assert.equal(map.getContainer().querySelectorAll(".cm-quiet").length, 1);
    for (const id of IDS) assert.deepEqual(drawnOf(id), places(WAYS[id]));
    const count = asked.length;
    assert.ok(count <= 30, `${count}`);
    if (name !== "of other lines") {
      assert.ok(count <= 10, `${count}`);
      map.panBy([150, 0], { animate: false });
      await quiet(asked);
      assert.equal(asked.length, count);
    }
    setLanguage("ru");
    tell("language", "ru");
    assert.equal(word(), MISSING.ru);
  });
}

test("what can be read of a file is drawn, and that some cannot is said", async () => {
  tiny();
  let count = 0;
  const asked = host(TINY, (from, to) => ((count += 1) === 4 ? new Response("", { status: 503 }) : new Response(TINY.slice(from, to + 1), { status: 206 })));
  startDetail();
  await quiet(asked, () => word() !== "");
  assert.equal(word(), MISSING.en);
  assert.ok(IDS.some((id) => drawnOf(id).length > 3));
  for (const id of IDS) assert.ok(isTrue(drawnOf(id), places(WAYS[id])), id);
});

test("a page that is not on the web asks for nothing and says so", async () => {
  tiny({ url: "file:///atlas.pmtiles" });
  const asked = host(TINY);
  startDetail();
  await quiet(asked);
  assert.equal(asked.length, 0);
  assert.equal(word(), MISSING.en);
});

test("whatever a damaged tile says, the lines stay true", () => {
  tiny();
  const [zoom, extent] = [8, EXTENT];
  const kept = places([[-20.3, 64], [-20.05, 63.9], [-19.8, 64], [-19.75, 64.1]]);
  const [x, y] = [113, 68];
  const local = (line: Place[]): Place[] => places(line).map((place) => {
    const point = L.CRS.EPSG3857.latLngToPoint(place, zoom - 8);
    return [Math.round((point.x - x) * extent), Math.round((point.y - y) * extent)];
  });
  const way = local(bent([[-20.3, 64], [-20.05, 63.9], [-19.8, 64], [-19.75, 64.1]]));
  const whole = tile([{ name: "links", extent, features: [{ id: "road", lines: [way, way.map(([u, v]): Place => [u + 3, v])] }] }]);
  const random = chance(3);
  let filled = 0;
  let changed = 0;
  for (let round = 0; round < 3000; round += 1) {
    const line = new Thinned("links", "road", kept, data.links.scale, zoom, () => true, () => []);
    try {
      const lines = readLines(round ? damaged(whole, random, 2) : whole, new Set(["links"]));
      const coarsest = Math.min(...lines.map((each) => each.extent));
      const pieces = lines.flatMap((each) => cut(each.points.map((point) => L.point(x + point.x / each.extent, y + point.y / each.extent)), x, y))
        .map((points) => ({ tile: "", points }));
      filled += line.fill(chains(pieces, 4 / coarsest), coarsest);
    } catch (error) {
      assert.ok(error instanceof Error);
    }
    if (round === 0) assert.equal(filled, 3);
    if (line.whole().length > 4 && line.whole().length !== 37) changed += 1;
    assert.ok(isTrue(line.whole(), kept), `round ${round}`);
  }
  assert.ok(filled > 1000 && changed > 100, `${filled} ${changed}`);
});

test("a line that goes round and round a vertex makes no endless work", () => {
  tiny();
  const kept = places(Array.from({ length: 500 }, (_, i): Place => [-20 + i * 1e-4, 64]));
  const line = new Thinned("links", "x", kept, data.links.scale, 8, () => true, () => []);
  const start = performance.now();
  const points = Array.from({ length: 200_000 }, (_, i) => near([-20 + (i % 9) * 1e-5, 64, i % 7])[0]);
  const pieces = Array.from({ length: 50_000 }, (_, i) => ({ tile: String(i % 5), points: [L.point(114, 68.5), L.point(114, 68.5)] }));
  line.fill([points], 1);
  assert.equal(chains(pieces, 4).flat().length, 100_000);
  assert.ok(performance.now() - start < 20_000, `${performance.now() - start} ms`);
});
