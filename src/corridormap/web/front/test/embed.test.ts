import { load, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { changeLanguage, data, layers } from "../src/atlas.ts";
import { fillBelow, frameEmbed, isEmbedded, startEmbed } from "../src/embed.ts";
import { chosen, show } from "../src/chosen.ts";
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
  fillBelow();
  startEmbed();
};

const fire = (type: string, more: object = {}): boolean => map.getContainer().dispatchEvent(Object.assign(new window.Event(type), more));

test("a page of its own is as it always is", () => {
  start();
  assert.equal(isEmbedded(), false);
  assert.equal(options.panel, undefined);
  assert.ok(!app.classList.contains("cm-embed"));
  assert.ok(map.scrollWheelZoom.enabled());
  for (const part of [".cm-below", ".cm-full", ".cm-hint"]) assert.equal(document.querySelector(part), null, part);
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

test("the wheel is the article's until the reader clicks the map, and again when the pointer leaves it", () => {
  options.embed = true;
  start();
  const hint = document.querySelector<HTMLElement>(".cm-hint")!;
  assert.ok(!map.scrollWheelZoom.enabled());
  assert.ok(map.dragging.enabled());
  assert.equal(hint.textContent, "");
  fire("wheel");
  assert.equal(hint.textContent, t("hint_click", { key: "Ctrl" }));
  assert.ok(hint.classList.contains("cm-said"));
  fire("click");
  assert.ok(map.scrollWheelZoom.enabled());
  assert.ok(!hint.classList.contains("cm-said"));
  fire("wheel");
  assert.ok(map.scrollWheelZoom.enabled());
  fire("mouseleave");
  assert.ok(!map.scrollWheelZoom.enabled());
  assert.ok(map.dragging.enabled());
  fire("click");
  window.dispatchEvent(new window.Event("blur"));
  assert.ok(!map.scrollWheelZoom.enabled());
});

test("with Ctrl or ⌘ held the wheel is the map's at all times", () => {
  options.embed = true;
  start();
  for (const key of ["ctrlKey", "metaKey"]) {
    fire("wheel", { [key]: true });
    assert.ok(map.scrollWheelZoom.enabled());
    assert.equal(document.querySelector(".cm-hint")!.textContent, "");
  }
  fire("wheel");
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

test("the key below the map follows what is shown, in the reader's language, and is one stop of the keyboard", () => {
  options.embed = true;
  start();
  const row = (): HTMLElement => document.querySelector<HTMLElement>(".cm-strip-row")!;
  const said = (): string[] => [...row().children].map((item) => item.lastChild!.textContent!);
  assert.deepEqual(said(), ["Northern Corridor", "Southern Corridor", "Almaty – Astana", "Border"]);
  const [first, second] = row().querySelectorAll("button");
  assert.deepEqual([...row().querySelectorAll("button")].map((one) => one.tabIndex), [0, -1, -1]);
  first.focus();
  first.dispatchEvent(Object.assign(new window.Event("keydown", { bubbles: true }), { key: "ArrowRight" }));
  assert.equal(document.activeElement, second);
  second.click();
  assert.equal(chosen?.id, layers[0].features[1].id);
  show(layers[0], false);
  assert.deepEqual(said(), ["Border"]);
  changeLanguage("ru");
  assert.deepEqual(said(), ["Граница"]);
  show(layers[0], true);
});

test("the key can name its corridors, or be left out; the title can be the article's own, but for a page that is not embedded", () => {
  const key = (): HTMLElement => document.querySelector<HTMLElement>(".cm-strip")!;
  const title = { ...data.title };
  for (const [legend, named, hidden] of [[undefined, false, false], [true, true, false], [false, false, true]] as const) {
    stand();
    Object.assign(options, { embed: true, legend });
    start();
    assert.deepEqual([key().classList.contains("cm-named"), key().hidden], [named, hidden]);
  }
  Object.assign(options, { embed: false, title: "Own" });
  frameEmbed();
  assert.deepEqual(data.title, title);
  options.embed = true;
  frameEmbed();
  assert.equal(data.title.ru, "Own");
  data.title = title;
});
