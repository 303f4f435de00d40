/* Bundle the modules and style sheets into bundle/, which is committed: the same sources and lock file always give the same bytes. */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";

import { build } from "esbuild";

const OUT = process.argv[2] ?? "bundle";

/** Leaflet is a script of its own, which sets the global L, as folium's layers expect it: the modules take it from there. */
const leafletGlobal = {
  name: "leaflet-global",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^leaflet$/ }, ({ path }) => ({ path, namespace: "global" }));
    onLoad({ filter: /.*/, namespace: "global" }, () => ({ contents: "module.exports = window.L" }));
  },
};

/** The pictures that Leaflet's style sheet asks for belong to its list of layers, which only folium's users add: they are in folium.css. */
const withoutPictures = {
  name: "without-pictures",
  setup({ onLoad }) {
    onLoad({ filter: /leaflet\/dist\/images\/.*\.png$/ }, () => ({ contents: "", loader: "dataurl" }));
  },
};

/** Name the packages among the files of a bundle. */
const packagesOf = (inputs) =>
  [...new Set(Object.keys(inputs).map((path) => /.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean))].sort();

/** Read what a package says of its licence; the text of those that forget to bring it is in licences/. */
function licence(name) {
  const folder = join("node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const text = readFileSync(file ? join(folder, file) : join("licences", `${name}.txt`), "utf8").replaceAll(/[^\S\n]+$/gm, "").trim();
  const holders = text.match(/^Copyright .*$/gm).map((line) => line.replace(/\.$/, ""));
  return { title: [`${name} ${version}`, license].filter(Boolean).join(", "), holders, text };
}

const common = {
  outdir: OUT,
  entryNames: "[name]",
  minify: true,
  // The oldest browsers that README.md names.
  target: ["chrome103", "firefox115", "safari16.4"],
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
  write: false,
};
const entries = ["atlas", "atlas-detail", "folium", "findings"].map((name) => `src/entries/${name}.ts`);
const bundled = { ...common, bundle: true, format: "iife", loader: { ".png": "dataurl" } };
const ours = await build({ ...bundled, entryPoints: [...entries, "styles/folium.css"], plugins: [leafletGlobal] });
const sheets = await build({ ...bundled, entryPoints: ["styles/atlas.css", "styles/findings.css"], plugins: [withoutPictures] });
const leaflet = await build({ ...common, entryPoints: { leaflet: "node_modules/leaflet/dist/leaflet.js" } });
const outputs = { ...ours.metafile.outputs, ...sheets.metafile.outputs, ...leaflet.metafile.outputs };

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
for (const { path, text } of [...ours.outputFiles, ...sheets.outputFiles, ...leaflet.outputFiles]) {
  // Licences ask for their notice to stay with the code, of which the page is a copy, too.
  const notices = packagesOf(outputs[relative("", path)].inputs).map(licence).map(({ title, holders }) => `${title}: ${holders.join("; ")}`);
  writeFileSync(path, (notices.length ? `/* ${notices.join("\n   ")} */\n` : "") + text);
}
const texts = packagesOf({ ...ours.metafile.inputs, ...leaflet.metafile.inputs }).map(licence).map(({ title, text }) => `${title}\n\n${text}\n`);
writeFileSync(join(OUT, "LICENSES.txt"), `The bundles beside this file hold code of these packages.\n\n${texts.join(`\n${"-".repeat(79)}\n\n`)}`);
