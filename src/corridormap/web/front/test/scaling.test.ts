import { load, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import * as L from "leaflet";
import { Area, Line, world } from "../src/scaling.ts";

test("a place is projected once and then only scaled", () => {
  load();
  const map = stand();
  const places = [L.latLng(50, 70), L.latLng(51, 72)];
  const points = world(map, places);
  assert.equal(world(map, places), points);
  for (const [i, place] of places.entries()) assert.ok(points[i].multiplyBy(2 ** 6).distanceTo(map.project(place, 6)) < 1e-9);
});

test("lines and areas lie where Leaflet's own would, to a pixel", () => {
  load();
  const map = stand();
  const places = [L.latLng(48, 70), L.latLng(50, 73), L.latLng(49, 75)];
  const still = { smoothFactor: 0, noClip: true };
  const rings = (line: L.Path): L.Point[] => (line.addTo(map) as unknown as { _rings: L.Point[][] })._rings.flat();
  for (const zoom of [5, 7]) {
    map.setZoom(zoom, { animate: false });
    const pairs = [[new Line(places, still), L.polyline(places, still)], [new Area([[places]], still), L.polygon([[places]], still)]];
    for (const [ours, theirs] of pairs) {
      const wanted = rings(theirs);
      assert.ok(wanted.length >= 3 && rings(ours).every((point, i) => point.distanceTo(wanted[i]) <= 1.5));
    }
  }
});
