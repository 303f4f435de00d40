import "./setup.ts";
import { polyline } from "./atlas.ts";
import { CARTOGRAPHY } from "./cartography.ts";
import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { startFindings } from "../src/findings.ts";
import { mercator, type PlainMap } from "../src/plainmap.ts";
import { readFindings, short, type Report } from "../src/report.ts";

const HARM = "</script><script>window.__pwned=1</script><img src=x onerror=window.__pwned=1>\u202e javascript:window.__pwned=1";
const WORDS = ["all_codes", "code", "feature", "file", "filter", "filter_text", "findings", "message", "pointer", "severity",
  "severity.error", "severity.warning", "severity.note", "title", "whole", "checked", "checked_thinned"];

type Given = Partial<Record<"code" | "severity" | "message" | "hint" | "file" | "pointer", string | null>> & { feature?: string | number | null }
  & Partial<Record<"line" | "column" | "index" | "lon" | "lat", number | null>>;

const COLUMNS = ["code", "severity", "message", "file", "feature", "index", "pointer", "line", "column", "lon", "lat", "hint"] as const;
const REPEATING = ["code", "severity", "message", "file", "hint"];

/** A report of findings, as corridormap.web.findings writes it. */
function reportOf(findings: Given[], more: Partial<Report> = {}): Report {
  const texts: string[] = [];
  const rows = findings.map((given) => {
    const whole = { code: "CM204", severity: "error", message: "repeats a vertex", file: "a/lines.geojson", ...given };
    return COLUMNS.map((name) => {
      const value = (whole as Given)[name] ?? null;
      if (value === null || !REPEATING.includes(name)) return value;
      if (!texts.includes(String(value))) texts.push(String(value));
      return texts.indexOf(String(value));
    });
  });
  const own = Object.fromEntries(WORDS.map((word) => [`report.${word}`, word]));
  const words = { ...own, number_locales: "en", km: "{n} km", m: "{n} m", map: "Map", close: "Close", "table.rows": "Rows {from}–{to} of {count}",
    "table.next": "Next", "table.previous": "Back", "table.unlocated": "not on the map", "report.none": "Nothing was found.", "report.none_left": "None left.",
    "report.index": "index {n}, no id", "report.here": "Here: {count}", "report.more": "and {count} more",
    "report.shown": "{shown} of {count}, {located} located" };
  const locales = Object.fromEntries(Object.entries(words).map(([key, text]) => [key, { en: text }]));
  return { cartography: CARTOGRAPHY, languages: ["en"], locales, summary: "1 file", rules: { CM204: "Vertices do not repeat" }, columns: [...COLUMNS], repeating: REPEATING, texts, rows,
    drawing: null, ground: null, ...more };
}

const FINDINGS: Given[] = [
  { lon: 66.9, lat: 48, feature: "b", hint: "Remove one.", pointer: "/features/2/geometry", line: 9, column: 2 },
  { code: "CM302", severity: "warning", message: "lies outside", lon: 66.9, lat: 48, feature: "b" },
  { code: "CM405", severity: "note", message: "names no source", lon: 76.9, lat: 43.2, feature: "a10", file: "places.geojson" },
  { code: "CM405", severity: "note", message: "names no source", lon: 54.1, lat: 50.6, feature: "a9", file: "places.geojson" },
  { code: "CM301", message: "is not in degrees", lon: 500_000, lat: 5_300_000, index: 7, pointer: "/features/7" },
  { code: "CM101", message: "is not JSON", file: "broken.geojson", line: 3, column: 15 },
];

/** What was painted: the names of the context's methods, with what they were given. */
let painted: [string, ...unknown[]][] = [];
let map: PlainMap;

const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string): HTMLElement => document.querySelector<HTMLElement>(selector)!;
const rows = (): number[] => all("tbody tr").map((row) => Number(row.dataset.number));
const marked = (): number[] => all("tr[aria-current]").map((row) => Number(row.dataset.number));
const frame = (): Promise<unknown> => new Promise((done) => window.requestAnimationFrame(done));

async function open(report: Report): Promise<void> {
  document.body.replaceChildren();
  const script = document.createElement("script");
  Object.assign(script, { type: "application/json", id: "corridormap-data", textContent: JSON.stringify(report) });
  const app = document.createElement("div");
  app.id = "corridormap";
  document.body.append(script, app);
  map = startFindings();
  // jsdom lays nothing out.
  Object.assign(map, { width: 600, height: 400 });
  painted = [];
  map.paint();
  await frame();
}

function type(text: string): void {
  const input = one("#cm-filter-text") as HTMLInputElement;
  input.value = text;
  input.dispatchEvent(new window.Event("input"));
}

before(() => {
  Object.assign(globalThis, { ResizeObserver: class { observe(): void {} } });
  const context = new Proxy({}, {
    get: (_, name) => (...given: unknown[]) => {
      painted.push([String(name), ...given]);
      return { width: 10 };
    },
    set: () => true,
  });
  window.HTMLCanvasElement.prototype.getContext = (() => context) as never;
});

beforeEach(() => open(reportOf(FINDINGS)));

test("findings are read out of their rows, and those at one place share it", () => {
  const findings = readFindings(reportOf(FINDINGS));
  assert.equal(findings[1].code, "CM302");
  assert.equal(findings[0].hint, "Remove one.");
  assert.equal(findings[1].hint, null);
  assert.equal(findings[0].place, findings[1].place);
  assert.deepEqual(findings.map(({ place }) => place !== null), [true, true, true, true, false, false]);
  assert.deepEqual(findings.map(({ number }) => number), [0, 1, 2, 3, 4, 5]);
});

test("long texts are cut, short ones not", () => {
  assert.equal(short("x".repeat(10), 10), "x".repeat(10));
  assert.equal(short("x".repeat(11), 10), `${"x".repeat(9)}…`);
});

test("every finding is a row, every place a mark, the worst on top", () => {
  assert.deepEqual(rows(), [0, 1, 2, 3, 4, 5]);
  assert.equal(one("#cm-shown").textContent, "6 of 6, 4 located");
  const marks = all(".cm-marker").map((mark) => mark.getAttribute("aria-label"));
  assert.equal(marks.length, 3);
  assert.equal(marks[2], "severity.error CM204: repeats a vertex (Here: 2)");
  assert.equal(one("tbody .cm-col-file").textContent, "a/lines.geojson9:2");
  assert.equal(one("tbody .cm-col-code").title, "Vertices do not repeat");
  assert.equal(all("tbody .cm-col-feature")[4].textContent, "index 7, no id");
  assert.match(all("tbody tr")[4].textContent, /not on the map/);
});

test("a row leads to its place, whose card tells all that was found there", () => {
  all("tbody tr")[2].querySelector<HTMLElement>(".cm-col-code")!.click();
  assert.deepEqual(marked(), [2]);
  assert.ok(map.sees(mercator(76.9, 43.2)));
  assert.match(one(".cm-card").textContent, /76\.90000 43\.20000.*CM405 names no source/);
  one("tbody button").click();
  assert.equal(all(".cm-card li").length, 2);
  // A finding without a place closes what stands open.
  all("tbody button")[4].click();
  assert.deepEqual(marked(), [4]);
  assert.ok(one(".cm-popup").hidden);
});

test("a mark leads to the row of the worst there, a chip to its own, and Escape closes", () => {
  all(".cm-marker")[2].click();
  assert.deepEqual(marked(), [0]);
  all(".cm-card button")[1].click();
  assert.deepEqual(marked(), [1]);
  assert.equal(document.activeElement!.closest("tr")!.dataset.number, "1");
  // What is chosen there already stays chosen.
  all(".cm-marker")[2].click();
  assert.deepEqual(marked(), [1]);
  document.dispatchEvent(new window.KeyboardEvent("keydown", { key: "Escape" }));
  assert.ok(one(".cm-popup").hidden);
});

test("of several findings at a place the worst is shown first, in whatever order they were found", async () => {
  await open(reportOf([FINDINGS[1], { ...FINDINGS[2], lon: 66.9, lat: 48 }, FINDINGS[0]]));
  assert.match(one(".cm-marker").title, /^severity\.error CM204/);
  one(".cm-marker").click();
  assert.deepEqual(all(".cm-card li").map((item) => item.textContent.slice(0, 5)), ["CM204", "CM302", "CM405"]);
  assert.deepEqual(marked(), [2]);
});

test("filters hold for rows, marks and the open card", () => {
  one("tbody button").click();
  const box = one("#cm-severity-error") as HTMLInputElement;
  box.checked = false;
  box.dispatchEvent(new window.Event("change"));
  assert.deepEqual(rows(), [1, 2, 3]);
  assert.deepEqual(marked(), []);
  assert.equal(all(".cm-card li").length, 1);
  assert.equal(all(".cm-marker").at(-1)!.getAttribute("aria-label"), "severity.warning CM302: lies outside");
  const codes = one("header select") as HTMLSelectElement;
  codes.value = "CM405";
  codes.dispatchEvent(new window.Event("change"));
  assert.deepEqual(rows(), [2, 3]);
  assert.ok(one(".cm-popup").hidden);
  type("A10");
  assert.deepEqual(rows(), [2]);
  assert.equal(one("#cm-shown").textContent, "1 of 6, 1 located");
  type("nothing like it");
  assert.equal(all(".cm-marker").length, 0);
  assert.equal(one(".cm-table").textContent, "None left.");
  type("");
  codes.value = "";
  codes.dispatchEvent(new window.Event("change"));
  box.checked = true;
  box.dispatchEvent(new window.Event("change"));
  assert.deepEqual(rows(), [0, 1, 2, 3, 4, 5]);
});

test("hostile texts stay texts", async () => {
  const harm = { code: HARM, message: HARM, file: HARM, feature: HARM, pointer: HARM, hint: HARM, lon: 60, lat: 50 };
  await open(reportOf([harm, harm], { summary: HARM, rules: { [HARM]: HARM } }));
  one(".cm-marker").click();
  assert.match(one("tbody tr").textContent, /<img src=x onerror=window.__pwned=1>/);
  assert.equal(document.querySelector("img, #corridormap script, a"), null);
  assert.equal((window as unknown as { __pwned?: number }).__pwned, undefined);
  // Long names break at their slashes and points only.
  assert.ok(all("wbr").length > 0);
});

test("the filter counts the findings of each severity", () => {
  assert.equal(all(".cm-check").map((box) => box.textContent).join(" "), "severity.error3 severity.warning1 severity.note2");
});

test("a crowd is painted rather than made of elements, and met by the pointer", async () => {
  const crowd = Array.from({ length: 840 }, (_, i) =>
    ({ severity: ["error", "warning", "note"][i % 3], message: `number ${i}`, lon: -170 + (i % 40) * 8, lat: -80 + Math.floor(i / 40) * 8 }));
  await open(reportOf(crowd));
  assert.equal(all(".cm-marker").length, 0);
  assert.equal(rows().length, 200);
  assert.ok(painted.filter(([name]) => name === "arc").length === 280);
  const place = crowd[600];
  map.show(mercator(place.lon, place.lat), 6);
  map.element.dispatchEvent(new window.MouseEvent("pointermove", { clientX: 303, clientY: 200, bubbles: true }));
  assert.match(map.element.title, /number 600/);
  map.element.dispatchEvent(new window.MouseEvent("click", { clientX: 303, clientY: 200, bubbles: true }));
  assert.deepEqual(marked(), [600]);
  assert.equal(one(".cm-pager [role=status]").textContent, "Rows 601–800 of 840");
  // Beside all of them a press closes the card.
  map.element.dispatchEvent(new window.MouseEvent("click", { clientX: 340, clientY: 260, bubbles: true }));
  assert.ok(one(".cm-popup").hidden);
});

test("what was checked is drawn, with how exactly, and the view begins on all of it", async () => {
  await open(reportOf([], { drawing: { scale: 100, thinned_m: 250, runs: [polyline([[-46.6, -23.5], [-46.6, -22.5], [-45, -22.5]], 100), polyline([[-47, -20]], 100)] } }));
  await frame();
  assert.equal(one(".cm-table").textContent, "Nothing was found.");
  assert.match(one(".cm-foot").textContent, /checked_thinned/);
  assert.ok(map.sees(mercator(-46.6, -22.5)));
  const [x, y] = map.pixel(mercator(-46.6, -23.5));
  assert.ok(painted.some(([name, left, top]) => name === "moveTo" && Math.abs(Number(left) - x) < 1 && Math.abs(Number(top) - y) < 1));
  // A run of one vertex is a point.
  assert.equal(painted.filter(([name, , , width]) => name === "fillRect" && width === 3).length, 1);
});

test("an atlas's backdrop lies under it and is credited, and ends where a place lies off it", async () => {
  const ground: Report["ground"] = { attribution: { en: "Made up" }, paper: [40, 40, 90, 60], surround: "land", backdrop: [
    { kind: "label", scale: 1, thinned_m: 0, features: [{ id: "label:KZ", kind: "country", name: { en: "Kazakhstan" }, shape: { p: polyline([[66, 48]], 1) } }] },
    { kind: "boundary", scale: 1, thinned_m: 0, features: [{ shape: { l: [polyline([[50, 45], [60, 50]], 1)] } }] },
    { kind: "land", scale: 1, thinned_m: 0, features: [{ shape: { a: [[polyline([[40, 40], [90, 40], [90, 60]], 1)]] } },
      { shape: null }] }] };
  await open(reportOf(FINDINGS.slice(0, 4), { ground }));
  assert.match(one(".cm-foot").textContent, /Made up/);
  assert.ok(one("#corridormap").classList.contains("cm-around-land"));
  assert.ok(painted.some(([name, text]) => name === "fillText" && text === "KAZAKHSTAN"));
  assert.equal(painted.filter(([name, rule]) => name === "fill" && rule === "evenodd").length, 1);
  await open(reportOf([{ lon: 10, lat: 50 }], { ground }));
  assert.ok(one("#corridormap").classList.contains("cm-beyond"));
});

test("the map follows the table onto paper and comes back", () => {
  const stage = one(".cm-stage");
  window.dispatchEvent(new window.Event("beforeprint"));
  assert.equal(stage.parentElement!.lastElementChild, stage);
  window.dispatchEvent(new window.Event("afterprint"));
  assert.equal(stage.parentElement!.firstElementChild, stage);
  assert.equal(stage.style.width, "");
});

// Last, for the page keeps its order.
test("columns sort both ways, and the unknown stands last", () => {
  const orders = ["severity", "severity", "code", "feature", "pointer"].map((id) => {
    one(`th[data-column=${id}] button`).click();
    return rows();
  });
  assert.deepEqual(orders.slice(0, 3), [[0, 4, 5, 1, 2, 3], [2, 3, 1, 0, 4, 5], [5, 0, 4, 1, 2, 3]]);
  assert.equal(orders[3].at(-1), 5);
  // a9 stands before a10.
  assert.deepEqual(orders[3].filter((row) => row === 2 || row === 3), [3, 2]);
  assert.equal(orders[4].at(-1), 5);
  assert.equal(document.activeElement, one("th[data-column=pointer] button"));
});
