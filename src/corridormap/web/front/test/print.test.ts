import { load, small, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as L from "leaflet";
import { printMap, startPrint } from "../src/print.ts";

const fire = (name: string): boolean => window.dispatchEvent(new window.Event(name));
const sheet = (): HTMLElement => document.querySelector<HTMLElement>(".cm-print")!;

function show(width: number, height: number): void {
  const map = stand(width, height);
  map.getContainer().getBoundingClientRect = () => ({ left: 0, top: 0, width, height, right: width, bottom: height }) as DOMRect;
  L.control.scale({ imperial: false }).addTo(map);
}

startPrint();

beforeEach(() => {
  fire("afterprint");
  load();
  show(800, 600);
});

test("the sheet is there while the page goes to paper, and once only", () => {
  assert.equal(sheet(), null);
  fire("beforeprint");
  fire("beforeprint");
  assert.equal(document.querySelectorAll(".cm-print").length, 1);
  assert.equal(sheet().querySelector("h1")!.textContent, "Corridors");
  assert.equal(sheet().querySelector(".cm-print-map svg")!.getAttribute("viewBox"), "0 0 800 600");
  assert.ok(!sheet().classList.contains("cm-print-tall"));
  fire("afterprint");
  assert.equal(sheet(), null);
});

test("the legend tells of visible layers alone, and the foot of their sources", () => {
  fire("beforeprint");
  const legend = sheet().querySelector(".cm-print-legend")!;
  const heads = [...legend.querySelectorAll("h2")].map((head) => head.textContent);
  assert.deepEqual(heads, ["International corridors", "Border", "Border crossings", "Summits", "Stations and towns"]);
  assert.match(legend.querySelector("p")!.textContent, /2 km/);
  const foot = sheet().querySelector(".cm-print-foot")!.textContent;
  assert.match(foot, /OpenStreetMap railways, OpenStreetMap, 1 October 2026, ODbL-1\.0; Tariff guide; A report, The Press, November 2024/);
});

test("without a layer that dashes, nothing is said of dashes; sources that are not there are left out", () => {
  const atlas = small();
  delete atlas.layers[0].style.dash_over_m;
  atlas.layers[0].sources.push("gone");
  load(atlas);
  fire("beforeprint");
  assert.equal(sheet().querySelector(".cm-print-legend > p"), null);
  assert.doesNotMatch(sheet().textContent, /undefined|gone/);
});

test("a window that is taller than wide has a tall sheet", () => {
  show(390, 844);
  fire("beforeprint");
  assert.ok(sheet().classList.contains("cm-print-tall"));
});

test("where printing is forbidden in silence, the panel says so once", () => {
  const tool = document.createElement("button");
  const tools = document.createElement("div");
  tools.append(tool);
  document.body.append(tools);
  window.print = () => undefined;
  printMap(tool);
  printMap(tool);
  assert.equal(document.querySelectorAll("#cm-print-status").length, 1);
  assert.match(document.querySelector("#cm-print-status")!.textContent, /does not allow printing/);
});

test("where it is allowed, nothing more is said", () => {
  window.print = () => {
    fire("beforeprint");
    fire("afterprint");
  };
  printMap(document.createElement("button"));
  assert.equal(document.querySelector("#cm-print-status"), null);
});
