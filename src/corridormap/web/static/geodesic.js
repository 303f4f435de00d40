/* Lengths on the ellipsoid (WGS 84), the same that pyproj.Geod gives the atlas; for chainage and for measuring on the map. */
"use strict";
(function (cm) {
  const A = 6378137;
  const F = 1 / 298.257223563;
  const B = A * (1 - F);
  const RADIUS = (2 * A + B) / 3;
  const RAD = Math.PI / 180;

  const lat = (place) => (Array.isArray(place) ? place[0] : place.lat);
  const lng = (place) => (Array.isArray(place) ? place[1] : place.lng);

  /** On the sphere, within 0.6 %: only for nearly opposite ends of the earth, where Vincenty's series does not settle. */
  function onSphere(p1, p2, dl) {
    const h = Math.sin((p2 - p1) / 2) ** 2 + Math.cos(p1) * Math.cos(p2) * Math.sin(dl / 2) ** 2;
    return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
  }

  /**
   * The geodesic between two places: T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid with application of nested
   * equations", Survey Review 23 (176), 1975, pp. 88–93; good to a fraction of a millimetre.
   * Places are Leaflet's, or [lat, lng]. Gives { metres, bearing (at the first place, in degrees, null for the same place), exact }.
   */
  function inverse(from, to) {
    const p1 = lat(from) * RAD;
    const p2 = lat(to) * RAD;
    const turn = (lng(to) - lng(from)) % 360;
    const dl = (turn > 180 ? turn - 360 : turn < -180 ? turn + 360 : turn) * RAD;
    if (p1 === p2 && dl === 0) return { metres: 0, bearing: null, exact: true };
    const u1 = Math.atan((1 - F) * Math.tan(p1));
    const u2 = Math.atan((1 - F) * Math.tan(p2));
    const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
    let lambda = dl;
    for (let round = 0; round < 100; round += 1) {
      const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
      const ss = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
      if (ss === 0) return { metres: 0, bearing: null, exact: true };
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
      const bearing = Math.atan2(c2 * Math.sin(lambda), c1 * s2 - s1 * c2 * Math.cos(lambda)) / RAD;
      return { metres: B * bigA * (sigma - ds), bearing: (bearing + 360) % 360, exact: true };
    }
    return { metres: onSphere(p1, p2, dl), bearing: null, exact: false };
  }

  /** Metres from the line's start to each of its places. */
  function chain(places) {
    const sums = [0];
    for (let i = 1; i < places.length; i += 1) sums.push(sums[i - 1] + inverse(places[i - 1], places[i]).metres);
    return sums;
  }

  const length = (places) => (places.length ? chain(places).at(-1) : 0);

  /** The place so many metres along a line, kept within its ends; `sums` from chain spare the measuring. On a step the place lies on the
   *  straight line that the map draws, not on the geodesic beside it. Gives { latlng, step }. */
  function along(places, metres, sums) {
    const reached = sums || chain(places);
    const wanted = Math.max(0, Math.min(metres, reached.at(-1)));
    let low = 0;
    let high = reached.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (reached[middle] <= wanted) low = middle;
      else high = middle;
    }
    const span = reached[high] - reached[low];
    const share = span > 0 ? (wanted - reached[low]) / span : 0;
    const mix = (get) => get(places[low]) + (get(places[high]) - get(places[low])) * share;
    return { latlng: L.latLng(mix(lat), mix(lng)), step: low };
  }

  /** The place on a line nearest to another, and how far along it lies. Gives { metres, latlng, step, off (metres beside the line) }. */
  function nearest(places, place, sums) {
    const reached = sums || chain(places);
    const [y, x] = [lat(place), lng(place)];
    const squeeze = Math.cos(y * RAD);
    let best = null;
    for (let i = 0; i < places.length - 1; i += 1) {
      const [ax, ay] = [(lng(places[i]) - x) * squeeze, lat(places[i]) - y];
      const [dx, dy] = [(lng(places[i + 1]) - lng(places[i])) * squeeze, lat(places[i + 1]) - lat(places[i])];
      const size = dx * dx + dy * dy;
      const share = size ? Math.max(0, Math.min(1, -(ax * dx + ay * dy) / size)) : 0;
      const off = Math.hypot(ax + dx * share, ay + dy * share);
      if (!best || off < best.off) best = { off, step: i, share };
    }
    if (!best) return null;
    const [from, to] = [places[best.step], places[best.step + 1]];
    const latlng = L.latLng(lat(from) + (lat(to) - lat(from)) * best.share, lng(from) + (lng(to) - lng(from)) * best.share);
    const metres = reached[best.step] + (reached[best.step + 1] - reached[best.step]) * best.share;
    return { metres, latlng, step: best.step, off: inverse(latlng, place).metres };
  }

  cm.geo = { inverse, chain, length, along, nearest };
})(window.corridormap);
