/* A report: a table of findings in step with their map. Whatever a finding says only ever becomes text. */
"use strict";
(function (cm) {
  /** More rows than this would make the page slow to lay out; they are turned in pages. */
  const PAGE = 200;
  const COLUMNS = [
    { id: "severity", read: (finding) => cm.rank(finding) },
    { id: "code", read: (finding) => finding.code },
    { id: "message", read: (finding) => finding.message },
    { id: "file", read: (finding) => (finding.file === null ? null : `${finding.file}\0${finding.line ?? ""}\0${finding.column ?? ""}`) },
    { id: "feature", read: (finding) => finding.feature ?? finding.index },
    { id: "pointer", read: (finding) => finding.pointer ?? (finding.lon === null || finding.lat === null ? null : position(finding)) },
  ];
  const filter = { severities: new Set(["error", "warning", "note"]), code: "", text: "" };
  const sort = { id: null, down: false };
  let page = 0;
  let chosen = null;
  let shown = [];
  let region = null;

  cm.rank = (finding) => cm.severities.indexOf(finding.severity);

  cm.short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

  const position = ({ lon, lat }) => `${lon.toFixed(5)} ${lat.toFixed(5)}`;

  const linesOf = ({ line, column }) => (line === null ? null : [line, column].filter((part) => part !== null).join(":"));

  const fileOf = (finding) => [finding.file, linesOf(finding)].filter((part) => part !== null).join(":");

  const featureOf = (finding) => {
    if (finding.feature !== null) return String(finding.feature);
    return finding.index === null ? null : cm.word("index", { n: finding.index });
  };

  /** A long name that may break after its slashes, colons and points rather than anywhere. */
  function breakable(text) {
    const parts = cm.short(text, 300).split(/(?<=[/:.])/u);
    return parts.flatMap((part, i) => (i ? [document.createElement("wbr"), part] : [part]));
  }

  function read() {
    const { columns, repeating, rows, texts } = cm.data;
    cm.places = new Map();
    cm.findings = rows.map((row, number) => {
      const finding = { number, place: null };
      columns.forEach((name, i) => { finding[name] = row[i] !== null && repeating.includes(name) ? texts[row[i]] : row[i]; });
      const { lon, lat } = finding;
      // Metres or swapped axes have no place on Earth; the table says where they claim to be.
      if (lon !== null && lat !== null && Math.abs(lon) <= 180 && Math.abs(lat) <= 90) {
        const key = position(finding);
        if (!cm.places.has(key)) cm.places.set(key, { lon, lat, at: cm.mercator(lon, lat), shown: [] });
        finding.place = cm.places.get(key);
      }
      return finding;
    });
  }

  // --- filter and order ---

  function passes(finding) {
    if (!filter.severities.has(finding.severity) || (filter.code && finding.code !== filter.code)) return false;
    if (!filter.text) return true;
    const said = [finding.code, finding.message, finding.hint, fileOf(finding), featureOf(finding), finding.pointer].filter((part) => part !== null);
    return said.join("\n").toLocaleLowerCase().includes(filter.text);
  }

  function ordered(findings) {
    const column = COLUMNS.find((one) => one.id === sort.id);
    if (!column) return findings;
    const collator = new Intl.Collator("en", { numeric: true });
    const order = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b)));
    return findings.map((finding) => ({ finding, value: column.read(finding) })).sort((a, b) => {
      // What is not known stands last, whichever way the column is sorted.
      if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
      return (sort.down ? -1 : 1) * order(a.value, b.value);
    }).map((row) => row.finding);
  }

  function apply() {
    page = 0;
    shown = ordered(cm.findings.filter(passes));
    if (chosen && !shown.includes(chosen)) chosen = null;
    fill();
    cm.drawPlaces(shown);
    const located = shown.filter((finding) => finding.place).length;
    document.getElementById("cm-shown").textContent =
      cm.word("shown", { shown: cm.number(shown.length), count: cm.number(cm.findings.length), located: cm.number(located) });
  }

  function filters() {
    const counts = (name) => {
      const table = new Map();
      for (const finding of cm.findings) table.set(finding[name], (table.get(finding[name]) || 0) + 1);
      return table;
    };
    const bySeverity = counts("severity");
    const boxes = cm.severities.map((severity) => {
      const box = cm.h("input", { type: "checkbox", id: `cm-severity-${severity}` });
      box.checked = true;
      box.addEventListener("change", () => {
        filter.severities[box.checked ? "add" : "delete"](severity);
        apply();
      });
      return cm.h("label", { class: "cm-severity" }, box, cm.severitySymbol(severity), cm.word(`severity.${severity}`),
        cm.h("span", { class: "cm-count" }, cm.number(bySeverity.get(severity) || 0)));
    });
    const codes = cm.h("select", { class: "cm-language", "aria-label": cm.word("code") }, cm.h("option", { value: "" }, cm.word("all_codes")),
      [...counts("code")].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, count]) => cm.h("option", { value: code }, `${code} (${cm.number(count)})`)));
    codes.addEventListener("change", () => {
      filter.code = codes.value;
      apply();
    });
    const text = cm.h("input", { type: "search", class: "cm-language", id: "cm-filter-text", "aria-label": cm.word("filter_text") });
    text.placeholder = cm.word("filter_text");
    let waiting = null;
    text.addEventListener("input", () => {
      filter.text = text.value.trim().toLocaleLowerCase();
      // Tens of thousands are not drawn anew at every key.
      window.clearTimeout(waiting);
      if (cm.findings.length < 2000) apply();
      else waiting = window.setTimeout(apply, 250);
    });
    const whole = cm.h("button", { type: "button", class: "cm-tool" }, cm.word("whole"));
    whole.addEventListener("click", cm.fit);
    return cm.h("div", { class: "cm-filters", role: "group", "aria-label": cm.word("filter") }, boxes, codes, text, whole);
  }

  // --- the table ---

  function head(column) {
    const button = cm.h("button", { type: "button", class: "cm-sort" }, cm.word(column.id), cm.h("span", { class: "cm-sort-mark", "aria-hidden": "true" }));
    const cell = cm.h("th", { class: `cm-col-${column.id}`, role: "columnheader" }, button);
    cell.setAttribute("scope", "col");
    if (sort.id === column.id) cell.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
    button.addEventListener("click", () => {
      sort.down = sort.id === column.id && !sort.down;
      sort.id = column.id;
      apply();
      region.querySelector(`.cm-col-${column.id} .cm-sort`).focus({ preventScroll: true });
    });
    return cell;
  }

  function row(finding) {
    const cell = (id, ...children) => cm.h("td", { class: `cm-col-${id}`, role: "cell" }, children);
    const code = cell("code", finding.code);
    if (cm.data.rules[finding.code]) code.title = cm.data.rules[finding.code];
    const button = cm.h("button", { type: "button", class: "cm-cell" }, cm.short(finding.message, 600));
    const message = cm.h("th", { class: "cm-col-message", role: "rowheader" }, button,
      finding.hint === null ? null : cm.h("p", { class: "cm-hint" }, cm.short(finding.hint, 600)));
    message.setAttribute("scope", "row");
    const where = [
      finding.pointer === null ? null : cm.h("div", null, breakable(finding.pointer)),
      finding.lon === null || finding.lat === null ? null : cm.h("div", { class: "cm-figure" }, position(finding)),
      finding.place ? null : cm.h("div", { class: "cm-remark" }, cm.t("table.unlocated")),
    ];
    const feature = featureOf(finding);
    const lines = linesOf(finding);
    const line = cm.h("tr", { role: "row", class: `cm-is-${finding.severity}` },
      cell("severity", cm.h("span", { class: "cm-badge" }, cm.severitySymbol(finding.severity), cm.word(`severity.${finding.severity}`))), code, message,
      cell("file", ...(finding.file === null ? [] : breakable(finding.file)), lines === null ? null : cm.h("div", { class: "cm-figure" }, lines)), cell("feature", feature === null ? null : cm.short(feature, 300)), cell("pointer", ...where));
    line.dataset.number = String(finding.number);
    // One listener for the button, which Enter presses, and for the rest of the row, which a pointer meets.
    line.addEventListener("click", (event) => {
      // Who marks text in a row to copy it does not want to travel.
      if (event.target.closest("button") || window.getSelection().isCollapsed) choose(finding);
    });
    return line;
  }

  function pager() {
    const last = Math.ceil(shown.length / PAGE) - 1;
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
    const rows = { from: cm.number(page * PAGE + 1), to: cm.number(Math.min(shown.length, (page + 1) * PAGE)), count: cm.number(shown.length) };
    return cm.h("div", { class: "cm-pager" }, turn("table.previous", page - 1), cm.h("span", { role: "status" }, cm.t("table.rows", rows)), turn("table.next", page + 1));
  }

  function fill() {
    const empty = shown.length ? null : cm.h("p", { class: "cm-table-note" }, cm.word(cm.findings.length ? "none_left" : "none"));
    const rows = shown.slice(page * PAGE, (page + 1) * PAGE).map(row);
    const table = cm.h("table", { role: "table", "aria-label": cm.word("findings") },
      cm.h("thead", { role: "rowgroup" }, cm.h("tr", { role: "row" }, COLUMNS.map(head))), cm.h("tbody", { role: "rowgroup" }, rows));
    const scroller = cm.h("div", { class: "cm-table-scroll", tabindex: "0", role: "region", "aria-label": cm.word("findings") }, table);
    region.replaceChildren(...[empty || scroller, pager()].filter(Boolean));
    if (!empty) mark();
  }

  /** Mark the chosen finding's row. */
  const mark = () => cm.markRows(region, (line) => chosen && line.dataset.number === String(chosen.number));

  // --- in step ---

  function turnTo(finding) {
    chosen = finding;
    const at = Math.floor(shown.indexOf(finding) / PAGE);
    if (at === page) mark();
    else {
      page = at;
      fill();
    }
  }

  /** Choose a finding: its row is marked, and the map goes to its place. */
  function choose(finding) {
    turnTo(finding);
    if (finding.place) cm.goTo(finding.place);
    else cm.leave();
  }

  /** Choose a place on the map: the row of the worst finding there is marked. */
  cm.choosePlace = function (place) {
    turnTo(place.shown.includes(chosen) ? chosen : place.shown[0]);
    cm.goTo(place, true);
  };

  /** What a popup says: the findings of a place, each a way to its row. */
  cm.describe = function (place) {
    const most = 12;
    const items = place.shown.slice(0, most).map((finding) => {
      const button = cm.h("button", { type: "button", class: "cm-chip" }, cm.severitySymbol(finding.severity),
        cm.h("span", null, `${finding.code} ${cm.short(finding.message, 160)}`));
      button.addEventListener("click", () => {
        turnTo(finding);
        region.querySelector("tr[aria-current] button").focus({ preventScroll: true });
      });
      return cm.h("li", null, button);
    });
    const rest = place.shown.length - most;
    return cm.h("div", { class: "cm-card" }, cm.h("p", { class: "cm-kicker" }, position(place)),
      cm.h("ul", { class: "cm-list" }, items), rest > 0 ? cm.h("p", { class: "cm-remark" }, cm.word("more", { count: cm.number(rest) })) : null);
  };

  /** Whether all places lie on the backdrop, which then goes on outside as it ends. */
  function isOnPaper() {
    if (!cm.data.ground) return false;
    const [west, south, east, north] = cm.data.ground.paper;
    return [...cm.places.values()].every(({ lon, lat }) => west <= lon && lon <= east && south <= lat && lat <= north);
  }

  function start() {
    cm.data = JSON.parse(document.getElementById("corridormap-data").textContent);
    cm.lang = cm.data.languages[0];
    read();
    const device = window.matchMedia("(prefers-color-scheme: dark)");
    const shade = () => {
      document.documentElement.classList.toggle("cm-dark", device.matches);
      if (cm.map) cm.map.paint();
    };
    device.addEventListener("change", shade);
    shade();
    const app = document.getElementById("corridormap");
    app.classList.add(isOnPaper() ? `cm-around-${cm.data.ground.surround}` : "cm-beyond");
    const element = cm.h("div", { class: "cm-map" });
    region = cm.h("div", { class: "cm-table" });
    app.append(
      cm.h("header", { class: "cm-report-head" }, cm.h("h1", null, cm.word("title")), cm.h("p", { class: "cm-summary" }, cm.data.summary),
        filters(), cm.h("p", { class: "cm-summary", id: "cm-shown", role: "status" })),
      cm.h("main", { class: "cm-report-main" }, cm.h("div", { class: "cm-stage" }, element), region),
    );
    cm.startMap(element);
    apply();
    // Only now has the head its height, and the map what it leaves.
    cm.map.measure();
    cm.fit();
    // On paper the map follows the table and stays as it was drawn, for there is no time to draw it anew.
    const stage = element.parentElement;
    window.addEventListener("beforeprint", () => {
      const { clientWidth, clientHeight } = stage;
      Object.assign(stage.style, { width: `${clientWidth}px`, height: `${clientHeight}px` });
      stage.parentElement.append(stage);
    });
    window.addEventListener("afterprint", () => {
      Object.assign(stage.style, { width: "", height: "" });
      stage.parentElement.prepend(stage);
    });
  }

  start();
})(window.corridormap);
