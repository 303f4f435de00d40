/* Downloads: each layer as GeoJSON or CSV, and the view as a PNG; made in the page, from what the page holds. */
import { data, layers, links } from "./atlas.ts";
import { lngNear } from "./coordinates.ts";
import { button, h } from "./dom.ts";
import { runsOf } from "./lines.ts";
import { fullPicture, toPng } from "./snapshot.ts";
import { openDialogue } from "./stage.ts";
import { decode, type Feature, type Layer, type Polyline, type Value } from "./types.ts";
import { distance, say, t } from "./words.ts";

type Position = [number, number];

/** A line that the map has beyond 180°, brought back as a whole; one across the meridian goes on beyond it, as in the atlas's own files. */
function home(line: Position[]): Position[] {
  const middle = (line[0][0] + line.at(-1)![0]) / 2;
  const by = lngNear(middle, 0) - middle;
  return by ? line.map(([lng, lat]) => [Number((lng + by).toFixed(5)), lat]) : line;
}

const positions = (line: Polyline, scale: number): Position[] => home(decode(line, scale).map(([lat, lng]) => [lng, lat]));

/** The lines of ways over the links; a link that was drawn before is left out, as in the atlas's own layers. */
const linesOfWays = (ways: number[][]): Position[][] => runsOf(ways).map(({ steps }) => home(steps.flatMap(({ link, forward }, i) => {
  const line = links[link].map(({ lat, lng }): Position => [Number(lng.toFixed(5)), Number(lat.toFixed(5))]);
  // Where one link ends and the next begins is one vertex.
  return (forward ? line : line.reverse()).slice(i ? 1 : 0);
})));

function geometryOf({ shape, layer }: Feature): object | null {
  const { geometry, scale } = layer.record;
  if (!shape) return null;
  if (shape.p) return { type: "Point", coordinates: positions(shape.p, scale)[0] };
  if (shape.a) return { type: "MultiPolygon", coordinates: shape.a.map((rings) => rings.map((ring) => positions(ring, scale))) };
  const lines = shape.w ? linesOfWays(shape.w) : shape.l!.map((line) => positions(line, scale));
  if (geometry === "LineString" && lines.length === 1) return { type: "LineString", coordinates: lines[0] };
  return { type: "MultiLineString", coordinates: lines };
}

/** What the page left away of a layer's coordinates: the last digits. A step of a degree is at most as long as on the equator. */
function rounding({ record: { geometry, build, scale } }: Layer): string {
  const metres = 111_320 / (geometry === "Point" || build === "lines" ? scale : data.links.scale);
  return metres < 2 ? "" : t("take.rounded", { distance: distance(metres) });
}

/** A layer as GeoJSON (RFC 7946), with a note of its lines' detail and of where the whole layer is. */
export function layerGeoJson(layer: Layer): string {
  const { id, record } = layer;
  const note = `${rounding(layer)} ${t("take.full", { file: `geodata/layers/${id}.geojson` })}`.trim();
  return `${JSON.stringify({
    type: "FeatureCollection", name: id, title: say(record.name), licence: record.licence, attribution: say(data.attribution), note,
    features: layer.features.map((feature) => ({ type: "Feature", id: feature.id, geometry: geometryOf(feature), properties: feature.properties })),
  })}\n`;
}

/** A cell as RFC 4180 has it. What a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers. */
function cell(value: Value | undefined): string {
  let text = String(value ?? "");
  if (typeof value !== "number" && /^[=+\-@\t\r\n]/.test(text) && !/^[+-]?\d+([.,]\d+)?$/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A layer as CSV; points with their position. The byte order mark tells Excel that the letters are UTF-8. */
export function layerCsv({ record, fields, features }: Layer): string {
  const located = record.geometry === "Point" ? ["lon", "lat"] : [];
  const rows = features.map(({ properties, shape }) => {
    const position = shape?.p && positions(shape.p, record.scale)[0];
    return [...fields.map((field) => properties[field]), ...located.map((_, axis) => position?.[axis])];
  });
  return `\ufeff${[[...fields, ...located], ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;
}

/** Whether a frame around the page may forbid downloads: true, false, or null where the page cannot know. */
function isForbidden(): boolean | null {
  if (window.parent === window) return false;
  try {
    const frame = window.frameElement as HTMLIFrameElement | null;
    if (frame) return frame.hasAttribute("sandbox") && !frame.sandbox.contains("allow-downloads");
  } catch {
    // A page from elsewhere stands around this one.
  }
  return null;
}

const tellReader = (text: string): void => document.querySelector(".cm-take-status")?.replaceChildren(text);

/** Hand a file to the browser, and say so. Where the frame forbids it the browser would only complain to its console. */
function give(stem: string, ending: string, blob: Blob): void {
  const forbidden = isForbidden();
  if (forbidden) return tellReader(t("take.forbidden"));
  const file = `${`${data.id}-${stem}`.replace(/[^\w-]+/g, "_")}.${ending}`;
  const link = h("a", { class: "cm-handing" });
  Object.assign(link, { href: URL.createObjectURL(blob), download: file });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the file after the click; a minute is plenty.
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  tellReader(`${t("take.done", { file })}${forbidden === null ? ` ${t("take.perhaps")}` : ""}`);
}

const givePicture = async (): Promise<void> => give("map", "png", await toPng(fullPicture()));

function rowOf(layer: Layer): HTMLElement {
  const name = say(layer.record.name);
  const tool = (kind: string, write: (layer: Layer) => string, type: string): HTMLElement =>
    button({ class: "cm-tool", "aria-label": `${kind}: ${name}` }, () => give(layer.id, kind.toLowerCase(), new Blob([write(layer)], { type })), kind);
  return h("li", null, h("span", { class: "cm-row-name" }, name),
    tool("GeoJSON", layerGeoJson, "application/geo+json"), tool("CSV", layerCsv, "text/csv;charset=utf-8"));
}

/** Open the dialogue of downloads. */
export function openDownloads(): void {
  const roundings = [...new Set(layers.map(rounding).filter(Boolean))].map((text) =>
    `${text} (${layers.filter((layer) => rounding(layer) === text).map((layer) => say(layer.record.name)).join("; ")})`);
  openDialogue("take", t("take"),
    h("p", null, button({ class: "cm-tool" }, () => void givePicture().catch(() => tellReader(t("take.no_picture"))), t("take.png"))),
    h("ul", { class: "cm-list" }, layers.map(rowOf)),
    [...roundings, t("take.full", { file: "geodata/layers" })].map((text) => h("p", { class: "cm-remark" }, text)),
    h("p", { class: "cm-take-status", role: "status", "aria-live": "polite" }));
  if (isForbidden()) tellReader(t("take.forbidden"));
}
