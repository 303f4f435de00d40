/* Bundle the modules and style sheets into bundle/, which is committed: the same sources and lock file always give the same bytes. */
import process from "node:process";

import { build } from "esbuild";

await build({
  entryPoints: ["atlas.ts", "atlas-detail.ts", "folium.ts", "findings.ts"].map((name) => `src/entries/${name}`).concat("styles/atlas.css", "styles/findings.css"),
  outdir: process.argv[2] ?? "bundle",
  entryNames: "[name]",
  bundle: true,
  minify: true,
  format: "iife",
  charset: "utf8",
  // The oldest browsers that README.md names.
  target: ["chrome103", "firefox115", "safari16.4"],
  loader: { ".png": "dataurl" },
  // Licences ask for their notice to stay with the code.
  legalComments: "inline",
  logLevel: "warning",
});
