import "./setup.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { h } from "../src/dom.ts";
import { head, markRows, onPress, pager, sorted, type Column, type Sort } from "../src/rows.ts";
import { setWords } from "../src/words.ts";

interface Item {
  name: string | null;
  km: number | null;
}

const COLUMNS: Column<Item>[] = [
  { id: "name", label: "Name", read: ({ name }) => name },
  { id: "km", label: "km", read: ({ km }) => km },
];
const ITEMS: Item[] = [{ name: "a10", km: 9 }, { name: null, km: 100 }, { name: "a9", km: null }, { name: "b", km: 20 }];

const names = (sort: Sort): (string | null)[] => sorted(ITEMS, COLUMNS, sort).map(({ name }) => name);

beforeEach(() => {
  setWords({ number_locales: { en: "en" }, "table.rows": { en: "{from}-{to}/{count}" }, "table.previous": { en: "Back" }, "table.next": { en: "On" } }, ["en"]);
  document.body.replaceChildren();
});

test("rows sort both ways, numbers in words by size, and what is not known stands last", () => {
  assert.deepEqual(names({ id: "name", down: false }), ["a9", "a10", "b", null]);
  assert.deepEqual(names({ id: "name", down: true }), ["b", "a10", "a9", null]);
  assert.deepEqual(names({ id: "km", down: false }), ["a10", "b", null, "a9"]);
  assert.deepEqual(names({ id: "km", down: true }), [null, "b", "a10", "a9"]);
});

test("without a known column rows stay as they are, and sorting leaves the given list alone", () => {
  assert.equal(sorted(ITEMS, COLUMNS, { id: null, down: false }), ITEMS);
  assert.equal(sorted(ITEMS, COLUMNS, { id: "gone", down: true }), ITEMS);
  sorted(ITEMS, COLUMNS, { id: "name", down: true });
  assert.equal(ITEMS[0].name, "a10");
});

test("a head sorts, turns on the second press, says so, and keeps the focus", () => {
  const sort: Sort = { id: "km", down: true };
  const region = h("div", { class: "cm-table" });
  const heads = (): HTMLElement[] => COLUMNS.map((column) => head(column, sort, fill, { class: "x" }));
  const fill = (): void => region.replaceChildren(h("table", null, h("thead", null, h("tr", null, heads()))));
  document.body.append(region);
  fill();
  const pressed = (): Element | null => region.querySelector("th[aria-sort]");
  const press = (): void => region.querySelector<HTMLElement>("th[data-column=name] button")!.click();
  assert.equal(pressed()!.textContent, "km");
  press();
  assert.deepEqual(sort, { id: "name", down: false });
  assert.equal(pressed()!.getAttribute("aria-sort"), "ascending");
  press();
  assert.equal(pressed()!.getAttribute("aria-sort"), "descending");
  assert.equal(region.querySelectorAll("th[aria-sort]").length, 1);
  assert.equal(document.activeElement, region.querySelector("th[data-column=name] button"));
  assert.equal(region.querySelector("th")!.scope, "col");
  assert.equal(region.querySelector("th")!.className, "x");
});

test("pages turn, end at the last, and the focus goes to a button that can be pressed", () => {
  let page = 0;
  const turn = (to: number): void => {
    page = to;
    document.body.replaceChildren(pager(700, 300, page, turn)!);
  };
  turn(0);
  const [back, on] = ["#cm-table-previous", "#cm-table-next"].map((id) => () => document.querySelector<HTMLButtonElement>(id)!);
  assert.ok(back().disabled);
  assert.equal(document.querySelector("[role=status]")!.textContent, "1-300/700");
  on().click();
  assert.equal(document.activeElement, on());
  on().click();
  assert.equal(page, 2);
  assert.equal(document.querySelector("[role=status]")!.textContent, "601-700/700");
  assert.ok(on().disabled);
  assert.equal(document.activeElement, back());
});

test("what fits on one page has no pager", () => {
  assert.equal(pager(0, 300, 0, () => undefined), null);
  assert.equal(pager(300, 300, 0, () => undefined), null);
  assert.notEqual(pager(301, 300, 0, () => undefined), null);
});

test("a row is pressed, but not by who marks its text", () => {
  let presses = 0;
  const row = h("tr", null, h("td", null, "some text"), h("td", null, h("button", null, "go")));
  document.body.append(h("table", null, row));
  onPress(row, () => { presses += 1; });
  row.querySelector("td")!.click();
  assert.equal(presses, 1);
  window.getSelection()!.selectAllChildren(row.querySelector("td")!);
  row.querySelector("td")!.click();
  assert.equal(presses, 1);
  row.querySelector("button")!.click();
  assert.equal(presses, 2);
});

test("chosen rows are marked and scrolled to, others unmarked", () => {
  const rows = ["a", "b"].map((id) => h("tr", { id, class: "row" }, h("td", null, id)));
  const scroller = h("div", { class: "cm-table-scroll" }, h("table", null, h("thead", null), h("tbody", null, rows)));
  const region = h("div", null, scroller);
  Object.defineProperty(scroller, "clientHeight", { value: 100 });
  Object.defineProperty(region.querySelector("thead"), "offsetHeight", { value: 20 });
  rows.forEach((row, i) => Object.defineProperties(row, { offsetTop: { value: 20 + 400 * i }, offsetHeight: { value: 30 } }));
  markRows(region, ({ id }) => id === "b");
  assert.deepEqual(rows.map((row) => row.getAttribute("aria-current")), [null, "true"]);
  assert.equal(scroller.scrollTop, 350);
  markRows(region, ({ id }) => id === "a");
  assert.deepEqual(rows.map((row) => row.getAttribute("aria-current")), ["true", null]);
  assert.equal(scroller.scrollTop, 0);
  markRows(region, () => false);
  assert.equal(region.querySelector("[aria-current]"), null);
});
