/* The popup: everything known of a feature, as text; measured and published lengths side by side; claims marked as claims. */
"use strict";
(function (cm) {
  const FIELDS = ["kind", "mode", "status", "state", "date", "city", "building", "route", "population", "country", "neighbour", "region", "checkpoint", "home", "abroad",
    "multilateral", "hours", "from", "to", "refs", "lanes_planned", "works_start", "works_end", "participants", "decided", "note", "position",
    "accuracy_m", "corridors", "routes", "names_alt"];
  // Told elsewhere in the popup, or codes and remarks for those who keep the data.
  const QUIET = new Set(["id", "name", "number", "sources", "source", "series", "remark", "length_km", "length_main_km", "length_abroad_km",
    "length_total_km", "length_official_km", "length_official_source", "length_published_km", "length_published_kind", "length_published_source",
    "length_published_reason"]);

  /** The fields of a feature by stem: name_en, name_ru and name_kk are one. */
  cm.fieldsOf = function (properties) {
    const languages = new Set(cm.data.languages);
    const found = new Set();
    for (const field of Object.keys(properties)) {
      const match = /^(.+)_([a-z]{2,3})$/.exec(field);
      found.add(match && languages.has(match[2]) ? match[1] : field);
    }
    const known = FIELDS.filter((field) => found.has(field));
    return [...known, ...[...found].filter((field) => !QUIET.has(field) && !FIELDS.includes(field)).sort()];
  };

  /** A field's value as readers want it, or null where nothing is known. */
  cm.valueOf = function (feature, field) {
    const properties = feature.properties;
    // Where a code and a text in the reader's language share a name, readers get the text.
    const raw = cm.sayProperty(properties, field) || properties[field];
    if (raw === null || raw === undefined || raw === "") return null;
    const style = feature.layer.record.style;
    const symbol = style.by === field && style.values && style.values[raw];
    if (symbol && symbol.label) return cm.say(symbol.label);
    // A kind without a label is a code for those who keep the data.
    if (field === "kind") return null;
    if (raw === true || raw === false) return cm.t(raw ? "yes" : "no");
    if (cm.has(`${field}.${raw}`)) return cm.t(`${field}.${raw}`);
    if (field === "accuracy_m") return cm.t("plus_minus", { distance: cm.distance(raw) });
    if (field === "country" || field === "neighbour") return cm.country(raw);
    if (field === "participants") return cm.list(raw).map(cm.country).join(", ");
    if (field === "from" || field === "to") return cm.byId.has(raw) ? cm.name(cm.byId.get(raw)) : null;
    if (field === "corridors" || field === "routes") return corridors(raw);
    if (field === "date" || field === "works_start" || field === "works_end") return cm.date(String(raw));
    if (typeof raw === "number") return cm.number(raw, 3);
    return field === "names_alt" || field === "refs" ? cm.list(raw).join(", ") : String(raw);
  };

  /** Buttons to the corridors that pass here. */
  function corridors(raw) {
    const known = cm.list(raw).map((id) => cm.byId.get(id)).filter(Boolean);
    if (!known.length) return null;
    return cm.h("span", { class: "cm-chips" }, known.map((feature) => {
      const button = cm.h("button", { type: "button", class: "cm-chip" }, cm.badge(feature), cm.name(feature));
      button.addEventListener("click", () => cm.goTo(feature));
      return button;
    }));
  }

  cm.badge = function (feature) {
    const style = feature.layer.record.style;
    if (feature.layer.record.geometry === "Point") return cm.pointSymbol(cm.symbol(feature));
    const number = feature.properties.number;
    if (number !== undefined && number !== null) return cm.shield(feature);
    return cm.lineSymbol(cm.symbol(feature), feature.properties.mode, style.casing);
  };

  const row = (label, ...content) => [cm.h("dt", null, label), cm.h("dd", null, ...content)];

  function lengths(properties) {
    const rows = [];
    const has = (field) => typeof properties[field] === "number";
    const split = has("length_abroad_km") || has("length_total_km");
    const country = cm.say(cm.data.country_name);
    // What lies wholly abroad has no length at home to speak of.
    if (has("length_km") && !(properties.length_km === 0 && properties.length_abroad_km > 0)) rows.push(row(split ? cm.t("length_home", { country }) : cm.t("length"), cm.h("strong", null, cm.km(properties.length_km))));
    if (has("length_main_km") && properties.length_main_km !== properties.length_km) rows.push(row(cm.t("length_main"), cm.km(properties.length_main_km)));
    if (has("length_abroad_km") && properties.length_abroad_km > 0) rows.push(row(cm.t("length_abroad"), cm.km(properties.length_abroad_km)));
    if (has("length_total_km") && properties.length_abroad_km > 0 && properties.length_km > 0) rows.push(row(cm.t("length_total"), cm.km(properties.length_total_km)));
    if (has("length_published_km")) {
      const source = cm.data.sources[properties.length_published_source];
      const kind = properties.length_published_kind;
      rows.push(row(cm.t("length_official"), cm.km(properties.length_published_km), kind ? `, ${cm.t(`published.${kind}`)}` : "", source ? [" (", cm.link(source.publisher || source.title, source.url), ")"] : null));
      const reason = cm.sayProperty(properties, "length_published_reason");
      if (reason) rows.push(row(cm.t("field.reason"), reason));
    }
    return rows;
  }

  function sourceList(properties) {
    const ids = [...cm.list(properties.sources), ...cm.list(properties.source)];
    const known = [...new Set(ids)].filter((id) => cm.data.sources[id]);
    if (!known.length) return null;
    return cm.h("details", null, cm.h("summary", null, `${cm.t("sources")} (${known.length})`),
      cm.h("ul", { class: "cm-sources" }, known.map((id) => cm.h("li", null, cm.source(id)))));
  }

  /** A source in one line, with its link where it has one. */
  cm.source = function (id) {
    const source = cm.data.sources[id];
    const rest = [source.publisher, source.date && cm.date(source.date), source.licence].filter(Boolean).join(", ");
    return cm.h("span", null, cm.link(source.title, source.url), rest ? ` – ${rest}` : "");
  };

  /** A claim with how it stands and where it was made. */
  cm.claim = function (statement) {
    const known = statement.sources.filter((id) => cm.data.sources[id]);
    const note = cm.say(statement.note);
    return cm.h("li", { class: "cm-claim" },
      cm.h("span", { class: `cm-standing cm-standing-${statement.standing}` }, cm.t(`standing.${statement.standing}`)),
      cm.h("p", null, cm.say(statement.text)),
      note ? cm.h("p", { class: "cm-remark" }, note) : null,
      cm.h("p", { class: "cm-remark" }, statement.date ? `${cm.date(statement.date)}: ` : "",
        known.flatMap((id, index) => [index ? "; " : "", cm.link(cm.data.sources[id].publisher || cm.data.sources[id].title, cm.data.sources[id].url)])));
  };

  function claims(feature) {
    const names = (statement) => statement.about === feature.id || (statement.features || []).includes(feature.id);
    const own = cm.data.statements.filter(names);
    const wide = cm.data.statements.filter((statement) => statement.about === feature.layer.id && !names(statement));
    const section = (list, name, open) => (list.length
      ? cm.h("details", { open }, cm.h("summary", null, `${cm.t("claims_about", { name })} (${list.length})`), cm.h("ul", { class: "cm-claims" }, list.map(cm.claim)))
      : null);
    return [section(own, cm.name(feature), true), section(wide, cm.say(feature.layer.record.name), false)];
  }

  /** Other points on the same spot, which the one on top hides. */
  function alsoHere(feature) {
    if (!feature.latlng) return null;
    const at = cm.map.latLngToContainerPoint(feature.latlng);
    const others = Object.values(cm.layers).filter((layer) => layer.visible).flatMap((layer) => layer.features)
      .filter((other) => other !== feature && other.latlng && cm.map.latLngToContainerPoint(other.latlng).distanceTo(at) < 10);
    if (!others.length) return null;
    return cm.h("div", { class: "cm-also" }, cm.h("h3", null, cm.t("also_here")), cm.h("span", { class: "cm-chips" }, others.map((other) => {
      const button = cm.h("button", { type: "button", class: "cm-chip" }, cm.badge(other), cm.title(other));
      button.addEventListener("click", () => cm.openPopup(other, other.latlng));
      return button;
    })));
  }

  cm.describe = function (feature) {
    const properties = feature.properties;
    const rows = lengths(properties);
    for (const field of cm.fieldsOf(properties)) {
      const shown = cm.valueOf(feature, field);
      if (shown === null) continue;
      const label = cm.has(`field.${field}`) ? cm.t(`field.${field}`) : field.replaceAll("_", " ");
      rows.push(row(label, shown));
    }
    return cm.h("div", { class: "cm-card" },
      cm.h("p", { class: "cm-kicker" }, cm.say(feature.layer.record.name)),
      cm.h("h2", null, feature.properties.number !== undefined && feature.properties.number !== null ? [cm.shield(feature), " "] : null, cm.name(feature)),
      feature.shape ? null : cm.h("p", { class: "cm-remark" }, cm.t("unlocated_note")),
      cm.h("dl", null, rows.flat()), alsoHere(feature), claims(feature), sourceList(properties));
  };

  /** Open the popup of a feature at a place. */
  cm.openPopup = function (feature, latlng) {
    const size = cm.map.getSize();
    const popup = L.popup({
      className: "cm-popup", maxWidth: Math.min(340, size.x - 50), minWidth: Math.min(240, size.x - 60), maxHeight: Math.max(140, Math.round(size.y * (size.x < 640 ? 0.42 : 0.6))),
      autoPanPaddingTopLeft: [12, 12], autoPanPaddingBottomRight: [size.x < 640 ? 12 : 56, 12],
    });
    cm.opened = { feature, latlng, popup };
    popup.setLatLng(latlng).setContent(cm.describe(feature)).openOn(cm.map);
    const close = popup.getElement().querySelector(".leaflet-popup-close-button");
    if (close) close.setAttribute("aria-label", cm.t("close"));
    popup.getElement().setAttribute("role", "dialog");
    popup.getElement().setAttribute("aria-label", cm.title(feature));
    popup.on("remove", () => cm.tell("close", feature));
    cm.tell("open", feature);
  };

  /** Show a feature: its layer, its place, its popup. */
  cm.goTo = function (feature) {
    if (!feature.layer.visible) cm.show(feature.layer, true);
    cm.sheet(false);
    const map = cm.map;
    // Without animation, for the popup's own move to find the map at rest.
    if (feature.latlng) {
      map.setView(feature.latlng, Math.max(map.getZoom(), 7), { animate: false });
      cm.openPopup(feature, feature.latlng);
    } else if (feature.parts.length) {
      const bounds = L.latLngBounds([]);
      feature.parts.forEach((line) => bounds.extend(line.getBounds()));
      map.fitBounds(bounds, { padding: [24, 24], animate: false });
      cm.openPopup(feature, cm.middle(feature));
    } else {
      cm.openPopup(feature, map.getCenter());
    }
  };

  /** A place on the longest piece of a line, halfway along its vertices. */
  cm.middle = function (feature) {
    const lines = feature.parts.filter((line) => line.stroke_.part === "line").map((line) => line.getLatLngs());
    const longest = lines.reduce((best, line) => (line.length > best.length ? line : best), lines[0]);
    return longest[Math.floor(longest.length / 2)];
  };
})(window.corridormap);
