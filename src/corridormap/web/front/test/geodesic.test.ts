import "./setup.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { along, chain, inverse, length, nearest } from "../src/geodesic.ts";

type Pair = [number, number];
const at = ([lat, lng]: Pair): { lat: number; lng: number } => ({ lat, lng });
const near = (found: number, expected: number, tolerance: number): void => assert.ok(Math.abs(found - expected) <= tolerance, `${found}, not ${expected}`);

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
  near(sums[2], 111200.03676, 0.001);
  near(length(line), 2 * 111200.03676, 0.001);
  assert.equal(length([]), 0);
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
  const found = nearest(line, at([48.25, 68.01]), sums)!;
  near(found.latlng.lat, 48.25, 1e-6);
  near(found.metres, sums[1] / 2, 1);
  near(found.off, inverse(at([48.25, 68]), at([48.25, 68.01])), 1);
  near(nearest(line, at([60, 68]), sums)!.metres, sums[2], 1e-6);
  assert.equal(nearest([], at([0, 0]), [0]), null);
});

test("away from the equator, where degrees of longitude are short, a slanting line is met square", () => {
  const slanting = [at([50, 70]), at([51, 71])];
  const [place, reached] = [at([50.52, 70.48]), chain(slanting)];
  const { metres, off } = nearest(slanting, place, reached)!;
  for (const step of [-500, 500]) assert.ok(inverse(along(slanting, metres + step, reached), place) > off);
});
