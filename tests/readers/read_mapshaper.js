// What mapshaper reads.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import mapshaper from "mapshaper";
import geopackage from "@ngageoint/geopackage";

import { answer } from "./jobs.js";

// Without its compiled module, SQLite runs as WebAssembly, which is read from a file only where there is no `fetch`.
delete globalThis.fetch;
geopackage.setSqljsWasmLocateFile((file) => fileURLToPath(new URL(`node_modules/rtree-sql.js/dist/${file}`, import.meta.url)));

const points = (path) => {
  const [x, y] = readFileSync(path, "utf8").split("\n", 1)[0].split(",").slice(-2);
  return y === "wkt" ? "" : ` -points x=${x} y=${y}`;
};
const AFTER = { geojsonl: () => " ndjson", csv: points };

await answer("mapshaper", async ({ path, format, inner }) => {
  const made = await mapshaper.applyCommands(`-i '${path}'${AFTER[format]?.(path) ?? ""} -o out.json format=geojson${inner ? ` target='${inner}'` : ""}`);
  return JSON.parse(made["out.json"]).features;
});
