// What mapshaper reads.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import mapshaper from "mapshaper";
import geopackage from "@ngageoint/geopackage";

import { answer } from "./jobs.js";

// Without its compiled module, SQLite runs as WebAssembly, which is read from a file only where there is no `fetch`.
delete globalThis.fetch;
geopackage.setSqljsWasmLocateFile((file) => fileURLToPath(new URL(`node_modules/rtree-sql.js/dist/${file}`, import.meta.url)));

const hasPoints = (path) => readFileSync(path, "utf8").split("\n", 1)[0].endsWith(",lon,lat");
const AFTER = { geojsonl: () => " ndjson", csv: (path) => (hasPoints(path) ? " -points x=lon y=lat" : "") };

await answer("mapshaper", async ({ path, format, inner }) => {
  const made = await mapshaper.applyCommands(`-i '${path}'${AFTER[format]?.(path) ?? ""} -o out.json format=geojson${inner ? ` target='${inner}'` : ""}`);
  return JSON.parse(made["out.json"]).features;
});
