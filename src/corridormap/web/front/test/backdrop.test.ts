import { load, small, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { drawBackdrop } from "../src/backdrop.ts";

const kinds = (): string[] => [...document.querySelectorAll(".leaflet-cm-backdrop-pane path")].map((path) => /cm-(\w+)/.exec(path.getAttribute("class")!)![1]);

test("land lies under the country, and that under boundaries; labels are not drawn here", () => {
  load();
  stand();
  for (const task of drawBackdrop()) task();
  assert.deepEqual(kinds(), ["sea", "land", "country", "boundary"]);
});

test("where the sea goes on outside there is no sheet of sea", () => {
  load({ ...small(), surround: "sea" });
  stand();
  for (const task of drawBackdrop()) task();
  assert.deepEqual(kinds(), ["land", "country", "boundary"]);
});

test("railways and roads that no corridor uses lie under all, sea legs do not", () => {
  const atlas = small();
  for (const layer of atlas.layers.filter(({ build }) => build === "itineraries")) {
    layer.shapes.forEach((shape) => { if (shape) shape.w = shape.w!.map((way) => way.filter((link) => ![1, 3].includes(Math.abs(link)))); });
  }
  const network = atlas.layers.find(({ build }) => build === "links")!;
  load(atlas);
  stand();
  for (const task of drawBackdrop()) task();
  assert.deepEqual(kinds().slice(-2), ["way", "way"]);
  assert.equal(kinds().filter((kind) => kind === "way").length, 2);
  network.columns.mode[0] = "sea";
  load(atlas);
  stand();
  for (const task of drawBackdrop()) task();
  assert.equal(kinds().filter((kind) => kind === "way").length, 1);
});
