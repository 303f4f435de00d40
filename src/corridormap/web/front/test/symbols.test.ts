import "./setup.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { lineSymbol, pointSymbol } from "../src/symbols.ts";

test("every shape of a point has a picture of its own; an unknown one is a circle", () => {
  const shapes = ["square", "diamond", "triangle", "star", "circle", "hexagon"];
  const pictures = shapes.map((shape) => pointSymbol({ colour: "#123456", size: 10, shape }).firstElementChild!);
  assert.deepEqual(pictures.map((picture) => picture.tagName), ["polygon", "polygon", "polygon", "polygon", "circle", "circle"]);
  assert.equal(new Set(pictures.slice(0, 4).map((picture) => picture.getAttribute("points"))).size, 4);
  assert.equal(pictures[3].getAttribute("points")!.split(" ").length, 10);
  assert.equal(pictures[4].getAttribute("r"), "5");
  assert.equal(pointSymbol({ colour: "#123456" }).getAttribute("width"), "13.6");
});

test("rail, road, sea and uncertain lines differ by more than colour", () => {
  const parts = (...given: Parameters<typeof lineSymbol>): (string | null)[][] => [...lineSymbol(...given).children]
    .map((line) => ["stroke", "stroke-width", "stroke-dasharray"].map((name) => line.getAttribute(name)));
  const symbol = { colour: "#0b5fa5", width: 3 };
  assert.deepEqual(parts(symbol, "road"), [["#0b5fa5", "3", null]]);
  assert.deepEqual(parts(symbol, "rail", "#ffffff"), [["#ffffff", "5.2", null], ["#0b5fa5", "3", null], ["#ffffff", "1.26", "5 5"]]);
  assert.deepEqual(parts(symbol, "sea"), [["#0b5fa5", "3", "1 6"]]);
  assert.deepEqual(parts({ ...symbol, dash: "7 6" }, "rail"), [["#0b5fa5", "3", "7 6"]]);
});
