/* The table: every layer as rows under the map, sortable, in step with it; the same words and figures as on the cards. */
import { byId, country, layerById, layers, name, numberOf } from "./atlas.ts";
import { DATES, fieldLabel, fieldsOf, memberOf, valueOf } from "./card.ts";
import { button, fill, h, select } from "./dom.ts";
import { on } from "./events.ts";
import { highlight } from "./lines.ts";
import { chosen, goTo, show } from "./chosen.ts";
import { head, markRows, onPress, pager, sorted, type Column, type Sort } from "./rows.ts";
import { app, foldSheet, map } from "./stage.ts";
import type { Feature, Layer, Value } from "./types.ts";
import { list, number, say, t } from "./words.ts";

/** More rows than this would make the page slow to lay out; they are turned in pages. */
const PAGE = 300;
/** Of a feature's lengths in kilometres, each with the word the card has for it. */
const LENGTHS = { length_km: "length", length_main_km: "length_main", length_abroad_km: "length_abroad", length_total_km: "length_total",
  length_published_km: "length_official" };

interface FeatureColumn extends Column<Feature> {
  text: (feature: Feature) => string;
  numeric?: boolean;
}

let region: HTMLElement | null = null;
/** What is in the table, once it has been open. */
let layer: Layer;
let sort: Sort;
let page = 0;
const sorts = new Map<Layer, Sort>();

/** What the card says in a field; of corridors, which are buttons there, the numbers. */
function textOf(feature: Feature, field: string): string {
  const shown = valueOf(feature, field);
  if (!(shown instanceof Node)) return shown ?? "";
  return list(feature.properties[field]).flatMap((id) => byId.get(id) ?? []).map((corridor) => numberOf(corridor) ?? name(corridor)).join(", ");
}

/** The columns of the layer: the number, the name, the lengths, then all that the cards tell. */
function columns(): FeatureColumn[] {
  const { features } = layer;
  const some = (read: (feature: Feature) => Value): boolean => features.some((feature) => read(feature) !== null);
  const made: FeatureColumn[] = [{ id: "name", label: t("field.name"), read: name, text: name }];
  if (some(numberOf)) {
    made.unshift({ id: "number", label: t("table.number"), read: numberOf, text: (feature) => String(numberOf(feature) ?? ""), numeric: true });
  }
  const members = layer.fields.flatMap((id) => (memberOf(id) ? [[id, t("length_home", { country: country(memberOf(id)!) })]] : []));
  for (const [id, label] of [...Object.entries(LENGTHS).map(([field, key]) => [field, t(key)]), ...members]) {
    const read = ({ properties: { [id]: value } }: Feature): number | null => (typeof value === "number" ? value : null);
    const text = (feature: Feature): string => (read(feature) === null ? "" : number(read(feature)!));
    if (some(read)) made.push({ id, label: `${label}, ${t("kilometres")}`, read, text, numeric: true });
  }
  for (const id of new Set(features.flatMap((feature) => fieldsOf(feature.properties)))) {
    const text = (feature: Feature): string => textOf(feature, id);
    const said = (feature: Feature): Value => text(feature) || null;
    const raw = (feature: Feature): Value => feature.properties[id] ?? null;
    const numeric = some(raw) && features.every((feature) => raw(feature) === null || typeof raw(feature) === "number");
    // Dates sort as they are kept, year first; words as they are read.
    const read = numeric || DATES.has(id) ? raw : said;
    if (some(said)) made.push({ id, label: fieldLabel(id), read, text, numeric });
  }
  return made;
}

function rowOf(feature: Feature, table: FeatureColumn[]): HTMLElement {
  const unlocated = !feature.shape && h("span", { class: "cm-remark" }, ` (${t("table.unlocated")})`);
  const row = h("tr", null, table.map(({ id, numeric, text }) => (id === "name"
    ? h("th", { scope: "row" }, h("button", { type: "button", class: "cm-cell" }, text(feature), unlocated))
    : h("td", { class: numeric ? "cm-figure" : null }, h("div", null, text(feature))))));
  row.dataset.feature = feature.id;
  onPress(row, () => goTo(feature));
  row.addEventListener("mouseenter", () => highlight(feature));
  row.addEventListener("mouseleave", () => highlight(null));
  return row;
}

function chooser(): HTMLElement {
  const textFor = ({ record, features, visible }: Layer): string =>
    `${say(record.name)} (${number(features.length)})${visible ? "" : ` – ${t("table.off")}`}`;
  return select({ class: "cm-language", "aria-label": t("table.layer") }, layers.map((one) => [one.id, textFor(one)]), layer.id, (id) => {
    choose(layerById(id)!);
    turnTo(0);
    focusChooser();
  });
}

const focusChooser = (): void => region!.querySelector("select")!.focus({ preventScroll: true });

function choose(next: Layer): void {
  layer = next;
  sort = sorts.get(layer) ?? { id: null, down: false };
  sorts.set(layer, sort);
}

/** Fill the table with one of the layer's pages. */
function turnTo(to: number): void {
  page = to;
  const table = columns();
  const features = sorted(layer.features, table, sort);
  const heads = table.map((column) => head(column, sort, () => turnTo(0), { class: column.numeric ? "cm-figure" : null }));
  const rows = features.slice(page * PAGE, (page + 1) * PAGE).map((feature) => rowOf(feature, table));
  const caption = `${say(layer.record.name)}. ${t("count", { count: number(features.length) })}`;
  const reveal = (): void => {
    show(layer, true);
    focusChooser();
  };
  region!.setAttribute("aria-label", t("table"));
  fill(region!, h("div", { class: "cm-table-bar" }, chooser(), button({ class: "cm-tool" }, toggleTable, t("close"))),
    !layer.visible && h("p", { class: "cm-table-note" }, t("table.hidden"), " ", button({ class: "cm-tool" }, reveal, t("table.show"))),
    h("div", { class: "cm-table-scroll" }, h("table", null, h("caption", null, caption), h("thead", null, h("tr", null, heads)), h("tbody", null, rows))),
    pager(features.length, PAGE, page, turnTo));
  mark();
}

/** Mark the row of the feature that is chosen. */
const mark = (): void => markRows(region!, ({ dataset }) => chosen?.layer === layer && dataset.feature === chosen.id);

/** Turn to a feature that was chosen, of whatever layer it is; anew only when need be, for the reader's focus may be in the table. */
function follow(feature: Feature): void {
  const other = feature.layer !== layer;
  if (other) choose(feature.layer);
  const at = Math.floor(sorted(layer.features, columns(), sort).indexOf(feature) / PAGE);
  if (other || at !== page) turnTo(at);
  else mark();
}

/** Fill the table anew, scrolled as it was and with the focus where it was. */
function refill(): void {
  const focused = document.activeElement?.closest<HTMLElement>(".cm-table tr")?.dataset.feature;
  const { scrollTop, scrollLeft } = region!.querySelector(".cm-table-scroll")!;
  turnTo(page);
  Object.assign(region!.querySelector(".cm-table-scroll")!, { scrollTop, scrollLeft });
  const row = [...region!.querySelectorAll<HTMLElement>("tbody tr")].find(({ dataset }) => dataset.feature === focused);
  row?.querySelector("button")!.focus({ preventScroll: true });
}

export const isTableOpen = (): boolean => region !== null;

/** Open or close the table. */
export function toggleTable(): void {
  const container = map.getContainer();
  const tool = document.getElementById("cm-tool-table");
  if (region) {
    const within = region.contains(document.activeElement);
    region.remove();
    region = null;
    // The row under the pointer is gone without the pointer having left it.
    highlight(null);
    if (within) (tool?.offsetParent ? tool : container).focus({ preventScroll: true });
  } else {
    if (!layer) choose(chosen?.layer ?? layers[0]);
    region = h("section", { class: "cm-table" });
    container.after(region);
    foldSheet();
    turnTo(page);
    focusChooser();
  }
  app.classList.toggle("cm-with-table", isTableOpen());
  tool?.setAttribute("aria-pressed", String(isTableOpen()));
  map.invalidateSize({ animate: false });
}

/** Keep the table in step with the map, and let Escape close it. */
export function startTable(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !region || !(region.contains(event.target as Element) || event.target === document.body)) return;
    event.preventDefault();
    toggleTable();
  });
  on("open", (feature) => region && follow(feature));
  on("close", () => region && mark());
  for (const event of ["layers", "language"] as const) on(event, () => region && refill());
}
