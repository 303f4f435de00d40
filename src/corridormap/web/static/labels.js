/* Labels and shields: placed one after another by importance, each only where nothing stands yet; more of them as the map grows. */
"use strict";
(function (cm) {
  const FONTS = { big: "600 13px ", mid: "600 12px ", small: "12px ", tiny: "11px ", country: "600 12px ", water: "italic 12px " };
  const HEIGHT = 15;
  const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif';
  const widths = new Map();
  let ruler = null;

  function width(text, kind) {
    const key = `${kind} ${text}`;
    if (!widths.has(key)) {
      ruler = ruler || document.createElement("canvas").getContext("2d");
      ruler.font = FONTS[kind] + FAMILY;
      widths.set(key, ruler.measureText(text).width * (kind === "country" ? 1.04 : 1) + (kind === "country" ? text.length * 1.5 : 0) + 4);
    }
    return widths.get(key);
  }

  /** For each name the corridors shown that pass a place of that name: a town and its stations count together. */
  function ridersByName() {
    const table = new Map();
    for (const layer of Object.values(cm.layers)) {
      if (layer.record.build !== "places") continue;
      for (const feature of layer.features) {
        const key = plain(cm.name(feature));
        if (!table.has(key)) table.set(key, new Set());
        for (const id of cm.list(feature.properties.corridors)) {
          const corridor = cm.byId.get(id);
          if (corridor && corridor.layer.visible) table.get(key).add(id);
        }
      }
    }
    return table;
  }

  /** The labels that want a place at this zoom, the most important first. */
  function candidates(zoom) {
    const wanted = [];
    const shown = Object.values(cm.layers).filter((layer) => layer.visible && layer.record.build === "itineraries");
    const ends = new Set(shown.flatMap((layer) => layer.record.ends));
    const riders = ridersByName();
    for (const layer of Object.values(cm.layers)) {
      const build = layer.record.build;
      if (!layer.visible || layer.record.geometry !== "Point") continue;
      for (const feature of layer.features) {
        if (!feature.latlng) continue;
        const radius = (cm.symbol(feature).size || 8) / 2 + 3;
        const base = { feature, latlng: feature.latlng, radius, text: cm.name(feature) };
        if (build === "points") {
          const city = cm.sayProperty(feature.properties, "city");
          wanted.push({ ...base, text: city || base.text, ...(city ? { rank: 0, from: 0, kind: "big" } : { rank: 5, from: 6.5, kind: "small" }) });
        } else if (build === "places") {
          const many = riders.get(plain(base.text)).size;
          const people = feature.properties.population || 0;
          const fork = feature.properties.kind === "junction";
          const rank = fork ? 4.6 : many >= 3 || people >= 250_000 ? 2 : many >= 2 || people >= 100_000 || ends.has(feature.id) ? 3 : 4;
          const home = feature.properties.country === cm.data.country ? 0 : 0.3;
          // Of a town and its station the town is named.
          const less = /\d$/u.test(base.text) ? 0.2 : 0;
          wanted.push({ ...base, rank: rank + home + less - Math.min(people / 1e7, 0.15), from: fork ? 6.5 : [0, 0, 4.25, 4.75, 5.5][rank], kind: rank === 2 ? "mid" : "small" });
        } else {
          wanted.push({ ...base, rank: 6, from: 7.5, kind: "tiny" });
        }
      }
    }
    for (const layer of cm.data.backdrop) {
      for (const feature of layer.features) {
        if (layer.kind === "label" && feature.shape && feature.shape.p) {
          const kind = feature.kind === "country" ? "country" : "water";
          const latlng = L.latLng(cm.decode(feature.shape.p, layer.scale)[0]);
          wanted.push({ latlng, text: cm.say(feature.name), rank: 1, from: 0, kind, centred: true });
        }
        if (layer.kind === "water" && feature.name && feature.shape && feature.shape.a) {
          const area = L.latLngBounds(cm.decode(feature.shape.a[0][0], layer.scale));
          wanted.push({ latlng: area.getCenter(), text: cm.say(feature.name), rank: 3.6, from: 5.5, kind: "water", centred: true });
        }
      }
    }
    return wanted.filter((label) => label.text && zoom >= label.from).sort((a, b) => a.rank - b.rank);
  }

  /** Where a label may stand around its point, best first, as the box's left and top from the point. */
  function berths(label, w) {
    const r = label.radius || 0;
    if (label.centred) return [0, -16, 16].map((dy) => [-w / 2, dy - HEIGHT / 2]);
    return [[r, -HEIGHT / 2], [-r - w, -HEIGHT / 2], [-w / 2, -r - HEIGHT], [-w / 2, r], [r - 2, -r - HEIGHT + 4], [r - 2, r - 4],
      [-r - w + 2, -r - HEIGHT + 4], [-r - w + 2, r - 4]];
  }

  const meets = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

  // Almaty and Almaty-1 are one name to a reader.
  const plain = (text) => text.replace(/[\s-]*\d+$/u, "").toLocaleLowerCase();

  let controls = { key: null, boxes: [] };

  /** Where the map's buttons, scale and credits lie, which would cover a name; looked up when their number or size can have changed. */
  function controlBoxes(map, size) {
    const elements = [...map.getContainer().querySelectorAll(".leaflet-control")];
    const key = [size.x, size.y, elements.length, cm.lang].join();
    if (controls.key !== key) {
      const corner = map.getContainer().getBoundingClientRect();
      controls = { key, boxes: elements.map((element) => {
        const box = element.getBoundingClientRect();
        // The scale grows and shrinks with the zoom, up to 120 pixels.
        const width = element.matches(".leaflet-control-scale") ? 124 : box.width;
        return [box.left - corner.left, box.top - corner.top, box.left - corner.left + width, box.bottom - corner.top];
      }) };
    }
    return controls.boxes;
  }

  cm.placeLabels = function () {
    const map = cm.map;
    const pane = map.getPane("cm-label");
    const zoom = map.getZoom();
    const size = map.getSize();
    const taken = [...controlBoxes(map, size)];
    const names = [];
    const nodes = [];
    const free = (box) => !taken.some((other) => meets(box, other));
    const inside = (box) => box[0] >= 0 && box[1] >= 0 && box[2] <= size.x && box[3] <= size.y;

    // Symbols that a name must not cover.
    for (const layer of Object.values(cm.layers)) {
      if (!layer.visible || layer.record.build !== "points") continue;
      for (const feature of layer.features) {
        if (!feature.latlng) continue;
        const at = map.latLngToContainerPoint(feature.latlng);
        const half = (cm.symbol(feature).size || 8) / 2;
        taken.push([at.x - half, at.y - half, at.x + half, at.y + half]);
      }
    }
    const put = (label) => {
      const at = map.latLngToContainerPoint(label.latlng);
      if (at.x < -100 || at.y < -50 || at.x > size.x + 100 || at.y > size.y + 50) return;
      const key = plain(label.text);
      if (names.some((other) => other.key === key && Math.hypot(other.x - at.x, other.y - at.y) < 90)) return;
      const text = label.kind === "country" ? label.text.toLocaleUpperCase(cm.lang) : label.text;
      const w = width(text, label.kind);
      for (const [left, top] of berths(label, w)) {
        const box = [at.x + left, at.y + top, at.x + left + w, at.y + top + HEIGHT];
        if (!inside(box) || !free(box)) continue;
        taken.push([box[0] - 1, box[1], box[2] + 1, box[3]]);
        names.push({ key, x: at.x, y: at.y });
        const node = cm.h("div", { class: `cm-label cm-label-${label.kind}` }, text);
        cm.moveTo(node, map.containerPointToLayerPoint([box[0] + 2, box[1]]).round());
        nodes.push(node);
        return;
      }
    };
    const wanted = candidates(zoom);
    wanted.filter((label) => label.rank <= 2).forEach(put);
    shields(map, size, zoom, taken, free, inside, nodes);
    wanted.filter((label) => label.rank > 2).forEach(put);
    pane.replaceChildren(...nodes);
  };

  /** A corridor's number; square for rail, round for road. */
  cm.shield = function (feature) {
    const node = cm.h("span", { class: `cm-shield cm-shield-${feature.properties.mode === "rail" ? "rail" : "road"}` },
      String(feature.properties.number));
    node.style.borderColor = cm.symbol(feature).colour;
    return node;
  };

  /** Set each corridor's number on its line, rather where it runs alone, and not twice within sight of itself. */
  function shields(map, size, zoom, taken, free, inside, nodes) {
    const layer = Object.values(cm.layers).find((one) => one.record.build === "itineraries" && one.visible && numbered(one));
    if (!layer) return;
    const most = zoom < 4.5 ? 1 : zoom < 6 ? 2 : 3;
    const spots = layer.features.map((feature) => ({ feature, spots: spotsOf(map, feature, inside), set: [] }));
    for (let round = 0; round < most; round += 1) {
      for (const corridor of spots) {
        const far = corridor.spots.find(({ point, half, box }) =>
          corridor.set.every((other) => Math.hypot(other.x - point.x, other.y - point.y) > Math.max(140, size.x / 4)) && free(box(half)));
        if (!far) continue;
        const box = far.box(far.half);
        taken.push(box);
        corridor.set.push(far.point);
        const node = cm.shield(corridor.feature);
        node.setAttribute("aria-hidden", "true");
        node.addEventListener("click", () => cm.openPopup(corridor.feature, map.containerPointToLatLng(far.point)));
        node.addEventListener("mouseenter", () => cm.highlight(corridor.feature));
        node.addEventListener("mouseleave", () => cm.highlight(null));
        cm.moveTo(node, map.containerPointToLayerPoint([box[0], box[1]]).round());
        nodes.push(node);
      }
    }
  }

  const numbered = (layer) => layer.features.some((feature) => feature.properties.number !== undefined && feature.properties.number !== null);

  function spotsOf(map, feature, inside) {
    const found = [];
    const half = String(feature.properties.number).length > 1 ? 12 : 9;
    for (const line of feature.parts) {
      if (line.stroke_.part !== "line" || !line._rings || !line._rings.length) continue;
      const alone = line.steps && line.steps.every((step) => step.alone);
      const ring = line._rings[0];
      let run = 0;
      for (let i = 1; i < ring.length; i += 1) {
        const step = Math.hypot(ring[i].x - ring[i - 1].x, ring[i].y - ring[i - 1].y);
        for (let next = Math.ceil(run / 30) * 30; next < run + step; next += 30) {
          if (next === 0) continue;
          const share = (next - run) / step;
          const at = L.point(ring[i - 1].x + (ring[i].x - ring[i - 1].x) * share, ring[i - 1].y + (ring[i].y - ring[i - 1].y) * share);
          const point = map.layerPointToContainerPoint(at);
          const box = (w) => [point.x - w, point.y - 9, point.x + w, point.y + 9];
          if (inside(box(half))) found.push({ point, half, box, alone, along: next });
        }
        run += step;
      }
    }
    // From the middle of what is in sight outwards, stretches of its own first.
    const middle = found.length / 2;
    return found
      .map((spot, index) => ({ ...spot, cost: Math.abs(index - middle) / (found.length || 1) + (spot.alone ? 0 : 1) }))
      .sort((a, b) => a.cost - b.cost);
  }
})(window.corridormap);
