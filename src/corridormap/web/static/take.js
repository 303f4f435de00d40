/* Taking away: each layer as GeoJSON or CSV, and the view as a PNG; made in the page, from what the page holds. */
"use strict";
(function (cm) {
  // --- GeoJSON ---

  const position = (place) => [Number(place.lng.toFixed(5)), Number(place.lat.toFixed(5))];
  const positions = (moves, scale) => cm.decode(moves, scale).map(([lat, lng]) => [lng, lat]);

  /** The lines of a way over the links; a link that was drawn before is left out, as in the atlas's own layers. */
  function linesOfWays(ways) {
    const drawn = new Set();
    const lines = [];
    for (const way of ways) {
      let line = null;
      for (const signed of way) {
        const link = Math.abs(signed);
        if (drawn.has(link)) {
          line = null;
          continue;
        }
        drawn.add(link);
        const places = cm.links[link - 1].map(position);
        if (signed < 0) places.reverse();
        if (line) line.push(...places.slice(1));
        else lines.push(line = places);
      }
    }
    return lines;
  }

  function geometry(feature) {
    const { shape, layer } = feature;
    const scale = layer.record.scale;
    if (!shape) return null;
    if (shape.p) return { type: "Point", coordinates: positions(shape.p, scale)[0] };
    if (shape.a) return { type: "MultiPolygon", coordinates: shape.a.map((rings) => rings.map((ring) => positions(ring, scale))) };
    const lines = shape.w ? linesOfWays(shape.w) : shape.l.map((moves) => positions(moves, scale));
    if (layer.record.geometry === "LineString" && lines.length === 1) return { type: "LineString", coordinates: lines[0] };
    return { type: "MultiLineString", coordinates: lines };
  }

  /** What the page left away of a layer's lines: the last digits. A step of a degree is at most as long as on the equator. */
  function detail({ record }) {
    if (record.geometry === "Point") return "";
    return cm.t("take.rounded", { distance: cm.distance(111_320 / (record.build === "lines" ? record.scale : cm.data.links.scale)) });
  }

  /** What is to be known of the lines' detail, and where the whole layer is. */
  function note(layer) {
    return [detail(layer), cm.t("take.full", { file: `geodata/layers/${layer.id}.geojson` })].filter(Boolean).join(" ");
  }

  cm.layerGeoJson = function (layer) {
    const { record } = layer;
    return `${JSON.stringify({
      type: "FeatureCollection", name: layer.id, title: cm.say(record.name), licence: record.licence, attribution: cm.say(cm.data.attribution), note: note(layer),
      features: layer.features.map((feature) => ({ type: "Feature", id: feature.id, geometry: geometry(feature), properties: feature.properties })),
    })}\n`;
  };

  // --- CSV ---

  /** A cell as RFC 4180 has it. What a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers. */
  function cell(value) {
    if (value === null || value === undefined) return "";
    let text = String(value);
    if (typeof value !== "number" && /^[=+\-@\t\r\n]/.test(text) && !/^[+-]?\d+([.,]\d+)?$/.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  /** A layer as a table; points with their position. The byte order mark tells Excel that the letters are UTF-8. */
  cm.layerCsv = function (layer) {
    const fields = layer.record.fields;
    const points = layer.record.geometry === "Point";
    const rows = layer.features.map((feature) => {
      const [lon, lat] = (points && feature.shape && positions(feature.shape.p, layer.record.scale)[0]) || [];
      return [...fields.map((field) => feature.properties[field]), ...(points ? [lon, lat] : [])];
    });
    return `\ufeff${[[...fields, ...(points ? ["lon", "lat"] : [])], ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;
  };

  // --- handing a file over ---

  const fileName = (stem, ending) => `${`${cm.data.id}-${stem}`.replace(/[^\w-]+/g, "_")}.${ending}`;

  function hand(blob, name) {
    const link = cm.h("a", { class: "cm-handing" });
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    // The browser reads the file after the click; a minute is plenty.
    window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  /** Whether a frame around the page may forbid downloads: true, false, or null where the page cannot know. */
  function forbidden() {
    if (window.parent === window) return false;
    try {
      const frame = window.frameElement;
      if (frame) return frame.hasAttribute("sandbox") && !frame.sandbox.contains("allow-downloads");
    } catch {
      // A page from elsewhere stands around this one.
    }
    return null;
  }

  // --- the dialogue ---

  let dialogue = null;

  function button(text, label, run) {
    const element = cm.h("button", { type: "button", class: "cm-tool", "aria-label": label }, text);
    element.addEventListener("click", run);
    return element;
  }

  function file(layer, kind, ending, write, type) {
    return button(kind, `${kind}: ${cm.say(layer.record.name)}`, () => {
      const name = fileName(layer.id, ending);
      give(new Blob([write(layer)], { type }), name);
    });
  }

  function tell(text) {
    dialogue.querySelector(".cm-take-status").textContent = text;
  }

  function give(blob, name) {
    // Where the frame forbids it the browser would only complain to its console.
    if (forbidden()) {
      tell(cm.t("take.forbidden"));
      return;
    }
    hand(blob, name);
    tell(`${cm.t("take.done", { file: name })}${forbidden() === null ? ` ${cm.t("take.perhaps")}` : ""}`);
  }

  async function png() {
    try {
      give(await cm.toPng(cm.fullPicture()), fileName("map", "png"));
    } catch {
      tell(cm.t("take.no_picture"));
    }
  }

  function layerRow(layer) {
    return cm.h("li", null, cm.h("span", { class: "cm-row-name" }, cm.say(layer.record.name)),
      file(layer, "GeoJSON", "geojson", cm.layerGeoJson, "application/geo+json"), file(layer, "CSV", "csv", cm.layerCsv, "text/csv;charset=utf-8"));
  }

  function open() {
    if (dialogue) dialogue.remove();
    const close = button(cm.t("close"), null, () => dialogue.close());
    const layers = Object.values(cm.layers);
    const remarks = [...new Set(layers.map(detail).filter(Boolean))].map((text) =>
      `${text} (${layers.filter((layer) => detail(layer) === text).map((layer) => cm.say(layer.record.name)).join("; ")})`);
    dialogue = cm.h("dialog", { class: "cm-dialogue cm-take", "aria-labelledby": "cm-take-title" },
      cm.h("div", { class: "cm-dialogue-head" }, cm.h("h2", { id: "cm-take-title" }, cm.t("take")), close),
      cm.h("p", null, button(cm.t("take.png"), null, png)),
      cm.h("ul", { class: "cm-list" }, layers.map(layerRow)),
      remarks.map((text) => cm.h("p", { class: "cm-remark" }, text)),
      cm.h("p", { class: "cm-remark" }, cm.t("take.full", { file: "geodata/layers" })),
      cm.h("p", { class: "cm-take-status", role: "status", "aria-live": "polite" }));
    cm.app.append(dialogue);
    dialogue.addEventListener("close", () => {
      dialogue.remove();
      const tool = document.getElementById("cm-tool-take");
      if (tool) tool.focus();
    });
    dialogue.showModal();
    if (forbidden()) tell(cm.t("take.forbidden"));
  }

  cm.buttons.push({ id: "take", key: "take", run: open });
})(window.corridormap);
