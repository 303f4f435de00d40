/* The backdrop: land, the atlas's own country, boundaries, waters; the paper beneath is sea or land, whichever goes on outside. */
import * as L from "leaflet";
import { data, places } from "./atlas.ts";
import { Area, Line } from "./scaling.ts";
import { map } from "./stage.ts";
import type { BackdropFeature } from "./types.ts";

const ORDER = ["land", "country", "water", "boundary"];

/** Draw the backdrop, one feature a task. */
export function* drawBackdrop(): Iterable<() => void> {
  const [west, south, east, north] = data.paper;
  const still = { pane: "cm-backdrop", renderer: L.svg({ pane: "cm-backdrop", padding: 0.2 }), interactive: false, smoothFactor: 1, fillOpacity: 1 };
  if (data.surround === "land") {
    yield () => L.rectangle([[south, west], [north, east]], { ...still, stroke: false, className: "cm-sea" }).addTo(map);
  }
  for (const layer of data.backdrop.slice().sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))) {
    const options = { ...still, className: `cm-${layer.kind}`, opacity: 1, weight: layer.kind === "land" ? 0 : 1 };
    const draw = ({ shape }: BackdropFeature): void => {
      if (shape?.a) new Area(shape.a.map((rings) => rings.map((ring) => places(ring, layer.scale))), options).addTo(map);
      if (shape?.l) new Line(shape.l.map((moves) => places(moves, layer.scale)), { ...options, fill: false }).addTo(map);
    };
    for (const feature of layer.features) yield () => draw(feature);
  }
}
