/* Embed mode: inside an article the page scrolls on, the panel is folded, and a link leads to the whole map. */
"use strict";
(function (cm) {
  let legend = null;
  let link = null;
  let hint = null;

  cm.on("first", () => {
    cm.embedded = cm.options.embed ?? Boolean(cm.data.embed);
    cm.app.classList.toggle("cm-embed", cm.embedded);
    cm.panelOpen = cm.options.panel ?? (cm.embedded ? false : undefined);
  });

  /** A Leaflet control out of an element that is filled again when language or layers change. */
  function control(position, element) {
    const made = L.control({ position });
    made.onAdd = () => {
      L.DomEvent.disableClickPropagation(element).disableScrollPropagation(element);
      return element;
    };
    made.addTo(cm.map);
  }

  // --- the wheel and the finger belong to the article until the reader turns to the map ---

  function yieldScroll() {
    const map = cm.map;
    const container = map.getContainer();
    const coarse = window.matchMedia("(pointer: coarse)").matches;
    map.scrollWheelZoom.disable();
    // One finger scrolls the article, two move the map.
    if (coarse) map.dragging.disable();
    hint = cm.h("p", { class: "cm-hint", role: "status" });
    container.append(hint);
    let timer = 0;
    const say = () => {
      hint.textContent = cm.t(coarse ? "hint_tap" : "hint_click");
      hint.classList.add("cm-said");
      window.clearTimeout(timer);
      timer = window.setTimeout(() => hint.classList.remove("cm-said"), 1800);
    };
    const moved = (event) => {
      if (event.type === "wheel" || event.touches.length === 1) say();
    };
    container.addEventListener("wheel", moved, { passive: true });
    container.addEventListener("touchmove", moved, { passive: true });
    const take = () => {
      map.scrollWheelZoom.enable();
      map.dragging.enable();
      window.clearTimeout(timer);
      hint.remove();
      container.removeEventListener("wheel", moved);
      container.removeEventListener("touchmove", moved);
      container.removeEventListener("click", take, true);
    };
    // Leaflet keeps some clicks to itself; on the way down they all pass.
    container.addEventListener("click", take, true);
  }

  // --- the whole map ---

  function fillLink() {
    if (!link) return;
    link.href = `${cm.address()}${cm.data.embed ? "?embed=0" : ""}#${cm.encodeOptions(cm.state())}`;
    link.textContent = cm.t("full_map");
    link.title = cm.t("new_tab");
  }

  function offerLink() {
    // From a sandboxed frame browsers open no file on the disk: a link would be dead.
    if (!cm.address() || (window.location.protocol === "file:" && window.parent !== window)) return;
    link = cm.h("a", { class: "cm-full", target: "_blank", rel: "noopener noreferrer" });
    fillLink();
    cm.map.on("moveend", fillLink);
    for (const event of ["language", "layers", "open", "close", "place"]) cm.on(event, fillLink);
    control(cm.narrow() ? "bottomleft" : "topleft", link);
  }

  // --- a small legend on the map, for where the panel is folded ---

  function legendOf(layer) {
    const { style, geometry, build } = layer.record;
    const numbered = build === "itineraries" && layer.features.some((feature) => feature.properties.number);
    if (numbered) return layer.features.map((feature) => cm.h("li", null, cm.badge(feature), cm.h("span", null, cm.name(feature))));
    const picture = geometry === "Point" ? cm.pointSymbol(style.symbol) : cm.lineSymbol(style.symbol, null, style.casing);
    return cm.h("li", null, cm.h("span", { class: "cm-key-symbol" }, picture), cm.h("span", null, cm.say(layer.record.name)));
  }

  function fillLegend() {
    if (!legend) return;
    const visible = Object.values(cm.layers).filter((layer) => layer.visible);
    legend.replaceChildren(cm.h("summary", null, cm.t("legend")), cm.h("ul", null, visible.flatMap(legendOf)));
  }

  function offerLegend() {
    legend = cm.h("details", { class: "cm-keybox", open: !cm.narrow() });
    fillLegend();
    cm.on("language", fillLegend);
    cm.on("layers", fillLegend);
    control("bottomleft", legend);
  }

  cm.on("start", () => {
    // In any frame, asked for or not, the reader is on the way through somebody's article.
    if (!(cm.options.scroll ?? (!cm.embedded && window.parent === window))) yieldScroll();
    if (cm.options.legend) offerLegend();
    if (cm.embedded) offerLink();
  });
})(window.corridormap);
