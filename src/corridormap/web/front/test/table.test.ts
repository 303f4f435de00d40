import { load, small, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { byId, layerById } from "../src/atlas.ts";
import { tell } from "../src/events.ts";
import { isTableOpen, startTable, toggleTable } from "../src/table.ts";
import { setLanguage } from "../src/words.ts";

const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];
const ids = (): (string | undefined)[] => all(".cm-table tbody tr").map((row) => row.dataset.feature);
const heads = (): (string | null)[] => all(".cm-table thead th").map((head) => head.textContent);
const cells = (column: number): (string | null)[] => all(`.cm-table tbody tr > :nth-child(${column})`).map((cell) => cell.textContent);
const press = (column: string): void => document.querySelector<HTMLElement>(`th[data-column=${column}] button`)!.click();

function choose(layer: string): void {
  const select = document.querySelector<HTMLSelectElement>(".cm-table select")!;
  select.value = layer;
  select.dispatchEvent(new window.Event("change"));
}

startTable();

beforeEach(() => {
  load();
  stand();
  toggleTable();
});

afterEach(() => {
  if (isTableOpen()) toggleTable();
  setLanguage("en");
});

test("each feature of the chosen layer is a row, with the number first and lengths in kilometres", () => {
  choose("corridors");
  assert.deepEqual(ids(), ["rail-1", "rail-2", "road-3"]);
  assert.deepEqual(heads().slice(0, 3), ["No.", "Name", "Length, measured, km"]);
  assert.deepEqual(cells(2), ["Northern Corridor", "Southern Corridor", "Almaty – Astana"]);
  assert.equal(cells(3)[0], "1,900.4");
  assert.equal(document.querySelector(".cm-table caption")!.textContent, "International corridors. number of features: 3");
});

test("a layer without numbers or lengths has no such columns, and nothing empty", () => {
  choose("places");
  assert.equal(heads()[0], "Name");
  assert.ok(!heads().some((head) => head!.includes("km") || !head));
  assert.ok(heads().every((_, i) => cells(i + 1).some(Boolean)));
});

test("the corridors of a place are told by their numbers, not as the popup's buttons", () => {
  choose("places");
  assert.equal(cells(heads().indexOf("Corridors") + 1)[0], "1, 2, 3");
});

test("columns sort both ways, and what is not known stands last", () => {
  choose("corridors");
  press("length_km");
  assert.deepEqual(ids(), ["road-3", "rail-2", "rail-1"]);
  press("length_km");
  assert.deepEqual(ids(), ["rail-1", "rail-2", "road-3"]);
  for (let i = 0; i < 2; i += 1) {
    press("length_published_km");
    assert.equal(ids()[0], "rail-1");
  }
});

test("each layer keeps its own order", () => {
  choose("corridors");
  press("name");
  assert.deepEqual(ids(), ["road-3", "rail-1", "rail-2"]);
  choose("places");
  assert.equal(document.querySelector("th[aria-sort]"), null);
  choose("corridors");
  assert.deepEqual(ids(), ["road-3", "rail-1", "rail-2"]);
});

test("what has no position says so, and its name stays text", () => {
  choose("venues");
  assert.deepEqual(cells(1), ["Summit of <b>Astana</b> (not on the map)"]);
  assert.equal(document.querySelector(".cm-table b"), null);
});

test("a row leads to its feature, and an opened feature of any layer to its row", () => {
  choose("corridors");
  document.querySelector<HTMLElement>("tr[data-feature=rail-2] .cm-cell")!.click();
  assert.deepEqual(all("tr[aria-current]").map((row) => row.dataset.feature), ["rail-2"]);
  document.querySelector<HTMLElement>("tr[data-feature=road-3] td")!.click();
  assert.deepEqual(all("tr[aria-current]").map((row) => row.dataset.feature), ["road-3"]);
  tell("open", byId.get("astana")!);
  assert.equal(document.querySelector<HTMLSelectElement>(".cm-table select")!.value, "places");
});

test("a hidden layer says so and is shown from here", () => {
  choose("network_links");
  assert.match(document.querySelector(".cm-table-note")!.textContent, /hidden/);
  assert.match(document.querySelector("option[value=network_links]")!.textContent, /hidden/);
  document.querySelector<HTMLElement>(".cm-table-note button")!.click();
  assert.ok(layerById("network_links")!.visible);
  assert.equal(document.querySelector(".cm-table-note"), null);
  assert.equal(document.activeElement, document.querySelector(".cm-table select"));
});

test("the table is filled anew in another language, with the focus where it was", () => {
  choose("corridors");
  document.querySelector<HTMLElement>("tr[data-feature=rail-2] .cm-cell")!.focus();
  setLanguage("ru");
  tell("language", "ru");
  assert.deepEqual(cells(2), ["Северный коридор", "Южный коридор", "Алматы – Астана"]);
  assert.equal(document.activeElement!.closest("tr")!.dataset.feature, "rail-2");
});

test("Escape closes the table and leaves other things alone", () => {
  const escape = (target: Element): KeyboardEvent => {
    const event = new window.KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true });
    target.dispatchEvent(event);
    return event;
  };
  const outside = document.createElement("input");
  document.body.append(outside);
  assert.ok(!escape(outside).defaultPrevented);
  assert.ok(isTableOpen());
  assert.ok(document.querySelector(".cm-with-table"));
  assert.ok(escape(document.querySelector(".cm-table select")!).defaultPrevented);
  assert.ok(!isTableOpen());
  assert.equal(document.querySelector(".cm-table, .cm-with-table"), null);
  assert.ok(!escape(document.body).defaultPrevented);
});

test("many rows come in pages, and an opened feature turns to its page", () => {
  toggleTable();
  const atlas = small();
  const record = atlas.layers.find(({ id }) => id === "places")!;
  const [first] = record.shapes;
  for (let i = 0; i < 700; i += 1) {
    for (const [field, values] of Object.entries(record.columns)) values.push(field === "id" ? `more-${i}` : values[0]);
    record.shapes.push(first);
  }
  load(atlas);
  toggleTable();
  choose("places");
  assert.equal(ids().length, 300);
  assert.equal(document.querySelector(".cm-pager [role=status]")!.textContent, "Rows 1–300 of 703");
  const last = byId.get("more-699")!;
  tell("open", last);
  assert.ok(ids().includes("more-699"));
  assert.ok(!ids().includes("almaty"));
});
