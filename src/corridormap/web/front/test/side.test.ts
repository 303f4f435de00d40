import { load, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { tell } from "../src/events.ts";
import { closeCard, covered, isShown, openCard, startSide } from "../src/side.ts";
import { app, map, panel } from "../src/stage.ts";

const card = (text: string, closed?: () => void) => ({ label: () => `<${text}>`, content: () => document.createTextNode(text) as never as HTMLElement, closed });
const side = (): HTMLElement | null => document.querySelector(".cm-side");
const press = (target: Element, key: string): boolean => target.dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const button = (parent: Element): HTMLElement => {
  const made = document.createElement("button");
  Object.defineProperty(made, "offsetParent", { value: document.body });
  parent.append(made);
  made.focus();
  return made;
};

load();
startSide();

beforeEach(() => {
  closeCard();
  stand();
});

test("one card at a time, a dialogue with a name and a button that closes it", () => {
  const one = card("one");
  openCard(one);
  assert.ok(isShown(one));
  openCard(card("two"));
  assert.equal(isShown(one), false);
  assert.equal(isShown(undefined), false);
  assert.equal(document.querySelectorAll(".cm-side").length, 1);
  assert.equal(side()!.getAttribute("role"), "dialog");
  assert.equal(side()!.getAttribute("aria-label"), "<two>");
  const close = side()!.querySelector("button")!;
  assert.equal(close.getAttribute("aria-label"), "Close");
  close.click();
  assert.equal(side(), null);
});

test("who opened it with the keyboard is led to it, and back by Escape", () => {
  const opener = button(app);
  let closed = 0;
  openCard(card("one", () => { closed += 1; }));
  assert.equal(document.activeElement, side());
  // From card to card the way back stays the same.
  openCard(card("two"));
  assert.equal(closed, 1);
  assert.equal(document.activeElement, side());
  press(side()!, "Escape");
  assert.equal(side(), null);
  assert.equal(document.activeElement, opener);
  opener.remove();
});

test("where the way back is gone, the map is where one goes on", () => {
  const opener = button(app);
  openCard(card("one"));
  opener.remove();
  closeCard();
  assert.equal(document.activeElement, map.getContainer());
});

test("nobody is led away from the table, nor a reader who has not touched the page", () => {
  (document.activeElement as HTMLElement | null)?.blur();
  openCard(card("one"));
  assert.equal(document.activeElement, document.body);
  const table = document.createElement("div");
  table.className = "cm-table";
  app.append(table);
  const cell = button(table);
  openCard(card("two"));
  assert.equal(document.activeElement, cell);
  // Escape is the table's there.
  press(cell, "Escape");
  assert.ok(side());
  press(document.body, "Escape");
  assert.equal(side(), null);
  table.remove();
});

test("it is filled anew in another language or by night", () => {
  let said = "day";
  openCard({ label: () => said, content: () => document.createElement("p") });
  const before = side()!.querySelector("p");
  said = "night";
  tell("theme", true);
  assert.notEqual(side()!.querySelector("p"), before);
  assert.equal(side()!.getAttribute("aria-label"), "night");
});

test("on a phone it lies over the panel, which is out of reach meanwhile", () => {
  const phone = mock.method(window, "matchMedia", () => ({ matches: true }));
  openCard(card("one"));
  assert.ok(panel.inert);
  closeCard();
  assert.ok(!panel.inert);
  phone.mock.restore();
  openCard(card("one"));
  assert.ok(!panel.inert);
});

test("it tells how much of the map it covers", () => {
  assert.deepEqual(covered(), { top: 0, left: 0, right: 0, bottom: 0 });
  openCard(card("one"));
  const box = (left: number, top: number, right: number, bottom: number) => () => ({ left, top, right, bottom }) as DOMRect;
  Object.assign(map.getContainer(), { getBoundingClientRect: box(0, 0, 800, 600) });
  Object.assign(side()!, { getBoundingClientRect: box(460, 10, 790, 400) });
  assert.deepEqual(covered(), { top: 0, left: 0, right: 340, bottom: 0 });
  // Beside it nothing would be seen: what is below it counts.
  Object.assign(side()!, { getBoundingClientRect: box(10, 10, 790, 400) });
  assert.deepEqual(covered(), { top: 400, left: 0, right: 0, bottom: 0 });
  const phone = mock.method(window, "matchMedia", () => ({ matches: true }));
  Object.assign(side()!, { getBoundingClientRect: box(0, 450, 800, 900) });
  assert.deepEqual(covered(), { top: 0, left: 0, right: 0, bottom: 150 });
  phone.mock.restore();
});
