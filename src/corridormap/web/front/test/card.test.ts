import { load, small, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import * as L from "leaflet";
import { byId, changeLanguage, data } from "../src/atlas.ts";
import { chips, claimList, describe, fieldLabel, fieldsOf, sourceList, valueOf } from "../src/card.ts";
import { on } from "../src/events.ts";
import type { Feature, Value } from "../src/types.ts";

const feature = (id: string): Feature => byId.get(id)!;
const card = (id: string, latlng = L.latLng(50.4, 72.2)): HTMLElement => describe(feature(id), latlng);
const terms = (root: Element): Record<string, string> =>
  Object.fromEntries([...root.querySelectorAll("dt")].map((dt) => [dt.textContent, dt.nextElementSibling!.textContent]));
const text = (value: string | HTMLElement | null): string | null => (value instanceof window.HTMLElement ? value.textContent : value);

test("fields go by their stem, known ones first, and what is told elsewhere is left out", () => {
  load();
  assert.deepEqual(fieldsOf({ zeta: 1, id: "x", name_en: "X", note_ru: "y", note_en: "z", length_km: 3, mode: "rail", from_xx: 1, participants: "KZ",
    opened: "2025", works_end: 2024, works_start: 2023, source: "a", tracks_source: "b", length_official_source: "c", names_sources: "d", resource: "e" }),
  ["mode", "works_start", "works_end", "opened", "participants", "note", "from_xx", "resource", "zeta"]);
});

test("a value as readers want it", () => {
  load();
  const of = (field: string, value: Value): string | null => text(valueOf({ ...feature("almaty"), properties: { [field]: value } }, field));
  assert.equal(of("kind", "station"), "Station");
  assert.equal(of("kind", "unheard of"), null);
  assert.equal(of("mode", "rail"), "Railway");
  assert.equal(of("accuracy_m", 1500), "± 1.5 km");
  assert.equal(of("country", "KZ"), "Kazakhstan");
  assert.equal(of("neighbour", "RU"), "Russia");
  assert.equal(of("participants", "KZ; RU"), "Kazakhstan, Russia");
  assert.equal(of("from", "astana"), "Astana");
  assert.equal(of("from", "nowhere"), null);
  assert.equal(of("corridors", "rail-1; gone; road-3"), "1Northern Corridor3Almaty – Astana");
  assert.equal(of("corridors", "gone"), null);
  assert.equal(of("works_start", "2025-03"), "March 2025");
  assert.equal(of("opened", "2025-09-30"), of("date", "2025-09-30"));
  assert.equal(of("opened", "2025-09-30"), "30 September 2025");
  assert.equal(of("population", 2000900.1234), "2,000,900.123");
  assert.equal(of("multilateral", false), "no");
  assert.equal(of("names_alt", "Alma-Ata;Верный"), "Alma-Ata, Верный");
  for (const nothing of [null, ""]) assert.equal(of("state", nothing), null);
});

test("a text in the reader's language comes before a code of the same name", () => {
  load();
  changeLanguage("ru");
  const mixed = { ...feature("almaty"), properties: { note: "N1", note_en: "English", note_ru: "по-русски" } };
  assert.equal(valueOf(mixed, "note"), "по-русски");
});

test("a field without a word keeps its own", () => {
  load();
  assert.equal(fieldLabel("works_start"), "Works begin");
  assert.equal(fieldLabel("odd_field"), "odd field");
});

test("lengths: measured beside published, split where a corridor goes abroad", () => {
  load();
  stand();
  const first = terms(card("rail-1"));
  assert.equal(first["Measured, Kazakhstan"], "1,900.4 km");
  assert.equal(first.Published, "1,910 km, official figure (Tariff guide)");
  assert.equal(first["Measured, abroad"], undefined);
  const second = terms(card("rail-2"));
  assert.equal(second["Measured, abroad"], "120 km");
  assert.equal(second["Measured, in all"], "1,310.2 km");
  assert.equal(second.Published, undefined);
  feature("rail-2").properties.length_km = 0;
  const abroad = terms(card("rail-2"));
  assert.equal(abroad["Measured, Kazakhstan"], undefined);
  assert.equal(abroad["Measured, in all"], undefined);
});

test("lengths by country, in an atlas of several", () => {
  load({ ...small(), country: null, country_name: { en: "Central Asia" } });
  stand();
  const { properties } = feature("rail-1");
  Object.assign(properties, { length_kz_km: 1500.4, length_uz_km: 400, length_kg_km: 0 });
  const both = terms(card("rail-1"));
  assert.deepEqual(["Measured, Central Asia", "Measured, Kazakhstan", "Measured, Uzbekistan"].map((term) => both[term]), ["1,900.4 km", "1,500.4 km", "400 km"]);
  assert.equal(both["Measured, Kyrgyzstan"], undefined);
  assert.deepEqual(fieldsOf({ length_kz_km: 1, length_uz_km: null }), []);
  // What lies in one of them alone is of that one.
  Object.assign(properties, { length_kz_km: 1900.4, length_uz_km: 0 });
  assert.equal(terms(card("rail-1"))["Measured, Kazakhstan"], "1,900.4 km");
  assert.equal(terms(card("rail-1"))["Measured, Central Asia"], undefined);
});

test("the heading has the number, and text stays text", () => {
  load();
  stand();
  assert.equal(card("rail-1").querySelector("h2")!.textContent, "1 Northern Corridor");
  const summit = card("summit");
  assert.equal(summit.querySelector("h2")!.textContent, "Summit of <b>Astana</b>");
  assert.equal(summit.querySelector("b"), null);
  assert.ok(summit.textContent.includes("Position not published"));
});

test("chainage stands before the fields, where the place is on the line", () => {
  load();
  const map = stand();
  const section = card("rail-1").querySelector(".cm-chainage")!;
  assert.equal(section.nextElementSibling!.tagName, "DL");
  const told = terms(section);
  assert.match(told.Chainage, /^9\d\d\.?\d? km \(0 km: Almaty\)$/);
  assert.match(told["Before it"], /^Karaganda, 9\d(\.\d)? km$/);
  assert.match(told["After it"], /^Astana, 9\d(\.\d)? km$/);
  assert.equal(card("almaty").querySelector(".cm-chainage"), null);
  // Forty pixels are some 120 km here at zoom 5, and 0.2 km at zoom 14.
  const beside = L.latLng(50.4, 72.3);
  assert.ok(card("rail-1", beside).querySelector(".cm-chainage"));
  map.setZoom(14, { animate: false });
  assert.equal(card("rail-1", beside).querySelector(".cm-chainage"), null);
});

test("claims about a feature are open, those about its whole layer closed", () => {
  const atlas = small();
  atlas.statements.push({ ...atlas.statements[0], features: null });
  load(atlas);
  stand();
  const lists = [...card("rail-1").querySelectorAll("details")].filter((details) => details.querySelector(".cm-claims"));
  assert.deepEqual(lists.map((list) => [list.open, list.firstChild!.textContent]),
    [[true, "Claims about: Northern Corridor (1)"], [false, "Claims about: International corridors (1)"]]);
  assert.equal(card("almaty").querySelector(".cm-claims"), null);
});

test("a claim says how it stands, and who said so; a dangerous address is no link", () => {
  load();
  const list = claimList("All", [data.statements[1], { ...data.statements[0], sources: ["gone"] }]);
  const [item, other] = list.querySelectorAll("li");
  assert.equal(item.querySelector(".cm-standing-unverified")!.textContent, "Unverified: nothing behind it was found");
  assert.equal(item.querySelector("a"), null);
  assert.deepEqual([...item.querySelectorAll("p")].map((p) => p.textContent), ["Queues last a day.", "One report.", "The Press; Tariff guide"]);
  assert.equal(other.lastElementChild!.textContent, "November 2024: ");
  assert.equal(list.firstChild!.textContent, "All (2)");
});

test("sources in one line, and as a list of those that are known", () => {
  load();
  stand();
  const [rail, railway] = sourceList(["osm-rail", "railway"]).querySelectorAll("li");
  assert.equal(rail.textContent, "OpenStreetMap railways – OpenStreetMap, 1 October 2026, ODbL-1.0");
  assert.equal(rail.querySelector("a")!.href, "https://osm.org/");
  assert.equal(railway.textContent, "Tariff guide");
  assert.equal(sourceList(["press"], { class: "cm-section" }).className, "cm-section");
  feature("rail-1").properties.sources = "osm-rail; gone; osm-rail";
  assert.equal(card("rail-1").querySelectorAll(".cm-sources li").length, 1);
  Object.assign(feature("rail-1").properties, { tracks_source: "railway", gauge_source: null });
  assert.equal(card("rail-1").querySelectorAll(".cm-sources li").length, 2);
  assert.ok(!card("rail-1").textContent.includes("tracks"));
  assert.equal(card("summit").querySelector(".cm-sources"), null);
});

test("a chip asks for its feature, unless it is given something else to do", () => {
  load();
  const asked: string[] = [];
  on("choose", ({ id }) => asked.push(id));
  chips([feature("rail-1")]).querySelector("button")!.click();
  chips([feature("rail-2")], () => "two", ({ id }) => asked.push(`${id} by itself`)).querySelector("button")!.click();
  assert.deepEqual(asked, ["rail-1", "rail-2 by itself"]);
});
