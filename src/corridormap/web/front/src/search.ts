/* The search field: a combobox after the ARIA pattern. Its list lies over the panel: were it in the flow, what the reader clicks next would jump
   away as the list folds. */
import { name, title } from "./atlas.ts";
import { waysOf } from "./chainage.ts";
import { button, h } from "./dom.ts";
import { find, type Hit } from "./find.ts";
import { clearPin, itineraryEnds, itineraryName, placeTitle, positionTitle, showPlace, showPosition, showRoad } from "./pin.ts";
import { goTo } from "./chosen.ts";
import { badge } from "./badges.ts";
import type { Feature } from "./types.ts";
import { km, number, say, t } from "./words.ts";

const MOST = 12;
let hits: Hit[] = [];
let active = -1;
let typed = "";
let input: HTMLInputElement;
let clear: HTMLElement;
let status: HTMLElement;
let options: HTMLElement;

/** The feature that a hit is, or along which it lies; none for a road or a bare position. */
const featureOf = (hit: Hit): Feature | undefined => (hit.kind === "feature" ? hit.feature : "itinerary" in hit ? hit.itinerary.feature : undefined);

/** A hit's name and the smaller line under it: what it is, and the name it was found by where that is another. */
function words(hit: Hit): [label: string, detail: string] {
  if (hit.kind === "position") return [positionTitle(hit.position), t("coordinates")];
  if (hit.kind === "road") return [hit.road.ref, [t("road_number"), hit.road.lines.map(itineraryEnds).filter(Boolean).join("; ")].filter(Boolean).join(" · ")];
  const layer = say(featureOf(hit)?.layer.record.name);
  if (hit.kind === "feature") {
    const plain = [name(hit.feature), hit.feature.id, String(hit.feature.properties.number)].includes(hit.match);
    return [title(hit.feature), plain ? layer : `${layer} · ${hit.match}`];
  }
  const { itinerary } = hit;
  const beyond = (): string => t("chainage_beyond", { line: itineraryName(itinerary), length: km(waysOf(itinerary.shape)[0].km) });
  return [hit.kind === "place" ? placeTitle(itinerary, hit.km) : beyond(), layer || itineraryEnds(itinerary)];
}

function option(hit: Hit, place: number): HTMLElement {
  const feature = featureOf(hit);
  const [label, detail] = words(hit);
  const item = h("li", { role: "option", id: `cm-hit-${place}`, class: "cm-hit-row" }, h("span", { class: "cm-key-symbol" }, feature && badge(feature)),
    h("span", { class: "cm-row-name" }, label, h("span", { class: "cm-hit-detail" }, detail)));
  // Before the field loses the focus, and with it the list.
  item.addEventListener("mousedown", (event) => event.preventDefault());
  item.addEventListener("click", () => choose(hit));
  return item;
}

function mark(place: number): void {
  active = place;
  [...options.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === active)));
  const chosen = options.children[active] as Element | undefined;
  if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
  else input.removeAttribute("aria-activedescendant");
  chosen?.scrollIntoView({ block: "nearest" });
}

function unfold(open: boolean): void {
  options.hidden = !open || !hits.length;
  input.setAttribute("aria-expanded", String(!options.hidden));
  if (!open) mark(-1);
}

function look(): void {
  typed = input.value;
  const found = find(typed);
  const count = number(found.length);
  hits = found.slice(0, MOST);
  options.replaceChildren(...hits.map(option));
  mark(-1);
  unfold(true);
  clear.hidden = !typed;
  status.textContent = !typed.trim() ? "" : !found.length ? t("search_none")
    : found.length > MOST ? t("search_more", { shown: number(MOST), count }) : t("search_count", { count });
}

function choose(hit: Hit): void {
  unfold(false);
  const road = hit.kind === "road" ? hit.road : hit.kind === "beyond" && hit.itinerary.road;
  if (hit.kind === "position") showPosition(hit.position);
  else if (hit.kind === "place") showPlace(hit.itinerary, hit.km);
  else if (road) showRoad(road);
  else {
    clearPin();
    goTo(featureOf(hit)!);
  }
}

function empty(): void {
  input.value = "";
  look();
  clearPin();
  input.focus();
}

function onKey(event: KeyboardEvent): void {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!(way ? hits.length : ["Enter", "Escape"].includes(event.key))) return;
  event.preventDefault();
  if (way) {
    unfold(true);
    mark((Math.max(active, way < 0 ? 0 : -1) + way + hits.length) % hits.length);
  } else if (event.key === "Enter") {
    if (hits.length) choose(hits[Math.max(0, active)]);
  } else if (options.hidden) {
    // First the list goes, then the words.
    empty();
  } else unfold(false);
}

/** The search field in the reader's language; what was typed into the one before it stays. */
export function searchField(): HTMLElement {
  input = h("input", { type: "text", id: "cm-search", class: "cm-search-field", role: "combobox", "aria-controls": "cm-hits", "aria-expanded": "false" });
  const attributes = { autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "search", maxlength: "200",
    "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-describedby": "cm-search-hint" };
  for (const [key, value] of Object.entries(attributes)) input.setAttribute(key, value);
  input.value = typed;
  clear = button({ class: "cm-search-clear", "aria-label": t("search_clear"), hidden: !typed }, empty, "×");
  options = h("ul", { id: "cm-hits", class: "cm-hits", role: "listbox", "aria-label": t("search_results"), hidden: true });
  status = h("p", { class: "cm-search-status", role: "status", "aria-live": "polite" });
  hits = [];
  input.addEventListener("input", look);
  input.addEventListener("keydown", onKey);
  input.addEventListener("focus", () => typed && !hits.length && look());
  input.addEventListener("blur", ({ relatedTarget }) => options.contains(relatedTarget as Node | null) || unfold(false));
  return h("div", { class: "cm-search", role: "search" },
    h("label", { for: "cm-search", class: "cm-search-label" }, t("search")), h("div", { class: "cm-search-row" }, input, clear),
    status, h("p", { class: "cm-search-hint", id: "cm-search-hint" }, t("search_hint")), options);
}
