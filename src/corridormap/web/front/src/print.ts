/* The print sheet: title, map, legend of what is shown, scale and sources on one page; made anew each time the page goes to paper. */
import { data, layers, sources } from "./atlas.ts";
import { origin } from "./card.ts";
import { h, svg } from "./dom.ts";
import { printLegend } from "./legend.ts";
import { mapPicture, sizeOf } from "./snapshot.ts";
import { isFramed } from "./stage.ts";
import type { Layer } from "./types.ts";
import { distance, say, t } from "./words.ts";

let made = false;
/** Whether it is this page that is printed, and not the one around it. */
let alone = true;

function sourcesOf(shown: Layer[]): string {
  const ids = new Set(shown.flatMap((layer) => layer.record.sources));
  return [...ids].flatMap((id) => sources.get(id) ?? []).map((source) => [source.title, ...origin(source)].join(", ")).join("; ");
}

function makeSheet(): void {
  dropSheet();
  const shown = layers.filter((layer) => layer.visible);
  const dashed = shown.flatMap((layer) => layer.record.style.dash_over_m ?? []);
  const picture = mapPicture();
  const [width, height] = sizeOf(picture);
  picture.setAttribute("overflow", "hidden");
  document.body.append(h("div", { class: `cm-print${height > width ? " cm-print-tall" : ""}${alone ? "" : " cm-print-framed"}`, "aria-hidden": "true" },
    h("h1", null, say(data.title)),
    // The sheet's box decides the size, the view box keeps the shape, and the picture within is cut at its own edges.
    h("div", { class: "cm-print-map" }, svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMinYMin meet" }, picture)),
    h("div", { class: "cm-print-legend" }, shown.map((layer) => [h("h2", null, say(layer.record.name)), h("ul", null, printLegend(layer))]),
      dashed.length > 0 && h("p", null, t("dashed", { distance: distance(Math.min(...dashed)) }))),
    h("div", { class: "cm-print-foot" },
      h("p", null, say(data.attribution)), h("p", null, h("strong", null, `${t("field.sources")}: `), sourcesOf(shown)), h("p", null, t("measured_note")))));
  document.body.classList.add("cm-on-paper");
  made = true;
}

function dropSheet(): void {
  document.querySelector(".cm-print")?.remove();
  document.body.classList.remove("cm-on-paper");
}

/** Print the map; where a frame forbids it in silence, the panel says so. */
export function printMap(tool: HTMLElement): void {
  made = false;
  alone = true;
  window.print();
  alone = !isFramed();
  if (made) return;
  let status = document.getElementById("cm-print-status");
  if (!status) tool.parentElement!.after(status = h("p", { id: "cm-print-status", class: "cm-remark", role: "status" }));
  status.textContent = t("print.forbidden");
}

/** Make the sheet for the browser's own print command, too. */
export function startPrint(): void {
  alone = !isFramed();
  window.addEventListener("beforeprint", makeSheet);
  window.addEventListener("afterprint", dropSheet);
}
