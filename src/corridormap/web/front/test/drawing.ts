/* The small atlas, drawn. */
import { load, stand } from "./atlas.ts";
import { layers } from "../src/atlas.ts";
import { drawLines } from "../src/lines.ts";
import { drawPoint } from "../src/points.ts";
import { map } from "../src/stage.ts";
import type { Data, Part } from "../src/types.ts";

/** Draw all that the small atlas shows at first. */
export function draw(atlas?: Data): void {
  load(atlas);
  stand();
  for (const layer of layers) layer.features.forEach(layer.record.geometry === "Point" ? drawPoint : drawLines);
  for (const layer of layers) if (layer.visible) map.addLayer(layer.group);
}

/** The paths of a feature's part. */
export const paths = (feature: string, part: Part): SVGPathElement[] =>
  [...document.querySelectorAll<SVGPathElement>(`path[data-feature="${feature}"][data-part="${part}"]`)];
