import { columns, load, polyline, small, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { readOptions, startAddress, state } from "../src/address.ts";
import { byId, changeLanguage, layerById } from "../src/atlas.ts";
import { chosen, show, startChosen } from "../src/chosen.ts";
import { drawLines } from "../src/lines.ts";
import { isMeasuring } from "../src/measure.ts";
import { buildPanel } from "../src/panel.ts";
import { closeCard, startSide } from "../src/side.ts";
import { map, options } from "../src/stage.ts";
import type { Data, Feature, Properties } from "../src/types.ts";
import { allYears, closeYears, isByYear, showYear, stageOf, toggleYears, year } from "../src/years.ts";

const WORKS = [
  { id: "bypass", name_en: "Bypass", name_ru: "Обход", works_start: 2024, works_end: 2026, opened: null, status: "works" },
  { id: "second-track", name_en: "Second track", name_ru: "Вторые пути", works_start: 2022, works_end: 2025, opened: "2025-09-30", status: "open" },
  { id: "tunnel", name_en: "Tunnel", name_ru: "Тоннель", works_start: null, works_end: 2028, opened: null, status: "planned" },
  { id: "unplaced", name_en: "Unplaced", name_ru: "Неизвестная", works_start: 2027, works_end: null, opened: null, status: "planned" },
  { id: "old", name_en: "Old", name_ru: "Старая", works_start: null, works_end: null, opened: null, status: "open" },
];

/** The small atlas with a layer of works, hidden at first; one of them has no shape. */
function withWorks(): Data {
  const atlas = small();
  const border = atlas.layers.find(({ id }) => id === "border")!;
  const shape = border.shapes[0];
  atlas.layers.push({ ...border, id: "works", visible: false, columns: columns(WORKS), drawn: WORKS.map(() => 0),
    shapes: [shape, { l: [polyline([[70, 50], [72, 50]], border.scale)] }, shape, null, shape] });
  return load(atlas);
}

const stage = (properties: Properties, at: number): string => stageOf({ properties } as Feature, at);
const stages = (properties: Properties, from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => stage(properties, from + i) || "-").join(" ");
const box = (): HTMLElement | null => document.querySelector(".cm-years");
const range = (): HTMLInputElement => document.querySelector("#cm-year")!;
const lists = (): string[] => [...box()!.querySelectorAll(".cm-card > div")].filter((list) => list.textContent)
  .map((list) => [list.querySelector("p")!, ...list.querySelectorAll("button")].map(({ textContent }) => textContent).join(" | "));
const drawn = (id: string): string | undefined => (byId.get(id)!.lines[0].getElement() as SVGElement).dataset.stage;
const tool = (): HTMLElement => document.getElementById("cm-tool-years")!;

function move(to: number): void {
  range().value = String(to);
  range().dispatchEvent(new window.Event("input"));
}

function key(name: string): void {
  range().dispatchEvent(new window.KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
}

startChosen();
startSide();

beforeEach(() => {
  withWorks();
  stand();
  buildPanel();
  for (const feature of layerById("works")!.features) drawLines(feature);
});

afterEach(() => {
  closeYears();
  closeCard();
});

test("works begin, and last until an opening is known, whatever year they were promised for", () => {
  assert.equal(stages({ works_start: 2024, works_end: 2026, status: "works" }, 2023, 2027), "- works works works works");
});

test("what opened is open from that year on, whatever was promised", () => {
  assert.equal(stages({ works_start: 2022, works_end: 2024, opened: "2025-09-30", status: "open" }, 2021, 2026), "- works works works open open");
  assert.equal(stages({ works_start: 2022, works_end: 2028, opened: "2025", status: "open" }, 2024, 2025), "works open");
  assert.equal(stages({ opened: "2025-09-30", status: "open" }, 2024, 2025), "- open");
});

test("works without a known end go on; those without a known beginning were always there, unless they are only planned", () => {
  assert.equal(stages({ works_start: 2027, works_end: null, status: "open" }, 2026, 2099), `-${" works".repeat(73)}`);
  assert.equal(stages({ works_start: null, works_end: 2028, opened: null, status: "works" }, 2027, 2029), "works works works");
  assert.equal(stages({ works_start: null, works_end: 2028, opened: null, status: "planned" }, 2027, 2029), "- - -");
  assert.equal(stages({ works_end: 2028 }, 2028, 2029), "- -");
  assert.equal(stages({ status: "works" }, 2026, 2027), "- -");
});

test("the years are those that the lines name; an atlas that names none has no such tool", () => {
  assert.deepEqual(allYears(), [2022, 2023, 2024, 2025, 2026, 2027, 2028]);
  assert.equal(tool().textContent, "Years");
  load();
  buildPanel();
  assert.deepEqual(allYears(), []);
  assert.equal(tool(), null);
});

test("the box opens at the present year, within those that are known", (context) => {
  for (const [now, shown] of [["2026-06-01", 2026], ["1999-01-01", 2022], ["2050-01-01", 2028]] as const) {
    context.mock.timers.enable({ apis: ["Date"], now: new Date(now) });
    tool().click();
    assert.equal(year, shown);
    assert.deepEqual([range().min, range().max, range().value], ["2022", "2028", String(shown)]);
    assert.equal(document.activeElement, range());
    assert.equal(tool().getAttribute("aria-pressed"), "true");
    tool().click();
    assert.equal(box(), null);
    assert.equal(tool().getAttribute("aria-pressed"), "false");
    context.mock.timers.reset();
  }
});

test("lists say what goes on in the year, of what is not drawn, too", () => {
  showYear(2024);
  assert.equal(box()!.querySelector("strong")!.textContent, "2024");
  assert.deepEqual(lists(), ["Under works | Bypass | Second track"]);
  move(2025);
  assert.deepEqual(lists(), ["Under works | Bypass", "Opened this year | Second track"]);
  move(2026);
  assert.deepEqual(lists(), ["To be completed this year | Bypass"]);
  move(2028);
  assert.deepEqual(lists(), ["Under works | Unplaced (not on the map)", "Announced for an earlier year, no opening known | Bypass"]);
});

test("a list that stays as it was is left alone, so that it is not read out again", () => {
  showYear(2022);
  const before = box()!.querySelector(".cm-card > div");
  move(2023);
  assert.equal(box()!.querySelector(".cm-card > div"), before);
  move(2024);
  assert.notEqual(box()!.querySelector(".cm-card > div"), before);
  assert.equal(box()!.querySelectorAll("[aria-live]").length, 1);
});

test("what the years tell of is gathered when they open, not for each year", () => {
  showYear(2024);
  const { features } = layerById("works")!;
  features.length = 0;
  move(2027);
  assert.equal(lists().length, 2);
});

test("lines say how they stand, and go on to when their layer is shown anew", () => {
  showYear(2024);
  assert.deepEqual(["bypass", "second-track", "tunnel"].map(drawn), ["works", "works", ""]);
  assert.equal(drawn("old"), undefined);
  assert.ok(map.getContainer().classList.contains("cm-by-year"));
  for (const visible of [false, true]) show(layerById("works")!, visible);
  assert.equal(drawn("bypass"), "works");
  move(2027);
  assert.deepEqual(["bypass", "second-track", "tunnel"].map(drawn), ["works", "open", ""]);
});

test("a chip leads to the card, of what is not drawn, too; Escape closes first the card, then the years", () => {
  showYear(2027);
  [...box()!.querySelectorAll<HTMLElement>(".cm-chip")].find((chip) => chip.textContent.startsWith("Unplaced"))!.click();
  assert.equal(chosen!.id, "unplaced");
  key("Escape");
  assert.deepEqual([chosen, isByYear()], [null, true]);
  key("Escape");
  assert.ok(!isByYear());
});

test("at the end the map is as it was, but for a layer that the reader had shown before", () => {
  const works = layerById("works")!;
  assert.ok(!works.visible);
  showYear(2024);
  assert.ok(works.visible);
  box()!.querySelector<HTMLElement>(".cm-side-close")!.click();
  assert.ok(!works.visible);
  assert.deepEqual([isByYear(), year, drawn("bypass"), map.getContainer().classList.contains("cm-by-year")], [false, undefined, "", false]);
  show(works, true);
  showYear(2024);
  closeYears();
  assert.ok(works.visible);
});

test("what the reader hides meanwhile stays hidden", () => {
  showYear(2024);
  show(layerById("works")!, false);
  move(2025);
  assert.ok(!layerById("works")!.visible);
});

test("measuring and the years take turns", () => {
  const measure = document.getElementById("cm-tool-measure")!;
  tool().click();
  measure.click();
  assert.deepEqual([isByYear(), isMeasuring(), tool().getAttribute("aria-pressed")], [false, true, "false"]);
  tool().click();
  assert.deepEqual([isByYear(), isMeasuring(), measure.getAttribute("aria-pressed")], [true, false, "false"]);
});

test("the language changes while a year is shown", () => {
  showYear(2025);
  changeLanguage("ru");
  assert.deepEqual(lists(), ["Ведутся работы | Обход", "Открыто в этом году | Вторые пути"]);
  move(2027);
  assert.deepEqual(lists()[1], "Срок объявлен раньше, об открытии не известно | Обход");
  changeLanguage("kk");
  assert.match(lists()[1], /^Мерзімі бұрынырақ деп жарияланған, ашылғаны белгісіз \| /);
  assert.equal(range().value, "2027");
  assert.equal(document.querySelectorAll(".cm-years").length, 1);
  closeYears();
  changeLanguage("en");
  assert.equal(box(), null);
});

test("the address holds the year, and opens it", () => {
  for (const [hash, told] of [["year=2027", 2027], ["year=2040", undefined], ["year=2027.0", undefined], ["year=", undefined]] as const) {
    delete options.year;
    window.history.replaceState(null, "", `/map.html#${hash}`);
    readOptions();
    assert.equal(options.year, told);
  }
  options.year = 2027;
  startAddress();
  assert.equal(range().value, "2027");
  assert.equal(state().year, "2027");
  assert.notEqual(document.activeElement, range());
  toggleYears();
  assert.equal(state().year, undefined);
});
