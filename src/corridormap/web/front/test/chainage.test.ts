import { load, small } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import * as L from "leaflet";
import { byId, links } from "../src/atlas.ts";
import { alongKm, chainage, waysOf } from "../src/chainage.ts";

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
  const [x, y] = places.shapes[0]!.p!;
  places.shapes[0] = { p: [x + 10, y - 10] };
  load(atlas);
  assert.deepEqual(waysOf(feature("rail-1").shape)[0].nodes.map((node) => node.feature.id), ["almaty", "karaganda", "astana"]);
});

test("the chainage of a place, and the nodes around it", () => {
  load();
  const found = chainage(feature("rail-1"), L.latLng(50.4, 72.2))!;
  const fromKaraganda = waysOf({ w: [[2]] })[0].metres[2] - waysOf({ w: [[2]] })[0].metres[1];
  near(found.km, ALMATY_KARAGANDA + fromKaraganda / 1000, 1e-5);
  near(found.offset_m, 0, 1e-6);
  assert.equal(found.start?.feature.id, "almaty");
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
  assert.equal(alongKm(shape, 1, 1), null);
});

test("where ways share a stretch the first of them counts", () => {
  const atlas = small();
  atlas.layers[0].shapes[1] = { w: [[3], [2, -1], [-2]] };
  atlas.layers[0].shapes[2] = { w: [[2], [-2]] };
  load(atlas);
  assert.equal(chainage(feature("rail-2"), L.latLng(50.4, 72.2))!.way, 1);
  // The same way back is nearer now and then, by rounding.
  for (let lat = 49.9; lat < 51; lat += 0.03) {
    for (let lng = 71.5; lng < 73; lng += 0.01) assert.equal(chainage(feature("road-3"), L.latLng(lat, lng))!.way, 0);
  }
  assert.equal(alongKm(feature("rail-2").shape, 0, 2)!.before?.feature.id, "karaganda");
});
