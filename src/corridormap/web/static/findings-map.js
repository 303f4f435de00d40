/* The map of a report: the features that were checked, and every place with a finding, marked by shape and colour after the worst of them. */
"use strict";
(function (cm) {
  /** More places than this are painted rather than made of elements; the table reaches them all. */
  const CROWD = 400;
  /** So many can be stepped through with the Tab key; beyond, the table is the shorter way. */
  const STOPS = 60;
  /** A place is shown from no nearer, to begin with; features are seen from nearer if they are small. */
  const NEAR = { place: 8, features: 16, way: 7 };
  const SYMBOLS = {
    error: { shape: "diamond", colour: "#b3001b", size: 15 },
    warning: { shape: "triangle", colour: "#9a5b00", size: 15 },
    note: { shape: "circle", colour: "#1c62a8", size: 12 },
  };
  const CORNERS = { error: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]], warning: [[0, -1.2], [1.2, 0.95], [-1.2, 0.95]] };
  const STEPS = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 45];
  const GROUND = ["land", "country", "water", "boundary"];

  let runs = [];
  let ground = [];
  let names = [];
  let painted = [];
  let buttons = [];

  /** A word of this page alone, which the atlas's map does not know. */
  cm.word = (key, values) => cm.t(`report.${key}`, values);

  cm.severities = Object.keys(SYMBOLS);

  /** The picture of a severity, for the map, the table and the filter alike. */
  cm.severitySymbol = (severity) => cm.pointSymbol(SYMBOLS[severity]);

  const worst = (place) => place.shown[0].severity;

  function titleOf(place) {
    const first = place.shown[0];
    const title = `${cm.word(`severity.${first.severity}`)} ${first.code}: ${cm.short(first.message, 120)}`;
    return place.shown.length > 1 ? `${title} (${cm.word("here", { count: cm.number(place.shown.length) })})` : title;
  }

  function buttonOf(place, stop) {
    const many = place.shown.length > 1 ? cm.h("span", { class: "cm-many" }, cm.number(place.shown.length)) : null;
    const title = titleOf(place);
    const button = cm.h("button", { type: "button", class: "cm-marker", "aria-label": title, title, tabindex: stop ? 0 : -1 },
      cm.h("span", { class: "cm-point" }, cm.severitySymbol(worst(place)), many));
    button.addEventListener("click", () => cm.choosePlace(place));
    return button;
  }

  /** Show the places of these findings, and no others. */
  cm.drawPlaces = function (findings) {
    const shown = new Map();
    for (const finding of findings) {
      if (!finding.place) continue;
      if (!shown.has(finding.place)) shown.set(finding.place, []);
      shown.get(finding.place).push(finding);
    }
    for (const place of cm.places.values()) place.shown = (shown.get(place) || []).sort((a, b) => cm.rank(a) - cm.rank(b));
    // The worst last, to lie on top.
    const drawn = [...shown.keys()].sort((a, b) => cm.rank(b.shown[0]) - cm.rank(a.shown[0]));
    const crowded = drawn.length > CROWD;
    painted = crowded ? drawn : [];
    for (const { button } of buttons) button.remove();
    buttons = crowded ? [] : drawn.map((place) => ({ place, button: buttonOf(place, drawn.length <= STOPS) }));
    cm.marks.append(...buttons.map(({ button }) => button));
    cm.map.paint();
    if (cm.card.place) {
      if (cm.card.place.shown.length) tell(cm.card.place);
      else cm.leave();
    }
  };

  /** See all features and all places that are shown. */
  cm.fit = function () {
    const places = [...cm.places.values()].filter((place) => place.shown.length).map((place) => place.at);
    cm.map.fit([...runs.flat(), ...places], runs.length ? NEAR.features : NEAR.place);
  };

  // --- the card of a place ---

  function tell(place) {
    const close = cm.h("button", { type: "button", class: "cm-close", "aria-label": cm.t("close") }, "×");
    close.addEventListener("click", cm.leave);
    cm.card.place = place;
    cm.card.replaceChildren(cm.h("div", { class: "cm-card-scroll" }, cm.describe(place)), close);
    cm.card.hidden = false;
    put();
  }

  /** Put marks and card at their places. */
  function put() {
    const move = (element, place) => {
      const [left, top] = cm.map.pixel(place.at);
      Object.assign(element.style, { left: `${left}px`, top: `${top}px` });
    };
    for (const { place, button } of buttons) move(button, place);
    if (cm.card.place) move(cm.card, cm.card.place);
  }

  /** Go to a place and say what was found there; `near` keeps the view if the place is in sight. */
  cm.goTo = function (place, near) {
    if (!near || !cm.map.sees(place.at)) cm.map.show(place.at, Math.max(cm.map.zoom, NEAR.way));
    tell(place);
    // The card stands above its place and must be seen whole.
    const [card, box] = [cm.card.getBoundingClientRect(), cm.map.element.getBoundingClientRect()];
    const over = (low, high, least, most) => Math.min(0, low - least) || Math.max(0, high - most);
    cm.map.pan(over(card.left, card.right, box.left + 8, box.right - 8), over(card.top, card.bottom, box.top + 8, box.bottom - 8));
    put();
  };

  /** Say nothing more of any place. */
  cm.leave = function () {
    cm.card.hidden = true;
    cm.card.place = null;
  };

  // --- what is painted ---

  function coordinate(value, step, [plus, minus]) {
    const text = Math.abs(value).toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
    return `${text}°${value > 0 ? plus : value < 0 ? minus : ""}`;
  }

  function trace(context, run) {
    run.forEach((place, i) => context[i ? "lineTo" : "moveTo"](...cm.map.pixel(place)));
  }

  function paintGround(context, colour) {
    if (!cm.data.ground) return;
    const [west, south, east, north] = cm.data.ground.paper;
    if (cm.data.ground.surround === "land") {
      const [left, top] = cm.map.pixel(cm.mercator(west, north));
      const [right, bottom] = cm.map.pixel(cm.mercator(east, south));
      context.fillStyle = colour("sea");
      context.fillRect(left, top, right - left, bottom - top);
    }
    for (const { kind, lines, area } of ground) {
      context.beginPath();
      for (const line of lines) trace(context, line);
      context.fillStyle = colour(kind === "water" ? "sea" : kind);
      if (area) context.fill("evenodd");
      context.strokeStyle = colour(kind === "water" ? "shore" : "boundary");
      context.setLineDash(kind === "boundary" ? [4, 3] : []);
      if (kind !== "land") context.stroke();
    }
    context.setLineDash([]);
  }

  /** Meridians and parallels at round degrees, named at the edge; with them a place has a where though nothing lies under it. */
  function paintGrid(context, colour) {
    const { width, height } = cm.map;
    const [west, north] = cm.map.lonlat(0, 0);
    const [east, south] = cm.map.lonlat(width, height);
    const step = STEPS.find((one) => (east - west) / one <= Math.max(2, width / 130)) || 45;
    const marks = [];
    const rounds = (from, to) => {
      const first = Math.ceil(from / step);
      return Array.from({ length: Math.max(0, Math.floor(to / step + 1e-9) - first + 1) }, (_, i) => (first + i) * step);
    };
    context.globalAlpha = 0.35;
    context.strokeStyle = colour("boundary");
    context.beginPath();
    for (const lon of rounds(Math.max(-180, west), Math.min(180, east))) {
      const [left] = cm.map.pixel(cm.mercator(lon, 0));
      trace(context, [cm.mercator(lon, 85), cm.mercator(lon, -85)]);
      marks.push([coordinate(lon, step, "EW"), left + 3, 12]);
    }
    for (const lat of rounds(Math.max(-85, south), Math.min(85, north))) {
      const [, top] = cm.map.pixel(cm.mercator(0, lat));
      trace(context, [cm.mercator(-180, lat), cm.mercator(180, lat)]);
      // The scale stands at the foot.
      if (top < height - 24) marks.push([coordinate(lat, step, "NS"), 3, top - 3]);
    }
    context.stroke();
    context.globalAlpha = 1;
    return marks;
  }

  /** Write names with the ground's colour about them, none over another. */
  function paintNames(context, marks, colour) {
    const taken = [];
    Object.assign(context, { strokeStyle: colour("paper"), lineWidth: 3, lineJoin: "round" });
    const write = (text, left, top) => {
      const wide = context.measureText(text).width;
      const box = [left, top - 11, left + wide + 4, top + 3];
      if (left < 0 || left + wide > cm.map.width || taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return;
      taken.push(box);
      context.strokeText(text, left, top);
      context.fillText(text, left, top);
    };
    context.font = `11px ${colour("font")}`;
    context.fillStyle = colour("soft");
    for (const mark of marks) write(...mark);
    context.font = `600 12px ${colour("font")}`;
    for (const { text, at } of names) {
      const [left, top] = cm.map.pixel(at);
      write(text, left - context.measureText(text).width / 2, top);
    }
  }

  function paintFeatures(context, colour) {
    Object.assign(context, { strokeStyle: colour("feature"), fillStyle: colour("feature"), lineWidth: 1.5, lineJoin: "round" });
    context.beginPath();
    for (const run of runs) {
      if (run.length > 1) trace(context, run);
      else {
        const [left, top] = cm.map.pixel(run[0]);
        context.fillRect(left - 1.5, top - 1.5, 3, 3);
      }
    }
    context.stroke();
  }

  function paintCrowd(context) {
    Object.assign(context, { strokeStyle: "#fff", lineWidth: 1 });
    for (const place of painted) {
      const { colour, size } = SYMBOLS[worst(place)];
      const [left, top] = cm.map.pixel(place.at);
      context.fillStyle = colour;
      context.beginPath();
      if (CORNERS[worst(place)]) for (const [right, down] of CORNERS[worst(place)]) context.lineTo(left + (right * size) / 3, top + (down * size) / 3);
      else context.arc(left, top, size / 3, 0, Math.PI * 2);
      context.closePath();
      context.fill();
      context.stroke();
    }
  }

  function paint(context) {
    const style = window.getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--cm-${name}`);
    paintGround(context, colour);
    const marks = paintGrid(context, colour);
    paintFeatures(context, colour);
    paintNames(context, marks, colour);
    paintCrowd(context);
    put();
    scale();
  }

  /** The painted place under a pointer. */
  function placeUnder(event) {
    const box = cm.map.element.getBoundingClientRect();
    const away = (place) => Math.hypot(...cm.map.pixel(place.at).map((value, axis) => value - (axis ? event.clientY - box.top : event.clientX - box.left)));
    // What is painted last lies on top.
    return painted.reduce((nearest, place) => (away(place) < 12 && (!nearest || away(place) <= away(nearest)) ? place : nearest), null);
  }

  /** A bar of a round length, true in the middle of the map. */
  function scale() {
    const [, lat] = cm.map.lonlat(cm.map.width / 2, cm.map.height / 2);
    const metre = cm.map.size() / (40075017 * Math.cos((lat * Math.PI) / 180));
    const most = 100 / metre;
    const ten = 10 ** Math.floor(Math.log10(most));
    const length = [5, 3, 2, 1].map((one) => one * ten).find((one) => one <= most);
    cm.scale.textContent = cm.distance(length);
    cm.scale.style.width = `${length * metre}px`;
  }

  /** Make the map in an element. */
  cm.startMap = function (element) {
    const { drawing, ground: under } = cm.data;
    const place = (moves, by) => cm.decode(moves, by).map(([lat, lon]) => cm.mercator(lon, lat));
    runs = drawing ? drawing.runs.map((moves) => place(moves, drawing.scale)) : [];
    const layers = under ? under.backdrop : [];
    ground = layers.filter((layer) => GROUND.includes(layer.kind)).sort((a, b) => GROUND.indexOf(a.kind) - GROUND.indexOf(b.kind)).flatMap((layer) =>
      layer.features.filter(({ shape }) => shape && !shape.p).map(({ shape }) => ({ kind: layer.kind, area: Boolean(shape.a), lines: (shape.a ? shape.a.flat() : shape.l).map((moves) => place(moves, layer.scale)) })));
    names = layers.filter((layer) => layer.kind === "label").flatMap((layer) =>
      layer.features.filter(({ kind, shape }) => kind === "country" && shape && shape.p).map(({ name, shape }) => ({ text: cm.say(name).toLocaleUpperCase(cm.lang), at: place(shape.p, layer.scale)[0] })));
    cm.scale = cm.h("div", { class: "cm-scale" });
    cm.marks = cm.h("div", { class: "cm-marks" });
    cm.card = cm.h("div", { class: "cm-popup cm-still", hidden: true, role: "group" });
    cm.map = cm.plainMap(element, paint);
    const told = drawing && drawing.thinned_m !== null ? cm.word("checked_thinned", { distance: cm.distance(drawing.thinned_m) }) : cm.word("checked");
    element.append(
      cm.marks, cm.card,
      cm.h("div", { class: "cm-foot" }, cm.scale, runs.length ? cm.h("div", null, cm.h("span", { class: "cm-stroke" }), told) : null, under ? cm.h("div", null, cm.say(under.attribution)) : null),
    );
    element.setAttribute("role", "region");
    element.setAttribute("aria-label", cm.t("map"));
    element.addEventListener("click", (event) => {
      if (event.target.closest("button, .cm-popup")) return;
      const place = placeUnder(event);
      if (place) cm.choosePlace(place);
      else cm.leave();
    });
    element.addEventListener("pointermove", (event) => {
      const place = painted.length && !event.buttons ? placeUnder(event) : null;
      element.title = place ? titleOf(place) : "";
      element.classList.toggle("cm-pressable", Boolean(place));
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") cm.leave();
    });
  };
})(window.corridormap);
