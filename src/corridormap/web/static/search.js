/* The search field: a combobox after the ARIA pattern. Its list lies over the panel: were it in the flow, what the reader clicks next would jump
   away as the list folds. */
"use strict";
(function (cm) {
  const MOST = 12;
  let typed = "";
  let hits = [];
  let active = -1;
  let parts = null;

  function label(hit) {
    if (hit.kind === "place") return cm.t("chainage_at", { line: cm.lineName(hit.line), km: cm.number(hit.km, 3) });
    if (hit.kind === "beyond") return cm.t("chainage_beyond", { line: cm.lineName(hit.line), length: cm.km(cm.waysOf(hit.line.feature)[0].km) });
    return hit.kind === "road" ? hit.road.ref : cm.title(hit.feature);
  }

  /** The smaller line under a hit: what it is, and the name it was found by where that is another. */
  function detail(hit) {
    if (hit.kind === "road") return [cm.t("road_number"), hit.road.lines.map(cm.lineEnds).filter(Boolean).join("; ")].filter(Boolean).join(" · ");
    if (hit.kind !== "feature") return hit.line.road ? cm.lineEnds(hit.line) : cm.say(hit.line.feature.layer.record.name);
    const shown = cm.name(hit.feature);
    const other = hit.match !== shown && hit.match !== hit.feature.id && hit.match !== String(hit.feature.properties.number) ? hit.match : "";
    return [cm.say(hit.feature.layer.record.name), other].filter(Boolean).join(" · ");
  }

  const corridorOf = (hit) => hit.feature || (hit.line && !hit.line.road ? hit.line.feature : null);

  function option(hit, number) {
    const feature = corridorOf(hit);
    const badge = cm.h("span", { class: "cm-key-symbol" }, feature ? cm.badge(feature) : null);
    const item = cm.h("li", { role: "option", id: `cm-hit-${number}`, class: "cm-hit-row" }, badge,
      cm.h("span", { class: "cm-row-name" }, label(hit), cm.h("span", { class: "cm-hit-detail" }, detail(hit))));
    item.setAttribute("aria-selected", String(number === active));
    // Before the field loses the focus, and with it the list.
    item.addEventListener("mousedown", (event) => event.preventDefault());
    item.addEventListener("click", () => choose(hit));
    return item;
  }

  function mark(number) {
    active = number;
    [...parts.list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === active)));
    const chosen = parts.list.children[active];
    if (chosen) {
      parts.input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else {
      parts.input.removeAttribute("aria-activedescendant");
    }
  }

  function unfold(open) {
    parts.list.hidden = !open || !hits.length;
    parts.input.setAttribute("aria-expanded", String(!parts.list.hidden));
    if (!open) mark(-1);
  }

  function look() {
    typed = parts.input.value;
    const found = cm.find(typed);
    hits = found.slice(0, MOST);
    active = -1;
    parts.list.replaceChildren(...hits.map(option));
    parts.input.removeAttribute("aria-activedescendant");
    unfold(true);
    parts.clear.hidden = !typed;
    const blank = !typed.trim();
    parts.status.textContent = blank ? "" : !found.length ? cm.t("search_none")
      : found.length > MOST ? cm.t("search_more", { shown: cm.number(MOST), count: cm.number(found.length) }) : cm.t("search_count", { count: cm.number(found.length) });
  }

  /** Follow the popup with the focus, and bring it back to the field when the popup closes. */
  function follow(popup) {
    const element = popup && popup.getElement();
    if (!element) return;
    element.setAttribute("tabindex", "-1");
    element.focus({ preventScroll: true });
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") popup.close();
    });
    popup.on("remove", () => {
      const lost = !document.activeElement || document.activeElement === document.body || element.contains(document.activeElement);
      if (lost && parts.input.offsetParent) parts.input.focus({ preventScroll: true });
    });
  }

  function choose(hit) {
    unfold(false);
    if (hit.kind === "place") {
      cm.showPlace(hit.line, hit.km);
      return follow(cm.placePopup());
    }
    if (hit.kind === "road" || (hit.kind === "beyond" && hit.line.road)) {
      cm.showRoad(hit.road || hit.line.road);
      return follow(cm.placePopup());
    }
    cm.clearPlace();
    cm.goTo(corridorOf(hit));
    return follow(cm.opened.popup);
  }

  function empty() {
    parts.input.value = "";
    look();
    cm.clearPlace();
    parts.input.focus();
  }

  function keys(event) {
    const last = hits.length - 1;
    const open = !parts.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (last < 0) return;
      event.preventDefault();
      if (!open) unfold(true);
      const down = event.key === "ArrowDown";
      mark(down ? (active >= last ? 0 : active + 1) : active <= 0 ? last : active - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (hits.length) choose(hits[Math.max(0, active)]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      // First the list goes, then the words.
      if (open) unfold(false);
      else empty();
    }
  }

  cm.slots.push(() => {
    const input = cm.h("input", { type: "text", id: "cm-search", class: "cm-search-field", role: "combobox", "aria-controls": "cm-hits", "aria-expanded": "false" });
    const attributes = { autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "search", maxlength: "200",
      "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-describedby": "cm-search-hint" };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    input.value = typed;
    const clear = cm.h("button", { type: "button", class: "cm-search-clear", "aria-label": cm.t("search_clear"), hidden: !typed }, "×");
    clear.addEventListener("click", empty);
    const list = cm.h("ul", { id: "cm-hits", class: "cm-hits", role: "listbox", "aria-label": cm.t("search_results"), hidden: true });
    const status = cm.h("p", { class: "cm-search-status", role: "status", "aria-live": "polite" });
    parts = { input, clear, list, status };
    hits = [];
    input.addEventListener("input", look);
    input.addEventListener("keydown", keys);
    input.addEventListener("focus", () => {
      if (typed && !hits.length) look();
    });
    input.addEventListener("blur", (event) => {
      if (!(event.relatedTarget && list.contains(event.relatedTarget))) unfold(false);
    });
    return cm.h("div", { class: "cm-search", role: "search" },
      cm.h("label", { for: "cm-search", class: "cm-search-label" }, cm.t("search")),
      cm.h("div", { class: "cm-search-row" }, input, clear),
      status, cm.h("p", { class: "cm-search-hint", id: "cm-search-hint" }, cm.t("search_hint")), list);
  });
})(window.corridormap);
