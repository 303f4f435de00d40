/* Chainage: how far along its way a place on a corridor lies, and which place lies at a chainage. Geodesic lengths, summed over the links. */
import type * as L from "leaflet";
import { data, layers, layersOf, links, places } from "./atlas.ts";
import { along, chain, nearest } from "./geodesic.ts";
import type { Feature, Layer, Shape } from "./types.ts";

/** A named place or crossing on a way, so many kilometres from the way's start. */
export interface Stop { feature: Feature; km: number }

/** A way, the metres from its start at each of its places, and the named nodes that it passes. */
export interface Way { places: L.LatLng[]; metres: number[]; km: number; nodes: Stop[] }

/** A node beside a place on a way, so many metres from it. */
export type Neighbour = Stop & { distance_m: number };

/** A place so many kilometres along one of the ways, which count from 0, between the nodes before and after it. */
export interface Found { latlng: L.LatLng; km: number; way: number; before: Neighbour | null; after: Neighbour | null }

const kept = new WeakMap<Shape, Way[]>();
const byPosition = new WeakMap<Layer[], Map<string, Feature>>();

// Lines travel with coarser coordinates than points: a link's end and its node are the same place when they round to the same step.
const steps = (place: L.LatLng): number[] => [place.lat, place.lng].map((degrees) => Math.round(degrees * data.links.scale));

/** Named nodes by position: links end where places and crossings stand. Of two on one spot the place is named. */
function nodesByPosition(): Map<string, Feature> {
  const points = [...layersOf("crossings"), ...layersOf("places")].flatMap((layer) => layer.features).filter((feature) => feature.shape?.p);
  return new Map(points.map((feature) => [steps(places(feature.shape!.p!, feature.layer.record.scale)[0]).join(" "), feature]));
}

/** The node at a link's end; a point that was rounded twice may have come out one step off. */
function nodeAt(place: L.LatLng): Feature | undefined {
  const [y, x] = steps(place);
  if (!byPosition.has(layers)) byPosition.set(layers, nodesByPosition());
  return [0, -1, 1].flatMap((dy) => [0, -1, 1].map((dx) => byPosition.get(layers)!.get(`${y + dy} ${x + dx}`))).find(Boolean);
}

/** The ways of a shape made of links, none of any other shape. They are kept, and go by the links that the page came with. */
export function waysOf(shape: Shape | null): Way[] {
  if (!shape?.w) return [];
  if (!kept.has(shape)) kept.set(shape, shape.w.map(readWay));
  return kept.get(shape)!;
}

function readWay(signedLinks: number[]): Way {
  const line: L.LatLng[] = [];
  const stops = [0];
  for (const signed of signedLinks) {
    const link = links[Math.abs(signed) - 1].slice();
    if (signed < 0) link.reverse();
    // The end of one link is the start of the next.
    line.push(...link.slice(line.length ? 1 : 0));
    stops.push(line.length - 1);
  }
  const metres = chain(line);
  const nodes = stops.map((stop) => ({ feature: nodeAt(line[stop])!, km: metres[stop] / 1000 })).filter(({ feature }) => feature);
  return { places: line, metres, km: metres.at(-1)! / 1000, nodes };
}

function neighbours({ nodes }: Way, km: number): Pick<Found, "before" | "after"> {
  // Within a metre of a node a place is at the node, which then is the one before and the one after.
  const near = 0.001;
  const told = (node?: Stop): Neighbour | null => (node ? { ...node, distance_m: Math.abs(km - node.km) * 1000 } : null);
  return { before: told(nodes.filter((node) => node.km <= km + near).at(-1)), after: told(nodes.find((node) => node.km >= km - near)) };
}

/** The place on a feature's ways nearest to a given one, and how many metres off these that one lies; null where no way is made of links. */
export function chainage({ shape }: Feature, latlng: L.LatLng): (Found & { offset_m: number; start: Stop | null }) | null {
  const found = waysOf(shape).map((line, way) => ({ line, way, near: nearest(line.places, latlng, line.metres)! }));
  if (!found.length) return null;
  // Where ways share a stretch the first of them counts, unless another is nearer by more than rounding.
  const { line, way, near } = found.reduce((best, other) => (other.near.off < best.near.off - 0.5 ? other : best));
  const km = near.metres / 1000;
  return { km, offset_m: near.off, way, latlng: near.latlng, start: line.nodes[0] ?? null, ...neighbours(line, km) };
}

/** The place at a chainage of a shape's way, the first unless told; null beyond its ends. */
export function alongKm(shape: Shape | null, km: number, way = 0): Found | null {
  const line = waysOf(shape).at(way);
  // A millimetre over the end is rounding.
  if (!line || !(km >= 0) || km > line.km + 1e-6) return null;
  return { latlng: along(line.places, km * 1000, line.metres), km, way, ...neighbours(line, km) };
}
