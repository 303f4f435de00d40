/* Lines and areas that project their places once, however often the zoom changes. */
import * as L from "leaflet";

const worlds = new WeakMap<L.LatLng[], L.Point[]>();

/** Where places lie at zoom 0, in pixels of the world; kept, for from zoom to zoom they only scale. */
export function world(map: L.Map, places: L.LatLng[]): L.Point[] {
  let points = worlds.get(places);
  if (!points) worlds.set(places, points = places.map((place) => map.project(place, 0)));
  return points;
}

type Nested = L.LatLng[] | Nested[];

/** What Leaflet's lines keep to themselves. */
interface Inner {
  _map: L.Map;
  _projectLatlngs(places: Nested, result: L.Point[][], bounds: L.Bounds): void;
}

const scaling = {
  _projectLatlngs(this: Inner, places: Nested, result: L.Point[][], bounds: L.Bounds) {
    if (!(places[0] instanceof L.LatLng)) {
      (places as Nested[]).forEach((part) => this._projectLatlngs(part, result, bounds));
      return;
    }
    const scale = 2 ** this._map.getZoom();
    const origin = this._map.getPixelOrigin();
    result.push(world(this._map, places as L.LatLng[]).map((point) => {
      const moved = L.point(Math.round(point.x * scale) - origin.x, Math.round(point.y * scale) - origin.y);
      bounds.extend(moved);
      return moved;
    }));
  },
};

export const Line = L.Polyline.extend(scaling) as unknown as new (places: L.LatLng[] | L.LatLng[][], options: L.PolylineOptions) => L.Polyline;
export const Area = L.Polygon.extend(scaling) as unknown as new (places: L.LatLng[][][], options: L.PolylineOptions) => L.Polygon;
