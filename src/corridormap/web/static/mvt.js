/* Vector tiles: the lines of the layers asked for, with their ids. Every step is checked against the end of the bytes; nonsense throws. */
"use strict";
(function (cm) {
  const MOST_VERTICES = 200_000;
  const MOST_EXTENT = 1 << 20;
  const FAR = 2 ** 24;
  const LINE = 2;
  const [MOVE, DRAW] = [1, 2];

  function must(holds, what) {
    if (!holds) throw new Error(`not as vector tiles have it: ${what}`);
  }

  /** A reader of numbers of seven bits a byte; `varint.at` is where it stands, `varint.ends()` whether all is read. */
  cm.varints = function (bytes) {
    function varint() {
      let value = 0;
      let scale = 1;
      for (;;) {
        must(varint.at < bytes.length, "end");
        const byte = bytes[varint.at];
        varint.at += 1;
        value += (byte & 127) * scale;
        must(value <= Number.MAX_SAFE_INTEGER, "number");
        if (byte < 128) return value;
        scale *= 128;
        must(scale < 2 ** 63, "number");
      }
    }
    varint.at = 0;
    varint.ends = () => varint.at >= bytes.length;
    return varint;
  };

  /** A message's fields: [number, value], where the value is a number or bytes; other kinds are passed over. */
  function* fields(bytes) {
    const varint = cm.varints(bytes);
    while (!varint.ends()) {
      const tag = varint();
      const kind = tag % 8;
      let value = null;
      // A negative number is ten bytes long and none that we want.
      if (kind === 0) value = skipsOrReads(bytes, varint);
      else {
        must(kind === 1 || kind === 2 || kind === 5, "kind");
        const length = kind === 2 ? varint() : kind === 1 ? 8 : 4;
        must(length <= bytes.length - varint.at, "length");
        if (kind === 2) value = bytes.subarray(varint.at, varint.at + length);
        varint.at += length;
      }
      yield [Math.floor(tag / 8), value];
    }
  }

  function skipsOrReads(bytes, varint) {
    let length = 1;
    while (bytes[varint.at + length - 1] > 127) length += 1;
    must(length <= 10, "number");
    if (length < 8) return varint();
    varint.at += length;
    return null;
  }

  const words = (bytes) => new TextDecoder().decode(bytes);
  const isBytes = (value) => value instanceof Uint8Array;

  function list(bytes) {
    const varint = cm.varints(bytes);
    const found = [];
    while (!varint.ends()) found.push(varint());
    return found;
  }

  const signed = (value) => (value % 2 ? -(value + 1) / 2 : value / 2);

  function lines(bytes, budget) {
    const varint = cm.varints(bytes);
    const found = [];
    let x = 0;
    let y = 0;
    while (!varint.ends()) {
      const command = varint();
      const count = Math.floor(command / 8);
      must((command % 8 === MOVE || command % 8 === DRAW) && count > 0, "command");
      must(command % 8 === MOVE || found.length, "start");
      for (let i = 0; i < count; i += 1) {
        x += signed(varint());
        y += signed(varint());
        must(Math.abs(x) < FAR && Math.abs(y) < FAR, "place");
        must((budget.left -= 1) >= 0, "size");
        if (command % 8 === MOVE) found.push([]);
        found.at(-1).push([x, y]);
      }
    }
    return found.filter((line) => line.length > 1);
  }

  function readLayer(bytes, wanted, budget) {
    const layer = { name: "", extent: 4096, features: [] };
    const keys = [];
    const values = [];
    const packed = [];
    for (const [field, value] of fields(bytes)) {
      if (field === 1 && isBytes(value)) layer.name = words(value);
      else if (field === 2 && isBytes(value)) packed.push(value);
      else if (field === 3 && isBytes(value)) keys.push(value);
      else if (field === 4 && isBytes(value)) values.push(value);
      else if (field === 5) layer.extent = value;
    }
    if (!wanted(layer.name)) return null;
    must(Number.isInteger(layer.extent) && layer.extent > 0 && layer.extent <= MOST_EXTENT, "extent");
    const id = keys.findIndex((key) => key.length === 2 && words(key) === "id");
    for (const message of packed) {
      const feature = new Map(fields(message));
      const [tags, geometry] = [feature.get(2), feature.get(4)];
      if (feature.get(3) !== LINE || !isBytes(tags) || !isBytes(geometry)) continue;
      const pairs = list(tags);
      const place = pairs.findIndex((key, i) => i % 2 === 0 && key === id);
      const value = place >= 0 && values[pairs[place + 1]];
      const text = value ? new Map(fields(value)).get(1) : null;
      if (isBytes(text)) layer.features.push({ id: words(text), lines: lines(geometry, budget) });
    }
    return layer;
  }

  /** The line features of a tile's layers: [{ name, extent, features: [{ id, lines: [[[x, y], …], …] }] }]. */
  cm.readTile = function (bytes, wanted) {
    const budget = { left: MOST_VERTICES };
    const layers = [];
    for (const [field, value] of fields(bytes)) {
      const layer = field === 3 && isBytes(value) ? readLayer(value, wanted, budget) : null;
      if (layer) layers.push(layer);
    }
    return layers;
  };
})(window.corridormap);
