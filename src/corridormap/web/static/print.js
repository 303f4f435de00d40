/* The print sheet: title, map, legend of what is shown, scale and sources on one page; made anew each time the page goes to paper. */
"use strict";
(function (cm) {
  let sheet = null;
  let told = null;

  /** What a visible layer's symbols mean. */
  function legendOf(layer) {
    const { style, geometry, build: made } = layer.record;
    const point = geometry === "Point";
    const numbered = made === "itineraries" && style.values ? layer.features.filter((feature) => (feature.properties.number ?? null) !== null) : [];
    const picture = (symbol, mode) => cm.h("span", { class: "cm-key-symbol" }, point ? cm.pointSymbol(symbol) : cm.lineSymbol(symbol, mode, style.casing));
    const key = (symbol, text) => cm.h("li", null, symbol, cm.h("span", null, text));
    if (numbered.length) {
      const ordered = numbered.slice().sort((a, b) => a.properties.number - b.properties.number);
      return ordered.map((feature) => key(picture(cm.symbol(feature), feature.properties.mode), cm.title(feature)));
    }
    const used = new Set(layer.features.map((feature) => String(feature.properties[style.by])));
    const values = Object.entries(style.values || {}).filter(([value, symbol]) => symbol.label && used.has(value));
    if (!values.length) return [key(picture(style.symbol), cm.say(layer.record.name))];
    return values.map(([value]) => key(picture(cm.symbolOf(style, value), value), cm.say(cm.symbolOf(style, value).label)));
  }

  const sourcesOf = (layers) => {
    const ids = new Set(layers.flatMap((layer) => layer.record.sources));
    return [...ids].map((id) => cm.data.sources[id]).filter(Boolean)
      .map((source) => [source.title, source.publisher, source.date && cm.date(source.date), source.licence].filter(Boolean).join(", "));
  };

  function build() {
    drop();
    const layers = Object.values(cm.layers).filter((layer) => layer.visible);
    const dashed = layers.filter((layer) => layer.record.style.dash_over_m !== undefined).map((layer) => layer.record.style.dash_over_m);
    const map = cm.mapPicture();
    const [width, height] = [map.getAttribute("width"), map.getAttribute("height")];
    map.setAttribute("overflow", "hidden");
    // The sheet's box decides the size, the view box keeps the shape, and the picture within is cut at its own edges.
    const scaled = cm.svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMinYMin meet" }, map);
    sheet = cm.h("div", { class: `cm-print${Number(height) > Number(width) ? " cm-print-tall" : ""}`, "aria-hidden": "true" },
      cm.h("h1", null, cm.say(cm.data.title)),
      cm.h("div", { class: "cm-print-map" }, scaled),
      cm.h("div", { class: "cm-print-legend" }, layers.flatMap((layer) => [cm.h("h2", null, cm.say(layer.record.name)), cm.h("ul", null, legendOf(layer))]),
        dashed.length ? cm.h("p", null, cm.t("dashed", { distance: cm.distance(Math.min(...dashed)) })) : null),
      cm.h("div", { class: "cm-print-foot" }, cm.h("p", null, cm.say(cm.data.attribution)),
        cm.h("p", null, cm.h("strong", null, `${cm.t("sources")}: `), sourcesOf(layers).join("; ")), cm.h("p", null, cm.t("measured_note"))));
    document.body.append(sheet);
    told = true;
  }

  function drop() {
    if (sheet) sheet.remove();
    sheet = null;
  }

  // The browser's own print command gives the same sheet.
  window.addEventListener("beforeprint", build);
  window.addEventListener("afterprint", drop);

  function print(button) {
    told = false;
    window.print();
    // A frame that forbids printing does so in silence.
    if (told) return;
    let status = document.getElementById("cm-print-status");
    if (!status) {
      status = cm.h("p", { id: "cm-print-status", class: "cm-remark", role: "status" });
      button.parentElement.after(status);
    }
    status.textContent = cm.t("print.forbidden");
  }

  cm.buttons.push({ id: "print", key: "print", run: print });
})(window.corridormap);
