// What togeojson makes of KML, whose folders it does not tell: all of it.
import { readFileSync } from "node:fs";

import { kml } from "@tmcw/togeojson";
import { DOMParser } from "@xmldom/xmldom";

import { answer } from "./jobs.js";

await answer("@tmcw/togeojson", ({ path }) => kml(new DOMParser().parseFromString(readFileSync(path, "utf8"), "text/xml")).features);
