/* corridormap: the page's words, its data, and the making of elements. Text only ever becomes text: no innerHTML anywhere. */
"use strict";
(function (cm) {
  const SVG = "http://www.w3.org/2000/svg";
  const ATTRIBUTES = new Set(["class", "id", "type", "for", "lang", "title", "role", "tabindex", "target", "rel", "name", "value", "open",
    "hidden", "aria-label", "aria-expanded", "aria-controls", "aria-hidden", "aria-labelledby", "aria-live"]);

  /** Make an element; strings among the children become text nodes. Only harmless attributes pass; links go through cm.link. */
  cm.h = function (tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (!ATTRIBUTES.has(name)) throw new Error(`attribute ${name} is not allowed`);
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  };

  /** Mark the rows of a table that are chosen, and bring them in sight without moving anything but the table. */
  cm.markRows = function (region, isChosen) {
    const scroller = region.querySelector(".cm-table-scroll");
    for (const line of region.querySelectorAll("tbody tr")) {
      if (!isChosen(line)) {
        line.removeAttribute("aria-current");
        continue;
      }
      line.setAttribute("aria-current", "true");
      const top = line.offsetTop - region.querySelector("thead").offsetHeight;
      const bottom = line.offsetTop + line.offsetHeight - scroller.clientHeight;
      if (scroller.scrollTop > top) scroller.scrollTop = top;
      else if (scroller.scrollTop < bottom) scroller.scrollTop = bottom;
    }
  };

  cm.svg = function (tag, attributes, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    element.append(...children);
    return element;
  };

  /** A link to the web, or plain text when the address is anything else. */
  cm.link = function (text, address) {
    let url = null;
    try {
      url = new URL(address);
    } catch {
      return cm.h("span", null, text);
    }
    if (url.protocol !== "https:" && url.protocol !== "http:") return cm.h("span", null, text);
    const element = cm.h("a", { target: "_blank", rel: "noopener noreferrer" }, text);
    element.href = url.href;
    element.title = cm.t("new_tab");
    return element;
  };

  // --- what other modules hook into ---

  const listeners = {};

  /** Listen to an event of the page: first (the frame's data is there), read (all data is, nothing drawn), start (the map stands), language, layers (one was shown or hidden), open and close (a feature's popup). */
  cm.on = function (event, listener) {
    (listeners[event] = listeners[event] || []).push(listener);
  };

  cm.tell = (event, detail) => (listeners[event] || []).forEach((listener) => listener(detail));

  /** Buttons of the panel's tool bar, in order: { id, key (of its label), run(button), pressed() (optional, for a switch) }. */
  cm.buttons = [];

  /** Functions that each give an element, or null, for the top of the panel; called anew whenever the panel is built. */
  cm.slots = [];

  // --- words ---

  /** A text of the page in the reader's language. */
  cm.t = function (key, values) {
    const words = cm.data.locales[cm.lang] || cm.data.locales.en;
    const text = words[key] ?? cm.data.locales.en[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? String(values[name]) : whole));
  };

  cm.has = (key) => key in cm.data.locales.en;

  /** A text of the atlas in the reader's language, else in the atlas's first. */
  cm.say = (texts) => (texts && (texts[cm.lang] || texts[cm.data.languages[0]] || Object.values(texts)[0])) || "";

  /** A property kept once for each language, such as name_en and name_ru. */
  cm.sayProperty = function (properties, stem) {
    for (const code of [cm.lang, ...cm.data.languages]) {
      const value = properties[`${stem}_${code}`];
      if (value !== null && value !== undefined && value !== "") return String(value);
    }
    return "";
  };

  cm.number = (value, digits) =>
    new Intl.NumberFormat(cm.t("number_locales").split(" "), { maximumFractionDigits: digits ?? 1 }).format(value);

  cm.km = (value, digits) => cm.t("km", { n: cm.number(value, digits) });

  cm.distance = (metres) => (metres < 1000 ? cm.t("m", { n: cm.number(metres, 0) }) : cm.km(metres / 1000));

  /** A date, a month or a year as readers write it; anything else as it stands. In our own words: browsers know few languages well. */
  cm.date = function (value) {
    const match = /^(\d{4})-(0[1-9]|1[0-2])(?:-(\d{2}))?$/.exec(String(value));
    if (!match) return String(value);
    const [, year, month, day] = match;
    const names = cm.t(day ? "months_of_day" : "months").split(" ");
    return cm.t(day ? "date_day" : "date_month", { year, month: names[Number(month) - 1], day: Number(day) });
  };

  /** A country's name: the atlas's own word for it, else the page's, else the browser's, else the code. */
  cm.country = function (code) {
    const words = cm.data.locales[cm.lang] || {};
    if (code === cm.data.country) return cm.say(cm.data.country_name);
    if (cm.countryNames.has(code)) return cm.say(cm.countryNames.get(code));
    if (words[`country.${code}`]) return words[`country.${code}`];
    if (!/^[A-Z]{2}$/.test(code) || Intl.DisplayNames.supportedLocalesOf(cm.lang).length === 0) return code;
    return new Intl.DisplayNames([cm.lang], { type: "region" }).of(code) || code;
  };

  cm.list = (value) => (value ? String(value).split(";").map((item) => item.trim()).filter(Boolean) : []);

  // --- data ---

  /** Undo the differences: [x0, y0, dx, dy, …] becomes [[lat, lng], …]. */
  cm.decode = function (moves, scale) {
    const line = new Array(moves.length / 2);
    let x = 0;
    let y = 0;
    for (let i = 0; i < moves.length; i += 2) {
      x += moves[i];
      y += moves[i + 1];
      line[i / 2] = [y / scale, x / scale];
    }
    return line;
  };

  /** Read the page's data into layers of features. */
  cm.read = function (packed) {
    const data = cm.unpack(packed);
    cm.data = data;
    cm.countryNames = new Map();
    for (const layer of data.backdrop) {
      for (const feature of layer.features) {
        const match = /^label:([A-Z]{2})$/.exec(feature.id);
        if (match) cm.countryNames.set(match[1], feature.name);
      }
    }
    cm.links = data.links.lines.map((moves) => cm.decode(moves, data.links.scale).map((place) => L.latLng(place)));
    cm.byId = new Map();
    cm.layers = {};
    for (const record of data.layers) {
      const layer = { id: record.id, record, visible: record.visible, group: L.layerGroup(), features: [] };
      record.rows.forEach((row, index) => {
        const properties = {};
        record.fields.forEach((field, column) => { properties[field] = row[column]; });
        const feature = { id: String(properties.id), layer, properties, shape: record.shapes[index], index, parts: [] };
        layer.features.push(feature);
        cm.byId.set(feature.id, feature);
      });
      cm.layers[record.id] = layer;
    }
  };

  cm.name = (feature) => cm.sayProperty(feature.properties, "name") || feature.id;

  /** The symbol of one value of a style; what the value leaves open, the style's own symbol says. */
  cm.symbolOf = (style, value) => ({ ...style.symbol, ...((style.values && style.values[value]) || {}) });

  /** The symbol of a feature, from the style of its layer. */
  cm.symbol = function (feature) {
    const style = feature.layer.record.style;
    return cm.symbolOf(style, style.by && feature.properties[style.by]);
  };

  cm.calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
})((window.corridormap = window.corridormap || {}));
