import "./setup.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as L from "leaflet";
import { CARTOGRAPHY } from "./cartography.ts";
import { readData, readFrame } from "../src/atlas.ts";
import { tell } from "../src/events.ts";
import { map, setMap } from "../src/stage.ts";
import { startTiles } from "../src/backdrop.ts";
import type { Data, Frame } from "../src/types.ts";
import { setLanguage } from "../src/words.ts";

const TILES = {
  url: "https://{s}.example.org/{z}/{x}/{y}.png", subdomains: ["a", "b"], min_zoom: 0, max_zoom: 17,
  attribution: "Map: <b>A & B</b>", referrer_policy: "strict-origin-when-cross-origin",
};

beforeEach(() => {
  readFrame({ lang: "en", languages: ["en", "ru"] } as unknown as Frame);
  readData({
    backdrop: [], sources: { id: [] }, cartography: CARTOGRAPHY, layers: [], links: { scale: 1, lines: [] }, tiles: TILES, locales: { tiles_missing: { en: "Some are missing.", ru: "Не все." } },
  } as unknown as Data);
  const element = document.body.appendChild(document.createElement("div"));
  Object.defineProperties(element, { clientWidth: { value: 600 }, clientHeight: { value: 400 } });
  setMap(L.map(element, { zoomAnimation: false, fadeAnimation: false }).setView([43, 77], 6, { animate: false }));
});

const images = (): HTMLImageElement[] => [...map.getContainer().querySelectorAll<HTMLImageElement>("img.leaflet-tile")];
const notice = (): HTMLElement => map.getContainer().querySelector<HTMLElement>(".cm-quiet")!;

test("tiles come from where the atlas says, under the map's lines, and say so as text", () => {
  startTiles();
  assert.ok(images().length > 0);
  for (const image of images()) {
    assert.match(image.src, /^https:\/\/[ab]\.example\.org\/6\/\d+\/\d+\.png$/);
    assert.equal(image.referrerPolicy, TILES.referrer_policy);
  }
  assert.equal(map.getPane("cm-tiles")!.style.zIndex, "215");
  assert.ok(map.getPane("cm-tiles")!.contains(images()[0]));
  const attribution = map.getContainer().querySelector(".leaflet-control-attribution")!;
  assert.ok(attribution.textContent.includes(TILES.attribution));
  assert.equal(attribution.querySelector("b"), null);
});

test("a quiet word says when one is missing, in the reader's language, and goes when one comes", () => {
  startTiles();
  assert.equal(notice().hidden, true);
  assert.equal(notice().getAttribute("role"), "status");
  images()[0].dispatchEvent(new window.Event("error"));
  assert.equal(notice().hidden, false);
  assert.equal(notice().textContent, "Some are missing.");
  setLanguage("ru");
  tell("language", "ru");
  assert.equal(notice().textContent, "Не все.");
  images()[1].dispatchEvent(new window.Event("load"));
  assert.equal(notice().hidden, true);
  tell("language", "en");
  assert.equal(notice().textContent, "");
});

test("an atlas without tiles has none", () => {
  readData({ backdrop: [], sources: { id: [] }, layers: [], links: { scale: 1, lines: [] }, locales: {}, tiles: undefined } as unknown as Data);
  startTiles();
  assert.deepEqual(images(), []);
  assert.equal(notice(), null);
});
