import { draw, paths } from "./drawing.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { layerById } from "../src/atlas.ts";
import { on } from "../src/events.ts";
import { show } from "../src/layers.ts";

test("a layer is shown and hidden, and everyone told", () => {
  draw();
  const told: string[] = [];
  on("layers", (layer) => told.push(`${layer.id} ${layer.visible}`));
  const layer = layerById("corridors")!;
  show(layer, false);
  assert.equal(paths("rail-1", "line").length, 0);
  show(layer, true);
  assert.ok(paths("rail-1", "line").length);
  assert.deepEqual(told, ["corridors false", "corridors true"]);
});
