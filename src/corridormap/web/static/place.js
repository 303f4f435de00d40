/* A place found by its chainage, or a road by its number: a pin or a raised line, and a popup that says how it was measured. */
"use strict";
(function (cm) {
  let shown = null;

  /** Shown now: { key, km } of a place by chainage, else null. */
  cm.placed = () => (shown && shown.km !== undefined ? { key: shown.line.key, km: shown.km } : null);

  /** The name of a line: a corridor's with its number, or the road's number. */
  cm.lineName = (line) => (line.road ? line.road.ref : cm.title(line.feature));

  const row = (label, ...content) => [cm.h("dt", null, label), cm.h("dd", null, ...content)];

  function chip(feature, rest) {
    const button = cm.h("button", { type: "button", class: "cm-chip" }, cm.badge(feature), cm.name(feature) + (rest ? ` – ${rest}` : ""));
    button.addEventListener("click", () => cm.goTo(feature));
    return button;
  }

  const node = (label, near) => (near ? row(cm.t(label), chip(near.feature, cm.distance(near.distance_m))) : []);

  const from = (line) => cm.waysOf(line.feature)[0].nodes[0] || null;
  const to = (line) => cm.waysOf(line.feature)[0].nodes.at(-1) || null;

  /** From where to where a stretch of road runs. */
  cm.lineEnds = (line) => [from(line), to(line)].filter(Boolean).map((end) => cm.name(end.feature)).join(" – ");

  /** The corridors that use a road, in their order. */
  function riders(road) {
    const links = new Set(road.lines.flatMap((line) => line.feature.shape.w.flat().map(Math.abs)));
    return Object.values(cm.layers).filter((layer) => layer.record.build === "itineraries").flatMap((layer) => layer.features)
      .filter((feature) => feature.shape && feature.shape.w && feature.shape.w.flat().some((signed) => links.has(Math.abs(signed))));
  }

  const heading = (line) => (line.road ? cm.t("road_number") : cm.say(line.feature.layer.record.name));

  function placeCard(line, found) {
    const start = from(line);
    const { lat, lng } = found.latlng;
    const rows = [node("chainage_before", found.before), node("chainage_after", found.after),
      start ? row(cm.t("chainage_start"), cm.name(start.feature)) : [],
      row(cm.t("coordinates"), `${lat.toFixed(5)}, ${lng.toFixed(5)}`)];
    if (line.road) rows.push(row(cm.t("field.corridors"), cm.h("span", { class: "cm-chips" }, riders(line.road).map((feature) => chip(feature)))));
    return cm.h("div", { class: "cm-card" }, cm.h("p", { class: "cm-kicker" }, heading(line)),
      cm.h("h2", null, cm.t("chainage_at", { line: cm.lineName(line), km: cm.number(found.km, 3) })),
      cm.h("p", { class: "cm-remark" }, cm.t("chainage_note")), cm.h("dl", null, rows.flat()));
  }

  function roadCard(road) {
    const rows = road.lines.map((line) => row(cm.lineEnds(line) || road.ref, cm.km(cm.waysOf(line.feature)[0].km)));
    return cm.h("div", { class: "cm-card" }, cm.h("p", { class: "cm-kicker" }, cm.t("road_number")), cm.h("h2", null, road.ref),
      cm.h("p", { class: "cm-remark" }, cm.t("road_note")), cm.h("dl", null, rows.flat()),
      cm.h("h3", null, cm.t("field.corridors")), cm.h("span", { class: "cm-chips" }, riders(road).map((feature) => chip(feature))));
  }

  function open(latlng, card, name) {
    const size = cm.map.getSize();
    const popup = L.popup({
      className: "cm-popup", maxWidth: Math.min(340, size.x - 50), minWidth: Math.min(240, size.x - 60), maxHeight: Math.max(140, Math.round(size.y * 0.6)),
      autoPanPaddingTopLeft: [12, 12], autoPanPaddingBottomRight: [size.x < 640 ? 12 : 56, 12], offset: [0, shown.km === undefined ? 7 : -22],
    });
    popup.setLatLng(latlng).setContent(card).openOn(cm.map);
    const element = popup.getElement();
    element.setAttribute("role", "dialog");
    element.setAttribute("aria-label", name);
    const close = element.querySelector(".leaflet-popup-close-button");
    if (close) close.setAttribute("aria-label", cm.t("close"));
    shown.popup = popup;
  }

  /** Take the pin or the raised road off the map. */
  cm.clearPlace = function () {
    if (!shown) return;
    const { layer, popup } = shown;
    shown = null;
    layer.remove();
    if (popup) popup.remove();
    cm.tell("place", null);
  };

  function pin() {
    return L.divIcon({
      className: "cm-pin", iconSize: [44, 44], iconAnchor: [22, 40],
      html: cm.svg("svg", { width: 44, height: 44, viewBox: "0 0 44 44", "aria-hidden": "true", focusable: "false" },
        cm.svg("path", { d: "M22 41C18 34 11 27 11 19a11 11 0 0 1 22 0c0 8-7 15-11 22z" }), cm.svg("circle", { cx: 22, cy: 19, r: 4 })),
    });
  }

  /** Show the place so many kilometres along a line; false where the line does not reach so far. */
  cm.showPlace = function (line, km, still) {
    const found = cm.alongKm(line.feature, km);
    if (!found) return false;
    cm.clearPlace();
    if (line.feature.layer && !line.feature.layer.visible) cm.show(line.feature.layer, true);
    cm.sheet(false);
    if (!still) cm.map.setView(found.latlng, Math.max(cm.map.getZoom(), 7), { animate: false });
    const layer = L.marker(found.latlng, { icon: pin(), pane: "cm-point", zIndexOffset: 5000 });
    const say = () => cm.t("chainage_at", { line: cm.lineName(line), km: cm.number(km, 3) });
    const raise = () => open(found.latlng, placeCard(line, found), say());
    layer.on("click", raise);
    layer.on("keypress", (event) => {
      if (event.originalEvent.key === "Enter") raise();
    });
    shown = { line, km, layer, raise };
    layer.addTo(cm.map);
    layer.getElement().setAttribute("aria-label", say());
    shown.name = () => layer.getElement().setAttribute("aria-label", say());
    raise();
    cm.tell("place", cm.placed());
    return true;
  };

  /** Show a road by its number, all its stretches. */
  cm.showRoad = function (road) {
    cm.clearPlace();
    cm.sheet(false);
    const lines = road.lines.map((line) => cm.waysOf(line.feature)[0].places);
    const layer = L.layerGroup(lines.map((places) => L.polyline(places, { pane: "cm-under", className: "cm-raised", weight: 12, interactive: false, smoothFactor: 1 })));
    const bounds = L.latLngBounds(lines.flat());
    cm.map.fitBounds(bounds, { padding: [24, 24], animate: false });
    const longest = lines.reduce((best, places) => (places.length > best.length ? places : best), lines[0]);
    const middle = cm.geo.along(longest, cm.geo.length(longest) / 2).latlng;
    const raise = () => open(middle, roadCard(road), road.ref);
    shown = { line: road.lines[0], layer, raise, name: () => {} };
    layer.addTo(cm.map);
    raise();
    cm.tell("place", null);
  };

  /** The popup of what was found last, if it is open. */
  cm.placePopup = () => (shown && shown.popup && shown.popup.isOpen() ? shown.popup : null);

  cm.on("language", () => {
    if (!shown) return;
    shown.name();
    if (cm.placePopup()) shown.raise();
  });
})(window.corridormap);
