// What FlatGeobuf's own reader sees.
import { readFileSync } from "node:fs";

import { deserialize } from "flatgeobuf/lib/mjs/geojson.js";

import { answer } from "./jobs.js";

await answer("flatgeobuf", async ({ path }) => {
  const features = [];
  for await (const feature of deserialize(new Uint8Array(readFileSync(path)))) features.push(feature);
  return features;
});
