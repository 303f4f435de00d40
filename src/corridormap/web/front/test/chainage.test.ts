import { load, polyline, small } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import * as L from "leaflet";
import { byId, links } from "../src/atlas.ts";
import { along, alongKm, chain, chainage, inverse, nearest, waysOf } from "../src/chainage.ts";
import { decode } from "../src/types.ts";

const feature = (id: string): NonNullable<ReturnType<typeof byId.get>> => byId.get(id)!;
const near = (found: number, expected: number, tolerance: number): void => assert.ok(Math.abs(found - expected) <= tolerance, `${found}, not ${expected}`);
// By pyproj, over the links as the page has them.
const ALMATY_KARAGANDA = 840.464408;
const KARAGANDA_ASTANA = 189.852036;
const ASTANA_BORDER = 512.116299;

test("a way runs over its links, backwards where the sign says so, and passes the places and the crossing at their ends", () => {
  load();
  const [way] = waysOf(feature("rail-1").shape);
  near(way.km, ALMATY_KARAGANDA + KARAGANDA_ASTANA + ASTANA_BORDER, 1e-5);
  assert.deepEqual(way.nodes.map((node) => node.feature.id), ["almaty", "karaganda", "astana", "x-rail-petropavl"]);
  near(way.nodes[2].km, ALMATY_KARAGANDA + KARAGANDA_ASTANA, 1e-5);
  // Links share their ends: no place stands twice.
  assert.equal(way.places.length, 5 + 3 + 3 - 2);
  assert.deepEqual(waysOf(feature("rail-2").shape)[0].nodes.map((node) => node.feature.id), ["astana", "karaganda", "almaty"]);
});

test("ways are kept; what is not made of links has none", () => {
  load();
  assert.equal(waysOf(feature("rail-1").shape), waysOf(feature("rail-1").shape));
  assert.deepEqual(waysOf(feature("border-land").shape), []);
  assert.deepEqual(waysOf(feature("summit").shape), []);
  assert.equal(chainage(feature("border-land"), L.latLng(54, 69)), null);
  assert.equal(alongKm(feature("border-land").shape, 0), null);
});

test("of two nodes on one spot the place is named, and one step of rounding is allowed for", () => {
  const atlas = small();
  const crossings = atlas.layers.find((layer) => layer.id === "crossings")!;
  const places = atlas.layers.find((layer) => layer.id === "places")!;
  crossings.shapes[0] = places.shapes[2];
  const [[lat, lng]] = decode(places.shapes[0]!.p!, 100_000);
  places.shapes[0] = { p: polyline([[lng + 0.0001, lat - 0.0001]], 100_000) };
  load(atlas);
  assert.deepEqual(waysOf(feature("rail-1").shape)[0].nodes.map((node) => node.feature.id), ["almaty", "karaganda", "astana"]);
});

test("the chainage of a place, and the nodes around it", () => {
  load();
  const found = chainage(feature("rail-1"), L.latLng(50.4, 72.2))!;
  const fromKaraganda = waysOf({ w: [[2]] })[0].metres[2] - waysOf({ w: [[2]] })[0].metres[1];
  near(found.km, ALMATY_KARAGANDA + fromKaraganda / 1000, 1e-5);
  near(found.offset_m, 0, 1e-6);
  assert.equal(found.way.nodes[0].feature.id, "almaty");
  assert.equal(found.before?.feature.id, "karaganda");
  near(found.before.distance_m, fromKaraganda, 0.01);
  assert.equal(found.after?.feature.id, "astana");
  assert.ok(chainage(feature("rail-1"), L.latLng(50.4, 72.3))!.offset_m > 1000);
});

test("at a node it is the one before and the one after", () => {
  load();
  const found = chainage(feature("rail-1"), links[1][0])!;
  assert.deepEqual([found.before?.feature.id, found.after?.feature.id], ["astana", "astana"]);
});

test("the place at a chainage is the way back; beyond the ends there is none", () => {
  load();
  const { shape } = feature("rail-1");
  const total = waysOf(shape)[0].km;
  for (let part = 0; part <= 20; part += 1) {
    const there = alongKm(shape, (total * part) / 20)!;
    const back = chainage(feature("rail-1"), there.latlng)!;
    near(back.km, there.km, 1e-3);
    assert.ok(back.offset_m < 1);
  }
  assert.equal(alongKm(shape, total + 0.001), null);
  assert.equal(alongKm(shape, -1), null);
  assert.equal(alongKm(shape, NaN), null);
});

test("where ways share a stretch the first of them counts", () => {
  const atlas = small();
  atlas.layers[0].shapes[1] = { w: [[3], [2, -1], [-2]] };
  atlas.layers[0].shapes[2] = { w: [[2], [-2]] };
  load(atlas);
  assert.equal(chainage(feature("rail-2"), L.latLng(50.4, 72.2))!.way, waysOf(feature("rail-2").shape)[1]);
  // The same way back is nearer now and then, by rounding.
  const [first] = waysOf(feature("road-3").shape);
  for (let lat = 49.9; lat < 51; lat += 0.03) {
    for (let lng = 71.5; lng < 73; lng += 0.01) assert.equal(chainage(feature("road-3"), L.latLng(lat, lng))!.way, first);
  }
});

type Pair = [number, number];
const at = ([lat, lng]: Pair): { lat: number; lng: number } => ({ lat, lng });

// What pyproj.Geod(ellps="WGS84").inv gives: far and near, along the equator, over the date line, at one place.
const PROJ: [Pair, Pair, number][] = [
  [[-41.9257, 15.9225], [-20.8072, 37.4112], 3090046.72167],
  [[20.1152, -156.4096], [-77.8931, 121.4889], 11992944.21414],
  [[-38.5034, -95.6409], [79.3032, -10.7051], 14075079.48096],
  [[53.8338, -8.5128], [22.2509, -125.7781], 9670543.16942],
  [[21.5777, 132.4963], [3.709, 86.8507], 5310364.25943],
  [[27.4258, -156.9487], [41.3168, 32.7958], 12327750.82227],
  [[0, 10], [0, 50], 4452779.63173],
  [[10, 179.9], [10, -179.9], 21927.87248],
  [[48, 68], [48, 68], 0],
  [[48, 68], [49, 68], 111200.03676],
  [[51.13, 71.43], [49.8047, 73.0958], 188990.41354],
  [[48.00001, 68], [48, 68.00001], 1.33911],
];

test("geodesics are PROJ's", () => {
  for (const [from, to, metres] of PROJ) {
    near(inverse(at(from), at(to)), metres, metres * 1e-9 + 1e-5);
    near(inverse(at(to), at(from)), metres, metres * 1e-9 + 1e-5);
  }
});

test("nearly opposite ends of the earth are measured on the sphere, within 0.6 %", () => {
  near(inverse(at([0, 0]), at([0.1, 179.9])), 19992082.108, 19992082.108 * 0.006);
});

// One degree north, then the same way back: the end lies on the start.
const line = [at([48, 68]), at([48.5, 68]), at([49, 68]), at([48, 68])];
const sums = chain(line);

test("a line is as long as its steps together", () => {
  assert.equal(sums.length, 4);
  assert.deepEqual(chain([]), [0]);
  near(sums[2], 111200.03676, 0.001);
  near(sums[3], 2 * 111200.03676, 0.001);
});

test("along a line the given metres lead to a place, and no further than its ends", () => {
  const middle = along(line, sums[1] / 2, sums);
  near(middle.lat, 48.25, 1e-9);
  assert.equal(middle.lng, 68);
  near(along(line, sums[2], sums).lat, 49, 1e-9);
  assert.equal(along(line, -5, sums).lat, 48);
  assert.equal(along(line, 1e9, sums).lat, 48);
});

test("a step without length leads nowhere else", () => {
  const still = [at([48, 68]), at([48, 68]), at([48, 69])];
  assert.equal(along(still, 0, chain(still)).lng, 68);
});

test("the nearest place on a line, its way from the start, and how far beside it the other lies", () => {
  const found = nearest(line, at([48.25, 68.01]), sums);
  near(found.latlng.lat, 48.25, 1e-6);
  near(found.metres, sums[1] / 2, 1);
  near(found.off, inverse(at([48.25, 68]), at([48.25, 68.01])), 1);
  near(nearest(line, at([60, 68]), sums).metres, sums[2], 1e-6);
});

test("away from the equator, where degrees of longitude are short, a slanting line is met square", () => {
  const slanting = [at([50, 70]), at([51, 71])];
  const [place, reached] = [at([50.52, 70.48]), chain(slanting)];
  const { metres, off } = nearest(slanting, place, reached);
  for (const step of [-500, 500]) assert.ok(inverse(along(slanting, metres + step, reached), place) > off);
});
