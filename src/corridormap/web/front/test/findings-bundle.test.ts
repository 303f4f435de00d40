import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";

test("the script of a report is small, for Leaflet is not in it", async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [new URL("../src/entries/findings.ts", import.meta.url).pathname], outdir: "unwritten",
    bundle: true, minify: true, format: "iife", charset: "utf8", write: false, metafile: true,
  });
  const modules = Object.keys(metafile.inputs).map((path) => path.split("/").at(-1));
  assert.ok(modules.includes("findings-map.ts"));
  assert.deepEqual(modules.filter((module) => module!.startsWith("leaflet") || module === "atlas.ts"), []);
  assert.ok(outputFiles[0].contents.length < 25_000, String(outputFiles[0].contents.length));
});
