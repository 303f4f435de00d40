import { load, stand } from "./atlas.ts";
import { draw, paths } from "./drawing.ts";
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import * as L from "leaflet";
import { byId, changeLanguage, layerById } from "../src/atlas.ts";
import { on, tell } from "../src/events.ts";
import { goTo, opened, openPopup, raise, show, startPopup } from "../src/popup.ts";
import { map, setElements } from "../src/stage.ts";
import type { DrawnLine, Feature, Part } from "../src/types.ts";

const told: string[] = [];
on("open", ({ id }) => told.push(`open ${id}`));
on("close", ({ id }) => told.push(`close ${id}`));
startPopup();

const feature = (id: string): Feature => byId.get(id)!;
const content = (): HTMLElement => opened!.popup.getElement()!;
const drawn = (part: Part, ...places: [number, number][]): DrawnLine => Object.assign(L.polyline(places), { part }) as never;

beforeEach(() => {
  load();
  stand();
  told.length = 0;
});

test("a popup is a dialogue with a name, no wider than the map", () => {
  const popup = raise(L.latLng(50, 70), document.createElement("p"), "A <name>", { offset: [0, -22] });
  const element = popup.getElement()!;
  assert.equal(element.getAttribute("role"), "dialog");
  assert.equal(element.getAttribute("aria-label"), "A <name>");
  assert.equal(element.querySelector(".leaflet-popup-close-button")!.getAttribute("aria-label"), "Close");
  assert.deepEqual([popup.options.maxWidth, popup.options.minWidth, popup.options.maxHeight], [340, 240, 360]);
  assert.deepEqual(popup.options.offset, [0, -22]);
  assert.equal(opened, null);
});

test("on a small map a feature's popup leaves more of it in sight", () => {
  stand(320, 600);
  openPopup(feature("rail-1"), L.latLng(50, 70));
  assert.deepEqual([opened!.popup.options.maxWidth, opened!.popup.options.maxHeight], [270, 252]);
});

test("one popup is open at a time, and its opening and closing are told", () => {
  openPopup(feature("rail-1"), L.latLng(50, 70));
  openPopup(feature("rail-2"), L.latLng(50, 70));
  assert.equal(opened!.feature.id, "rail-2");
  map.closePopup();
  assert.equal(opened, null);
  assert.deepEqual(told, ["open rail-1", "close rail-1", "open rail-2", "close rail-2"]);
});

test("it goes with its layer, but not with another", () => {
  openPopup(feature("rail-1"), L.latLng(50, 70));
  const { layer } = feature("astana");
  tell("layers", Object.assign(layer, { visible: false }));
  tell("layers", Object.assign(feature("rail-1").layer, { visible: true }));
  assert.equal(opened!.feature.id, "rail-1");
  tell("layers", Object.assign(feature("rail-1").layer, { visible: false }));
  assert.equal(opened, null);
});

test("it follows the language and the theme, and stays shut where it was", () => {
  openPopup(feature("rail-1"), L.latLng(50.4, 72.2));
  changeLanguage("ru");
  assert.equal(content().querySelector("h2")!.textContent, "1 Северный коридор");
  assert.equal(content().getAttribute("aria-label"), "1 · Северный коридор");
  const before = content().querySelector(".cm-card");
  tell("theme", true);
  assert.notEqual(content().querySelector(".cm-card"), before);
  assert.ok(content().querySelector(".cm-chainage"));
  map.closePopup();
  changeLanguage("en");
  tell("theme", false);
  assert.equal(opened, null);
});

test("points on the same spot are offered, and open where they are", () => {
  const [astana, karaganda, summit] = ["astana", "karaganda", "summit"].map(feature);
  astana.latlng = L.latLng(51.13, 71.43);
  karaganda.latlng = L.latLng(49.8, 73.1);
  summit.latlng = L.latLng(51.14, 71.43);
  openPopup(astana, astana.latlng);
  const also = content().querySelector(".cm-also")!;
  assert.deepEqual([...also.querySelectorAll("button")].map((chip) => chip.textContent), ["Summit of <b>Astana</b>"]);
  const zoom = map.getZoom();
  also.querySelector("button")!.click();
  assert.equal(opened!.feature, summit);
  assert.equal(map.getZoom(), zoom);
  summit.layer.visible = false;
  openPopup(astana, astana.latlng);
  assert.equal(content().querySelector(".cm-also"), null);
});

test("asked for a point the map goes there; asked for what has no place it stays", () => {
  const astana = feature("astana");
  astana.layer.visible = false;
  astana.latlng = L.latLng(51.13, 71.43);
  tell("choose", astana);
  assert.ok(astana.layer.visible);
  assert.equal(map.getZoom(), 7);
  assert.equal(opened!.feature, astana);
  const centre = map.getCenter();
  goTo(feature("summit"));
  assert.ok(opened!.latlng.equals(centre));
});

test("asked for a line the map shows all of it, and the popup stands in the middle of its longest piece", () => {
  const rail = feature("rail-1");
  rail.lines = [drawn("hit", [43, 76], [44, 76], [45, 76], [46, 76], [47, 76]), drawn("line", [43, 76], [44, 75], [45, 74]), drawn("line", [45, 74], [50, 73])];
  goTo(rail);
  assert.ok(opened!.latlng.equals(L.latLng(44, 75)));
  assert.ok(map.getBounds().contains(L.latLngBounds([[43, 76], [50, 73]])));
});

test("on a phone the panel gives way", () => {
  const app = document.createElement("div");
  const panel = document.createElement("div");
  panel.append(Object.assign(document.createElement("button"), { className: "cm-toggle" }));
  app.className = "cm-open";
  setElements({ app, panel });
  const phone = mock.method(window, "matchMedia", () => ({ matches: true }));
  goTo(feature("summit"));
  phone.mock.restore();
  assert.ok(!app.classList.contains("cm-open"));
});

test("a layer is shown and hidden, and everyone told", () => {
  draw();
  const shown: string[] = [];
  on("layers", (layer) => shown.push(`${layer.id} ${layer.visible}`));
  const layer = layerById("corridors")!;
  show(layer, false);
  assert.equal(paths("rail-1", "line").length, 0);
  show(layer, true);
  assert.ok(paths("rail-1", "line").length);
  assert.deepEqual(shown, ["corridors false", "corridors true"]);
});
