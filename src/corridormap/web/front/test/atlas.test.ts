import { load, small, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { byId, changeLanguage, country, itineraries, layers, links, name } from "../src/atlas.ts";

test("the small atlas reads into layers, features and links", () => {
  load();
  const map = stand();
  assert.deepEqual(itineraries().map((f) => f.properties.number), [1, 2, 3]);
  assert.equal(links.length, 5);
  assert.equal(layers.length, 6);
  assert.equal(name(byId.get("karaganda")!), "Karaganda");
  assert.equal(map.getSize().x, 800);
  // Links join where the ways say so.
  assert.ok(links[0].at(-1)!.equals(links[1].at(-1)!));
});

test("links that travel without names are called after their ends", () => {
  const atlas = small();
  const { columns } = atlas.layers.find((layer) => layer.build === "links")!;
  for (const code of atlas.languages) delete columns[`name_${code}`];
  load(atlas);
  const { layer, properties } = byId.get("rail:astana-border")!;
  assert.deepEqual(atlas.languages.map((code) => properties[`name_${code}`]), ["Astana – (Petropavl – Petukhovo)", "Астана – (Петропавловск – Петухово)",
    "Астана – (Петропавл – Петухово)"]);
  assert.deepEqual(layer.fields, layer.fields.slice().sort());
  assert.ok(layer.fields.includes("name_ru"));
  load();
  assert.equal(name(byId.get("rail:astana-border")!), "rail:astana-border");
});

test("a country is named in the reader's language, by a word that only that language has if need be", () => {
  const { locales } = load();
  assert.equal(country("KZ"), "Kazakhstan");
  assert.equal(country("RU"), "Russia");
  assert.equal(country("not a code"), "not a code");
  assert.equal(locales["country.CN"]?.en, undefined);
  changeLanguage("kk");
  assert.equal(country("CN"), locales["country.CN"]?.kk);
  changeLanguage("en");
});
