/* The lines in a PMTiles file of vector tiles, read over the web piece by piece. What arrives is not trusted: amounts are capped, and misfits throw. */
import { VectorTile } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";
import { Compression, PMTiles, readVarint, SharedPromiseCache, TileType, type Source } from "pmtiles";

/** In bytes: what a directory and what a tile may take as they travel, and either of them unpacked. */
const [MOST_DIRECTORY, MOST_TILE, MOST_UNPACKED] = [1 << 20, 4 << 20, 16 << 20];
const [MOST_DIRECTORIES, MOST_ENTRIES, MOST_NUMBERS, MOST_VERTICES] = [16, 200_000, 4_000_000, 200_000];
const [MOST_EXTENT, FARTHEST, PATIENCE_MS] = [2 ** 20, 2 ** 24, 30_000];
/** As the specification of vector tiles numbers them: the tag of a geometry, the kind of feature, the commands of a line. */
const [GEOMETRY, LINE, MOVE, DRAW] = [34, 2, 1, 2];

/** A line of a tile; places count from the tile's north-western corner, and its sides are `extent` long. */
export interface TileLine { layer: string; id: string; extent: number; points: { x: number; y: number }[] }

function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`not as vector tiles have it: ${what}`);
}

/**
 * A reader with which VectorTile makes no endless work of few bytes. Each feature may claim all that follows as its tags, so numbers are counted; and
 * a geometry may say "close the ring" a hundred million times, so it is looked through when VectorTile passes over it, before it ever draws.
 */
class CappedReader extends PbfReader {
  private numbers = MOST_NUMBERS;
  private vertices = MOST_VERTICES;

  override readVarint(isSigned?: boolean): number {
    must((this.numbers -= 1) >= 0, "numbers");
    return super.readVarint(isSigned);
  }

  override skip(tag: number): void {
    if (tag !== GEOMETRY) return super.skip(tag);
    const end = this.readVarint() + this.pos;
    while (this.pos < end) {
      const command = this.readVarint();
      const count = Math.floor(command / 8);
      must((command % 8 === MOVE || command % 8 === DRAW) && count > 0, "command");
      must((this.vertices -= count) >= 0, "vertices");
      for (let i = 0; i < 2 * count; i += 1) this.readVarint();
    }
    must(this.pos === end, "geometry");
  }
}

/** The lines of a tile that are in the wanted layers and have an id. */
export function readLines(bytes: Uint8Array, wanted: Set<string>): TileLine[] {
  const found: TileLine[] = [];
  for (const layer of Object.values(new VectorTile(new CappedReader(bytes)).layers)) {
    if (!wanted.has(layer.name)) continue;
    must(layer.extent > 0 && layer.extent <= MOST_EXTENT, "extent");
    for (let i = 0; i < layer.length; i += 1) {
      const feature = layer.feature(i);
      const { id } = feature.properties;
      if (feature.type !== LINE || typeof id !== "string") continue;
      for (const points of feature.loadGeometry()) {
        must(points.every(({ x, y }) => Math.abs(x) < FARTHEST && Math.abs(y) < FARTHEST), "place");
        if (points.length > 1) found.push({ layer: layer.name, id, extent: layer.extent, points });
      }
    }
  }
  return found;
}

/** All that a stream gives; it may be so many bytes at most. */
function collect(stream: ReadableStream<Uint8Array>, left: number): Promise<ArrayBuffer> {
  const transform = (part: Uint8Array, to: TransformStreamDefaultController): void => {
    must((left -= part.length) >= 0, "size");
    to.enqueue(part);
  };
  return new Response(stream.pipeThrough(new TransformStream({ transform }))).arrayBuffer();
}

async function unpack(packed: ArrayBuffer, compression: Compression): Promise<ArrayBuffer> {
  if (compression === Compression.None) return packed;
  must(compression === Compression.Gzip, "compression");
  return collect(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")), MOST_UNPACKED);
}

async function unpackDirectory(packed: ArrayBuffer, compression: Compression): Promise<ArrayBuffer> {
  must(packed.byteLength <= MOST_DIRECTORY, "directory");
  const bytes = await unpack(packed, compression);
  must(readVarint({ buf: new Uint8Array(bytes), pos: 0 }) <= MOST_ENTRIES, "entries");
  return bytes;
}

/** Bytes of the file, no more than asked for. PMTiles asks for the first of them before it knows how many there are; after that fewer will not do, either. */
async function getBytes(url: string, offset: number, length: number): Promise<{ data: ArrayBuffer }> {
  must(offset >= 0 && length > 0 && length <= MOST_TILE && Number.isSafeInteger(offset + length), "range");
  const response = await fetch(url, {
    headers: { Range: `bytes=${offset}-${offset + length - 1}` }, credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(PATIENCE_MS),
  });
  // A host that knows no ranges would send the whole file.
  if (response.status !== 206) response.body?.cancel().catch(() => undefined);
  must(response.status === 206 && response.body !== null, "range");
  const bytes = await collect(response.body, length);
  must(bytes.byteLength === length || offset === 0, "end");
  return { data: bytes };
}

/** Open a PMTiles file of vector tiles by its address; gives its greatest zoom, and what reads the lines that a tile has in the wanted layers. */
export async function openArchive(url: string): Promise<{ zoom: number; lines(x: number, y: number, wanted: Set<string>): Promise<TileLine[]> }> {
  const source: Source = { getKey: () => url, getBytes: (offset, length) => getBytes(url, offset, length) };
  const file = new PMTiles(source, new SharedPromiseCache(MOST_DIRECTORIES, true, unpackDirectory), unpack);
  const { specVersion, tileType, maxZoom } = await file.getHeader();
  must(specVersion === 3 && tileType === TileType.Mvt && maxZoom <= 20, "header");
  return {
    zoom: maxZoom,
    async lines(x, y, wanted) {
      const tile = await file.getZxy(maxZoom, x, y);
      return tile ? readLines(new Uint8Array(tile.data), wanted) : [];
    },
  };
}
