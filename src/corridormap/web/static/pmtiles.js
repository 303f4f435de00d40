/* PMTiles, version 3, read over the web piece by piece. What arrives is not trusted: sizes are capped, and whatever does not fit throws. */
"use strict";
(function (cm) {
  const HEADER = 127;
  const FIRST = 16_384;
  const MOST_DIRECTORY = 1 << 20;
  const MOST_TILE = 4 << 20;
  const MOST_UNPACKED = 16 << 20;
  const MOST_ENTRIES = 200_000;
  const DEEPEST = 3;
  const PATIENCE_MS = 30_000;
  const [NONE, GZIP] = [1, 2];
  const MVT = 1;

  function must(holds, what) {
    if (!holds) throw new Error(`not as PMTiles has it: ${what}`);
  }

  async function collect(stream, most) {
    const reader = stream.getReader();
    const parts = [];
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > most) {
        reader.cancel().catch(() => undefined);
        must(false, "size");
      }
      parts.push(value);
    }
    const whole = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** Bytes of the file, no more than asked for; fewer only where the file ends. */
  async function range(url, offset, length) {
    const response = await fetch(url, {
      headers: { Range: `bytes=${offset}-${offset + length - 1}` }, credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.status !== 206 || !response.body) {
      // A host that knows no ranges would send the whole file.
      if (response.body) response.body.cancel().catch(() => undefined);
      must(false, "range");
    }
    return collect(response.body, length);
  }

  async function exactly(url, offset, length) {
    const bytes = await range(url, offset, length);
    must(bytes.length === length, "end");
    return bytes;
  }

  function expand(bytes, compression) {
    if (compression === NONE) return bytes;
    must(compression === GZIP, "compression");
    return collect(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")), MOST_UNPACKED);
  }

  function readHeader(bytes) {
    must(bytes.length >= HEADER, "header");
    must(String.fromCharCode(...bytes.subarray(0, 7)) === "PMTiles" && bytes[7] === 3, "version");
    const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER);
    const number = (at) => {
      const value = Number(view.getBigUint64(at, true));
      must(value <= 2 ** 50, "offset");
      return value;
    };
    const header = {
      root: [number(8), number(16)], leaves: [number(40), number(48)], tiles: [number(56), number(64)], inside: bytes[97], compression: bytes[98], zoom: bytes[101],
    };
    must(bytes[99] === MVT && header.zoom <= 20 && header.root[1] <= MOST_DIRECTORY, "header");
    return header;
  }

  /** A directory's entries: [tile, run, length, offset]; a run of 0 leads to a directory below. */
  cm.readDirectory = function (bytes) {
    const varint = cm.varints(bytes);
    const count = varint();
    must(count <= MOST_ENTRIES && count <= bytes.length, "directory");
    const entries = [];
    let tile = 0;
    for (let i = 0; i < count; i += 1) entries.push([tile += varint(), 0, 0, 0]);
    for (const place of [1, 2]) for (const entry of entries) entry[place] = varint();
    entries.forEach((entry, i) => {
      const value = varint();
      must(value > 0 || i > 0, "directory");
      entry[3] = value > 0 ? value - 1 : entries[i - 1][3] + entries[i - 1][2];
    });
    return entries;
  };

  /** A tile's number: those of the zooms before, and then along Hilbert's curve. */
  cm.tileNumber = function (zoom, x, y) {
    let number = (4 ** zoom - 1) / 3;
    for (let side = 2 ** (zoom - 1); side >= 1; side /= 2) {
      const right = x & side ? 1 : 0;
      const low = y & side ? 1 : 0;
      number += side * side * ((3 * right) ^ low);
      if (!low) {
        if (right) [x, y] = [side - 1 - x, side - 1 - y];
        [x, y] = [y, x];
      }
    }
    return number;
  };

  function find(entries, number) {
    let [low, high] = [0, entries.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (entries[middle][0] <= number) low = middle;
      else high = middle - 1;
    }
    const entry = entries[low];
    return entry && entry[0] <= number && (entry[1] === 0 || number < entry[0] + entry[1]) ? entry : null;
  }

  /** Open a file: gives { zoom, tile(x, y) } of its greatest zoom; a tile that is not there is null. */
  cm.openTiles = async function (url) {
    const start = await range(url, 0, FIRST);
    const header = readHeader(start);
    const directories = new Map();
    const inFile = ([from, size], offset, length) => {
      must(offset + length <= size, "place");
      return from + offset;
    };
    async function directory(offset, length) {
      must(length > 0 && length <= MOST_DIRECTORY, "directory");
      const bytes = offset + length <= start.length ? start.subarray(offset, offset + length) : await exactly(url, offset, length);
      return cm.readDirectory(await expand(bytes, header.inside));
    }
    function kept(offset, length) {
      if (!directories.has(offset)) directories.set(offset, directory(offset, length));
      return directories.get(offset);
    }
    async function tile(x, y) {
      const number = cm.tileNumber(header.zoom, x, y);
      let entries = await kept(...header.root);
      for (let depth = 0; depth < DEEPEST; depth += 1) {
        const entry = find(entries, number);
        if (!entry) return null;
        const [, run, length, offset] = entry;
        if (run > 0) {
          must(length > 0 && length <= MOST_TILE, "tile");
          return expand(await exactly(url, inFile(header.tiles, offset, length), length), header.compression);
        }
        entries = await kept(inFile(header.leaves, offset, length), length);
      }
      throw new Error("directories lie too deep");
    }
    await kept(...header.root);
    return { zoom: header.zoom, tile };
  };
})(window.corridormap);
