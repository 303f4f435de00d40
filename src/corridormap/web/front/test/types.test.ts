import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../src/types.ts";

test("steps add up to latitude and longitude", () => {
  assert.deepEqual(decode([710000, 500000, 5000, -10000, 0, 0], 10_000), [[50, 71], [49, 71.5], [49, 71.5]]);
  assert.deepEqual(decode([], 10), []);
});
