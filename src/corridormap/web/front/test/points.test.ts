import { draw } from "./drawing.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { byId, changeLanguage } from "../src/atlas.ts";

const marker = (id: string): HTMLElement => document.querySelector<HTMLElement>(`.cm-marker[data-feature="${id}"]`)!;

test("a point has a marker that says what it is, in the reader's language", () => {
  draw();
  assert.equal(marker("karaganda").dataset.layer, "places");
  assert.equal(marker("karaganda").getAttribute("aria-label"), "Karaganda");
  assert.equal(marker("karaganda").getAttribute("tabindex"), null);
  changeLanguage("kk");
  assert.equal(marker("karaganda").getAttribute("aria-label"), "Қарағанды");
});

test("a point without a position is not drawn", () => {
  draw();
  assert.equal(marker("summit"), null);
  assert.equal(byId.get("summit")!.latlng, undefined);
});

test("markers stand by their corner, not by a transform", () => {
  draw();
  assert.match(marker("almaty").style.left, /px$/);
  assert.equal(marker("almaty").style.transform, "");
});
