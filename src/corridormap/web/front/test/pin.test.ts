import { load, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type * as L from "leaflet";
import { byId, changeLanguage, layerById } from "../src/atlas.ts";
import { alongKm, waysOf } from "../src/chainage.ts";
import { on } from "../src/events.ts";
import { itineraryByKey, roads } from "../src/find.ts";
import { clearPin, itineraryEnds, itineraryName, pinned, placeTitle, showPlace, showPosition, showRoad, startPin } from "../src/pin.ts";
import { startChosen } from "../src/chosen.ts";
import { closeCard, startSide } from "../src/side.ts";
import { t } from "../src/words.ts";

load();
startChosen();
startSide();
startPin();
const rail = itineraryByKey("rail-1")!;
const road = roads().get("m36")!;
let told = 0;
on("pin", () => { told += 1; });
let map: L.Map;

beforeEach(() => {
  clearPin();
  changeLanguage("en");
  map = stand();
  told = 0;
});

const card = (): HTMLElement | null => document.querySelector<HTMLElement>(".cm-side .cm-card");
const rows = (): Record<string, string> =>
  Object.fromEntries([...card()!.querySelectorAll("dt")].map((dt) => [dt.textContent, dt.nextElementSibling!.textContent]));

test("itineraries have a name and two ends", () => {
  assert.equal(itineraryName(rail), "1 · Northern Corridor");
  assert.equal(itineraryEnds(rail), "Almaty – Petropavl – Petukhovo");
  assert.equal(itineraryName(road.lines[0]), "M-36");
  assert.equal(itineraryEnds(road.lines[0]), "Almaty – Astana");
});

test("a place is pinned, with the nodes before and after it", () => {
  const km = waysOf(rail.shape)[0].nodes[1].km;
  assert.ok(showPlace(rail, km + 10));
  assert.deepEqual(pinned(), { key: "rail-1", km: km + 10 });
  assert.equal(told, 1);
  assert.equal(card()!.querySelector("h2")!.textContent, placeTitle(rail, km + 10));
  assert.match(rows()[t("chainage_before")], /Karaganda – 10 km$/);
  assert.match(rows()[t("chainage_after")], /Astana – /);
  assert.equal(rows()[t("chainage_start")], "Almaty");
  const { lat, lng } = alongKm(rail.shape, km + 10)!.latlng;
  assert.ok(Object.values(rows()).includes(`${lat.toFixed(5)}, ${lng.toFixed(5)}`));
  assert.equal(document.querySelectorAll(".cm-pin").length, 1);
  assert.ok(map.getCenter().distanceTo([lat, lng]) < 1000);
  assert.equal(map.getZoom(), 7);
});

test("a position is pinned, with the corridors nearest to it", () => {
  const node = waysOf(rail.shape)[0].nodes[1];
  const { lat, lng } = alongKm(rail.shape, node.km)!.latlng;
  showPosition({ lat: lat + 0.1, lng });
  assert.equal(pinned(), null);
  assert.equal(card()!.querySelector("h2")!.textContent, `${(lat + 0.1).toFixed(5)}, ${lng.toFixed(5)}`);
  const chips = [...card()!.querySelectorAll(".cm-chip")].map((chip) => chip.textContent);
  assert.equal(chips.length, 3);
  // A tenth of a degree of latitude is 11 km, and the lines lie aslant.
  assert.match(chips[0], /km [\d.,]+, (\d|10|11)(\.\d)? km away$/);
  assert.equal(document.querySelectorAll(".cm-pin").length, 1);
  assert.ok(map.getCenter().distanceTo([lat + 0.1, lng]) < 1000);
});

test("a place beyond the end is none, and leaves what was shown", () => {
  showPlace(rail, 100);
  for (const km of [99999, -1, NaN]) assert.equal(showPlace(rail, km), false);
  assert.deepEqual(pinned(), { key: "rail-1", km: 100 });
});

test("the map stays where it is when asked to, and a hidden layer is shown", () => {
  layerById("corridors")!.visible = false;
  const before = map.getZoom();
  showPlace(rail, 100, true);
  assert.equal(map.getZoom(), before);
  assert.ok(layerById("corridors")!.visible);
});

test("there is one pin at a time, and it goes", () => {
  showPlace(rail, 100);
  showPlace(road.lines[0], 200);
  assert.deepEqual(pinned(), { key: "M-36", km: 200 });
  assert.equal(document.querySelectorAll(".cm-pin").length, 1);
  told = 0;
  clearPin();
  clearPin();
  assert.equal(told, 1);
  assert.equal(pinned(), null);
  assert.equal(card(), null);
  assert.equal(document.querySelectorAll(".cm-pin").length, 0);
});

test("a road is raised, with its length and the corridors on it", () => {
  showRoad(road);
  assert.equal(pinned(), null);
  assert.equal(document.querySelectorAll("path.cm-raised").length, 1);
  assert.equal(card()!.querySelector("h2")!.textContent, "M-36");
  assert.match(rows()["Almaty – Astana"], /^[\d,]+(\.\d)? km$/);
  const chips = [...card()!.querySelectorAll<HTMLElement>(".cm-chip")];
  assert.equal(chips.length, 1);
  assert.match(chips[0].textContent, /Almaty – Astana/);
  assert.ok(road.lines.every((line) => waysOf(line.shape)[0].places.every((place) => map.getBounds().contains(place))));
});

test("pin and card follow the language, a closed card stays closed", () => {
  showPlace(rail, 100);
  changeLanguage("ru");
  assert.match(card()!.querySelector("h2")!.textContent, /Северный коридор/);
  assert.match(document.querySelector(".cm-pin")!.getAttribute("aria-label")!, /Северный коридор/);
  closeCard();
  changeLanguage("kk");
  assert.equal(card(), null);
  assert.match(document.querySelector(".cm-pin")!.getAttribute("aria-label")!, /Солтүстік дәліз/);
});

test("a click on the pin opens its card again, a chip leads to its feature", () => {
  showPlace(rail, waysOf(rail.shape)[0].nodes[1].km + 10);
  closeCard();
  document.querySelector<HTMLElement>(".cm-pin")!.click();
  assert.ok(card());
  let opened = "";
  on("open", (feature) => { opened = feature.id; });
  card()!.querySelector<HTMLElement>(".cm-chip")!.click();
  assert.equal(opened, "karaganda");
  assert.ok(byId.has(opened));
});
