/* The start: read the data, make the map, draw, and follow the reader's language. */
"use strict";
(function (cm) {
  const PANES = { "cm-backdrop": 210, "cm-under": 390, "cm-line": 400, "cm-label": 620, "cm-point": 610 };

  /** A scale whose units are in the reader's language. */
  const Scale = L.Control.Scale.extend({
    _updateMetric(metres) {
      const round = this._getRoundNum(metres);
      this._mScale.style.width = `${Math.round(this.options.maxWidth * (round / metres))}px`;
      this._mScale.textContent = cm.distance(round);
    },
  });

  function words() {
    document.documentElement.lang = cm.lang;
    document.title = cm.say(cm.data.title);
    const container = cm.map.getContainer();
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", `${cm.t("map")}: ${cm.say(cm.data.title)}`);
    const zoom = cm.controls.zoom.getContainer();
    for (const [name, key] of [["in", "zoom_in"], ["out", "zoom_out"]]) {
      const button = zoom.querySelector(`.leaflet-control-zoom-${name}`);
      button.title = cm.t(key);
      button.setAttribute("aria-label", cm.t(key));
    }
    // Leaflet takes attributions as HTML; a text node's markup is the text with its signs escaped.
    const text = cm.h("span", null, cm.say(cm.data.attribution)).innerHTML;
    if (cm.attribution !== undefined) cm.map.attributionControl.removeAttribution(cm.attribution);
    cm.attribution = text;
    cm.map.attributionControl.addAttribution(text);
    cm.controls.scale._update();
  }

  /** Change the language of all that is on the page. */
  cm.setLanguage = function (lang) {
    if (!cm.data.languages.includes(lang)) return;
    cm.lang = lang;
    // The panel is built anew: who was at the switch stays there, others are left where they are.
    const held = document.activeElement && document.activeElement.id === "cm-language";
    words();
    cm.buildPanel();
    for (const layer of Object.values(cm.layers)) layer.features.forEach(cm.nameMarker);
    cm.placeLabels();
    if (cm.opened && cm.opened.popup.isOpen()) cm.openPopup(cm.opened.feature, cm.opened.latlng);
    const select = document.getElementById("cm-language");
    if (select && held) select.focus();
    cm.tell("language", lang);
  };

  /** Run once the browser has painted what stands so far; where it paints nothing, as in a hidden tab, it waits for no picture. */
  function afterPaint(run) {
    let due = true;
    const once = () => {
      if (due) run();
      due = false;
    };
    window.requestAnimationFrame(() => window.setTimeout(once));
    window.setTimeout(once, 250);
  }

  /** The map, empty as yet, where the reader or the atlas wants it. */
  function emptyMap(element) {
    const calm = cm.calm();
    const [west, south, east, north] = cm.data.extent;
    const map = L.map(element, {
      zoomControl: false, attributionControl: false, zoomSnap: 0.25, minZoom: 3, maxZoom: 14, wheelPxPerZoomLevel: 90,
      zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm, inertia: !calm,
      maxBounds: [[south - 12, west - 12], [Math.min(84, north + 12), east + 12]], maxBoundsViscosity: 0.6,
    });
    for (const [name, height] of Object.entries(PANES)) map.createPane(name).style.zIndex = String(height);
    // Popups open upwards: at the top the buttons would cover their close button.
    cm.controls = { zoom: L.control.zoom({ position: "bottomright" }), scale: new Scale({ position: "bottomleft", imperial: false, maxWidth: 120 }) };
    map.attributionControl = L.control.attribution({ prefix: false }).addTo(map);
    map.attributionControl.addAttribution("Leaflet");
    fitFirst(map);
    return map;
  }

  /** The first view: the address's, or the atlas's, which fits to the pixel; the reader's own steps are quarters of a zoom. */
  function fitFirst(map) {
    const [w, s, e, n] = cm.data.view;
    map.options.zoomSnap = 0;
    const asked = cm.options.map;
    if (asked) map.setView([asked.lat, asked.lng], asked.zoom, { animate: false });
    else map.fitBounds([[s, w], [n, e]], { padding: [8, 8], animate: false });
    map.options.zoomSnap = 0.25;
  }

  function draw(map) {
    cm.drawBackdrop(map);
    for (const layer of Object.values(cm.layers)) {
      layer.features.forEach(layer.record.geometry === "Point" ? cm.drawPoint : cm.drawLines);
    }
    cm.berth();
    for (const layer of Object.values(cm.layers)) if (layer.visible) map.addLayer(layer.group);
    cm.controls.zoom.addTo(map);
    cm.controls.scale.addTo(map);
    words();
    map.on("zoomstart", () => map.getPane("cm-label").classList.add("cm-away"));
    const fit = () => {
      cm.slim(map);
      // From afar symbols would hide the lines they stand on.
      map.getContainer().classList.toggle("cm-far", map.getZoom() < 4.5);
    };
    fit();
    map.on("zoomend", fit);
    // Every zoom ends in a move, too.
    map.on("moveend resize", () => {
      cm.placeLabels();
      map.getPane("cm-label").classList.remove("cm-away");
    });
    cm.placeLabels();
  }

  /** Set the frame, the title and an empty map, and once these are painted, unpack and draw; gives the Leaflet map. Then cm.ready is kept. */
  cm.start = function (id) {
    const element = document.getElementById(id);
    cm.panel = document.getElementById(`${id}_panel`);
    cm.app = element.closest(".cm-app");
    const packed = JSON.parse(document.getElementById("corridormap-data").textContent);
    cm.data = packed.first;
    cm.lang = cm.data.lang;
    cm.tell("first");
    cm.app.classList.add(`cm-around-${cm.data.surround}`);
    // In a small frame the map comes first; the panel is one button away.
    cm.app.classList.toggle("cm-open", cm.panelOpen ?? window.innerWidth >= 900);
    cm.app.setAttribute("aria-busy", "true");
    document.documentElement.lang = cm.lang;
    cm.panel.append(cm.panelHead());
    cm.map = emptyMap(element);
    cm.ready = new Promise((done, failed) => {
      afterPaint(() => {
        try {
          cm.read(packed);
          cm.tell("read");
          cm.buildPanel();
          draw(cm.map);
          cm.tell("start", cm.map);
          cm.app.removeAttribute("aria-busy");
          done(cm.map);
        } catch (error) {
          failed(error);
        }
      });
    });
    return cm.map;
  };
})(window.corridormap);
