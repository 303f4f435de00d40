/* Showing and hiding layers. */
import { layersOf } from "./atlas.ts";
import { tell } from "./events.ts";
import { setOffsets } from "./offsets.ts";
import { map } from "./stage.ts";
import type { Layer } from "./types.ts";

/** Show or hide a layer; the itineraries that are shown then move together or apart. */
export function show(layer: Layer, visible: boolean): void {
  layer.visible = visible;
  if (visible) map.addLayer(layer.group);
  else map.removeLayer(layer.group);
  setOffsets();
  for (const other of layersOf("itineraries")) {
    if (other.visible) for (const feature of other.features) feature.lines.forEach((line) => line.redraw());
  }
  tell("layers", layer);
}
