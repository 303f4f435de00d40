/* The panel: layers with real checkboxes, the legend from the styles, the corridors, the claims, the sources, the language. */
"use strict";
(function (cm) {
  /** Show or hide a layer. */
  cm.show = function (layer, visible) {
    layer.visible = visible;
    if (visible) cm.map.addLayer(layer.group);
    else cm.map.removeLayer(layer.group);
    cm.berth();
    for (const other of Object.values(cm.layers)) {
      if (!other.visible || other.record.build !== "itineraries") continue;
      for (const feature of other.features) feature.parts.forEach((line) => line.redraw());
    }
    if (cm.opened && cm.opened.feature.layer === layer && !visible) cm.map.closePopup();
    cm.placeLabels();
    const box = document.getElementById(`cm-layer-${layer.id}`);
    if (box) box.checked = visible;
    const legend = document.getElementById(`cm-legend-${layer.id}`);
    if (legend) legend.hidden = !visible;
    cm.tell("layers", layer);
  };

  /** On a phone the panel is a sheet, closed at first; elsewhere a column, open at first. */
  cm.sheet = function (open, always) {
    if (!always && !cm.narrow()) return;
    const moves = cm.app.classList.contains("cm-open") !== open;
    cm.app.classList.toggle("cm-open", open);
    const button = cm.panel.querySelector(".cm-toggle");
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-label", cm.t(open ? "panel_hide" : "panel_show"));
    cm.panel.querySelector(".cm-body").hidden = !open;
    if (moves && !cm.narrow()) cm.map.invalidateSize({ animate: false });
  };

  cm.narrow = () => window.matchMedia("(max-width: 640px)").matches;

  function featureButton(feature) {
    const { length_km: home, length_total_km: total } = feature.properties;
    const length = home === 0 && typeof total === "number" ? total : home;
    // A town and its station share a name: in a list the kind tells them apart.
    const kind = feature.layer.record.style.by === "kind" ? cm.valueOf(feature, "kind") : null;
    const button = cm.h("button", { type: "button", class: "cm-row" }, cm.badge(feature), cm.h("span", { class: "cm-row-name" }, cm.name(feature)),
      kind ? cm.h("span", { class: "cm-row-length" }, kind) : null, typeof length === "number" ? cm.h("span", { class: "cm-row-length" }, cm.km(length, 0)) : null);
    button.addEventListener("click", () => cm.goTo(feature));
    button.addEventListener("mouseenter", () => cm.highlight(feature));
    button.addEventListener("mouseleave", () => cm.highlight(null));
    button.addEventListener("focus", () => cm.highlight(feature));
    button.addEventListener("blur", () => cm.highlight(null));
    return cm.h("li", null, button);
  }

  /** A list that is only filled when a reader opens it. */
  function lazyList(summary, features) {
    const details = cm.h("details", null, cm.h("summary", null, summary));
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) {
        const sorted = features.slice().sort((a, b) => cm.name(a).localeCompare(cm.name(b), cm.lang));
        details.append(cm.h("ul", { class: "cm-list" }, sorted.map(featureButton)));
      }
    });
    return details;
  }

  function legend(layer) {
    const { style, geometry, build } = layer.record;
    const point = geometry === "Point";
    const content = [];
    if (style.values && !point && build === "itineraries") {
      content.push(cm.h("ul", { class: "cm-list" }, layer.features.slice().sort((a, b) => (a.properties.number ?? 99) - (b.properties.number ?? 99)).map(featureButton)));
      const modes = new Set(layer.features.map((feature) => feature.properties.mode));
      const casing = style.casing;
      if (modes.size > 1 && modes.has("rail")) content.push(cm.h("p", { class: "cm-key" }, cm.lineSymbol({ colour: "#333333", width: 3.2 }, "rail", casing), cm.t("solid_rail")));
      if (modes.size > 1 && modes.has("road")) content.push(cm.h("p", { class: "cm-key" }, cm.lineSymbol({ colour: "#333333", width: 2.8 }, "road", casing), cm.t("solid_road")));
    } else {
      const keys = Object.entries(style.values || {}).filter(([, symbol]) => symbol.label)
        .map(([name]) => ({ symbol: cm.symbolOf(style, name), name, count: layer.features.filter((feature) => String(feature.properties[style.by]) === name).length }))
        .filter((key) => key.count > 0);
      for (const { symbol, name, count } of keys) {
        const picture = point ? cm.pointSymbol(symbol) : cm.lineSymbol(symbol, name, style.casing);
        content.push(cm.h("p", { class: "cm-key" }, cm.h("span", { class: "cm-key-symbol" }, picture), `${cm.say(symbol.label)} (${cm.number(count)})`));
      }
      if (!keys.length) {
        const picture = point ? cm.pointSymbol(style.symbol) : cm.lineSymbol(style.symbol, null, style.casing);
        content.push(cm.h("p", { class: "cm-key" }, cm.h("span", { class: "cm-key-symbol" }, picture), cm.say(layer.record.name)));
      }
      content.push(lazyList(cm.t("features_list", { count: cm.number(layer.features.length) }), layer.features));
    }
    if (!point && style.dash_over_m !== undefined) {
      const dashed = { colour: style.symbol.colour, width: style.symbol.width, dash: "7 6" };
      content.push(cm.h("p", { class: "cm-key" }, cm.lineSymbol(dashed, null, style.casing), cm.t("dashed", { distance: cm.distance(style.dash_over_m) })));
    }
    const lost = layer.features.filter((feature) => !feature.shape);
    if (lost.length) content.push(lazyList(cm.t("unlocated", { count: cm.number(lost.length) }), lost));
    return content;
  }

  function layerBlock(layer) {
    const id = `cm-layer-${layer.id}`;
    const box = cm.h("input", { type: "checkbox", id });
    box.checked = layer.visible;
    box.addEventListener("change", () => cm.show(layer, box.checked));
    const count = cm.h("span", { class: "cm-count", title: cm.t("count", { count: layer.features.length }) }, cm.number(layer.features.length));
    return cm.h("div", { class: "cm-layer" },
      cm.h("label", { for: id, class: "cm-check" }, box, cm.h("span", { class: "cm-layer-name" }, cm.say(layer.record.name)), count),
      cm.h("div", { class: "cm-legend", id: `cm-legend-${layer.id}`, hidden: !layer.visible },
        cm.h("p", { class: "cm-summary" }, cm.say(layer.record.summary)), legend(layer)));
  }

  function groups() {
    return cm.data.groups.map((group) => cm.h("fieldset", null, cm.h("legend", null, cm.say(group.name)),
      Object.values(cm.layers).filter((layer) => layer.record.group === group.id).map(layerBlock)));
  }

  function claimsAbout(about) {
    const statements = cm.data.statements.filter((statement) => statement.about === about);
    const layer = cm.layers[about];
    const name = layer ? cm.say(layer.record.name) : cm.byId.has(about) ? cm.name(cm.byId.get(about)) : "";
    return cm.h("details", null, cm.h("summary", null, `${name} (${cm.number(statements.length)})`),
      cm.h("ul", { class: "cm-claims" }, statements.map(cm.claim)));
  }

  function claims() {
    if (!cm.data.statements.length) return null;
    return cm.h("details", { class: "cm-section" }, cm.h("summary", null, `${cm.t("claims")} (${cm.number(cm.data.statements.length)})`),
      cm.h("p", { class: "cm-summary" }, cm.t("claims_note")), [...new Set(cm.data.statements.map((statement) => statement.about))].map(claimsAbout));
  }

  function sources() {
    const ids = Object.keys(cm.data.sources);
    return cm.h("details", { class: "cm-section" }, cm.h("summary", null, `${cm.t("sources")} (${cm.number(ids.length)})`),
      cm.h("ul", { class: "cm-sources" }, ids.map((id) => cm.h("li", null, cm.source(id)))));
  }

  function about() {
    const backdrop = Math.max(0, ...cm.data.backdrop.map((layer) => layer.thinned_m));
    return cm.h("details", { class: "cm-section" }, cm.h("summary", null, cm.t("about")),
      cm.h("p", null, cm.say(cm.data.description)), cm.h("p", null, cm.t("measured_note")),
      backdrop ? cm.h("p", null, cm.t("thinned", { distance: cm.distance(backdrop) })) : null);
  }

  function languages() {
    if (cm.data.languages.length < 2) return null;
    const select = cm.h("select", { id: "cm-language", class: "cm-language", "aria-label": cm.t("language") }, cm.data.languages.map((code) => {
      const words = cm.data.locales[code];
      const option = cm.h("option", { value: code, lang: code }, words ? words.language_name : code);
      option.selected = code === cm.lang;
      return option;
    }));
    select.addEventListener("change", () => cm.setLanguage(select.value));
    return select;
  }

  function toolbar() {
    if (!cm.buttons.length) return null;
    return cm.h("div", { class: "cm-tools", role: "group", "aria-label": cm.t("tools") }, cm.buttons.map((tool) => {
      const button = cm.h("button", { type: "button", class: "cm-tool", id: `cm-tool-${tool.id}` }, cm.t(tool.key));
      if (tool.pressed) button.setAttribute("aria-pressed", String(tool.pressed()));
      button.addEventListener("click", () => {
        tool.run(button);
        if (tool.pressed) button.setAttribute("aria-pressed", String(tool.pressed()));
      });
      return button;
    }));
  }

  /** The panel's head, which gives it its size before there is anything else in it. */
  cm.panelHead = function () {
    const toggle = cm.h("button", { type: "button", class: "cm-toggle", "aria-controls": "cm-body" }, cm.h("span", { class: "cm-arrow", "aria-hidden": "true" }));
    toggle.addEventListener("click", () => cm.sheet(!cm.app.classList.contains("cm-open"), true));
    return cm.h("div", { class: "cm-head" }, cm.h("h1", null, cm.say(cm.data.title)), toggle);
  };

  /** Build the panel in the reader's language. */
  cm.buildPanel = function () {
    const open = cm.app.classList.contains("cm-open");
    cm.panel.setAttribute("aria-label", cm.t("panel"));
    cm.panel.replaceChildren(
      cm.panelHead(),
      cm.h("div", { class: "cm-body", id: "cm-body" }, cm.slots.map((slot) => slot()), cm.h("div", { class: "cm-choices" }, languages(), cm.themeSwitch()), toolbar(), groups(), claims(), sources(), about()));
    cm.sheet(open, true);
  };
})(window.corridormap);
