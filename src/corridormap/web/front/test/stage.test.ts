import { load, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { h } from "../src/dom.ts";
import { app, foldSheet, map, openPanel, panel } from "../src/stage.ts";

test("the panel opens and folds, says so, and gives its room to the map", () => {
  load();
  stand();
  panel.append(h("button", { class: "cm-toggle" }), h("div", { class: "cm-body" }));
  let resized = 0;
  map.invalidateSize = () => {
    resized += 1;
    return map;
  };
  openPanel(false);
  assert.ok(!app.classList.contains("cm-open"));
  assert.equal(panel.querySelector(".cm-toggle")!.getAttribute("aria-expanded"), "false");
  assert.ok(panel.querySelector<HTMLElement>(".cm-body")!.hidden);
  openPanel(false);
  assert.equal(resized, 1);
  openPanel(true);
  // A column beside the map is left as it is; a sheet over it would go.
  foldSheet();
  assert.ok(app.classList.contains("cm-open"));
});
