import { load, small } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { byId, layerById } from "../src/atlas.ts";
import { find, fold, itineraryByKey, roads } from "../src/find.ts";

const atlas = small();
const network = atlas.layers.find((layer) => layer.id === "network_links")!;
// A road that leaves the first corridor and comes back to it.
network.columns.refs = ["A-1", null, "A-1", "M-36", "M-36; E-125"];
load(atlas);

/** What a text finds, in short: ids, road numbers, and places as "key @ km", or "key > km" beyond its end. */
const found = (text: string): string[] => find(text).map((hit) => (hit.kind === "feature" ? hit.feature.id
  : hit.kind === "position" ? `${hit.position.lat} ${hit.position.lng}`
  : hit.kind === "road" ? hit.road.ref : `${hit.itinerary.key} ${hit.kind === "place" ? "@" : ">"} ${hit.km}`));

test("folding leaves what a searcher types", () => {
  assert.equal(fold("  Семей – Ақтөбе’s  Ёлка "), "семеи актобеs елка");
  assert.equal(fold("Īstanbūl-2"), "istanbul 2");
  assert.equal(fold("Gəncə, AĞSTAFA, İmişli, Yalısahə"), "gence, agstafa, imisli, yalisahe");
});

test("names are found in every language, old ones and ids too, whole names before parts", () => {
  for (const text of ["Karaganda", "караганда", "ҚАРАҒАНДЫ"]) assert.equal(found(text)[0], "karaganda", text);
  assert.deepEqual(found("alma ata"), ["almaty"]);
  assert.equal(found("верный")[0], "almaty");
  assert.equal(found("x-rail-petropavl")[0], "x-rail-petropavl");
  assert.equal(found("summit of <b>")[0], "summit");
  // Links are named after their ends and come after all else, however well their names fit.
  assert.deepEqual(found("rail").slice(0, 4), ["rail-1", "rail-2", "x-rail-petropavl", "rail:almaty-karaganda"]);
  assert.deepEqual(found("rail:almaty"), ["rail:almaty-karaganda"]);
});

test("a hit tells the name it was found by", () => {
  const matches = (text: string): string[] => find(text).map((hit) => (hit.kind === "feature" ? hit.match : hit.kind));
  assert.deepEqual(matches("караг"), ["Караганда"]);
  assert.deepEqual(matches("alma-a"), ["Alma-Ata"]);
  assert.equal(matches("2")[0], "Southern Corridor");
});

test("corridors are found by number and mode", () => {
  assert.equal(found("1")[0], "rail-1");
  assert.equal(found("rail 2")[0], "rail-2");
  assert.equal(found("ж/д 2")[0], "rail-2");
  assert.equal(found("трасса № 3")[0], "road-3");
  assert.equal(found("3 дәліз")[0], "road-3");
  assert.ok(!found("road 1").includes("rail-1"));
  assert.equal(found("1").filter((id) => id === "rail-1").length, 1);
  // A bare digit is no part of a name or id.
  assert.ok(!found("36").includes("M-36"));
});

test("road numbers may be typed on either keyboard", () => {
  for (const text of ["M-36", "м36", "м 36", "road m36"]) assert.equal(found(text)[0], "M-36", text);
  assert.deepEqual(found("e12"), ["E-125"]);
  assert.deepEqual([...roads().keys()], ["a1", "e125", "m36"]);
  // In the order of the corridor that has most of it; E-125 is its second half only.
  assert.deepEqual(roads().get("m36")!.lines.map((line) => [line.key, line.shape.w]), [["M-36", [[4, 5]]]]);
  assert.deepEqual(roads().get("e125")!.lines[0].shape.w, [[5]]);
  // Where it leaves the corridor another stretch begins.
  assert.deepEqual(roads().get("a1")!.lines.map((line) => [line.key, line.shape.w]), [["A-1", [[1]]], ["A-1.2", [[3]]]]);
});

test("a place is found by its chainage", () => {
  for (const text of ["rail 1 km 836", "1 км 836", "836 km rail 1", "1 дәліз 836 шақырым", "northern corridor km 836"])
    assert.equal(found(text)[0], "rail-1 @ 836", text);
  assert.equal(found("836,5км жд 1")[0], "rail-1 @ 836.5");
  assert.equal(found("м36 400")[0], "M-36 @ 400");
  assert.equal(found("rail 1 km 99999")[0], "rail-1 > 99999");
  // A name of a corridor is meant only where the word for kilometre stands.
  assert.ok(!found("northern corridor 5").some((text) => text.includes("@")));
});

test("slips of the key, words in any order or written as one are forgiven, where no name holds the text itself", () => {
  assert.equal(found("Almty")[0], "almaty");
  assert.equal(found("kara ganda")[0], "karaganda");
  assert.equal(found("Караганды")[0], "karaganda");
  assert.equal(found("corridor northern")[0], "rail-1");
  assert.equal(found("corridor of the northern wind")[0], "rail-1");
  assert.deepEqual(find("Almty").map((hit) => (hit.kind === "feature" ? hit.match : hit.kind)).slice(0, 1), ["Almaty"]);
});

test("a venue is found by its city, year and kind", () => {
  for (const text of ["summit astana", "astana 2018", "саммит астана"]) assert.deepEqual(found(text), ["summit"], text);
  assert.deepEqual(found("astana 2031").sort(), found("astana").sort());
});

test("a position is found by its coordinates", () => assert.deepEqual(found("48.1, 67.2"), ["48.1 67.2"]));

test("there is nothing to find in nonsense", () => {
  for (const text of ["", "   ", "zzzz", "№", "km 5", "<img src=x onerror=alert(1)>", "[", "(.*)+$", "\\", "__proto__", "a".repeat(5000)]) {
    assert.deepEqual(found(text), [], text.slice(0, 40));
  }
});

test("an itinerary has the key of its corridor or road", () => {
  assert.equal(itineraryByKey("rail-1")?.feature, byId.get("rail-1"));
  assert.equal(itineraryByKey("M-36")?.road?.ref, "M-36");
  assert.deepEqual(itineraryByKey("A-1.2")?.shape.w, [[3]]);
  assert.equal(itineraryByKey("rail:astana-border")?.shape, layerById("network_links")!.features[2].shape);
  for (const key of ["almaty", "summit", "border-land", "M-36.2", "m36", "", "__proto__"]) assert.equal(itineraryByKey(key), undefined, key);
});
