import { load, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { byId, itineraries, layers, links, name } from "../src/atlas.ts";

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
