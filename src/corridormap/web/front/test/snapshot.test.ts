import { load, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as L from "leaflet";
import { h, svg } from "../src/dom.ts";
import { fullPicture, mapPicture } from "../src/snapshot.ts";

let map: L.Map;

/** Give an element a box, for jsdom lays nothing out. */
function lay<T extends Element>(element: T, left: number, top: number, width: number, height: number): T {
  element.getBoundingClientRect = () => ({ left, top, width, height, right: left + width, bottom: top + height, x: left, y: top }) as DOMRect;
  return element;
}

function marker(left: number): HTMLElement {
  return h("div", { class: "cm-marker" }, lay(svg("svg", { viewBox: "-5 -5 10 10" }, svg("circle", { r: 4, fill: "#a8790a" })), left, 50, 10, 10));
}

beforeEach(() => {
  load();
  map = stand();
  lay(map.getContainer(), 20, 10, 800, 600);
  map.attributionControl = L.control.attribution({ prefix: false }).addTo(map).addAttribution("OpenStreetMap");
  L.control.scale({ imperial: false }).addTo(map);
});

test("lines are copied with their looks, but not what nobody sees", () => {
  const line = (part: string, style: string): SVGElement => {
    const path = svg("path", { d: "M1 2L3 4", class: "cm-line" });
    path.dataset.part = part;
    path.setAttribute("style", style);
    return path;
  };
  const looks = "fill: none; stroke: rgb(11, 95, 165)";
  map.getPane("cm-line")!.append(svg("svg", {}, svg("g", {}, line("line", looks), line("line", `${looks}; display: none`),
    line("line", "fill: none; stroke: none"), svg("path", { d: "M0 0", style: looks }))));
  const paths = mapPicture().querySelectorAll("g[transform] path");
  assert.equal(paths.length, 1);
  assert.equal(paths[0].getAttribute("d"), "M1 2L3 4");
  assert.equal(paths[0].getAttribute("stroke"), "rgb(11, 95, 165)");
  assert.equal(paths[0].getAttribute("style"), null);
  assert.equal(paths[0].getAttribute("class"), null);
});

test("symbols in sight are copied to where they stand on the map, others not", () => {
  map.getPane("cm-point")!.append(marker(120), marker(900), h("div", { class: "cm-marker" }));
  const symbols = mapPicture().querySelectorAll("svg");
  assert.equal(symbols.length, 1);
  assert.deepEqual(["x", "y", "width", "viewBox"].map((name) => symbols[0].getAttribute(name)), ["100", "40", "10", "-5 -5 10 10"]);
  assert.equal(symbols[0].querySelector("circle")!.getAttribute("fill"), "#a8790a");
});

test("panes are drawn in the order in which they are stacked", () => {
  for (const [pane, height] of [["cm-line", "1"], ["cm-under", "2"]]) {
    map.getPane(pane)!.style.zIndex = height;
    map.getPane(pane)!.append(svg("svg", {}, svg("path", { d: `M0 0L1 ${height}`, style: "stroke: red" })));
  }
  assert.deepEqual([...mapPicture().querySelectorAll("g[transform] path")].map((path) => path.getAttribute("d")), ["M0 0L1 1", "M0 0L1 2"]);
});

test("labels are text about their middle, shields a frame with a number", () => {
  const label = lay(h("div", { class: "cm-label" }, "<b>Алматы</b>"), 120, 60, 40, 20);
  label.style.textShadow = "0 0 2px rgb(255, 255, 255)";
  map.getPane("cm-label")!.append(label, lay(h("span", { class: "cm-shield" }, "7"), 220, 60, 20, 18), lay(h("div", null, "away"), -100, 60, 20, 18));
  const picture = mapPicture();
  const texts = [...picture.querySelectorAll("text")].map((text) => text.textContent);
  assert.deepEqual(texts.slice(0, 2), ["<b>Алматы</b>", "7"]);
  assert.ok(!texts.includes("away"));
  const [first] = picture.querySelectorAll("text");
  assert.deepEqual(["x", "y"].map((name) => first.getAttribute(name)), ["120", "60"]);
  assert.equal(first.parentElement!.getAttribute("stroke"), "rgb(255, 255, 255)");
  assert.equal(picture.querySelectorAll("rect[rx]").length, 1);
});

test("the whole picture has the title above, the attribution beneath, and refers to nothing outside", () => {
  const picture = fullPicture();
  const text = new XMLSerializer().serializeToString(picture);
  assert.equal(picture.querySelector(":scope > text")!.textContent, "Corridors");
  assert.equal([...picture.querySelectorAll(":scope > text")].at(-1)!.textContent, "OpenStreetMap");
  assert.ok(Number(picture.getAttribute("height")) > 600);
  const view = picture.querySelector("svg")!;
  assert.deepEqual([view.getAttribute("y"), view.getAttribute("overflow")], ["42", "hidden"]);
  assert.match(text, /\d km|\d m/);
  assert.doesNotMatch(text, /href|style=/);
});

test("a long title is broken into lines, each at a word", () => {
  const atlas = load();
  atlas.title.en = "word ".repeat(200).trim();
  const titles = [...fullPicture().querySelectorAll(":scope > text[font-weight='600']")].map((text) => text.textContent);
  assert.ok(titles.length > 1);
  assert.equal(titles.join(" "), atlas.title.en);
  // The ruler of the tests gives each letter 7 pixels.
  assert.ok(titles.every((title) => title.length * 7 <= 800 - 32));
});
