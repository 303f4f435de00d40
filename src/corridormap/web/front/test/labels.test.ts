import { small } from "./atlas.ts";
import { draw } from "./drawing.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { changeLanguage, layerById } from "../src/atlas.ts";
import { placeLabels } from "../src/labels.ts";
import { show } from "../src/chosen.ts";
import { map } from "../src/stage.ts";

const pane = (): HTMLElement => map.getPane("cm-label")!;
const texts = (selector: string): string[] => [...pane().querySelectorAll(selector)].map((element) => element.textContent);

test("places, countries and corridors are named; towns from nearer than countries", () => {
  draw();
  placeLabels();
  assert.ok(texts(".cm-label-mid").includes("Almaty"));
  assert.deepEqual(texts(".cm-label-country"), ["RUSSIA"]);
  // At this zoom a number stands up to twice, where there is room.
  assert.deepEqual(texts(".cm-shield").sort(), ["1", "1", "2", "2", "3", "3"]);
  assert.equal(pane().querySelector<HTMLElement>(".cm-shield")!.dataset.layer, "corridors");
  map.setZoom(4, { animate: false });
  placeLabels();
  assert.deepEqual(texts(".cm-label-mid"), []);
  assert.deepEqual(texts(".cm-label-country"), ["RUSSIA"]);
  // From farther away there is room for each number once.
  assert.deepEqual(texts(".cm-shield").sort(), ["1", "2", "3"]);
});

test("names follow the language and the layers shown", () => {
  draw();
  changeLanguage("ru");
  placeLabels();
  assert.ok(texts(".cm-label").includes("Караганда"));
  show(layerById("places")!, false);
  placeLabels();
  assert.ok(!texts(".cm-label").includes("Караганда"));
  changeLanguage("en");
});

test("no two labels stand on one another", () => {
  draw();
  placeLabels();
  const boxes = [...pane().querySelectorAll<HTMLElement>(".cm-label")].map((element) =>
    [parseFloat(element.style.left), parseFloat(element.style.top), element.textContent.length * 7] as const);
  assert.ok(boxes.length > 3);
  boxes.forEach(([left, top, width], i) => boxes.slice(i + 1).forEach(([x, y, w]) => {
    assert.ok(left >= x + w || x >= left + width || Math.abs(top - y) >= 15 || top === y && left === x);
  }));
});

test("a corridor without a number has no shield", () => {
  const atlas = small();
  atlas.layers[0].columns.number[2] = null;
  draw(atlas);
  placeLabels();
  assert.deepEqual([...new Set(texts(".cm-shield"))].sort(), ["1", "2"]);
});
