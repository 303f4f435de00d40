/* Run code on the modules with the data of a rendered page, for tests that hold them against the atlas's own Python:
   `node --import tsx --import ./test/setup.ts test/peek.ts page.html`, the code on stdin, its result as JSON on stdout. */
import { stand } from "./atlas.ts";
import fs from "node:fs";
import process from "node:process";
import { text } from "node:stream/consumers";

import * as atlas from "../src/atlas.ts";
import * as card from "../src/card.ts";
import * as chainage from "../src/chainage.ts";
import * as download from "../src/download.ts";
import * as find from "../src/find.ts";
import * as legend from "../src/legend.ts";
import * as lines from "../src/lines.ts";
import * as stage from "../src/stage.ts";

const html = new DOMParser().parseFromString(fs.readFileSync(process.argv[2], "utf-8"), "text/html");
const json = (id: string): never => JSON.parse(html.getElementById(id)!.textContent) as never;
atlas.readFrame(json("corridormap-frame"));
atlas.readData(json("corridormap-data"));
stand();

const modules = { atlas, card, chainage, download, find, legend, lines, stage };
// eslint-disable-next-line @typescript-eslint/no-implied-eval -- the code is a test's own
const run = new Function(...Object.keys(modules), await text(process.stdin)) as (...given: unknown[]) => unknown;
process.stdout.write(JSON.stringify(run(...Object.values(modules))) ?? "null");
