/* The table: every layer as rows under the map, sortable, in step with it. The same words and figures as in the popups. */
"use strict";
(function (cm) {
  /** More rows than this would make the page slow to lay out; they are turned in pages. */
  const PAGE = 300;
  // Of a feature's lengths in kilometres, each with the word the popup has for it.
  const LENGTHS = { length_km: "length", length_main_km: "length_main", length_abroad_km: "length_abroad", length_total_km: "length_total", length_published_km: "length_official" };

  let region = null;
  let layer = null;
  let page = 0;
  const sorts = new Map();

  // --- what stands in the cells ---

  /** The columns of a layer: the number, the name, the lengths, then all that the popups tell. */
  function columns() {
    const some = (read) => layer.features.some((feature) => read(feature) !== null);
    const figure = (field) => (feature) => (typeof feature.properties[field] === "number" ? feature.properties[field] : null);
    const table = [{ id: "name", label: cm.t("table.name"), read: cm.name, text: cm.name }];
    if (some(figure("number"))) table.unshift({ id: "number", label: cm.t("table.number"), read: figure("number"), text: (feature) => String(feature.properties.number ?? ""), numeric: true });
    for (const [field, key] of Object.entries(LENGTHS)) {
      const read = figure(field);
      if (some(read)) table.push({ id: field, label: `${cm.t(key)}, ${cm.t("table.km")}`, read, text: (feature) => (read(feature) === null ? "" : cm.number(read(feature), 1)), numeric: true });
    }
    const fields = new Set(layer.features.flatMap((feature) => cm.fieldsOf(feature.properties)));
    for (const field of fields) {
      const text = (feature) => textOf(feature, field);
      if (!some((feature) => text(feature) || null)) continue;
      const raw = (feature) => feature.properties[field] ?? null;
      const numeric = layer.features.every((feature) => raw(feature) === null || typeof raw(feature) === "number") && some(raw);
      // Dates sort as they are kept, year first; words as they are read.
      const sortsRaw = numeric || /(^|_)(date|start|end)$/.test(field);
      const label = cm.has(`field.${field}`) ? cm.t(`field.${field}`) : field.replaceAll("_", " ");
      table.push({ id: field, label, read: sortsRaw ? raw : (feature) => text(feature) || null, text, numeric });
    }
    return table;
  }

  function textOf(feature, field) {
    if (field === "corridors") {
      return cm.list(feature.properties.corridors).map((id) => cm.byId.get(id)).filter(Boolean)
        .map((corridor) => corridor.properties.number ?? cm.name(corridor)).join(", ");
    }
    const shown = cm.valueOf(feature, field);
    return shown === null ? "" : String(shown);
  }

  function sorted(table) {
    const { id, down } = sorts.get(layer.id) || {};
    const column = table.find((one) => one.id === id);
    if (!column) return layer.features;
    const collator = new Intl.Collator(cm.t("number_locales").split(" "), { numeric: true });
    const order = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b)));
    return layer.features.map((feature) => ({ feature, value: column.read(feature) })).sort((a, b) => {
      // What is not known stands last, whichever way the column is sorted.
      if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
      return (down ? -1 : 1) * order(a.value, b.value);
    }).map((row) => row.feature);
  }

  // --- its elements ---

  function head(column) {
    const { id, down } = sorts.get(layer.id) || {};
    const button = cm.h("button", { type: "button", class: "cm-sort" }, column.label, cm.h("span", { class: "cm-sort-mark", "aria-hidden": "true" }));
    const cell = cm.h("th", { class: column.numeric ? "cm-figure" : null }, button);
    cell.setAttribute("scope", "col");
    if (id === column.id) cell.setAttribute("aria-sort", down ? "descending" : "ascending");
    button.addEventListener("click", () => {
      sorts.set(layer.id, { id: column.id, down: id === column.id && !down });
      page = 0;
      fill();
      const again = [...region.querySelectorAll(".cm-sort")].find((one) => one.closest("th").dataset.column === column.id);
      again.focus();
    });
    cell.dataset.column = column.id;
    return cell;
  }

  function row(feature, table) {
    const line = cm.h("tr", null, table.map((column) => {
      if (column.id !== "name") return cm.h("td", { class: column.numeric ? "cm-figure" : null }, cm.h("div", null, column.text(feature)));
      const button = cm.h("button", { type: "button", class: "cm-cell" }, column.text(feature),
        feature.shape ? null : cm.h("span", { class: "cm-remark" }, ` (${cm.t("table.unlocated")})`));
      const cell = cm.h("th", null, button);
      cell.setAttribute("scope", "row");
      return cell;
    }));
    line.dataset.feature = feature.id;
    // One listener for the button, which Enter presses, and for the rest of the row, which a pointer meets.
    line.addEventListener("click", (event) => {
      // Who marks text in a row to copy it does not want to travel.
      if (event.target.closest("button") || window.getSelection().isCollapsed) cm.goTo(feature);
    });
    line.addEventListener("mouseenter", () => cm.highlight(feature));
    line.addEventListener("mouseleave", () => cm.highlight(null));
    return line;
  }

  function pager(total) {
    const last = Math.ceil(total / PAGE) - 1;
    if (last < 1) return null;
    const turn = (key, to) => {
      const button = cm.h("button", { type: "button", class: "cm-tool", id: `cm-${key.replace(".", "-")}` }, cm.t(key));
      button.disabled = to < 0 || to > last;
      button.addEventListener("click", () => {
        page = to;
        fill();
        const again = document.getElementById(button.id);
        (again.disabled ? region.querySelector(".cm-pager button:not(:disabled)") : again).focus();
      });
      return button;
    };
    const rows = { from: cm.number(page * PAGE + 1), to: cm.number(Math.min(total, (page + 1) * PAGE)), count: cm.number(total) };
    return cm.h("div", { class: "cm-pager" }, turn("table.previous", page - 1), cm.h("span", { role: "status" }, cm.t("table.rows", rows)), turn("table.next", page + 1));
  }

  function hiddenNote() {
    if (layer.visible) return null;
    const button = cm.h("button", { type: "button", class: "cm-tool" }, cm.t("table.show"));
    button.addEventListener("click", () => {
      cm.show(layer, true);
      region.querySelector("select").focus();
    });
    return cm.h("p", { class: "cm-table-note" }, cm.t("table.hidden"), " ", button);
  }

  function chooser() {
    const select = cm.h("select", { class: "cm-language", "aria-label": cm.t("table.layer") }, Object.values(cm.layers).map((one) => {
      const option = cm.h("option", { value: one.id }, `${cm.say(one.record.name)} (${cm.number(one.features.length)})${one.visible ? "" : ` – ${cm.t("table.off")}`}`);
      option.selected = one === layer;
      return option;
    }));
    select.addEventListener("change", () => {
      choose(cm.layers[select.value]);
      fill();
      region.querySelector("select").focus();
    });
    return select;
  }

  function fill() {
    const table = columns();
    const features = sorted(table);
    const close = cm.h("button", { type: "button", class: "cm-tool" }, cm.t("close"));
    close.addEventListener("click", toggle);
    const caption = cm.h("caption", null, `${cm.say(layer.record.name)}. ${cm.t("count", { count: cm.number(features.length) })}`);
    region.setAttribute("aria-label", cm.t("table"));
    const scroller = cm.h("div", { class: "cm-table-scroll" }, cm.h("table", null, caption, cm.h("thead", null, cm.h("tr", null, table.map(head))),
      cm.h("tbody", null, features.slice(page * PAGE, (page + 1) * PAGE).map((feature) => row(feature, table)))));
    region.replaceChildren(...[cm.h("div", { class: "cm-table-bar" }, chooser(), close), hiddenNote(), scroller, pager(features.length)].filter(Boolean));
    mark();
  }

  /** Mark the row of the feature whose popup is open. */
  function mark() {
    const opened = cm.opened && cm.opened.popup.isOpen() ? cm.opened.feature : null;
    cm.markRows(region, (line) => opened && line.dataset.feature === opened.id && opened.layer === layer);
  }

  function choose(next) {
    layer = next;
    page = 0;
  }

  // --- in step with the map ---

  function toggle() {
    const stage = cm.map.getContainer().parentElement;
    const tool = document.getElementById("cm-tool-table");
    if (region) {
      const within = region.contains(document.activeElement);
      region.remove();
      region = null;
      // The row under the pointer is gone without the pointer having left it.
      cm.highlight(null);
      if (within) (tool && tool.offsetParent ? tool : cm.map.getContainer()).focus({ preventScroll: true });
    } else {
      if (!layer) choose((cm.opened && cm.opened.popup.isOpen() && cm.opened.feature.layer) || Object.values(cm.layers)[0]);
      region = cm.h("section", { class: "cm-table" });
      stage.append(region);
      cm.sheet(false);
      fill();
      region.querySelector("select").focus({ preventScroll: true });
    }
    stage.classList.toggle("cm-with-table", region !== null);
    cm.map.invalidateSize({ animate: false });
    if (tool) tool.setAttribute("aria-pressed", String(region !== null));
  }

  document.addEventListener("keydown", (event) => {
    if (!region || event.key !== "Escape" || event.defaultPrevented || !(region.contains(event.target) || event.target === document.body)) return;
    event.preventDefault();
    toggle();
  });

  cm.on("open", (feature) => {
    if (!region) return;
    const other = feature.layer !== layer;
    if (other) choose(feature.layer);
    const at = Math.floor(sorted(columns()).indexOf(feature) / PAGE);
    // Built anew only when need be: the reader's focus may be in it.
    if (other || at !== page) {
      page = at;
      fill();
    } else mark();
  });
  cm.on("close", () => region && mark());
  cm.on("layers", () => {
    if (!region) return;
    const focused = document.activeElement;
    const id = region.contains(focused) && focused.closest("tr") && focused.closest("tr").dataset.feature;
    const { scrollTop, scrollLeft } = region.querySelector(".cm-table-scroll");
    fill();
    Object.assign(region.querySelector(".cm-table-scroll"), { scrollTop, scrollLeft });
    const again = id && [...region.querySelectorAll("tbody tr")].find((line) => line.dataset.feature === id);
    if (again) again.querySelector("button").focus({ preventScroll: true });
  });
  cm.on("language", () => region && fill());

  cm.buttons.push({ id: "table", key: "table", run: toggle, pressed: () => region !== null });
})(window.corridormap);
