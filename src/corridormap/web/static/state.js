/* What an address says: the query's options for embedding, and in the hash the view, layers, chosen feature and language as they are now.
   Every value is checked against what the page knows; what does not fit is as if it were not there. */
"use strict";
(function (cm) {
  const PAUSE = 350;

  const PARSERS = {
    embed: flag, panel: flag, legend: flag, scroll: flag,
    lang: (text) => (cm.data.languages.includes(text) ? text : undefined),
    layers(text) {
      if (text === "none") return [];
      const known = text.split(",").filter((id) => Object.hasOwn(cm.layers, id));
      return known.length ? [...new Set(known)] : undefined;
    },
    map(text) {
      const match = /^(\d{1,2}(?:\.\d{1,4})?)\/(-?\d{1,2}(?:\.\d{1,8})?)\/(-?\d{1,3}(?:\.\d{1,8})?)$/.exec(text);
      if (!match) return undefined;
      const [zoom, lat, lng] = match.slice(1).map(Number);
      const [west, south, east, north] = cm.data.extent;
      const inside = lat > south - 12 && lat < Math.min(84, north + 12) && lng > west - 12 && lng < east + 12;
      return inside && zoom >= 3 && zoom <= 14 ? { zoom, lat, lng } : undefined;
    },
    feature: (text) => (cm.byId.has(text) ? text : undefined),
    km(text) {
      const match = /^(.{1,80}):(\d{1,5}(?:\.\d{1,3})?)$/.exec(text);
      const line = match && cm.lineByKey(match[1]);
      return line && Number(match[2]) <= cm.waysOf(line.feature)[0].km ? { key: line.key, km: Number(match[2]) } : undefined;
    },
  };
  const IN_HASH = ["map", "layers", "feature", "km", "lang"];
  const IN_FRAME = ["embed", "panel", "map", "lang"];

  function flag(text) {
    return text === "1" ? true : text === "0" ? false : undefined;
  }

  function parse(text, names) {
    const given = new URLSearchParams(text);
    const found = {};
    for (const name of names) {
      const value = given.has(name) ? PARSERS[name](given.get(name)) : undefined;
      if (value !== undefined) found[name] = value;
    }
    return found;
  }

  const fromHash = () => parse(window.location.hash.slice(1), IN_HASH);

  /** Readable where the web allows it: commas, slashes and colons stay; an apostrophe could end a careless attribute. */
  const encode = (text) => encodeURIComponent(text).replace(/%2C/g, ",").replace(/%2F/g, "/").replace(/%3A/g, ":").replace(/'/g, "%27");

  /** Options as text, in the order given, the unset ones left out. */
  cm.encodeOptions = (options) => Object.entries(options).filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${encode(String(value))}`).join("&");

  /** The state of the page as the texts that its address holds. */
  cm.state = function () {
    const center = cm.map.getCenter();
    const visible = Object.values(cm.layers).filter((layer) => layer.visible).map((layer) => layer.id);
    const placed = cm.placed && cm.placed();
    return {
      map: `${Number(cm.map.getZoom().toFixed(2))}/${center.lat.toFixed(4)}/${center.lng.toFixed(4)}`,
      layers: visible.join(",") || "none",
      feature: cm.opened && cm.opened.popup.isOpen() ? cm.opened.feature.id : undefined,
      km: placed ? `${placed.key}:${placed.km}` : undefined,
      lang: cm.lang,
    };
  };

  /** The page's own address without query and hash, or null where it has none that others could open: in a notebook, in srcdoc. */
  cm.address = function () {
    if (!["http:", "https:", "file:"].includes(window.location.protocol)) return null;
    const url = new URL(window.location.href);
    url.search = "";
    url.hash = "";
    return url.href;
  };

  // --- writing ---

  let written = null;
  let timer = 0;

  function write() {
    const text = cm.encodeOptions(cm.state());
    if (text === written) return;
    written = text;
    try {
      window.history.replaceState(null, "", `#${text}`);
    } catch {
      // A sandboxed frame or one made of srcdoc has no address of its own to change; the page works without.
    }
    cm.tell("state", text);
  }

  function later() {
    // Browsers slow down a page that changes its address often.
    window.clearTimeout(timer);
    timer = window.setTimeout(write, PAUSE);
  }

  // --- restoring ---

  /** Open a feature's popup without leaving a view that the address asked for. */
  function openWhere(feature) {
    if (!feature.layer.visible) cm.show(feature.layer, true);
    const bounds = cm.map.getBounds();
    const center = cm.map.getCenter();
    let place = feature.latlng || (feature.parts.length ? cm.middle(feature) : center);
    if (!feature.latlng && feature.parts.length && !bounds.contains(place)) {
      const places = feature.parts.filter((line) => line.stroke_.part === "line").flatMap((line) => line.getLatLngs());
      place = places.reduce((best, other) => (center.distanceTo(other) < center.distanceTo(best) ? other : best));
    }
    cm.openPopup(feature, place);
  }

  function restore(given) {
    if (given.lang && given.lang !== cm.lang) cm.setLanguage(given.lang);
    if (given.layers) {
      for (const layer of Object.values(cm.layers)) {
        if (layer.visible !== given.layers.includes(layer.id)) cm.show(layer, given.layers.includes(layer.id));
      }
    }
    if (given.map) cm.map.setView([given.map.lat, given.map.lng], given.map.zoom, { animate: false });
    choose(given);
  }

  function choose(given) {
    const feature = given.feature && cm.byId.get(given.feature);
    const line = given.km && cm.lineByKey(given.km.key);
    if (line) cm.showPlace(line, given.km.km, Boolean(given.map));
    if (feature && given.map) openWhere(feature);
    else if (feature) cm.goTo(feature);
  }

  cm.options = {};

  // What the empty frame needs: its language and view are right from the first paint.
  cm.on("first", () => {
    cm.options = { ...parse(window.location.search, IN_FRAME), ...parse(window.location.hash.slice(1), ["map", "lang"]) };
    if (cm.options.lang) cm.lang = cm.options.lang;
  });

  // And before the rest is drawn, what needs the data.
  cm.on("read", () => {
    cm.options = { ...parse(window.location.search, Object.keys(PARSERS)), ...fromHash() };
    if (cm.options.layers) for (const layer of Object.values(cm.layers)) layer.visible = cm.options.layers.includes(layer.id);
  });

  cm.on("start", () => {
    choose(cm.options);
    // An address that nobody touched stays as it was.
    written = cm.encodeOptions(cm.state());
    cm.map.on("moveend", later);
    for (const event of ["layers", "language", "open", "close", "place"]) cm.on(event, later);
    window.addEventListener("hashchange", () => restore(fromHash()));
  });
})(window.corridormap);
