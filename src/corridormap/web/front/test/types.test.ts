import assert from "node:assert/strict";
import { test } from "node:test";
import { polyline } from "./atlas.ts";
import { decode } from "../src/types.ts";

test("a polyline gives latitudes and longitudes, at any scale", () => {
  assert.deepEqual(decode(polyline([[71, 50], [71.5, -49], [71.5, -49]], 10_000), 10_000), [[50, 71], [-49, 71.5], [-49, 71.5]]);
  assert.deepEqual(decode(polyline([[-0.25, 0.5]], 4), 4), [[0.5, -0.25]]);
  assert.deepEqual(decode("", 10), []);
});
