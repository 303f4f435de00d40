/* What pack.py made small, value for value as it was: runs of bits, columns, and what follows from elsewhere on the page. */
"use strict";
(function (cm) {
  /** A decoder of arithmetically coded bits, after the LZMA specification: bit(model, place) by the chance kept there, even() of even chance. */
  function decoder(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    let at = 0;
    let range = 0xffffffff;
    let code = 0;
    const next = () => { code = (code * 256 + (bytes[at++] || 0)) >>> 0; };
    for (let i = 0; i < 4; i += 1) next();
    const shift = () => {
      while (range < 0x1000000) {
        range = (range << 8) >>> 0;
        next();
      }
    };
    const bit = (model, place) => {
      const chance = model[place];
      const bound = (range >>> 11) * chance;
      const one = code >= bound;
      if (one) {
        code -= bound;
        range -= bound;
        model[place] = chance - (chance >> 5);
      } else {
        range = bound;
        model[place] = chance + ((2048 - chance) >> 5);
      }
      shift();
      return one ? 1 : 0;
    };
    const even = () => {
      range >>>= 1;
      const one = code >= range;
      if (one) code -= range;
      shift();
      return one ? 1 : 0;
    };
    return { bit, even };
  }

  const chances = (count) => new Uint16Array(count).fill(1024);

  /** Undo LZMA, with lc 2 and lp and pb 0 as pack.py has it: literals and repeats, of which the last four distances are remembered. */
  function expand(text, size) {
    const { bit, even } = decoder(text);
    const out = new Uint8Array(size);
    const literals = chances(0x300 << 2);
    const [isRepeat, isKnown, isNotLast, isNotSecond, isNotThird, isLong] = Array.from({ length: 6 }, () => chances(12));
    const slots = Array.from({ length: 4 }, () => chances(64));
    const [near, align] = [chances(128), chances(16)];
    const tree = (model, base, bits) => {
      let place = 1;
      for (let i = 0; i < bits; i += 1) place = place * 2 + bit(model, base + place);
      return place - (1 << bits);
    };
    const lowFirst = (model, base, bits) => {
      let place = 1;
      let value = 0;
      for (let i = 0; i < bits; i += 1) {
        const digit = bit(model, base + place);
        place = place * 2 + digit;
        value |= digit << i;
      }
      return value;
    };
    const lengths = () => {
      const model = chances(512);
      return () => {
        if (!bit(model, 0)) return 2 + tree(model, 16, 3);
        return bit(model, 1) ? 18 + tree(model, 256, 8) : 10 + tree(model, 32, 3);
      };
    };
    const [newLength, knownLength] = [lengths(), lengths()];
    const distance = (length) => {
      const slot = tree(slots[Math.min(length - 2, 3)], 0, 6);
      if (slot < 4) return slot;
      const bits = (slot >> 1) - 1;
      const base = (2 | (slot & 1)) << bits;
      if (slot < 14) return base + lowFirst(near, base - slot, bits);
      let middle = 0;
      for (let i = 4; i < bits; i += 1) middle = middle * 2 + even();
      return base + middle * 16 + lowFirst(align, 0, 4);
    };
    const last = [0, 0, 0, 0];
    let state = 0;
    let at = 0;
    const copy = (length) => { for (const end = at + length; at < end; at += 1) out[at] = out[at - last[0] - 1]; };
    while (at < size) {
      if (!bit(isRepeat, state)) {
        const base = 0x300 * ((at ? out[at - 1] : 0) >> 6);
        let symbol = 1;
        if (state >= 7) {
          // After a repeat the letter differs from the one that would have gone on: that one's bits are the context until they part.
          let other = out[at - last[0] - 1];
          let parted = false;
          while (symbol < 0x100 && !parted) {
            const expected = (other >> 7) & 1;
            other <<= 1;
            const digit = bit(literals, base + ((1 + expected) << 8) + symbol);
            symbol = symbol * 2 + digit;
            parted = digit !== expected;
          }
        }
        while (symbol < 0x100) symbol = symbol * 2 + bit(literals, base + symbol);
        out[at] = symbol & 0xff;
        at += 1;
        state = state < 4 ? 0 : state - (state < 10 ? 3 : 6);
      } else if (!bit(isKnown, state)) {
        const length = newLength();
        last.pop();
        last.unshift(distance(length));
        state = state < 7 ? 7 : 10;
        copy(length);
      } else {
        const which = !bit(isNotLast, state) ? 0 : !bit(isNotSecond, state) ? 1 : !bit(isNotThird, state) ? 2 : 3;
        if (which === 0 && !bit(isLong, state)) {
          state = state < 7 ? 9 : 11;
          copy(1);
        } else {
          last.unshift(...last.splice(which, 1));
          state = state < 7 ? 8 : 11;
          copy(knownLength());
        }
      }
    }
    return out;
  }

  /** The text that pack.py made bytes of: from 128 on they stand for the letters sent along. */
  function spelled(bytes, letters) {
    const parts = [];
    for (let i = 0; i < bytes.length; i += 8192) parts.push(String.fromCharCode.apply(null, bytes.subarray(i, i + 8192)));
    return parts.join("").replace(/[\x80-\xff]/g, (letter) => letters[letter.charCodeAt(0) - 128]);
  }

  /** Read runs of differences; give each in turn for its kind and its count of numbers. */
  function runs(text) {
    const { bit, even } = decoder(text);
    const models = {};
    const starts = {};
    const number = (model, context) => {
      let digits = 0;
      while (bit(model, context * 64 + digits)) digits += 1;
      let size = digits ? 1 : 0;
      for (let i = 1; i < digits; i += 1) size = size * 2 + (i === 1 ? bit(model, (4 + context) * 64 + digits) : even());
      return size;
    };
    return function (kind, count) {
      const model = (models[kind] = models[kind] || chances(1024));
      const moves = new Array(count);
      const signs = [0, 0];
      for (let i = 0; i < count; i += 1) {
        const axis = i % 2;
        const context = i > 1 ? axis : axis + 2;
        const size = number(model, context);
        moves[i] = size && bit(model, (8 + context) * 64 + (signs[axis] + 1) * 3 + signs[1 - axis] + 1) ? -size : size;
        signs[axis] = Math.sign(moves[i]);
      }
      const last = starts[kind] || [0, 0];
      moves[0] += last[0];
      moves[1] += last[1];
      starts[kind] = moves.slice(0, 2);
      return moves;
    };
  }

  function shapeOf(packed, next) {
    if (packed && packed.p) return { p: next(packed.p) };
    if (packed && packed.l) return { l: packed.l.map(next) };
    if (packed && packed.a) return { a: packed.a.map((rings) => rings.map(next)) };
    return packed;
  }

  const PARTLY_FOLLOWS = 1;
  const FOLLOWS = 2;

  /** Records out of columns; those named field@language become one field of texts by language. */
  function records(columns) {
    const found = [];
    for (const [, name, values] of columns) {
      const [field, language] = name.split("@");
      values.forEach((value, i) => {
        found[i] = found[i] || {};
        if (language === undefined) found[i][field] = value;
        else {
          found[i][field] = found[i][field] || null;
          if (value !== null) found[i][field] = { ...found[i][field], [language]: value };
        }
      });
    }
    return found;
  }

  /** A template of texts; null if one of them is none. */
  const joined = (signs, ...parts) => (parts.every((part) => typeof part === "string" && part) ? String.raw({ raw: signs }, ...parts) : null);

  /** The names of points by id, for places and for what stands in brackets: a crossing, where a link ends without a place. */
  const namesOf = (points, of, field) => new Map(points.flatMap((layer) =>
    of(layer, "id").map((id, i) => [id, layer.build === "places" ? of(layer, field)[i] : joined`(${of(layer, field)[i]})`])));

  /** A route: the places that a corridor's ways pass; forks and crossings only where a way begins or ends in them. */
  function routes(data, layer, language, of) {
    const points = data.layers.filter((one) => one.geometry === "Point");
    const names = namesOf(points, of, `name_${language}`);
    const passed = new Set(points.filter((one) => one.build === "places").flatMap((one) => of(one, "id").filter((_id, i) => of(one, "kind")[i] !== "junction")));
    const ends = new Map(data.layers.filter((one) => one.build === "links").flatMap((one) =>
      one.shapes.map((shape, i) => [shape && shape.w ? shape.w[0][0] : 0, [of(one, "from")[i], of(one, "to")[i]]])));
    const said = (way) => {
      const steps = way.map((step) => (step > 0 ? ends.get(step) || [] : (ends.get(-step) || []).slice().reverse()));
      const nodes = [steps[0][0], ...steps.map((step) => step[1])];
      const shown = nodes.filter((node, i) => i === 0 || i === nodes.length - 1 || passed.has(node)).map((node) => names.get(node));
      return shown.filter((text, i) => text !== shown[i - 1]).join(" – ");
    };
    return layer.shapes.map((shape) => ((shape && shape.w) || []).map(said).join("; "));
  }

  /** What a column says, told from others: a crossing's name from its sides; a route; of links, from their ends and the corridors that use them. */
  function follows(data, layer, field, found) {
    const of = (other, name) => found.get(`${data.layers.indexOf(other)} ${other.fields.indexOf(name)}`) || [];
    if (field.startsWith("route_")) return routes(data, layer, field.slice(6), of);
    if (layer.build !== "links") {
      const [home, abroad] = ["home", "abroad"].map((side) => of(layer, field.replace("name", side)));
      return home.map((name, i) => joined`${name} – ${abroad[i]}`);
    }
    if (field === "id") return of(layer, "mode").map((mode, i) => joined`${mode}:${of(layer, "from")[i]}-${of(layer, "to")[i]}`);
    const numbers = layer.shapes.map((packed) => (packed && packed.w ? packed.w[0][0] : 0));
    if (field === "accuracy_m") return numbers.map((number) => data.links.accuracy_m[number - 1]);
    if (field === "corridors") {
      const riders = numbers.map(() => []);
      const rows = new Map(numbers.map((number, i) => [number, i]));
      for (const other of data.layers.filter((one) => one.build === "itineraries")) {
        of(other, "id").forEach((id, i) => {
          const used = new Set(((other.shapes[i] || {}).w || []).flat().map(Math.abs));
          used.forEach((number) => rows.has(number) && riders[rows.get(number)].push(id));
        });
      }
      return riders.map((ids) => ids.join("; ") || null);
    }
    const names = namesOf(data.layers.filter((one) => one.geometry === "Point"), of, field);
    return of(layer, "from").map((from, i) => joined`${names.get(from)} – ${names.get(of(layer, "to")[i])}`);
  }

  /** Give the data as payload.py made it. */
  cm.unpack = function (packed) {
    const next = runs(packed.runs);
    const { columns, ...rest } = JSON.parse(spelled(expand(packed.text, packed.size), packed.letters));
    const data = { ...packed.first, ...rest };
    data.links.lines = data.links.lines.map((count) => next("links", count));
    for (const layer of data.layers) layer.shapes = layer.shapes.map((shape) => shapeOf(shape, (count) => next("layers", count)));
    for (const layer of data.backdrop) {
      layer.shapes.forEach((shape, i) => { layer.features[i].shape = shapeOf(shape, (count) => next("backdrop", count)); });
      delete layer.shapes;
    }

    const found = new Map();
    const own = columns.filter(([layer]) => typeof layer === "number");
    const fill = (mark, values) => own.filter((entry) => entry[3] === mark).forEach(([layer, place, given]) => found.set(`${layer} ${place}`, values(given, layer, place)));
    fill(undefined, (given) => given);
    // Links and routes last, for they are made of names that follow themselves.
    for (const last of [false, true]) {
      for (const mark of [FOLLOWS, PARTLY_FOLLOWS]) {
        fill(mark, (given, number, place) => {
          const layer = data.layers[number];
          if ((layer.build === "links" || layer.build === "itineraries") !== last) return found.get(`${number} ${place}`);
          const known = follows(data, layer, layer.fields[place], found);
          return mark === FOLLOWS ? known : given.map((value, i) => (value === 0 ? known[i] : value));
        });
      }
    }
    data.layers.forEach((layer, number) => {
      const values = layer.fields.map((_field, place) => found.get(`${number} ${place}`));
      layer.rows = layer.shapes.map((_shape, i) => values.map((list) => list[i]));
    });

    const of = (name) => columns.filter(([table]) => table === name);
    const [[, , keys], ...words] = of("locales");
    data.locales = {};
    for (const [, language, texts] of words) {
      data.locales[language] = Object.fromEntries(keys.map((key, i) => [key, texts[i]]).filter(([, text]) => text !== null));
    }
    const sources = records(of("sources"));
    data.statements = records(of("statements"));
    for (const statement of data.statements) statement.sources = statement.sources.map((name) => (typeof name === "number" ? sources[name].id : name));
    data.sources = Object.fromEntries(sources.map(({ id, ...source }) => [id, source]));
    return data;
  };
})(window.corridormap);
