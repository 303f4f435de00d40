import { load, stand } from "./atlas.ts";
import { draw, paths } from "./drawing.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as L from "leaflet";
import { byId, changeLanguage, layerById } from "../src/atlas.ts";
import { choose, chooseAmong, chosen, fit, goTo, leave, show, startChosen } from "../src/chosen.ts";
import { on, tell } from "../src/events.ts";
import { closeCard, startSide } from "../src/side.ts";
import { map } from "../src/stage.ts";
import type { DrawnLine, Feature } from "../src/types.ts";

const told: string[] = [];
on("open", ({ id }) => told.push(`open ${id}`));
on("close", ({ id }) => told.push(`close ${id}`));
startChosen();
startSide();

const feature = (id: string): Feature => byId.get(id)!;
const card = (): HTMLElement => document.querySelector<HTMLElement>(".cm-side")!;
const drawn = (...places: [number, number][]): DrawnLine => Object.assign(L.polyline(places), { part: "line" }) as never;

beforeEach(() => {
  closeCard();
  load();
  stand();
  told.length = 0;
});

test("one feature is chosen at a time, and choosing and leaving are told", () => {
  choose(feature("rail-1"), L.latLng(50, 70));
  choose(feature("rail-2"), L.latLng(50, 70));
  assert.equal(chosen, feature("rail-2"));
  assert.equal(document.querySelectorAll(".cm-side").length, 1);
  leave();
  assert.equal(chosen, null);
  assert.deepEqual(told, ["open rail-1", "close rail-1", "open rail-2", "close rail-2"]);
});

test("it goes with its layer, but not with another", () => {
  choose(feature("rail-1"), null);
  const { layer } = feature("astana");
  tell("layers", Object.assign(layer, { visible: false }));
  tell("layers", Object.assign(feature("rail-1").layer, { visible: true }));
  assert.equal(chosen, feature("rail-1"));
  tell("layers", Object.assign(feature("rail-1").layer, { visible: false }));
  assert.equal(chosen, null);
});

test("its card follows the language and the theme, and tells of the place it was met at", () => {
  choose(feature("rail-1"), L.latLng(50.4, 72.2));
  changeLanguage("ru");
  assert.equal(card().querySelector("h2")!.textContent, "1 Северный коридор");
  assert.equal(card().getAttribute("aria-label"), "1 · Северный коридор");
  const before = card().querySelector(".cm-card");
  tell("theme", true);
  assert.notEqual(card().querySelector(".cm-card"), before);
  assert.ok(card().querySelector(".cm-chainage"));
  choose(feature("rail-1"), null);
  assert.equal(card().querySelector(".cm-chainage"), null);
  leave();
  changeLanguage("en");
  tell("theme", false);
  assert.equal(card(), null);
});

test("points on the same spot are offered, without the map's moving", () => {
  const [astana, karaganda, summit] = ["astana", "karaganda", "summit"].map(feature);
  astana.latlng = L.latLng(51.13, 71.43);
  karaganda.latlng = L.latLng(49.8, 73.1);
  summit.latlng = L.latLng(51.14, 71.43);
  summit.layer.visible = true;
  choose(astana, null);
  const also = card().querySelector(".cm-also")!;
  assert.deepEqual([...also.querySelectorAll("button")].map((chip) => chip.textContent), ["Summit of <b>Astana</b>"]);
  const zoom = map.getZoom();
  also.querySelector("button")!.click();
  assert.equal(chosen, summit);
  assert.equal(map.getZoom(), zoom);
  summit.layer.visible = false;
  choose(astana, null);
  assert.equal(card().querySelector(".cm-also"), null);
});

test("among lines that run together the reader chooses, and may choose again", () => {
  const [one, two] = ["rail-1", "rail-2"].map(feature);
  chooseAmong([one, two], L.latLng(50, 70));
  assert.equal(chosen, null);
  assert.equal(card().getAttribute("aria-label"), "Lines that run together here");
  const chips = (): HTMLButtonElement[] => [...card().querySelectorAll<HTMLButtonElement>(".cm-chip")];
  assert.deepEqual(chips().slice(0, 2).map((chip) => chip.dataset.feature ?? chip.querySelector<HTMLElement>(".cm-shield")!.dataset.feature), ["rail-1", "rail-2"]);
  chips()[1].click();
  assert.equal(chosen, two);
  card().querySelector<HTMLButtonElement>(".cm-also .cm-chip")!.click();
  assert.equal(chosen, one);
});

test("asked for a point the map goes there; asked for what has no place it stays", () => {
  const astana = feature("astana");
  astana.layer.visible = false;
  astana.latlng = L.latLng(51.13, 71.43);
  tell("choose", astana);
  assert.ok(astana.layer.visible);
  assert.equal(map.getZoom(), 7);
  assert.equal(chosen, astana);
  const centre = map.getCenter();
  goTo(feature("summit"));
  assert.ok(map.getCenter().equals(centre));
});

test("asked for a line the map shows all of it, unless it is to stay", () => {
  const rail = feature("rail-1");
  rail.lines = [drawn([43, 76], [44, 75], [45, 74]), drawn([45, 74], [50, 73])];
  const before = map.getBounds();
  goTo(rail, true);
  assert.ok(map.getBounds().equals(before));
  goTo(rail);
  assert.ok(map.getBounds().contains(L.latLngBounds([[43, 76], [50, 73]])));
  fit([[43, 76], [50, 73]], 4);
  assert.equal(map.getZoom(), 4);
});

test("a layer is shown and hidden, and everyone told", () => {
  draw();
  const shown: string[] = [];
  on("layers", (layer) => shown.push(`${layer.id} ${layer.visible} ${layer.asked}`));
  const layer = layerById("corridors")!;
  show(layer, false);
  assert.equal(paths("rail-1", "line").length, 0);
  show(layer, true);
  assert.ok(paths("rail-1", "line").length);
  assert.deepEqual(shown, ["corridors false false", "corridors true true"]);
});
