/* What pack.py made small, value for value as it was: runs of bits, columns, and what follows from elsewhere on the page. */
"use strict";
(function (cm) {
  /** Read runs of differences out of arithmetically coded bits; give each in turn for its kind and its count of numbers. */
  function runs(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const chances = {};
    const starts = {};
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
    const bit = (model, context) => {
      const chance = model[context];
      const bound = (range >>> 12) * chance;
      const one = code >= bound;
      if (one) {
        code -= bound;
        range -= bound;
        model[context] = chance - (chance >> 5);
      } else {
        range = bound;
        model[context] = chance + ((4096 - chance) >> 5);
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
    const number = (model, context) => {
      let digits = 0;
      while (bit(model, context * 64 + digits)) digits += 1;
      let size = digits ? 1 : 0;
      for (let i = 1; i < digits; i += 1) size = size * 2 + (i === 1 ? bit(model, (4 + context) * 64 + digits) : even());
      return size;
    };
    return function (kind, count) {
      const model = (chances[kind] = chances[kind] || new Uint16Array(1024).fill(2048));
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

  /** Between grave accents a–z and A–Z stand for the letters of the alphabet sent along, ^ for a capital. */
  function reader(alphabet) {
    const letter = (_, capital, code) => {
      const found = alphabet[code.charCodeAt(0) - (code >= "a" ? 97 : 39)];
      return capital ? found.toUpperCase() : found;
    };
    const write = (_, inner) => (inner === undefined ? "`" : inner.replace(/(\^?)([A-Za-z])/g, letter));
    return function read(value) {
      if (typeof value === "string") return value.replace(/`(?:`|([^`]*)(?:`|$))/g, write);
      if (Array.isArray(value)) return value.map(read);
      if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item)]));
      return value;
    };
  }

  function shapeOf(packed, next) {
    if (packed && packed.p) return { p: next(packed.p) };
    if (packed && packed.l) return { l: packed.l.map(next) };
    if (packed && packed.a) return { a: packed.a.map((rings) => rings.map(next)) };
    return packed;
  }

  const REPEATS = 1;
  const PARTLY_FOLLOWS = 2;
  const FOLLOWS = 3;
  const POINTS = 4;

  /** A column whose numbers stand for texts before them, if it is marked so. */
  function column(values, mark) {
    if (mark !== REPEATS) return values;
    const texts = [];
    return values.map((value) => {
      if (typeof value === "number") return texts[value];
      if (value !== null) texts.push(value);
      return value;
    });
  }

  /** Records out of columns; those named field@language become one field of texts by language. */
  function records(columns) {
    const found = [];
    for (const [, name, values, mark] of columns) {
      const [field, language] = name.split("@");
      column(values, mark).forEach((value, i) => {
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

  /** What a column says, told from others: a crossing's name from its sides; of links, from their ends and the corridors that use them. */
  function follows(data, layer, field, found) {
    const of = (other, name) => found.get(`${data.layers.indexOf(other)} ${other.fields.indexOf(name)}`) || [];
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
    // A crossing, where a link ends without a place, stands in brackets.
    const names = new Map(data.layers.filter((one) => one.geometry === "Point").flatMap((one) =>
      of(one, "id").map((id, i) => [id, one.build === "places" ? of(one, field)[i] : joined`(${of(one, field)[i]})`])));
    return of(layer, "from").map((from, i) => joined`${names.get(from)} – ${names.get(of(layer, "to")[i])}`);
  }

  /** Give the data as payload.py made it. */
  cm.unpack = function (packed) {
    const next = runs(packed.runs);
    const { columns, letters: _, runs: __, ...data } = reader(packed.letters)(packed);
    data.links.lines = data.links.lines.map((count) => next("links", count));
    for (const layer of data.layers) layer.shapes = layer.shapes.map((shape) => shapeOf(shape, (count) => next("layers", count)));
    for (const layer of data.backdrop) {
      layer.shapes.forEach((shape, i) => { layer.features[i].shape = shapeOf(shape, (count) => next("backdrop", count)); });
      delete layer.shapes;
    }

    const found = new Map();
    const own = columns.filter(([layer]) => typeof layer === "number");
    const fill = (mark, values) => own.filter((entry) => entry[3] === mark).forEach(([layer, place, given]) => found.set(`${layer} ${place}`, values(given, layer, place)));
    for (const mark of [undefined, REPEATS]) fill(mark, (given) => column(given, mark));
    const points = data.layers.flatMap((layer, number) => (layer.geometry === "Point" && found.get(`${number} ${layer.fields.indexOf("id")}`)) || []);
    fill(POINTS, (given) => given.map((point) => points[point]));
    // Links last, for their names are made of others' that follow themselves.
    for (const last of [false, true]) {
      for (const mark of [FOLLOWS, PARTLY_FOLLOWS]) {
        fill(mark, (given, number, place) => {
          const layer = data.layers[number];
          if ((layer.build === "links") !== last) return found.get(`${number} ${place}`);
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
