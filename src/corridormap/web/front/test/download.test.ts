import { load, polyline, small, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { layerById } from "../src/atlas.ts";
import { layerCsv, layerGeoJson, openDownloads } from "../src/download.ts";
import type { Layer, Value } from "../src/types.ts";
import { setLanguage } from "../src/words.ts";

interface Collection {
  name: string;
  title: string;
  licence: string;
  attribution: string;
  note: string;
  features: { id: string; geometry: { type: string; coordinates: never[] } | null; properties: Record<string, Value> }[];
}

const geoJson = (id: string): Collection => JSON.parse(layerGeoJson(layerById(id)!)) as Collection;

const layerOf = (fields: string[], rows: Value[][]): Layer => ({
  id: "made-up", record: { geometry: "LineString" }, fields,
  features: rows.map((row) => ({ properties: Object.fromEntries(fields.map((field, i) => [field, row[i]])) })),
} as unknown as Layer);

/** Cells out of a CSV document, as RFC 4180 has it. */
function parse(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.replace(/^\ufeff/, "").matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}

beforeEach(() => {
  load();
  stand();
  // jsdom knows no dialogues that open.
  Object.assign(window.HTMLDialogElement.prototype, {
    showModal(this: HTMLDialogElement) { this.open = true; },
    close(this: HTMLDialogElement) { this.dispatchEvent(new window.Event("close")); },
  });
});

afterEach(() => setLanguage("en"));

test("a way over links becomes lines, and a link that was drawn before is left out", () => {
  const [first] = geoJson("corridors").features;
  assert.equal(first.geometry!.type, "MultiLineString");
  const [line] = first.geometry!.coordinates as [number, number][][];
  assert.deepEqual([line[0], line.at(-1)], [[76.9457, 43.2565], [69.12, 55.39]]);
  // Where one link ends and the next begins is one vertex.
  assert.equal(line.length, 9);
  const atlas = small();
  atlas.layers[0].shapes[0] = { w: [[1, 2], [-1, 3]] };
  load(atlas);
  assert.deepEqual(geoJson("corridors").features[0].geometry!.coordinates.map(({ length }) => length), [7, 3]);
});

test("points, single lines and what has no position keep their kinds", () => {
  assert.deepEqual(geoJson("crossings").features[0].geometry, { type: "Point", coordinates: [69.12, 55.39] });
  assert.equal(geoJson("border").features[0].geometry!.type, "LineString");
  assert.equal(geoJson("venues").features[0].geometry, null);
});

test("areas become multipolygons", () => {
  const atlas = small();
  atlas.layers[1].shapes[0] = { a: [[polyline([[0, 0], [1, 0], [1, 1], [0, 0]], 10_000)]] };
  load(atlas);
  assert.deepEqual(geoJson("border").features[0].geometry, { type: "MultiPolygon", coordinates: [[[[0, 0], [1, 0], [1, 1], [0, 0]]]] });
});

test("the file says in the reader's language what it is, whose, and how exact", () => {
  setLanguage("ru");
  const lines = geoJson("corridors");
  assert.equal(lines.title, "Международные коридоры");
  assert.equal(lines.licence, "ODbL-1.0");
  assert.match(lines.attribution, /OpenStreetMap/);
  assert.match(lines.note, /11\sм.*geodata\/layers\/corridors\.geojson/);
  assert.equal(lines.features[0].properties.name_kk, "Солтүстік дәліз");
  assert.doesNotMatch(geoJson("places").note, /11\sм/);
});

test("a table has a byte order mark, the fields as they are kept, and positions of points alone", () => {
  const text = layerCsv(layerById("places")!);
  assert.ok(text.startsWith("\ufeff"));
  assert.ok(text.endsWith("\r\n"));
  const [head, first] = parse(text);
  assert.deepEqual(head, [...layerById("places")!.fields, "lon", "lat"]);
  const row = Object.fromEntries(head.map((field, i) => [field, first[i]]));
  assert.deepEqual([row.id, row.lon, row.lat, row.population, row.names_alt], ["almaty", "76.94567", "43.25654", "2000900", "Alma-Ata; Верный"]);
  assert.ok(!parse(layerCsv(layerById("corridors")!))[0].includes("lon"));
  // What has no position keeps its row, with two empty cells at its end.
  assert.match(layerCsv(layerById("venues")!), /,,\r\n$/);
});

test("what a spreadsheet would run is guarded, and numbers stay numbers", () => {
  const formulas = ['=HYPERLINK("http://x")', "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1"];
  const harmless = ['a "quoted", text\r\nin two lines', "</script><img src=x>", "-7", "+1,5", ""];
  const rows = parse(layerCsv(layerOf(["text", "n"], [...formulas, ...harmless].map((text) => [text, -1.5]))));
  assert.deepEqual(rows.slice(1).map(([text]) => text), [...formulas.map((text) => `'${text}`), ...harmless]);
  assert.ok(rows.slice(1).every(([, n]) => n === "-1.5"));
});

test("null is an empty cell, not a word; quotes are doubled", () => {
  assert.equal(layerCsv(layerOf(["a", "b", "c"], [[null, true, 'say "x"']])), '\ufeffa,b,c\r\n,true,"say ""x"""\r\n');
});

test("the dialogue offers two files of each layer, and one that is chosen is handed over", () => {
  const handed: [string, string][] = [];
  Object.assign(URL, { createObjectURL: (blob: Blob) => `blob:${blob.type}`, revokeObjectURL: () => undefined });
  window.HTMLAnchorElement.prototype.click = function click() { handed.push([this.download, this.href]); };
  openDownloads();
  const rows = [...document.querySelectorAll(".cm-take li")];
  assert.equal(rows.length, 6);
  const [json, csv] = rows[4].querySelectorAll("button");
  json.click();
  csv.click();
  assert.deepEqual(handed, [["small-places.geojson", "blob:application/geo+json"], ["small-places.csv", "blob:text/csv;charset=utf-8"]]);
  assert.match(document.querySelector(".cm-take-status")!.textContent, /small-places\.csv/);
  assert.equal(document.querySelectorAll(".cm-handing").length, 0);
});

test("the dialogue closes for good, is never there twice, and gives the focus back", () => {
  const tool = document.createElement("button");
  tool.id = "cm-tool-take";
  document.body.append(tool);
  openDownloads();
  openDownloads();
  assert.equal(document.querySelectorAll("dialog").length, 1);
  document.querySelector<HTMLElement>(".cm-dialogue-head button")!.click();
  assert.equal(document.querySelector("dialog"), null);
  assert.equal(document.activeElement, tool);
});

test("a picture that cannot be made is told, not thrown", async () => {
  openDownloads();
  document.querySelector<HTMLElement>(".cm-take p button")!.click();
  await new Promise((done) => window.setTimeout(done));
  assert.match(document.querySelector(".cm-take-status")!.textContent, /could not make the picture/);
});
