/* Lengths on the ellipsoid (WGS 84), the same that pyproj.Geod gives the atlas; for chainage and for measuring on the map. */
import * as L from "leaflet";

/** A position in degrees, such as Leaflet's. */
export type Place = L.LatLngLiteral;

const A = 6378137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const RAD = Math.PI / 180;

/**
 * Metres of the geodesic between two places: T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid with application of
 * nested equations", Survey Review 23 (176), 1975, pp. 88–93; good to a fraction of a millimetre.
 */
export function inverse(from: Place, to: Place): number {
  const [p1, p2] = [from.lat * RAD, to.lat * RAD];
  const turn = (to.lng - from.lng) % 360;
  const dl = (turn > 180 ? turn - 360 : turn < -180 ? turn + 360 : turn) * RAD;
  const [u1, u2] = [Math.atan((1 - F) * Math.tan(p1)), Math.atan((1 - F) * Math.tan(p2))];
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
export function chain(places: Place[]): number[] {
  const sums = [0];
  for (let i = 1; i < places.length; i += 1) sums.push(sums[i - 1] + inverse(places[i - 1], places[i]));
  return sums;
}

/** A line's length in metres. */
export const length = (places: Place[]): number => chain(places).at(-1)!;

/** So far from one place to the other, as a share of 1: on the straight line that the map draws, not on the geodesic beside it. */
const between = (from: Place, to: Place, share: number): L.LatLng => L.latLng(from.lat + (to.lat - from.lat) * share, from.lng + (to.lng - from.lng) * share);

/** The place so many metres along a line, kept within its ends; `sums` are what `chain` gives. */
export function along(places: Place[], metres: number, sums: number[]): L.LatLng {
  const wanted = Math.max(0, Math.min(metres, sums.at(-1)!));
  const end = Math.max(1, sums.findIndex((sum) => sum >= wanted));
  const span = sums[end] - sums[end - 1];
  return between(places[end - 1], places[end], span > 0 ? (wanted - sums[end - 1]) / span : 0);
}

/** The place on a line nearest to another, its metres from the line's start and how many metres `off` the other lies; null without a line. */
export function nearest(places: Place[], place: Place, sums: number[]): { latlng: L.LatLng; metres: number; off: number } | null {
  const squeeze = Math.cos(place.lat * RAD);
  let best = { off: Infinity, step: 0, share: 0 };
  for (let step = 0; step < places.length - 1; step += 1) {
    const [from, to] = [places[step], places[step + 1]];
    const [ax, ay] = [(from.lng - place.lng) * squeeze, from.lat - place.lat];
    const [dx, dy] = [(to.lng - from.lng) * squeeze, to.lat - from.lat];
    const size = dx * dx + dy * dy;
    const share = size ? Math.max(0, Math.min(1, -(ax * dx + ay * dy) / size)) : 0;
    const off = Math.hypot(ax + dx * share, ay + dy * share);
    if (off < best.off) best = { off, step, share };
  }
  const { step, share } = best;
  if (places.length < 2) return null;
  const latlng = between(places[step], places[step + 1], share);
  return { latlng, metres: sums[step] + (sums[step + 1] - sums[step]) * share, off: inverse(latlng, place) };
}
