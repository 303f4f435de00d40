/* Bundle the modules and style sheets into bundle/, which is committed: the same sources and lock file always give the same bytes. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import process from "node:process";

import { build } from "esbuild";

const OUT = process.argv[2] ?? "bundle";

/** Take Leaflet as modules: the browser reads these once, and functions wrapped in functions up to three times. */
const leafletModules = {
  name: "leaflet-modules",
  setup: ({ onResolve }) => onResolve({ filter: /^leaflet$/ }, () => ({ path: resolve("node_modules/leaflet/dist/leaflet-src.esm.js") })),
};

/** Name the packages among the files of a bundle. */
const packagesOf = (inputs) =>
  [...new Set(Object.keys(inputs).map((path) => /.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean))].sort();

/** Read what a package says of its licence; the text of those that forget to bring it is in licences/. */
function licence(name) {
  const folder = join("node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const text = readFileSync(file ? join(folder, file) : join("licences", `${name}.txt`), "utf8").trim();
  const holders = text.match(/^Copyright .*\d{4}.*$/gm).map((line) => line.replace(/\.$/, ""));
  return { title: `${name} ${version}, ${license}`, holders, text };
}

const { metafile, outputFiles } = await build({
  entryPoints: ["atlas.ts", "atlas-detail.ts", "folium.ts", "findings.ts"].map((name) => `src/entries/${name}`)
    .concat("styles/atlas.css", "styles/findings.css"),
  outdir: OUT,
  entryNames: "[name]",
  bundle: true,
  minify: true,
  format: "iife",
  charset: "utf8",
  // The oldest browsers that README.md names.
  target: ["chrome103", "firefox115", "safari16.4"],
  loader: { ".png": "dataurl" },
  plugins: [leafletModules],
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
  write: false,
});

mkdirSync(OUT, { recursive: true });
for (const { path, text } of outputFiles) {
  // Licences ask for their notice to stay with the code, of which the page is a copy, too.
  const notices = packagesOf(metafile.outputs[relative("", path)].inputs).map(licence).map(({ title, holders }) => `${title}: ${holders.join("; ")}`);
  writeFileSync(path, (notices.length ? `/* ${notices.join("\n   ")} */\n` : "") + text);
}
const texts = packagesOf(metafile.inputs).map(licence).map(({ title, text }) => `${title}\n\n${text}\n`);
writeFileSync(join(OUT, "LICENSES.txt"), `The bundles beside this file hold code of these packages.\n\n${texts.join(`\n${"-".repeat(79)}\n\n`)}`);
