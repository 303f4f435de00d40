import { load, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { changeLanguage, data, layers } from "../src/atlas.ts";
import { frameEmbed, isEmbedded, startEmbed } from "../src/embed.ts";
import { show } from "../src/chosen.ts";
import { app, map, options } from "../src/stage.ts";
import { t } from "../src/words.ts";

load();

beforeEach(() => {
  changeLanguage("en");
  for (const name of Object.keys(options) as (keyof typeof options)[]) delete options[name];
  delete data.embed;
  window.history.replaceState(null, "", "/map.html?embed=1#feature=x");
  stand();
});

const start = (): void => {
  frameEmbed();
  startEmbed();
};

const fire = (type: string, more: object = {}): boolean => map.getContainer().dispatchEvent(Object.assign(new window.Event(type), more));

test("a page of its own is as it always is", () => {
  start();
  assert.equal(isEmbedded(), false);
  assert.equal(options.panel, undefined);
  assert.ok(!app.classList.contains("cm-embed"));
  assert.ok(map.scrollWheelZoom.enabled());
  for (const part of [".cm-full", ".cm-keybox", ".cm-hint"]) assert.equal(document.querySelector(part), null, part);
});

test("the address has the last word on whether the page is embedded, and on its panel", () => {
  data.embed = true;
  assert.ok(isEmbedded());
  options.embed = false;
  assert.ok(!isEmbedded());
  delete data.embed;
  options.embed = true;
  frameEmbed();
  assert.ok(app.classList.contains("cm-embed"));
  assert.equal(options.panel, false);
  options.panel = true;
  frameEmbed();
  assert.equal(options.panel, true);
});

test("the wheel is the article's until the reader clicks the map", () => {
  options.embed = true;
  start();
  const hint = document.querySelector<HTMLElement>(".cm-hint")!;
  assert.ok(!map.scrollWheelZoom.enabled());
  assert.ok(map.dragging.enabled());
  assert.equal(hint.textContent, "");
  fire("wheel");
  assert.equal(hint.textContent, t("hint_click"));
  assert.ok(hint.classList.contains("cm-said"));
  fire("click");
  assert.ok(map.scrollWheelZoom.enabled());
  assert.equal(document.querySelector(".cm-hint"), null);
  // From then on the map is like any other.
  map.scrollWheelZoom.disable();
  fire("click");
  assert.ok(!map.scrollWheelZoom.enabled());
});

test("one finger is the article's, two are the map's", (context) => {
  context.mock.method(window, "matchMedia", (media: string) => ({ matches: media === "(pointer: coarse)" }));
  options.embed = true;
  start();
  assert.ok(!map.dragging.enabled());
  const hint = document.querySelector<HTMLElement>(".cm-hint")!;
  fire("touchmove", { touches: [1, 2] });
  assert.equal(hint.textContent, "");
  fire("touchmove", { touches: [1] });
  assert.equal(hint.textContent, t("hint_tap"));
  fire("click");
  assert.ok(map.dragging.enabled());
});

test("the wheel may be asked for, or refused", () => {
  Object.assign(options, { embed: true, scroll: true });
  start();
  assert.ok(map.scrollWheelZoom.enabled());
  stand();
  Object.assign(options, { embed: false, scroll: false });
  start();
  assert.ok(!map.scrollWheelZoom.enabled());
});

test("a link leads to the whole map as it is now", () => {
  options.embed = true;
  start();
  const link = document.querySelector<HTMLAnchorElement>(".cm-full")!;
  assert.equal(link.rel, "noopener noreferrer");
  assert.equal(link.textContent, t("full_map"));
  assert.match(link.href, /^https:\/\/example\.org\/map\.html#map=5\/49\.0000\/72\.0000&layers=corridors,[a-z_,]+&lang=en$/);
  show(layers[0], false);
  changeLanguage("ru");
  assert.match(link.href, /&layers=border,[a-z_,]+&lang=ru$/);
  assert.equal(link.textContent, t("full_map"));
  show(layers[0], true);
  stand();
  data.embed = true;
  start();
  assert.match(document.querySelector<HTMLAnchorElement>(".cm-full")!.href, /map\.html\?embed=0#map=/);
});

test("a small legend shows what is visible", () => {
  options.legend = true;
  start();
  const box = document.querySelector<HTMLDetailsElement>("details.cm-keybox")!;
  assert.ok(box.open);
  const said = (): string[] => [...box.querySelectorAll("li")].map((row) => row.textContent);
  const before = said().length;
  assert.ok(said().some((text) => text.includes("Northern Corridor")));
  assert.ok(said().includes("Border"));
  show(layers[0], false);
  assert.equal(said().length, before - 3);
  changeLanguage("ru");
  assert.ok(said().includes("Граница"));
  assert.equal(box.querySelector("summary")!.textContent, t("legend"));
  show(layers[0], true);
});
