import { load, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { byId, layersOf } from "../src/atlas.ts";
import { drawLines } from "../src/lines.ts";
import { setOffsets } from "../src/offsets.ts";
import type { Step } from "../src/types.ts";

function steps(id: string): Map<number, Step> {
  const lines = byId.get(id)!.lines;
  return new Map(lines.flatMap((line) => line.steps ?? []).map((step) => [step.link, step]));
}

test("itineraries on a shared link lie side by side, whichever way they travel", () => {
  load();
  stand();
  layersOf("itineraries")[0].features.forEach(drawLines);
  setOffsets();
  const [first, second] = [steps("rail-1"), steps("rail-2")];
  // The first travels link 0 forwards, the second backwards: right of the one is left of the other.
  assert.equal(first.get(0)!.offset, -0.5);
  assert.equal(second.get(0)!.offset, -0.5);
  assert.ok(!first.get(0)!.alone);
  assert.equal(first.get(2)!.offset, 0);
  assert.ok(first.get(2)!.alone);
});

test("a road steps aside for the railway beside it, by half of all that runs there", () => {
  load();
  stand();
  layersOf("itineraries")[0].features.forEach(drawLines);
  setOffsets();
  assert.equal(Math.abs(steps("road-3").get(3)!.aside), 1.5);
  assert.equal(Math.sign(steps("road-3").get(3)!.aside), -Math.sign(steps("road-3").get(4)!.aside));
  assert.ok(!steps("road-3").get(3)!.alone);
});

test("hidden itineraries take no room", () => {
  load();
  stand();
  layersOf("itineraries")[0].features.forEach(drawLines);
  setOffsets();
  layersOf("itineraries")[0].visible = false;
  const before = steps("rail-1").get(0)!.offset;
  setOffsets();
  assert.equal(steps("rail-1").get(0)!.offset, before);
});
