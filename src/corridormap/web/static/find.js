/* Finding: names old and new in every language, numbers of corridors and roads, and places by chainage. No screen here; search.js shows it. */
"use strict";
(function (cm) {
  const MARKS = /\p{M}/gu;
  // Road numbers are typed on whichever keyboard is at hand: М-36 and M-36 look alike and are one.
  const ALIKE = { а: "a", в: "b", е: "e", з: "z", к: "k", м: "m", н: "h", о: "o", р: "p", с: "c", т: "t", у: "y", х: "x" };

  /** What a searcher types: lower case, no accents, no apostrophes, dashes as spaces; as corridormap.search.fold has it. */
  cm.fold = (text) => String(text).toLowerCase().normalize("NFKD").replace(MARKS, "").replace(/['’ʼ`]/g, "").replace(/[–-]/g, " ").trim().split(/\s+/).join(" ");

  const asRef = (text) => [...cm.fold(text)].map((letter) => ALIKE[letter] || letter).filter((letter) => /[\p{L}\p{N}]/u.test(letter)).join("");

  const itineraries = () => Object.values(cm.layers).filter((layer) => layer.record.build === "itineraries").flatMap((layer) => layer.features);

  // --- words such as "rail" and "km", in all languages of the page at once ---

  const vocabulary = {};
  function wordsFor(key) {
    vocabulary[key] = vocabulary[key] || [...new Set(Object.values(cm.data.locales).flatMap((words) => cm.list(words[key])).map(cm.fold))]
      .sort((a, b) => b.length - a.length);
    return vocabulary[key];
  }

  /** Take the first of some words out of a text; gives [text without it, whether it was there]. */
  function without(text, key) {
    for (const word of wordsFor(key)) {
      const padded = ` ${text} `;
      if (padded.includes(` ${word} `)) return [padded.replace(` ${word} `, " ").trim(), true];
    }
    return [text, false];
  }

  // --- names ---

  let index = null;
  function names() {
    if (index) return index;
    index = [];
    for (const layer of Object.values(cm.layers)) {
      for (const feature of layer.features) {
        const own = feature.properties;
        const texts = [...cm.data.languages.map((code) => own[`name_${code}`]), own.number, ...cm.list(own.names_alt), feature.id];
        const known = [...new Set(texts.filter((text) => text !== null && text !== undefined && text !== "").map(String))];
        index.push({ feature, names: known.map((text) => ({ text, folded: cm.fold(text) })) });
      }
    }
    return index;
  }

  /** How well a name fits, smaller is better, null not at all. A bare number is a corridor's number, not a digit in some id. */
  function rank(name, wanted) {
    if (name === wanted) return 0;
    if (name.startsWith(wanted)) return 1;
    if (/^\d+$/.test(wanted)) return null;
    if (name.includes(` ${wanted}`)) return 2;
    return name.includes(wanted) ? 3 : null;
  }

  function byName(wanted) {
    const found = [];
    for (const { feature, names: known } of names()) {
      let best = null;
      for (const name of known) {
        const place = rank(name.folded, wanted);
        if (place !== null && (!best || place < best.place)) best = { place, match: name.text };
      }
      // Stretches of track are named after both their ends, and would hide the ends themselves.
      if (best) found.push({ kind: "feature", feature, match: best.match, place: best.place + (feature.layer.record.build === "links" ? 4 : 0) });
    }
    // Sorting is stable: within a rank the order of the layers holds.
    return found.sort((a, b) => a.place - b.place);
  }

  // --- roads by number ---

  let roads = null;
  /** Roads by number: { ref, lines }; each line is a stretch in the order of the corridor that has most of the road. */
  cm.roads = function () {
    if (roads) return roads;
    const links = new Map();
    for (const layer of Object.values(cm.layers)) {
      if (layer.record.build !== "links") continue;
      for (const feature of layer.features) {
        if (!feature.shape || !feature.shape.w) continue;
        for (const ref of cm.list(feature.properties.refs)) {
          if (!links.has(ref)) links.set(ref, new Set());
          feature.shape.w.flat().forEach((signed) => links.get(ref).add(Math.abs(signed)));
        }
      }
    }
    roads = new Map();
    for (const [ref, own] of [...links].sort(([a], [b]) => a.localeCompare(b, "en"))) {
      const road = { ref, lines: [] };
      for (const way of stretches(own)) {
        const number = road.lines.length;
        road.lines.push({ key: number ? `${ref}.${number + 1}` : ref, road, feature: { shape: { w: [way] } } });
      }
      roads.set(asRef(ref), road);
    }
    return roads;
  };

  function stretches(links) {
    const ways = itineraries().flatMap((feature) => (feature.shape && feature.shape.w) || []);
    const share = (way) => new Set(way.map(Math.abs).filter((link) => links.has(link))).size;
    const left = new Set(links);
    const found = [];
    for (const way of ways.slice().sort((a, b) => share(b) - share(a))) {
      let run = null;
      for (const signed of way) {
        const link = Math.abs(signed);
        if (!left.delete(link)) {
          run = null;
          continue;
        }
        if (!run) found.push((run = []));
        run.push(signed);
      }
    }
    return [...found, ...[...left].sort((a, b) => a - b).map((link) => [link])];
  }

  const lineOf = (feature) => ({ key: feature.id, feature });

  /** The line of a key that an address may hold: a corridor's id, or a road's number (KAZ01, and KAZ01.2 for its second stretch). */
  cm.lineByKey = function (key) {
    const feature = cm.byId.get(key);
    if (feature) return cm.waysOf(feature).length ? lineOf(feature) : null;
    return [...cm.roads().values()].flatMap((road) => road.lines).find((line) => line.key === key) || null;
  };

  /** The corridors whose number a text tells: "11", "rail 1", "road 7". */
  function byNumber(text) {
    let [rest, named] = without(text, "search_corridor");
    let mode = null;
    for (const candidate of ["rail", "road"]) {
      const [shorter, there] = without(rest, `search_${candidate}`);
      if (there && !mode) [rest, mode, named] = [shorter, candidate, true];
    }
    if (!/^\d{1,4}$/.test(rest)) return [];
    const found = itineraries().filter((feature) => String(feature.properties.number) === String(Number(rest)) && (!mode || feature.properties.mode === mode));
    return named ? found : found.filter((feature) => feature.shape);
  }

  function byRoad(text, whole) {
    const wanted = asRef(without(text, "search_road")[0]);
    if (wanted.length < 2) return [];
    return [...cm.roads()].filter(([key]) => (whole ? key === wanted : key.startsWith(wanted))).map(([, road]) => road);
  }

  // --- chainage ---

  /** Split "rail 1 km 836", "836 km rail 1" and "KAZ01 400" into { subject, km, told (whether the word for kilometre was there) }. */
  function split(text) {
    const units = new Set(wordsFor("search_km"));
    const tokens = text.replace(/(\d)(\p{L}+)(?=\s|$)/gu, (all, digit, word) => (units.has(word) ? `${digit} ${word}` : all)).split(" ");
    const isNumber = (token) => token !== undefined && /^\d{1,5}([.,]\d{1,3})?$/.test(token);
    const unit = tokens.findIndex((token) => units.has(token));
    const at = unit < 0 ? tokens.length - 1 : isNumber(tokens[unit + 1]) ? unit + 1 : unit - 1;
    if (!isNumber(tokens[at])) return null;
    const subject = tokens.filter((_, place) => place !== at && place !== unit).join(" ");
    return subject ? { subject, km: Number(tokens[at].replace(",", ".")), told: unit >= 0 } : null;
  }

  function byChainage(text) {
    const asked = split(text);
    if (!asked) return [];
    const lines = byNumber(asked.subject).map(lineOf);
    byRoad(asked.subject, true).forEach((road) => lines.push(...road.lines));
    // "Almaty 1" is a station; by name a corridor is only meant where the word for kilometre stands.
    if (asked.told && !lines.length && asked.subject.length > 2) {
      byName(asked.subject).filter((hit) => hit.feature.layer.record.build === "itineraries").forEach((hit) => lines.push(lineOf(hit.feature)));
    }
    const known = lines.filter((line) => cm.waysOf(line.feature).length);
    const reached = known.filter((line) => asked.km <= cm.waysOf(line.feature)[0].km);
    return (reached.length ? reached : known).map((line) => ({ kind: reached.length ? "place" : "beyond", line, km: asked.km }));
  }

  /** All that a text may mean, best first: places by chainage, corridors by number, roads, then names. */
  cm.find = function (typed) {
    const text = cm.fold(String(typed).slice(0, 200).replace(/[№#]/g, " ").replaceAll("ж/д", "жд"));
    if (!text) return [];
    const numbered = byNumber(text).map((feature) => ({ kind: "feature", feature, match: cm.name(feature) }));
    const seen = new Set(numbered.map((hit) => hit.feature));
    return [
      ...byChainage(text),
      ...numbered,
      ...byRoad(text, false).map((road) => ({ kind: "road", road })),
      ...byName(text).filter((hit) => !seen.has(hit.feature)),
    ];
  };
})(window.corridormap);
