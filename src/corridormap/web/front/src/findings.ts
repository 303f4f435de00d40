/* A report: a table of findings in step with their map. Whatever a finding says only ever becomes text. */
import { button, checkbox, fill, h, select, type Child } from "./dom.ts";
import { drawPlaces, fit, goTo, leave, severitySymbol, startMap } from "./findings-map.ts";
import type { PlainMap } from "./plainmap.ts";
import { position, rank, readFindings, SEVERITIES, short, word, type Finding, type Place, type Report, type Severity } from "./report.ts";
import { head, markRows, onPress, pager, sorted, type Column, type Sort } from "./rows.ts";
import { takeSymbols } from "./symbols.ts";
import { number, setLanguage, setWords, t } from "./words.ts";

/** More rows than this would make the page slow to lay out; they are turned in pages. */
const PAGE = 200;
/** So many findings at one place are told in its card. */
const TOLD = 12;

let report: Report;
let findings: Finding[];
/** The findings that pass the filter, in order. */
let shown: Finding[];
let chosen: Finding | null = null;
let page = 0;
const filter = { severities: new Set<Severity>(SEVERITIES), code: "", text: "" };
const sort: Sort = { id: null, down: false };
const region = h("div", { class: "cm-table" });

const columns = (): Column<Finding>[] => [
  { id: "severity", label: word("severity"), read: rank },
  { id: "code", label: word("code"), read: ({ code }) => code },
  { id: "message", label: word("message"), read: ({ message }) => message },
  { id: "file", label: word("file"), read: ({ file, line, column }) => (file === null ? null : `${file}\0${line ?? ""}\0${column ?? ""}`) },
  { id: "feature", label: word("feature"), read: ({ feature, index }) => feature ?? index },
  { id: "pointer", label: word("pointer"), read: (finding) => finding.pointer ?? position(finding) },
];

const linesOf = ({ line, column }: Finding): string | null => (line === null ? null : column === null ? String(line) : `${line}:${column}`);

const featureOf = ({ feature, index }: Finding): string => String(feature ?? (index === null ? "" : word("index", { n: index })));

function passes(finding: Finding): boolean {
  const { severity, code, message, hint, file, pointer } = finding;
  if (!filter.severities.has(severity) || (filter.code && code !== filter.code)) return false;
  const place = [file, linesOf(finding)].filter((part) => part !== null).join(":");
  // In a joined list, null is nothing.
  return [code, message, hint, place, featureOf(finding), pointer].join("\n").toLocaleLowerCase().includes(filter.text);
}

/** How many findings are of a severity or a code. */
const count = (field: "severity" | "code", value: string): string => number(findings.filter((finding) => finding[field] === value).length);

/** Show what passes the filter, in the order that was chosen, from the first page on. */
function apply(): void {
  shown = sorted(findings.filter(passes), columns(), sort);
  if (chosen && !shown.includes(chosen)) chosen = null;
  turnTo(0);
  drawPlaces(shown);
  const located = number(shown.filter(({ place }) => place).length);
  document.getElementById("cm-shown")!.textContent = word("shown", { shown: number(shown.length), count: number(findings.length), located });
}

function severityBox(severity: Severity): HTMLElement {
  const { box, row } = checkbox(`cm-severity-${severity}`, true, severitySymbol(severity), word(`severity.${severity}`),
    h("span", { class: "cm-count" }, count("severity", severity)));
  box.addEventListener("change", () => {
    filter.severities[box.checked ? "add" : "delete"](severity);
    apply();
  });
  return row;
}

function filters(): HTMLElement {
  const known = [...new Set(findings.map(({ code }) => code))].sort();
  const options = known.map((code): [string, string] => [code, `${code} (${count("code", code)})`]);
  const codes = select({ class: "cm-language", "aria-label": word("code") }, [["", word("all_codes")], ...options], "", (code) => {
    filter.code = code;
    apply();
  });
  const text = h("input", { type: "search", class: "cm-language", id: "cm-filter-text", "aria-label": word("filter_text") });
  text.placeholder = word("filter_text");
  let waiting = 0;
  text.addEventListener("input", () => {
    filter.text = text.value.trim().toLocaleLowerCase();
    // Tens of thousands are not drawn anew at every key.
    window.clearTimeout(waiting);
    if (findings.length < 2000) apply();
    else waiting = window.setTimeout(apply, 250);
  });
  return h("div", { class: "cm-filters", role: "group", "aria-label": word("filter") }, SEVERITIES.map(severityBox), codes, text,
    button({ class: "cm-tool" }, fit, word("whole")));
}

/** A long name that may break after its slashes, colons and points rather than anywhere. */
const breakable = (text: string): Child[] => short(text, 300).split(/(?<=[/:.])/u).map((part, i) => [i > 0 && h("wbr", null), part]);

function rowOf(finding: Finding): HTMLElement {
  const cell = (id: string, ...children: Child[]): HTMLElement => h("td", { class: `cm-col-${id}`, role: "cell" }, children);
  const note = (text: string | null): Child => text !== null && h("p", { class: "cm-note" }, short(text, 600));
  const { severity, code, message, hint, file, pointer, place } = finding;
  const row = h("tr", { role: "row" },
    cell("severity", h("span", { class: "cm-badge" }, severitySymbol(severity), word(`severity.${severity}`))),
    h("td", { class: "cm-col-code", role: "cell", title: report.rules[code] }, code),
    h("th", { class: "cm-col-message", role: "rowheader", scope: "row" }, h("button", { type: "button", class: "cm-cell" }, short(message, 600)),
      note(hint)),
    cell("file", file !== null && breakable(file), note(linesOf(finding))),
    cell("feature", short(featureOf(finding), 300)),
    cell("pointer", pointer !== null && breakable(pointer), note(position(finding)), note(place ? null : t("table.unlocated"))));
  row.dataset.number = String(finding.number);
  onPress(row, () => choose(finding));
  return row;
}

/** Fill the table with one of its pages. */
function turnTo(to: number): void {
  page = to;
  const heads = columns().map((column) => head(column, sort, apply, { class: `cm-col-${column.id}`, role: "columnheader" }));
  const rows = shown.slice(page * PAGE, (page + 1) * PAGE).map(rowOf);
  fill(region, !shown.length && h("p", { class: "cm-table-note" }, word(findings.length ? "none_left" : "none")),
    shown.length > 0 && h("div", { class: "cm-table-scroll", tabindex: 0, role: "region", "aria-label": word("findings") },
      h("table", { role: "table", "aria-label": word("findings") },
        h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads)), h("tbody", { role: "rowgroup" }, rows))),
    pager(shown.length, PAGE, page, turnTo));
  mark();
}

/** Mark the chosen finding's row. */
const mark = (): void => markRows(region, ({ dataset }) => dataset.number === String(chosen?.number));

function turnToRow(finding: Finding): void {
  chosen = finding;
  const at = Math.floor(shown.indexOf(finding) / PAGE);
  if (at === page) mark();
  else turnTo(at);
}

/** Choose a finding: its row is marked, and the map goes to its place if it has one. */
function choose(finding: Finding): void {
  turnToRow(finding);
  if (finding.place) goTo(finding.place);
  else leave();
}

/** Choose a place on the map: the row of the worst finding there is marked. */
function choosePlace(place: Place): void {
  turnToRow(place.shown.find((finding) => finding === chosen) ?? place.shown[0]);
  goTo(place, true);
}

/** What a card says: the findings of a place, each a way to its row. */
function describe(place: Place): HTMLElement {
  const items = place.shown.slice(0, TOLD).map((finding) => h("li", null, button({ class: "cm-chip" }, () => {
    turnToRow(finding);
    region.querySelector<HTMLElement>("tr[aria-current] button")!.focus({ preventScroll: true });
  }, severitySymbol(finding.severity), h("span", null, `${finding.code} ${short(finding.message, 160)}`))));
  const rest = place.shown.length - TOLD;
  return h("div", { class: "cm-card" }, h("p", { class: "cm-kicker" }, position(place)), h("ul", { class: "cm-list" }, items),
    rest > 0 && h("p", { class: "cm-remark" }, word("more", { count: number(rest) })));
}

/** What goes on around the backdrop; if any place lies off it, nothing does. */
function surround(): string {
  if (!report.ground) return "cm-beyond";
  const [west, south, east, north] = report.ground.paper;
  const inside = findings.every(({ place }) => !place || (west <= place.lon && place.lon <= east && south <= place.lat && place.lat <= north));
  return inside ? `cm-around-${report.ground.surround}` : "cm-beyond";
}

/** Follow the device's light or dark. */
function followDevice(map: PlainMap): void {
  const device = window.matchMedia("(prefers-color-scheme: dark)");
  const shade = (): void => {
    document.documentElement.classList.toggle("cm-dark", device.matches);
    map.paint();
  };
  device.addEventListener("change", shade);
  shade();
}

/** On paper the map follows the table and stays as it was drawn, for there is no time to draw it anew. */
function followPrinting(stage: HTMLElement): void {
  window.addEventListener("beforeprint", () => {
    Object.assign(stage.style, { width: `${stage.clientWidth}px`, height: `${stage.clientHeight}px` });
    stage.parentElement!.append(stage);
  });
  window.addEventListener("afterprint", () => {
    stage.removeAttribute("style");
    stage.parentElement!.prepend(stage);
  });
}

/** Show the report that the page holds; gives its map. */
export function startFindings(): PlainMap {
  report = JSON.parse(document.getElementById("corridormap-data")!.textContent) as Report;
  takeSymbols(report.cartography);
  setLanguage(report.languages[0]);
  setWords(report.locales, report.languages);
  findings = readFindings(report);
  const app = document.getElementById("corridormap")!;
  app.classList.add(surround());
  const map = startMap({ report, describe, choose: choosePlace });
  const stage = h("div", { class: "cm-stage" }, map.element);
  app.append(
    h("header", { class: "cm-report-head" }, h("h1", null, word("title")), h("p", { class: "cm-summary" }, report.summary),
      filters(), h("p", { class: "cm-summary", id: "cm-shown", role: "status" })),
    h("main", { class: "cm-report-main" }, stage, region));
  followDevice(map);
  apply();
  // Only now has the head its height, and the map what it leaves.
  map.measure();
  fit();
  followPrinting(stage);
  return map;
}
