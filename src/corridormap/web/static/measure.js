/* Measuring: the geodesic length of a line that the reader draws, and the chainage of the place where a corridor's popup stands. */
"use strict";
(function (cm) {
  const PANE = "cm-measure";
  const points = [];
  let drawn = null;
  let box = null;
  let output = null;

  const active = () => box !== null;

  // --- a line of the reader's own ---

  /** Places along the shortest way between two, to draw it; on the sphere, which on a screen looks the same as on the ellipsoid. */
  function arc(a, b) {
    const rad = Math.PI / 180;
    const toVector = ({ lat, lng }) => [Math.cos(lat * rad) * Math.cos(lng * rad), Math.cos(lat * rad) * Math.sin(lng * rad), Math.sin(lat * rad)];
    const [from, to] = [toVector(a), toVector(b)];
    const angle = Math.acos(Math.max(-1, Math.min(1, from[0] * to[0] + from[1] * to[1] + from[2] * to[2])));
    const count = Math.min(64, Math.ceil(angle / rad));
    const places = [a];
    for (let i = 1; i < count; i += 1) {
      const [f, t] = [Math.sin((1 - i / count) * angle), Math.sin((i / count) * angle)];
      const [x, y, z] = from.map((part, axis) => part * f + to[axis] * t);
      places.push(L.latLng(Math.atan2(z, Math.hypot(x, y)) / rad, Math.atan2(y, x) / rad));
    }
    return [...places, b];
  }

  function draw() {
    drawn.clearLayers();
    const still = { pane: PANE, interactive: false };
    const line = points.flatMap((place, index) => (index ? arc(points[index - 1], place).slice(1) : [place]));
    L.polyline(line, { ...still, color: "#ffffff", weight: 6, opacity: 0.9 }).addTo(drawn);
    L.polyline(line, { ...still, color: "#a3005c", weight: 2.5, dashArray: "7 5" }).addTo(drawn);
    for (const place of points) L.circleMarker(place, { ...still, radius: 5, color: "#a3005c", weight: 2, fillColor: "#ffffff", fillOpacity: 1 }).addTo(drawn);
  }

  function say() {
    const key = ["measure.none", "measure.one"][points.length];
    output.textContent = key ? cm.t(key) : cm.t("measure.length", { distance: cm.distance(cm.geo.length(points)), count: cm.number(points.length) });
    for (const button of box.querySelectorAll(".cm-measure-needs-point")) button.disabled = points.length === 0;
  }

  function change(edit) {
    edit();
    draw();
    say();
  }

  const add = (place) => change(() => points.push(L.latLng(place.lat, place.lng)));
  const undo = () => change(() => points.pop());
  const clear = () => change(() => points.splice(0));

  /** Keep an event on the map to ourselves; what happens on its buttons is theirs. */
  function swallow(event) {
    if (event.target.closest(".leaflet-control, .leaflet-popup")) return false;
    event.stopImmediatePropagation();
    event.preventDefault();
    return true;
  }

  /** While measuring, a click anywhere on the map sets a point, on a line or a symbol too: nobody else hears of it. */
  function onClick(event) {
    if (!swallow(event)) return;
    // The click that ends a drag, and the second one of a double click, set nothing.
    if (cm.map.dragging.moved() || event.detail > 1) return;
    add(cm.map.mouseEventToLatLng(event));
  }

  function onKey(event) {
    const onMap = event.target === cm.map.getContainer();
    if (event.key === "Escape" && !event.defaultPrevented && !event.target.closest("dialog, .cm-table")) {
      event.preventDefault();
      end();
    } else if (onMap && event.key === "Enter") {
      event.preventDefault();
      add(cm.map.getCenter());
    } else if (onMap && event.key === "Backspace" && points.length) {
      event.preventDefault();
      undo();
    }
  }

  function button(key, run, needsPoint) {
    const element = cm.h("button", { type: "button", class: `cm-tool${needsPoint ? " cm-measure-needs-point" : ""}` }, cm.t(key));
    element.addEventListener("click", () => {
      run();
      // The browser drops the focus of a button that has just been disabled; the map is where one goes on.
      if (active() && element.disabled) cm.map.getContainer().focus({ preventScroll: true });
    });
    return element;
  }

  function buildBox() {
    output = cm.h("p", { class: "cm-measure-result", role: "status", "aria-live": "polite" });
    const made = cm.h("div", { class: "cm-measure leaflet-control", role: "group", "aria-label": cm.t("measure") }, output,
      cm.h("p", { class: "cm-remark" }, cm.t("measure.hint")), cm.h("p", { class: "cm-remark cm-measure-keys" }, cm.t("measure.keys")),
      cm.h("div", { class: "cm-tools" }, button("measure.centre", () => add(cm.map.getCenter())), button("measure.undo", undo, true),
        button("measure.clear", clear, true), button("measure.end", end)));
    L.DomEvent.disableClickPropagation(made);
    L.DomEvent.disableScrollPropagation(made);
    if (box) box.replaceWith(made);
    else cm.map.getContainer().append(made);
    box = made;
    say();
  }

  function start() {
    const container = cm.map.getContainer();
    if (!cm.map.getPane(PANE)) cm.map.createPane(PANE).style.zIndex = "630";
    cm.map.closePopup();
    cm.highlight(null);
    cm.sheet(false);
    drawn = L.layerGroup().addTo(cm.map);
    buildBox();
    container.classList.add("cm-measuring");
    container.addEventListener("click", onClick, true);
    document.addEventListener("keydown", onKey);
    container.addEventListener("dblclick", swallow, true);
    // From here the arrow keys move the map and Enter sets points.
    container.focus({ preventScroll: true });
  }

  function end() {
    const container = cm.map.getContainer();
    const tool = document.getElementById("cm-tool-measure");
    points.splice(0);
    drawn.remove();
    box.remove();
    box = null;
    container.classList.remove("cm-measuring");
    container.removeEventListener("click", onClick, true);
    document.removeEventListener("keydown", onKey);
    container.removeEventListener("dblclick", swallow, true);
    if (!tool) return;
    tool.setAttribute("aria-pressed", "false");
    if (tool.offsetParent) tool.focus();
  }

  cm.buttons.push({ id: "measure", key: "measure", run: () => (active() ? end() : start()), pressed: active });
  cm.on("language", () => active() && buildBox());

  // --- the chainage of a clicked place ---

  const row = (label, text) => [cm.h("dt", null, label), cm.h("dd", null, text)];

  /** What the popup says of its own place on the line. */
  function section(found) {
    const start = found.start && found.start.km < 0.001 ? cm.t("chainage.from", { km: cm.km(found.km), start: cm.name(found.start.feature) }) : cm.km(found.km);
    const node = (key, stop) => (stop ? row(cm.t(key), `${cm.name(stop.feature)}, ${cm.distance(stop.distance_m)}`) : []);
    return cm.h("div", { class: "cm-chainage" }, cm.h("h3", null, cm.t("chainage")),
      cm.h("dl", null, row(cm.t("chainage.km"), start), node("chainage.before", found.before), node("chainage.after", found.after)),
      cm.h("p", { class: "cm-remark" }, cm.t("chainage.note")));
  }

  cm.on("open", (feature) => {
    const found = cm.chainage(feature, L.latLng(cm.opened.latlng));
    const card = cm.opened.popup.getElement().querySelector(".cm-card");
    // Beyond a few pixels off the line the popup stands elsewhere: a feature none of whose lines is in sight, say.
    if (!found || !card || found.offset_m > 40 * metresOfPixel(found.latlng)) return;
    card.querySelector("dl").before(section(found));
    cm.opened.popup.update();
  });

  const metresOfPixel = (place) => (40075016.7 * Math.cos((place.lat * Math.PI) / 180)) / 256 / 2 ** cm.map.getZoom();
})(window.corridormap);
