/* A map painted on a canvas, for pages without tiles: Web Mercator, moved by mouse, fingers and keys. */
"use strict";
(function (cm) {
  const LIMITS = [0, 18];
  /** A pointer that moved less, in pixels, has pressed something rather than dragged the map. */
  const STILL = 4;

  /** Longitude and latitude on the unit square of Web Mercator. */
  cm.mercator = function (lon, lat) {
    const sine = Math.sin((Math.min(85, Math.max(-85, lat)) * Math.PI) / 180);
    return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
  };

  /** And back. */
  cm.unmercator = (x, y) => [(x - 0.5) * 360, (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90];

  /** Make a map in an element; `paint` is called with a canvas's context, cleared, whenever the view has changed. */
  cm.plainMap = function (element, paint) {
    const canvas = cm.h("canvas", { class: "cm-canvas", "aria-hidden": "true" });
    const map = { element, x: 0.5, y: 0.5, zoom: 1, width: 0, height: 0 };
    const between = (low, value, high) => Math.min(high, Math.max(low, value));
    let waiting = false;

    /** How many pixels the world is wide. */
    map.size = () => 256 * 2 ** map.zoom;

    /** Where on the element a place of the unit square is. */
    map.pixel = ([x, y]) => [(x - map.x) * map.size() + map.width / 2, (y - map.y) * map.size() + map.height / 2];

    /** Longitude and latitude of a pixel. */
    map.lonlat = (left, top) => cm.unmercator(map.x + (left - map.width / 2) / map.size(), map.y + (top - map.height / 2) / map.size());

    /** Whether a place of the unit square is in sight, and not at the very edge. */
    map.sees = function (place) {
      const [left, top] = map.pixel(place);
      return left > map.width / 12 && left < map.width * 11 / 12 && top > map.height / 12 && top < map.height * 11 / 12;
    };

    map.paint = function () {
      if (waiting) return;
      waiting = true;
      window.requestAnimationFrame(() => {
        waiting = false;
        const ratio = window.devicePixelRatio || 1;
        canvas.width = Math.round(map.width * ratio);
        canvas.height = Math.round(map.height * ratio);
        const context = canvas.getContext("2d");
        context.scale(ratio, ratio);
        paint(context);
      });
    };

    map.show = function ([x, y], zoom = map.zoom) {
      Object.assign(map, { x: between(0, x, 1), y: between(0, y, 1), zoom: between(LIMITS[0], zoom, LIMITS[1]) });
      map.paint();
    };

    map.pan = (right, down) => map.show([map.x + right / map.size(), map.y + down / map.size()]);

    /** Zoom so that what lies under a pixel stays there. */
    map.zoomBy = function (steps, [left, top] = [map.width / 2, map.height / 2]) {
      const [right, down] = [left - map.width / 2, top - map.height / 2];
      const before = map.size();
      const zoom = between(LIMITS[0], map.zoom + steps, LIMITS[1]);
      const share = 1 / before - 1 / (256 * 2 ** zoom);
      map.show([map.x + right * share, map.y + down * share], zoom);
    };

    /** See all of these places of the unit square, from no nearer than a zoom. */
    map.fit = function (places, nearest) {
      let [west, north, east, south] = [1, 1, 0, 0];
      for (const [x, y] of places) [west, north, east, south] = [Math.min(west, x), Math.min(north, y), Math.max(east, x), Math.max(south, y)];
      if (west > east) [west, north, east, south] = [0, 0, 1, 1];
      const room = (pixels) => Math.max(40, pixels - 80) / 256;
      const zoom = Math.log2(Math.min(room(map.width) / (east - west), room(map.height) / (south - north)));
      map.show([(west + east) / 2, (north + south) / 2], Math.min(zoom, nearest));
    };

    // --- moving it ---

    const fingers = new Map();
    let travelled = 0;
    const middle = () => [0, 1].map((axis) => [...fingers.values()].reduce((sum, at) => sum + at[axis], 0) / fingers.size);
    const spread = () => {
      const [one, other] = [...fingers.values()];
      return (other && Math.hypot(one[0] - other[0], one[1] - other[1])) || 1;
    };
    const within = (event) => {
      const box = element.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const lift = (event) => fingers.delete(event.pointerId);
    element.addEventListener("pointerdown", (event) => {
      if (!fingers.size) travelled = 0;
      if (event.button || event.target.closest(".cm-still")) return;
      fingers.set(event.pointerId, within(event));
    });
    element.addEventListener("pointermove", (event) => {
      if (!fingers.has(event.pointerId)) return;
      const [before, apart] = [middle(), spread()];
      fingers.set(event.pointerId, within(event));
      const after = middle();
      const [right, down] = [before[0] - after[0], before[1] - after[1]];
      travelled += Math.hypot(right, down) + Math.abs(spread() - apart);
      // Held from now on, though the pointer leave the map; held at once, a press would not reach the mark under it.
      if (travelled > STILL && !element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
      map.pan(right, down);
      map.zoomBy(Math.log2(spread() / apart), after);
    });
    for (const name of ["pointerup", "pointercancel"]) element.addEventListener(name, lift);
    element.addEventListener("pointerleave", (event) => {
      if (!element.hasPointerCapture(event.pointerId)) lift(event);
    });
    element.addEventListener("click", (event) => {
      if (travelled > STILL && event.detail) event.stopPropagation();
    }, true);
    element.addEventListener("dblclick", (event) => {
      if (event.target === canvas) map.zoomBy(1, within(event));
    });
    element.addEventListener("wheel", (event) => {
      if (event.target.closest(".cm-still")) return;
      event.preventDefault();
      map.zoomBy(between(-1, (-event.deltaY * (event.deltaMode ? 30 : 1)) / 180, 1), within(event));
    }, { passive: false });
    const KEYS = { ArrowLeft: [-80, 0], ArrowRight: [80, 0], ArrowUp: [0, -80], ArrowDown: [0, 80], "+": 1, "=": 1, "-": -1 };
    element.addEventListener("keydown", (event) => {
      const step = KEYS[event.key];
      if (!step || event.target !== element || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      if (step.length) map.pan(...step);
      else map.zoomBy(step);
    });
    const button = (sign, key, step) => {
      const made = cm.h("button", { type: "button", "aria-label": cm.t(key), title: cm.t(key) }, sign);
      made.addEventListener("click", () => map.zoomBy(step));
      return made;
    };
    element.append(canvas, cm.h("div", { class: "cm-zoom cm-still" }, button("+", "zoom_in", 1), button("−", "zoom_out", -1)));
    element.setAttribute("tabindex", "0");

    /** Take the size that the element has now. */
    map.measure = function () {
      Object.assign(map, { width: element.clientWidth, height: element.clientHeight });
      map.paint();
    };
    new ResizeObserver(map.measure).observe(element);
    map.measure();
    return map;
  };
})(window.corridormap);
