import { small } from "./atlas.ts";
import { draw, paths } from "./drawing.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { byId, layerById } from "../src/atlas.ts";
import { tell } from "../src/events.ts";
import { show } from "../src/chosen.ts";
import { fitWidths, highlight } from "../src/lines.ts";
import { map } from "../src/stage.ts";

const ends = (path: SVGPathElement): number[][] => [...path.getAttribute("d")!.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map((match) => match.slice(1).map(Number));

test("every path says what it is", () => {
  draw();
  assert.deepEqual({ ...paths("rail-1", "line")[0].dataset }, { layer: "corridors", feature: "rail-1", number: "1", part: "line" });
  assert.equal(paths("border-land", "line")[0].dataset.number, undefined);
  assert.ok(paths("rail-2", "core").length);
  assert.equal(paths("road-3", "core").length, 0);
  assert.ok(paths("rail-1", "casing").length);
  // Hidden at first.
  assert.equal(document.querySelectorAll("path[data-layer=network_links]").length, 0);
});

test("what is uncertain or not open is a run of its own, dashed", () => {
  draw();
  const dashes = (id: string): (string | null)[] => paths(id, "line").map((path) => path.getAttribute("stroke-dasharray"));
  assert.deepEqual(dashes("rail-1"), [null, "7 6"]);
  assert.deepEqual(dashes("rail-2"), [null]);
  assert.deepEqual(dashes("road-3"), [null, "7 6"]);
});

test("a corridor in the middle lane lies on its link, another keeps its lane whatever is shown", () => {
  draw();
  const gap = (): number => {
    const [one, other] = ["rail-1", "rail-2"].map((id) => ends(paths(id, "line")[0]));
    // The one begins where the other ends: both in Almaty.
    return Math.hypot(one[0][0] - other.at(-1)![0], one[0][1] - other.at(-1)![1]);
  };
  const spacing = 4.4 * (0.62 + 1.25 * 0.26);
  assert.ok(Math.abs(gap() - spacing) < 0.15, String(gap()));
  show(layerById("network_links")!, true);
  assert.deepEqual(ends(paths("rail-1", "line")[1]), ends(paths("rail:astana-border", "line")[0]));
  assert.ok(Math.abs(gap() - spacing) < 0.15, String(gap()));
});

test("a road beside a railway is displaced on small maps, not on large ones", () => {
  draw();
  const link = layerById("network_links")!;
  show(link, true);
  const gap = (zoom: number): number => {
    map.setZoom(zoom, { animate: false });
    const [road, track] = ["road-3", "road:almaty-karaganda"].map((id) => ends(paths(id, "line")[0])[0]);
    return Math.hypot(road[0] - track[0], road[1] - track[1]);
  };
  assert.ok(gap(5) > 5);
  assert.equal(gap(9), 0);
});

test("a link that is travelled twice is drawn once", () => {
  const atlas = small();
  atlas.layers[0].shapes[1] = { w: [[2, -1], [2]] };
  draw(atlas);
  assert.equal(paths("rail-2", "line").length, 1);
});

test("pointing at one corridor fades the others", () => {
  draw();
  highlight(byId.get("rail-1")!);
  assert.ok(!paths("rail-1", "line")[0].classList.contains("cm-faded"));
  assert.ok(paths("rail-2", "line")[0].classList.contains("cm-faded"));
  assert.ok(!paths("border-land", "line")[0].classList.contains("cm-faded"));
  highlight(null);
  assert.equal(document.querySelectorAll(".cm-faded").length, 0);
});

test("lines grow with the zoom", () => {
  draw();
  const widths = [4, 8].map((zoom) => {
    map.setZoom(zoom, { animate: false });
    fitWidths();
    return Number(paths("rail-1", "line")[0].getAttribute("stroke-width"));
  });
  assert.ok(widths[0] < widths[1]);
});

test("the theme repaints the lines, not their casing", () => {
  draw();
  tell("paint", false);
  assert.equal(paths("rail-1", "line")[0].getAttribute("stroke"), "#0b5fa5");
  assert.equal(paths("rail-1", "casing")[0].getAttribute("stroke"), "#ffffff");
});
