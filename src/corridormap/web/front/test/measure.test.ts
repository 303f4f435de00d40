import { load, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import * as L from "leaflet";
import { chain } from "../src/chainage.ts";
import { tell } from "../src/events.ts";
import { isMeasuring, toggleMeasuring } from "../src/measure.ts";
import { distance, setLanguage } from "../src/words.ts";

let map: L.Map;

const points = (): L.LatLng[] => {
  const found: L.LatLng[] = [];
  map.eachLayer((layer) => {
    if (layer instanceof L.CircleMarker) found.push(layer.getLatLng());
  });
  return found;
};
const lines = (): L.Polyline[] => {
  const found: L.Polyline[] = [];
  map.eachLayer((layer) => {
    if (layer instanceof L.Polyline) found.push(layer as L.Polyline);
  });
  return found;
};
const result = (): string => document.querySelector(".cm-measure-result")!.textContent;
const buttons = (): HTMLButtonElement[] => [...document.querySelectorAll<HTMLButtonElement>(".cm-measure button")];

function click(x: number, y: number, detail = 1, target: Element = map.getContainer()): MouseEvent {
  const event = new window.MouseEvent("click", { clientX: x, clientY: y, detail, bubbles: true, cancelable: true });
  target.dispatchEvent(event);
  return event;
}

function key(name: string, target: Element = map.getContainer()): KeyboardEvent {
  const event = new window.KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true });
  target.dispatchEvent(event);
  return event;
}

beforeEach(() => {
  load();
  map = stand();
  toggleMeasuring();
});

afterEach(() => {
  if (isMeasuring()) toggleMeasuring();
  setLanguage("en");
});

test("clicks set points, and the length is the geodesic between them", () => {
  assert.equal(result(), "No points yet.");
  click(100, 300);
  assert.equal(result(), "One point set. Set the next one.");
  click(500, 200);
  assert.equal(points().length, 2);
  assert.deepEqual(points()[0], map.containerPointToLatLng([100, 300]));
  assert.equal(result(), `Distance: ${distance(chain(points())[1])} (points: 2)`);
});

test("nobody else hears of a click, and what is no press sets nothing", () => {
  let heard = 0;
  map.on("click", () => { heard += 1; });
  assert.ok(click(100, 300).defaultPrevented);
  click(110, 300, 2);
  assert.equal(heard, 0);
  assert.equal(points().length, 1);
  const control = document.createElement("div");
  control.className = "leaflet-control";
  map.getContainer().append(control);
  assert.ok(!click(120, 300, 1, control).defaultPrevented);
  assert.equal(points().length, 1);
});

test("the line is drawn along the shortest way, a long one bent towards the pole", () => {
  map.setView([60, 0], 3, { animate: false });
  click(200, 300);
  click(600, 300);
  const [from, to] = points();
  assert.equal(from.lat, to.lat);
  const drawn = lines()[0].getLatLngs() as L.LatLng[];
  assert.ok(drawn.length > 10);
  assert.ok(Math.max(...drawn.map(({ lat }) => lat)) > from.lat + 2);
  assert.deepEqual([drawn[0], drawn.at(-1)], [from, to]);
});

test("across the 180th meridian the line goes on, and does not leap round the world", () => {
  map.setView([-19, 180], 5, { animate: false });
  click(100, 300);
  click(700, 250);
  const [from, to] = points();
  const drawn = (lines()[0].getLatLngs() as L.LatLng[]).map(({ lng }) => lng);
  assert.ok(drawn.length > 10);
  assert.ok(drawn.every((lng, i) => i === 0 || lng > drawn[i - 1]));
  assert.deepEqual([drawn[0], drawn.at(-1)], [from.lng, to.lng]);
});

test("the keyboard sets points, takes the last one back and ends", () => {
  assert.equal(document.activeElement, map.getContainer());
  key("Enter");
  map.setView([50, 75], 5, { animate: false });
  key("Enter");
  assert.deepEqual(points().map(({ lat }) => Math.round(lat)), [49, 50]);
  assert.ok(key("Backspace").defaultPrevented);
  assert.equal(points().length, 1);
  key("Enter", document.body);
  assert.equal(points().length, 1);
  key("Escape", document.body);
  assert.ok(!isMeasuring());
});

test("Escape in a dialogue or the table is theirs, and without points Backspace is the browser's", () => {
  assert.ok(!key("Backspace").defaultPrevented);
  const table = document.createElement("div");
  table.className = "cm-table";
  document.body.append(table);
  assert.ok(!key("Escape", table).defaultPrevented);
  assert.ok(isMeasuring());
});

test("buttons add, take back and clear; a button that goes dead gives its focus to the map", () => {
  const [centre, undo, clear] = buttons();
  assert.deepEqual([undo.disabled, clear.disabled], [true, true]);
  centre.click();
  centre.click();
  assert.equal(points().length, 2);
  undo.click();
  assert.equal(points().length, 1);
  clear.focus();
  clear.click();
  assert.equal(points().length, 0);
  assert.ok(clear.disabled);
  assert.equal(document.activeElement, map.getContainer());
});

test("at the end the map is its old self again", () => {
  click(100, 300);
  buttons().at(-1)!.click();
  assert.ok(!isMeasuring());
  assert.equal(document.querySelector(".cm-measure, .cm-measuring"), null);
  assert.equal(points().length + lines().length, 0);
  let heard = 0;
  map.on("click", () => { heard += 1; });
  click(100, 300);
  key("Enter");
  assert.equal(heard, 1);
  toggleMeasuring();
  assert.equal(result(), "No points yet.");
});

test("the language changes while measuring, and the points stay", () => {
  click(100, 300);
  click(500, 200);
  setLanguage("ru");
  tell("language", "ru");
  assert.match(result(), /Расстояние/);
  assert.equal(points().length, 2);
  assert.equal(document.querySelectorAll(".cm-measure").length, 1);
});

test("a language changed at any other time opens nothing", () => {
  toggleMeasuring();
  tell("language", "ru");
  assert.equal(document.querySelector(".cm-measure"), null);
});
