import { load, small, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { layerById } from "../src/atlas.ts";
import { h } from "../src/dom.ts";
import { keyStrip, panelLegend, printLegend } from "../src/legend.ts";
import { chosen } from "../src/chosen.ts";
import type { Layer } from "../src/types.ts";

const layer = (id: string): Layer => layerById(id)!;
const told = (items: HTMLElement[]): (string | null)[] => items.map((item) => item.lastChild!.textContent);
const panel = (id: string): HTMLElement => h("div", null, panelLegend(layer(id)));
const keys = (root: HTMLElement): string[] => [...root.querySelectorAll(".cm-key")].map((key) => key.textContent);

test("the key below the map names corridors in their layer's order, other lines by their layer, and points only if asked for", () => {
  load();
  const corridors = keyStrip(layer("corridors"));
  assert.deepEqual(told(corridors), ["Northern Corridor", "Southern Corridor", "Almaty – Astana"]);
  assert.ok(corridors.every((item) => item.matches("button.cm-numbered")));
  assert.deepEqual(told(keyStrip(layer("border"))), ["Border"]);
  assert.deepEqual(keyStrip(layer("places")), []);
  layer("places").asked = true;
  assert.deepEqual(told(keyStrip(layer("places"))), ["Station", "Town on a road"]);
  for (const feature of layer("corridors").features) feature.properties.number = null;
  assert.ok(!keyStrip(layer("corridors")).some((item) => item.matches(".cm-numbered")));
});

test("the printed sheet has corridors in the atlas's order, and of other layers each symbol in use", () => {
  load();
  layer("corridors").record.legend.push(layer("corridors").record.legend.shift()!);
  assert.deepEqual(told(printLegend(layer("corridors"))), ["2 · Southern Corridor", "3 · Almaty – Astana", "1 · Northern Corridor"]);
  assert.deepEqual(told(printLegend(layer("places"))), ["Station", "Town on a road"]);
  assert.deepEqual(told(printLegend(layer("venues"))), ["Summits"]);
  assert.deepEqual(told(printLegend(layer("crossings"))), ["Rail"]);
  for (const feature of layer("corridors").features) feature.properties.number = null;
  assert.deepEqual(told(printLegend(layer("corridors"))), ["Southern Corridor", "Almaty – Astana", "Northern Corridor"]);
});

test("in the panel corridors are buttons, with lengths, then how lines are drawn", () => {
  load();
  const legend = panel("corridors");
  assert.deepEqual([...legend.querySelectorAll(".cm-row")].map((row) => row.textContent),
    ["1Northern Corridor1,900 km", "2Southern Corridor1,190 km", "3Almaty – Astana1,100 km"]);
  assert.deepEqual(keys(legend), ["Rail", "Road", "Dashed: 2 km"]);
  layer("corridors").record.drawing = [];
  assert.deepEqual(keys(panel("corridors")), []);
});

test("what lies wholly abroad is given its whole length", () => {
  load();
  Object.assign(layer("corridors").features[1].properties, { length_km: 0 });
  assert.equal(panel("corridors").querySelectorAll(".cm-row")[1].textContent, "2Southern Corridor1,310 km");
});

test("in the panel other layers have each symbol in use with its count", () => {
  load();
  assert.deepEqual(keys(panel("places")), ["Station (2)", "Town on a road (1)"]);
  assert.deepEqual(keys(panel("venues")), ["Summits"]);
  assert.deepEqual(keys(panel("border")), ["Land line (1)"]);
});

test("a list is filled once it is opened, in the order of names, and tells kinds apart", () => {
  load();
  const details = panel("places").querySelector("details")!;
  assert.equal(details.querySelectorAll("li").length, 0);
  details.open = true;
  details.dispatchEvent(new window.Event("toggle"));
  details.dispatchEvent(new window.Event("toggle"));
  assert.deepEqual([...details.querySelectorAll(".cm-row")].map((row) => row.textContent), ["AlmatyStation", "AstanaStation", "KaragandaTown on a road"]);
});

test("features without a place have a list of their own", () => {
  load();
  assert.match(panel("venues").querySelectorAll("summary")[1].textContent, /1/);
  assert.equal(panel("places").querySelectorAll("summary").length, 1);
});

test("a feature's button goes to it", () => {
  load(small());
  stand();
  panel("corridors").querySelector<HTMLButtonElement>(".cm-row")!.click();
  assert.equal(chosen?.id, "rail-1");
});
