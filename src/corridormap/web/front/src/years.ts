/* The years: the map as of a year that the reader chooses, with what is under works then and what has opened. */
import * as L from "leaflet";
import { layers, name } from "./atlas.ts";
import { chips } from "./card.ts";
import { show } from "./chosen.ts";
import { button, h } from "./dom.ts";
import { on, tell } from "./events.ts";
import { isMeasuring, toggleMeasuring } from "./measure.ts";
import { foldSheet, map, release } from "./stage.ts";
import type { Feature, Layer } from "./types.ts";
import { t } from "./words.ts";

/** The year that is shown; none while the years are closed. */
export let year: number | undefined;
let box: HTMLElement | null = null;
let works: Feature[] = [];
let switchedOn: Layer[] = [];

export const isByYear = (): boolean => box !== null;

/** When works on a feature begin, when they are to be complete, and when it opened; NaN, which no year compares with, where that is not known. */
const yearsOf = ({ properties: { works_start: start, works_end: end, opened } }: Feature): number[] =>
  [start, end, opened].map((value) => parseInt(String(value), 10));

/** How a feature stands in a year; an empty text before its works begin. A promised end is no opening: until one is known the works go on. */
export function stageOf(feature: Feature, at: number): "open" | "works" | "" {
  const [start, end, opened] = yearsOf(feature);
  if (opened <= at) return "open";
  return start <= at || (!start && end && feature.properties.status === "works") ? "works" : "";
}

/** The lines of which any year is known. */
const dated = (): Feature[] => layers.filter(({ record }) => record.geometry !== "Point")
  .flatMap(({ features }) => features.filter((feature) => yearsOf(feature).some(Boolean)));

/** The years from the first to the last that is known of; none in an atlas that knows no works. */
export function allYears(): number[] {
  const known = dated().flatMap(yearsOf).filter(Boolean);
  const first = Math.min(...known);
  return Array.from({ length: Math.max(...known) - first + 1 }, (_, i) => first + i);
}

const LISTS: [key: string, holds: (feature: Feature, at: number) => boolean][] = [
  ["status.works", (feature, at) => stageOf(feature, at) === "works" && !(yearsOf(feature)[1] <= at)],
  ["years.ends", (feature, at) => stageOf(feature, at) === "works" && yearsOf(feature)[1] === at],
  ["years.late", (feature, at) => stageOf(feature, at) !== "open" && yearsOf(feature)[1] < at],
  ["years.opened", (feature, at) => yearsOf(feature)[2] === at],
];

/** Say on the lines how they stand in the year, and in the box what goes on in it. */
function tellYear(): void {
  for (const feature of works) {
    const stage = year === undefined ? "" : stageOf(feature, year);
    for (const line of feature.lines) Object.assign((line.getElement() as SVGElement | undefined)?.dataset ?? {}, { stage });
  }
  if (!box) return;
  box.querySelector("strong")!.textContent = String(year);
  Object.assign(box.querySelector("input")!, { value: year });
  const lists = box.querySelector("[aria-live]")!;
  for (const [i, [key, holds]] of LISTS.entries()) {
    const held = works.filter((feature) => holds(feature, year!));
    const list = h("div", null, held.length > 0 && [h("p", { class: "cm-kicker" }, t(key)),
      chips(held, (feature) => name(feature) + (feature.shape ? "" : ` (${t("table.unlocated")})`))]);
    // A list that stays as it was is not read out again.
    if (list.textContent !== lists.children[i].textContent) lists.children[i].replaceWith(list);
  }
}

function buildBox(): void {
  box?.remove();
  works = dated();
  const range = h("input", { type: "range", id: "cm-year" });
  const all = allYears();
  Object.assign(range, { min: all[0], max: all.at(-1) });
  range.addEventListener("input", () => showYear(Number(range.value)));
  box = h("div", { class: "cm-years leaflet-control", role: "group", "aria-label": t("years") },
    button({ class: "cm-side-close cm-toggle", "aria-label": t("close") }, closeYears, "×"),
    h("label", { for: range.id }, t("years.year"), h("strong", null)), range,
    h("div", { class: "cm-card", "aria-live": "polite" }, LISTS.map(() => h("div", null))), h("p", { class: "cm-remark" }, t("years.note")));
  L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
  map.getContainer().append(box);
  tellYear();
}

function onKey(event: KeyboardEvent): void {
  if (event.key !== "Escape" || event.defaultPrevented || (event.target as Element).closest("dialog, .cm-table, .cm-search")) return;
  event.preventDefault();
  closeYears();
}

/** Show a year; the first time the box opens, and the layers that know of works are shown. */
export function showYear(to: number): void {
  year = to;
  if (box) tellYear();
  else {
    if (isMeasuring()) toggleMeasuring();
    foldSheet();
    buildBox();
    document.addEventListener("keydown", onKey);
    document.getElementById("cm-tool-years")?.setAttribute("aria-pressed", "true");
    map.getContainer().classList.add("cm-by-year");
    switchedOn = [...new Set(works.map(({ layer }) => layer))].filter(({ visible }) => !visible);
    for (const layer of switchedOn) show(layer, true);
  }
  tell("year", undefined);
}

/** Close the years: the map is as it was. */
export function closeYears(): void {
  if (!box) return;
  box.remove();
  box = null;
  year = undefined;
  document.removeEventListener("keydown", onKey);
  map.getContainer().classList.remove("cm-by-year");
  tellYear();
  for (const layer of switchedOn) if (layer.visible) show(layer, false);
  release("years");
  tell("year", undefined);
}

/** Open the years at the present one, or close them. */
export function toggleYears(): void {
  if (box) {
    closeYears();
    return;
  }
  const all = allYears();
  showYear(Math.max(all[0], Math.min(all.at(-1)!, new Date().getFullYear())));
  box!.querySelector("input")!.focus();
}

for (const event of ["language", "theme"] as const) on(event, () => box && buildBox());
// A layer that is shown anew is drawn anew.
on("layers", () => box && tellYear());
