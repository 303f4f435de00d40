import { load, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { changeLanguage } from "../src/atlas.ts";
import { clearPin, pinned } from "../src/pin.ts";
import { chosen } from "../src/chosen.ts";
import { startSide } from "../src/side.ts";
import { searchField } from "../src/search.ts";
import { panel } from "../src/stage.ts";
import { t } from "../src/words.ts";

load();
startSide();
// What jsdom, which lays nothing out, lacks.
Element.prototype.scrollIntoView = () => {};
Object.defineProperty(HTMLElement.prototype, "offsetParent", { get: () => document.body });

let input: HTMLInputElement;
const list = (): HTMLElement => document.getElementById("cm-hits")!;
const status = (): string => document.querySelector(".cm-search-status")!.textContent;
const heading = (): string => document.querySelector(".cm-side h2")!.textContent;
const marked = (): string[] => [...list().querySelectorAll("[aria-selected=true]")].map((item) => item.id);

function place(): void {
  panel.replaceChildren(searchField());
  input = document.querySelector<HTMLInputElement>("#cm-search")!;
}

function type(text: string): void {
  input.focus();
  input.value = text;
  input.dispatchEvent(new window.Event("input"));
}

const press = (key: string): boolean => input.dispatchEvent(new window.KeyboardEvent("keydown", { key, cancelable: true, bubbles: true }));

beforeEach(() => {
  clearPin();
  changeLanguage("en");
  stand();
  place();
  type("");
});

test("the field is a combobox that says how much it finds", () => {
  assert.equal(input.getAttribute("role"), "combobox");
  assert.equal(input.getAttribute("aria-expanded"), "false");
  assert.ok(list().hidden);
  type("zzzz");
  assert.equal(status(), t("search_none"));
  assert.equal(input.getAttribute("aria-expanded"), "false");
  type("Astana");
  assert.equal(input.getAttribute("aria-expanded"), "true");
  assert.equal(status(), t("search_count", { count: list().children.length }));
  type("a");
  assert.equal(list().children.length, 12);
  assert.match(status(), /12/);
  type("  ");
  assert.equal(status(), "");
});

test("arrows go round the list, and only one hit is selected", () => {
  type("Astana");
  const last = `cm-hit-${list().children.length - 1}`;
  assert.deepEqual(marked(), []);
  assert.equal(press("ArrowDown"), false);
  press("ArrowDown");
  assert.deepEqual(marked(), ["cm-hit-1"]);
  assert.equal(input.getAttribute("aria-activedescendant"), "cm-hit-1");
  press("ArrowUp");
  press("ArrowUp");
  assert.deepEqual(marked(), [last]);
  press("ArrowDown");
  assert.deepEqual(marked(), ["cm-hit-0"]);
  type("Astana ");
  press("ArrowUp");
  assert.deepEqual(marked(), [last]);
  // Other keys are the field's own.
  assert.equal(press("a"), true);
});

test("Enter opens the first hit, Escape leads back, then folds, then empties", () => {
  type("верный");
  press("Enter");
  assert.equal(heading(), "Almaty");
  assert.equal(input.getAttribute("aria-expanded"), "false");
  const card = document.querySelector(".cm-side")!;
  assert.equal(document.activeElement, card);
  card.dispatchEvent(new window.KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  assert.equal(document.querySelector(".cm-side"), null);
  assert.equal(document.activeElement, input);
  press("ArrowDown");
  press("Escape");
  assert.equal(input.getAttribute("aria-expanded"), "false");
  assert.equal(input.value, "верный");
  press("Escape");
  assert.equal(input.value, "");
});

test("places and roads are pinned, a feature takes their pin away", () => {
  type("rail 1 km 300");
  press("Enter");
  assert.deepEqual(pinned(), { key: "rail-1", km: 300 });
  assert.equal(document.activeElement, document.querySelector(".cm-side"));
  type("M-36 km 99999");
  assert.match(list().children[0].textContent, /M-36/);
  press("Enter");
  assert.equal(heading(), "M-36");
  assert.equal(pinned(), null);
  type("rail 1 km 300");
  press("Enter");
  type("rail 1 km 99999");
  press("Enter");
  assert.equal(chosen!.id, "rail-1");
  assert.equal(pinned(), null);
  assert.equal(document.querySelector(".cm-pin"), null);
});

test("a click chooses, without taking the focus first", () => {
  type("karaganda");
  const item = list().children[0];
  assert.equal(item.dispatchEvent(new window.MouseEvent("mousedown", { cancelable: true })), false);
  item.dispatchEvent(new window.MouseEvent("click"));
  assert.equal(heading(), "Karaganda");
});

test("a hit says what it is, and by which name it was found; text stays text", () => {
  const detail = (text: string): string => {
    type(text);
    return list().querySelector(".cm-hit-detail")!.textContent;
  };
  assert.equal(detail("alma-ata"), "Stations and towns · Alma-Ata");
  assert.equal(detail("karaganda"), "Stations and towns");
  assert.equal(detail("1"), "International corridors");
  assert.equal(detail("m36"), `${t("road_number")} · Almaty – Astana`);
  assert.equal(detail("m36 km 5"), "Almaty – Astana");
  assert.equal(detail("1 km 5"), "International corridors");
  type("summit of");
  assert.match(list().children[0].textContent, /Summit of <b>Astana<\/b>/);
  assert.equal(list().querySelector("b"), null);
});

test("what was typed outlives the panel's rebuilding, and clearing empties field and map", () => {
  type("rail 1 km 300");
  press("Enter");
  changeLanguage("ru");
  place();
  assert.equal(input.value, "rail 1 km 300");
  assert.equal(document.querySelector("label")!.textContent, t("search"));
  assert.ok(list().hidden);
  input.focus();
  assert.ok(!list().hidden);
  document.querySelector<HTMLElement>(".cm-search-clear")!.click();
  assert.equal(input.value, "");
  assert.equal(pinned(), null);
  assert.ok(document.querySelector<HTMLElement>(".cm-search-clear")!.hidden);
});

test("leaving the field folds the list", () => {
  type("astana");
  input.blur();
  assert.ok(list().hidden);
});
