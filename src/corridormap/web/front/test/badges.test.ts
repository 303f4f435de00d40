import { load } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { byId } from "../src/atlas.ts";
import { badge, mark, shield } from "../src/badges.ts";

test("a corridor's badge is its number, square for rail and round for road", () => {
  load();
  const [rail, road] = ["rail-1", "road-3"].map((id) => shield(byId.get(id)!));
  assert.equal(rail.textContent, "1");
  assert.ok(rail.classList.contains("cm-shield-rail"));
  assert.ok(road.classList.contains("cm-shield-road"));
  assert.equal(rail.style.borderColor, "rgb(11, 95, 165)");
  assert.deepEqual({ ...rail.dataset }, { layer: "corridors", feature: "rail-1", number: "1" });
});

test("other badges are the symbols of their layers", () => {
  load();
  assert.equal(badge(byId.get("almaty")!).querySelector("circle")!.getAttribute("fill"), "#444444");
  assert.ok(badge(byId.get("border-land")!).querySelector("line"));
  assert.equal(badge(byId.get("rail-2")!).textContent, "2");
});

test("an element of a feature without a number has none", () => {
  load();
  const element = document.createElement("p");
  mark(element, byId.get("almaty")!);
  assert.deepEqual({ ...element.dataset }, { layer: "places", feature: "almaty" });
});
