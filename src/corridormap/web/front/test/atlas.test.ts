import { load, small, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { byId, changeLanguage, country, itineraries, layers, links, name } from "../src/atlas.ts";
import type { Columns, Texts } from "../src/types.ts";

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

test("routes and crossings that travel without their texts have them of the names they join", () => {
  const atlas = small();
  const linked = atlas.layers.find((layer) => layer.build === "links")!;
  // A link that is in the layer alone, with a line of its own.
  linked.shapes[4] = { l: [atlas.links.lines[4]] };
  atlas.layers[0].shapes[2] = null;
  const { columns } = atlas.layers.find((layer) => layer.build === "crossings")!;
  for (const code of atlas.languages) {
    const [[home, abroad]] = columns[`name_${code}`].map((text) => String(text).split(" – "));
    Object.assign(columns, { [`home_${code}`]: [home], [`abroad_${code}`]: [abroad] });
    delete columns[`name_${code}`];
    delete atlas.layers[0].columns[`route_${code}`];
  }
  load(atlas);
  assert.equal(name(byId.get("x-rail-petropavl")!), "Petropavl – Petukhovo");
  assert.equal(byId.get("rail-1")!.properties.route_ru, "Алматы – Караганда – Астана – (Петропавловск – Петухово)");
  assert.equal(byId.get("rail-2")!.properties.route_en, "Astana – Karaganda – Almaty");
  assert.equal(itineraries()[2].properties.route_en, null);
  load();
});

test("texts that travel language by language are the features' and the statements'", () => {
  const atlas = small();
  const whole = small();
  atlas.texts = {};
  for (const code of atlas.languages) {
    const moved: Record<string, Columns> = {};
    for (const { id, columns } of atlas.layers) {
      moved[id] = {};
      for (const field of Object.keys(columns).filter((one) => one.endsWith(`_${code}`))) {
        moved[id][field] = columns[field];
        delete columns[field];
      }
    }
    const said = (texts?: Texts | null): string | null => texts?.[code] ?? null;
    atlas.texts[code] = { layers: moved, text: whole.statements.map(({ text }) => text[code]), note: whole.statements.map(({ note }) => said(note)) };
  }
  for (const statement of atlas.statements) Object.assign(statement, { text: {}, note: undefined });
  load(atlas);
  assert.equal(byId.get("karaganda")!.properties.name_ru, "Караганда");
  assert.deepEqual(atlas.statements.map(({ text }) => text), whole.statements.map(({ text }) => text));
  assert.deepEqual(atlas.statements.map(({ note }) => note ?? null), whole.statements.map(({ note }) => note ?? null));
  load();
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
