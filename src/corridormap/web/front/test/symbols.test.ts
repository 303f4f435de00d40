import { CARTOGRAPHY } from "./cartography.ts";
import "./setup.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { lineSymbol, pointSymbol, takeSymbols } from "../src/symbols.ts";
import type { Stroke } from "../src/types.ts";

takeSymbols(CARTOGRAPHY);

test("every shape of a point has a picture of its own; an unknown one is a circle", () => {
  const shapes = ["square", "diamond", "triangle", "star", "circle", "hexagon"];
  const pictures = shapes.map((shape) => pointSymbol({ colour: "#123456", size: 10, shape }).firstElementChild!);
  assert.deepEqual(pictures.map((picture) => picture.tagName), ["polygon", "polygon", "polygon", "polygon", "circle", "circle"]);
  assert.equal(new Set(pictures.slice(0, 4).map((picture) => picture.getAttribute("points"))).size, 4);
  assert.equal(pictures[3].getAttribute("points")!.split(" ").length, 10);
  assert.equal(pictures[4].getAttribute("r"), "5");
  assert.equal(pointSymbol({ colour: "#123456" }).getAttribute("width"), "13.6");
});

test("a line has its strokes over one another", () => {
  const strokes: Stroke[] = [{ part: "casing", colour: "#ffffff", width: 5.2 }, { part: "line", colour: "#0b5fa5", width: 3 },
    { part: "core", colour: "#fefefe", width: 1.26, dash: "5 5" }];
  const drawn = [...lineSymbol(strokes).children].map((line) => ["stroke", "stroke-width", "stroke-dasharray"].map((name) => line.getAttribute(name)));
  assert.deepEqual(drawn, [["#ffffff", "5.2", null], ["#0b5fa5", "3", null], ["#fefefe", "1.26", "5 5"]]);
});
