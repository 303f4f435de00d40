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
