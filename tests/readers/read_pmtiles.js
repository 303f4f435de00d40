// What the library of PMTiles, and the decoder of vector tiles that MapLibre stands on, read of the largest zoom; a feature comes once a tile.
import { openSync, readSync } from "node:fs";

import { VectorTile } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";
import { PMTiles } from "pmtiles";

import { answer } from "./jobs.js";

class File {
  constructor(path) {
    this.path = path;
    this.open = openSync(path);
  }
  getKey() {
    return this.path;
  }
  async getBytes(offset, length) {
    const bytes = new Uint8Array(length);
    readSync(this.open, bytes, 0, length, offset);
    return { data: bytes.buffer };
  }
}

const column = (lon, zoom) => Math.floor(((lon + 180) / 360) * 2 ** zoom);
const row = (lat, zoom) => Math.floor((0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * 2 ** zoom);

const all = async (path) => {
  const tiles = new PMTiles(new File(path));
  const { minLon, minLat, maxLon, maxLat, maxZoom } = await tiles.getHeader();
  const found = {};
  for (let x = column(minLon, maxZoom); x <= column(maxLon, maxZoom); x += 1) {
    for (let y = row(maxLat, maxZoom); y <= row(minLat, maxZoom); y += 1) {
      const held = await tiles.getZxy(maxZoom, x, y);
      for (const [name, layer] of Object.entries(held ? new VectorTile(new PbfReader(held.data)).layers : {})) {
        for (let number = 0; number < layer.length; number += 1) (found[name] ??= []).push(layer.feature(number).toGeoJSON(x, y, maxZoom));
      }
    }
  }
  return found;
};

let read;
await answer("pmtiles", async ({ path, inner }) => (await (read ??= all(path)))[inner]);
