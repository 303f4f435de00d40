/* Chainage: how far along its way a place on a corridor lies, and which place lies at a chainage. Links are as long as the atlas measured
   them; along one, places lie as on its line in the page. */
import * as L from "leaflet";
import { data, layers, layersOf, links, places } from "./atlas.ts";
import type { Feature, Layer, Shape } from "./types.ts";

/** A named place or crossing on a way, so many kilometres from the way's start. */
export interface Stop { feature: Feature; km: number }

/** A way, the metres from its start at each of its places, and the named nodes that it passes. */
export interface Way { places: L.LatLng[]; metres: number[]; km: number; nodes: Stop[] }

/** A node beside a place on a way, so many metres from it. */
export type Neighbour = Stop & { distance_m: number };

/** A place so many kilometres along a way, between the nodes before and after it. */
export interface Found { latlng: L.LatLng; km: number; before: Neighbour | null; after: Neighbour | null }

/** A position in degrees, such as Leaflet's. */
type Place = L.LatLngLiteral;

const A = 6378137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const RAD = Math.PI / 180;

/**
 * Metres of the geodesic between two places: T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid with application of
 * nested equations", Survey Review 23 (176), 1975, pp. 88–93; good to a fraction of a millimetre.
 */
export function inverse(from: Place, to: Place): number {
  const dl = L.Util.wrapNum(to.lng - from.lng, [-180, 180]) * RAD;
  const [u1, u2] = [from, to].map(({ lat }) => Math.atan((1 - F) * Math.tan(lat * RAD)));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = dl;
  for (let round = 0; round < 100; round += 1) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const ss = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (ss === 0) return 0;
    const cs = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(ss, cs);
    const sa = (c1 * c2 * sl) / ss;
    const ca2 = 1 - sa * sa;
    // Along the equator the term is of no weight, and would be 0/0.
    const c2m = ca2 > 1e-15 ? cs - (2 * s1 * s2) / ca2 : 0;
    const C = (F / 16) * ca2 * (4 + F * (4 - 3 * ca2));
    const next = dl + (1 - C) * F * sa * (sigma + C * ss * (c2m + C * cs * (2 * c2m * c2m - 1)));
    const step = Math.abs(next - lambda);
    lambda = next;
    if (Math.abs(lambda) > Math.PI) break;
    if (step > 1e-12) continue;
    const uu = (ca2 * (A * A - B * B)) / (B * B);
    const bigA = 1 + (uu / 16384) * (4096 + uu * (-768 + uu * (320 - 175 * uu)));
    const bigB = (uu / 1024) * (256 + uu * (-128 + uu * (74 - 47 * uu)));
    const ds = bigB * ss * (c2m + (bigB / 4) * (cs * (2 * c2m * c2m - 1) - (bigB / 6) * c2m * (4 * ss * ss - 3) * (4 * c2m * c2m - 3)));
    return B * bigA * (sigma - ds);
  }
  // Nearly opposite ends of the earth, where the series does not settle: on the sphere, within 0.6 %.
  return L.CRS.Earth.distance(from, to);
}

/** Metres from a line's start to each of its places. */
export function chain(line: Place[]): number[] {
  const sums = [0];
  for (let i = 1; i < line.length; i += 1) sums.push(sums[i - 1] + inverse(line[i - 1], line[i]));
  return sums;
}

/** So far from one place to the other, as a share of 1: on the straight line that the map draws, not on the geodesic beside it. */
const between = (from: Place, to: Place, share: number): L.LatLng => L.latLng(from.lat + (to.lat - from.lat) * share, from.lng + (to.lng - from.lng) * share);

/** The place so many metres along a line, kept within its ends; `sums` are what `chain` gives. */
export function along(line: Place[], metres: number, sums: number[]): L.LatLng {
  const wanted = Math.max(0, Math.min(metres, sums.at(-1)!));
  const end = Math.max(1, sums.findIndex((sum) => sum >= wanted));
  const span = sums[end] - sums[end - 1];
  return between(line[end - 1], line[end], span > 0 ? (wanted - sums[end - 1]) / span : 0);
}

/** The place on a line nearest to another, its metres from the line's start and how many metres `off` the other lies. */
export function nearest(line: Place[], place: Place, sums: number[]): { latlng: L.LatLng; metres: number; off: number } {
  const squeeze = Math.cos(place.lat * RAD);
  const flat = line.map(({ lat, lng }) => L.point((lng - place.lng) * squeeze, lat - place.lat));
  const origin = L.point(0, 0);
  let best = { off: Infinity, step: 0, foot: origin };
  for (let step = 0; step < flat.length - 1; step += 1) {
    const foot = L.LineUtil.closestPointOnSegment(origin, flat[step], flat[step + 1]);
    const off = foot.distanceTo(origin);
    if (off < best.off) best = { off, step, foot };
  }
  const { step, foot } = best;
  const share = foot.distanceTo(flat[step]) / (flat[step].distanceTo(flat[step + 1]) || 1);
  const latlng = between(line[step], line[step + 1], share);
  return { latlng, metres: sums[step] + (sums[step + 1] - sums[step]) * share, off: inverse(latlng, place) };
}

const kept = new WeakMap<Shape, Way[]>();
const byPosition = new WeakMap<Layer[], Map<string, Feature>>();

// Lines travel with coarser coordinates than points: a link's end and its node are the same place when they round to the same step.
const steps = (place: L.LatLng): number[] => [place.lat, place.lng].map((degrees) => Math.round(degrees * data.links.scale));

/** The place or crossing at a link's end, of two on one spot the place; a point that was rounded twice may have come out one step off. */
function nodeAt(place: L.LatLng): Feature | undefined {
  if (!byPosition.has(layers)) {
    const points = [...layersOf("crossings"), ...layersOf("places")].flatMap((layer) => layer.features).filter((feature) => feature.shape?.p);
    const positionOf = ({ shape, layer }: Feature): string => steps(places(shape!.p!, layer.record.scale)[0]).join(" ");
    byPosition.set(layers, new Map(points.map((feature) => [positionOf(feature), feature])));
  }
  const [y, x] = steps(place);
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
  const metres: number[] = [];
  const stops = [0];
  for (const signed of signedLinks) {
    const index = Math.abs(signed) - 1;
    const link = links[index].slice();
    if (signed < 0) link.reverse();
    const sums = chain(link);
    const stretch = sums.at(-1)! > 0 ? data.links.metres[index] / sums.at(-1)! : 1;
    const before = metres.at(-1) ?? 0;
    // The end of one link is the start of the next.
    const first = line.length ? 1 : 0;
    line.push(...link.slice(first));
    metres.push(...sums.slice(first).map((sum) => before + sum * stretch));
    stops.push(line.length - 1);
  }
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
export function chainage({ shape }: Feature, latlng: L.LatLng): (Found & { offset_m: number; way: Way }) | null {
  const found = waysOf(shape).map((way) => ({ way, near: nearest(way.places, latlng, way.metres) }));
  if (!found.length) return null;
  // Where ways share a stretch the first of them counts, unless another is nearer by more than rounding.
  const { way, near } = found.reduce((best, other) => (other.near.off < best.near.off - 0.5 ? other : best));
  const km = near.metres / 1000;
  return { km, offset_m: near.off, latlng: near.latlng, way, ...neighbours(way, km) };
}

/** The place at a chainage of a shape's first way; null beyond its ends. */
export function alongKm(shape: Shape | null, km: number): Found | null {
  const way = waysOf(shape).at(0);
  // A millimetre over the end is rounding.
  if (!way || !(km >= 0) || km > way.km + 1e-6) return null;
  return { latlng: along(way.places, km * 1000, way.metres), km, ...neighbours(way, km) };
}
