// What mapshaper reads.
import mapshaper from "mapshaper";

import { answer } from "./jobs.js";

await answer("mapshaper", async ({ path, format, inner }) => {
  const made = await mapshaper.applyCommands(`-i '${path}'${format === "geojsonl" ? " ndjson" : ""} -o out.json format=geojson${inner ? ` target='${inner}'` : ""}`);
  return JSON.parse(made["out.json"]).features;
});
