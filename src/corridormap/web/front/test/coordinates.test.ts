import { load, small } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { coordinatesIn, lngNear, onMap } from "../src/coordinates.ts";

load({ ...small(), extent: [46, 36, 88, 58] });

const told = (text: string): string | null => {
  const found = coordinatesIn(text);
  return found && `${found.lat.toFixed(4)} ${found.lng.toFixed(4)}`;
};

test("decimal degrees, with points or commas", () => {
  for (const text of ["48.1, 67.2", "48.1 67.2", "48.1;67.2", " 48.1,67.2 ", "48,1 67,2", "48,1; 67,2", "48,1, 67,2", "+48.1 +67.2", "48.1° 67.2°"]) {
    assert.equal(told(text), "48.1000 67.2000", text);
  }
  assert.equal(told("-33.9, -18.4"), "-33.9000 -18.4000");
  assert.equal(told("\u221233.9, 18.4"), "-33.9000 18.4000");
});

test("hemispheres in three languages", () => {
  for (const text of ["48.1N 67.2E", "N48.1 E67.2", "48.1° N, 67.2° E", "67.2E 48.1N", "48.1n67.2e", "48,1° с. ш., 67,2° в. д.", "48,1 с.ш. 67,2 в.д.", "48,1° с. е., 67,2° ш. б.",
    "67,2° в. д., 48,1° с. ш."]) assert.equal(told(text), "48.1000 67.2000", text);
  assert.equal(told("33.9S 18.4W"), "-33.9000 -18.4000");
  assert.equal(told("33,9° ю. ш., 18,4° з. д."), "-33.9000 -18.4000");
  assert.equal(told("33,9° о. е., 18,4° б. б."), "-33.9000 -18.4000");
});

test("degrees, minutes and seconds", () => {
  assert.equal(told("48°06'00\"N 67°12'00\"E"), "48.1000 67.2000");
  assert.equal(told("48° 6′ с. ш. 67° 12′ в. д."), "48.1000 67.2000");
  assert.equal(told("51°09′36″, 71°28′12″"), "51.1600 71.4700");
});

test("longitude first, where only so it lies in the atlas", () => {
  assert.equal(told("67.2, 48.1"), "48.1000 67.2000");
  // Both orders lie in it, or none: latitude first.
  assert.equal(told("50.5, 51.5"), "50.5000 51.5000");
  assert.equal(told("10.5, 20.5"), "10.5000 20.5000");
});

test("what is no position", () => {
  for (const text of ["", "48.1", "48 67", "7 400", "1 836", "rail 1 km 836", "836,5", "48.1, 267.2", "98.1, 97.2, 3", "M-36 48.1", "e40", "Almaty 1", "95.5 95.5"]) {
    assert.equal(told(text), null, text);
  }
});

test("in an atlas across the 180th meridian positions lie where the map has them", () => {
  load({ ...small(), extent: [175, -23, 184, -14] });
  assert.equal(told("-19.7, -178.9"), "-19.7000 181.1000");
  assert.equal(told("19.7S 178.9W"), "-19.7000 181.1000");
  assert.equal(told("-19.7, 178.9"), "-19.7000 178.9000");
  assert.equal(told("-178.9, -19.7"), "-19.7000 181.1000");
  assert.equal(told("-19.7, 181.1"), null);
  assert.equal(onMap(-178), 182);
  assert.equal(lngNear(182, 0), -178);
  assert.equal(lngNear(67.25, 0), 67.25);
});
