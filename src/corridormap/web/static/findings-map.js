/* The map of a report: every place with a finding, marked by shape and colour after the worst of them; meridians to read positions by. */
"use strict";
(function (cm) {
  const PANES = { "cm-backdrop": 210, "cm-grid": 220, "cm-label": 230, "cm-crowd": 600, "cm-point": 610 };
  /** More places than this are painted rather than made of elements; the table reaches them all. */
  const CROWD = 400;
  /** So many can be stepped through with the Tab key; beyond, the table is the shorter way. */
  const STOPS = 60;
  const SYMBOLS = {
    error: { shape: "diamond", colour: "#b3001b", size: 15 },
    warning: { shape: "triangle", colour: "#9a5b00", size: 15 },
    note: { shape: "circle", colour: "#1c62a8", size: 12 },
  };
  const CORNERS = { error: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]], warning: [[0, -1.2], [1.2, 0.95], [-1.2, 0.95]] };
  const STEPS = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 45];

  /** A word of this page alone, which the atlas's map does not know. */
  cm.word = (key, values) => cm.t(`report.${key}`, values);

  cm.severities = Object.keys(SYMBOLS);

  /** The picture of a severity, for the map, the table and the filter alike. */
  cm.severitySymbol = (severity) => cm.pointSymbol(SYMBOLS[severity]);

  const worst = (findings) => cm.severities.find((severity) => findings.some((finding) => finding.severity === severity));

  /** A mark on canvas, for crowds. */
  const Mark = L.CircleMarker.extend({
    _updatePath() {
      const canvas = this._renderer;
      if (!canvas._drawing || this._empty()) return;
      const { x, y } = this._point;
      const corners = CORNERS[this.options.severity];
      canvas._ctx.beginPath();
      if (corners) corners.forEach(([dx, dy]) => canvas._ctx.lineTo(x + dx * this._radius, y + dy * this._radius));
      else canvas._ctx.arc(x, y, this._radius, 0, Math.PI * 2);
      canvas._ctx.closePath();
      canvas._fillStroke(canvas._ctx, this);
    },
  });

  function titleOf(place) {
    const first = place.shown[0];
    const title = `${cm.word(`severity.${first.severity}`)} ${first.code}: ${cm.short(first.message, 120)}`;
    return place.shown.length > 1 ? `${title} (${cm.word("here", { count: cm.number(place.shown.length) })})` : title;
  }

  function markerOf(place, crowded, keyboard) {
    const severity = worst(place.shown);
    let marker;
    if (crowded) {
      const paint = { radius: SYMBOLS[severity].size / 3, fillColor: SYMBOLS[severity].colour, fillOpacity: 1, color: "#fff", weight: 1 };
      marker = new Mark(place.latlng, { ...paint, severity, pane: "cm-crowd", renderer: cm.crowd, bubblingMouseEvents: false });
    } else {
      const many = place.shown.length > 1 ? cm.h("span", { class: "cm-many" }, cm.number(place.shown.length)) : null;
      const box = cm.h("span", { class: "cm-point" }, cm.severitySymbol(severity), many);
      const icon = L.divIcon({ html: box, className: "cm-marker", iconSize: [26, 26] });
      marker = L.marker(place.latlng, { icon, keyboard, pane: "cm-point", riseOnHover: true, zIndexOffset: -1000 * cm.severities.indexOf(severity) });
      marker.on("keypress", (event) => {
        if (event.originalEvent.key === "Enter") cm.choosePlace(place);
      });
      marker.on("add", () => {
        const element = marker.getElement();
        if (!keyboard) element.setAttribute("role", "img");
        element.setAttribute("aria-label", titleOf(place));
      });
    }
    marker.on("click", () => cm.choosePlace(place));
    marker.bindTooltip(() => cm.h("span", null, titleOf(place)), { direction: "top", offset: [0, -8], className: "cm-tooltip" });
    return marker;
  }

  /** Show the places of these findings, and no others. */
  cm.drawPlaces = function (findings) {
    cm.marks.clearLayers();
    const shown = new Map();
    for (const finding of findings) {
      if (!finding.place) continue;
      if (!shown.has(finding.place)) shown.set(finding.place, []);
      shown.get(finding.place).push(finding);
    }
    for (const place of cm.places.values()) {
      place.shown = (shown.get(place) || []).sort((a, b) => cm.rank(a) - cm.rank(b));
      place.marker = null;
    }
    // The worst last, to lie on top.
    const drawn = [...shown.keys()].sort((a, b) => cm.rank(b.shown[0]) - cm.rank(a.shown[0]));
    for (const place of drawn) {
      place.marker = markerOf(place, drawn.length > CROWD, drawn.length <= STOPS);
      cm.marks.addLayer(place.marker);
    }
    if (cm.popup.isOpen() && !(cm.popup.place && cm.popup.place.shown.length)) cm.leave();
  };

  /** See all places that are shown. */
  cm.fit = function () {
    const places = [...cm.places.values()].filter((place) => place.shown.length);
    const [west, south, east, north] = cm.data.view;
    const bounds = places.length ? L.latLngBounds(places.map((place) => place.latlng)) : L.latLngBounds([[south, west], [north, east]]);
    cm.map.fitBounds(bounds, { paddingTopLeft: [24, 28], paddingBottomRight: [60, 44], maxZoom: places.length ? 8 : undefined, animate: false });
  };

  function tell() {
    const place = cm.popup.place;
    if (place.marker) place.marker.closeTooltip();
    cm.popup.setLatLng(place.latlng).setContent(cm.describe(place)).openOn(cm.map);
    cm.popup.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", cm.t("close"));
  }

  /** Go to a place and say what was found there; `near` keeps the view if the place is in sight. */
  cm.goTo = function (place, near) {
    cm.map.off("moveend", tell);
    cm.popup.place = place;
    if (near && cm.map.getBounds().pad(-0.1).contains(place.latlng)) {
      tell();
      return;
    }
    // A popup makes room for itself, which would end the way there.
    cm.map.once("moveend", tell);
    cm.map.setView(place.latlng, Math.max(cm.map.getZoom(), 7), { animate: !cm.calm() });
  };

  /** Say nothing more of any place. */
  cm.leave = function () {
    cm.map.off("moveend", tell);
    cm.map.closePopup(cm.popup);
  };

  // --- the ground ---

  function coordinate(value, step, [plus, minus]) {
    const text = Math.abs(value).toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
    return `${text}°${value > 0 ? plus : value < 0 ? minus : ""}`;
  }

  /** Meridians and parallels at round degrees, named at the edge; with them a place far from the backdrop still has a where. */
  function grid() {
    const map = cm.map;
    const bounds = map.getBounds();
    const [west, east] = [Math.max(-180, bounds.getWest()), Math.min(180, bounds.getEast())];
    const [south, north] = [Math.max(-85, bounds.getSouth()), Math.min(85, bounds.getNorth())];
    const step = STEPS.find((one) => (east - west) / one <= Math.max(2, map.getSize().x / 130)) || 45;
    const nodes = [];
    const taken = [];
    const name = (text, latlng, shift, kind) => {
      const at = map.latLngToContainerPoint(latlng).add(shift);
      const wide = text.length * (kind === "cm-label-country" ? 10 : 7) + 4;
      const box = [at.x, at.y, at.x + wide, at.y + 15];
      if (box[0] < 0 || box[2] > map.getSize().x) return;
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return;
      taken.push(box);
      const node = cm.h("div", { class: `cm-label ${kind}` }, text);
      L.DomUtil.setPosition(node, map.containerPointToLayerPoint(at).round());
      nodes.push(node);
    };
    cm.grid.clearLayers();
    const line = (ends) => cm.grid.addLayer(L.polyline(ends, { pane: "cm-grid", renderer: cm.gridRenderer, interactive: false, weight: 1, className: "cm-graticule" }));
    for (let lon = Math.ceil(west / step) * step; lon <= east + 1e-9; lon += step) {
      line([[-85, lon], [85, lon]]);
      name(coordinate(lon, step, "EW"), [north, lon], [3, 2], "cm-label-grid");
    }
    for (let lat = Math.ceil(south / step) * step; lat <= north + 1e-9; lat += step) {
      line([[lat, -180], [lat, 180]]);
      name(coordinate(lat, step, "NS"), [lat, west], [3, 1], "cm-label-grid");
    }
    for (const layer of cm.data.backdrop.filter((one) => one.kind === "label")) {
      for (const feature of layer.features) {
        const latlng = feature.shape && feature.shape.p && cm.decode(feature.shape.p, layer.scale)[0];
        if (!latlng || feature.kind !== "country" || !bounds.contains(latlng)) continue;
        const text = cm.say(feature.name).toLocaleUpperCase(cm.lang);
        name(text, latlng, [-text.length * 5, -8], "cm-label-country");
      }
    }
    map.getPane("cm-label").replaceChildren(...nodes);
  }

  /** Make the map in an element. */
  cm.startMap = function (element) {
    const calm = cm.calm();
    const map = L.map(element, {
      zoomControl: false, attributionControl: false, zoomSnap: 0.25, minZoom: 0, maxZoom: 18, wheelPxPerZoomLevel: 90,
      zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm, inertia: !calm,
    });
    cm.map = map;
    for (const [name, height] of Object.entries(PANES)) map.createPane(name).style.zIndex = String(height);
    // Nothing but marks can be pressed; where none is painted the pane lets the pointer through.
    cm.crowd = L.canvas({ pane: "cm-crowd", padding: 0.3 });
    cm.gridRenderer = L.svg({ pane: "cm-grid", padding: 0 });
    cm.marks = L.layerGroup().addTo(map);
    cm.grid = L.layerGroup().addTo(map);
    cm.popup = L.popup({ className: "cm-popup", maxWidth: 300, maxHeight: 220, offset: [0, -4], autoPanPadding: [12, 12] });
    element.setAttribute("role", "region");
    element.setAttribute("aria-label", cm.t("map"));
    // Leaflet takes attributions as HTML; a text node's markup is the text with its signs escaped.
    const credit = cm.h("span", null, cm.say(cm.data.attribution)).innerHTML;
    L.control.attribution({ prefix: false }).addTo(map).addAttribution("Leaflet").addAttribution(credit);
    L.control.zoom({ position: "bottomright", zoomInTitle: cm.t("zoom_in"), zoomOutTitle: cm.t("zoom_out") }).addTo(map);
    L.control.scale({ position: "bottomleft", imperial: false }).addTo(map);
    map.setView([0, 0], 1, { animate: false });
    cm.drawBackdrop(map);
    map.on("zoomstart", () => map.getPane("cm-label").classList.add("cm-away"));
    map.on("moveend zoomend resize", () => {
      grid();
      map.getPane("cm-label").classList.remove("cm-away");
    });
  };
})(window.corridormap);
