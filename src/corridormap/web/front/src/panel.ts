/* The panel: search, language and theme, tools, layers with real checkboxes and their legends, the claims, the sources. */
import { byId, changeLanguage, data, layerById, layers, name, sources } from "./atlas.ts";
import { claimList, sourceList } from "./card.ts";
import { button, checkbox, h, select, type Child } from "./dom.ts";
import { openDownloads } from "./download.ts";
import { on } from "./events.ts";
import { panelLegend } from "./legend.ts";
import { isMeasuring, toggleMeasuring } from "./measure.ts";
import { show } from "./chosen.ts";
import { printMap } from "./print.ts";
import { searchField } from "./search.ts";
import { share } from "./share.ts";
import { app, openPanel, panel } from "./stage.ts";
import { isTableOpen, toggleTable } from "./table.ts";
import { themeSwitch } from "./theme.ts";
import type { Layer } from "./types.ts";
import { distance, lang, languageName, number, say, t } from "./words.ts";
import { allYears, closeYears, isByYear, toggleYears } from "./years.ts";

/** Measuring and the years have the same corner of the map. */
function startMeasuring(): void {
  closeYears();
  toggleMeasuring();
}

/** The tools in their order, by the id that also names the label; one that tells whether it is pressed is a switch. */
const TOOLS: [id: string, run: (tool: HTMLElement) => void, pressed?: () => boolean][] = [
  ["share", share], ["measure", startMeasuring, isMeasuring], ["years", toggleYears, isByYear], ["table", toggleTable, isTableOpen], ["take", openDownloads], ["print", printMap],
];

function toolbar(): HTMLElement {
  return h("div", { class: "cm-tools", role: "group", "aria-label": t("tools") }, TOOLS.filter(([id]) => id !== "years" || allYears().length > 0).map(([id, run, pressed]) => {
    const tell = (): void => pressed && tool.setAttribute("aria-pressed", String(pressed()));
    const tool = button({ class: "cm-tool", id: `cm-tool-${id}` }, () => {
      run(tool);
      tell();
    }, t(id));
    tell();
    return tool;
  }));
}

function layerBlock(layer: Layer): HTMLElement {
  const { id, features, visible, record } = layer;
  const { box, row } = checkbox(`cm-layer-${id}`, visible, h("span", { class: "cm-layer-name" }, say(record.name)),
    h("span", { class: "cm-count", title: t("count", { count: features.length }) }, number(features.length)));
  box.addEventListener("change", () => show(layer, box.checked));
  return h("div", { class: "cm-layer" }, row,
    h("div", { class: "cm-legend", id: `cm-legend-${id}`, hidden: !visible }, h("p", { class: "cm-summary" }, say(record.summary)), panelLegend(layer)));
}

const groups = (): HTMLElement[] => data.groups.map((group) =>
  h("fieldset", null, h("legend", null, say(group.name)), layers.filter(({ record }) => record.group === group.id).map(layerBlock)));

function claims(): Child {
  const { statements } = data;
  const heading = (id: string): string => say(layerById(id)?.record.name) || (byId.has(id) ? name(byId.get(id)!) : "");
  const lists = [...new Set(statements.map((statement) => statement.about))]
    .map((id) => claimList(heading(id), statements.filter((statement) => statement.about === id)));
  return statements.length > 0 && h("details", { class: "cm-section" }, h("summary", null, `${t("claims")} (${number(statements.length)})`),
    h("p", { class: "cm-summary" }, t("claims_note")), lists);
}

function about(): HTMLElement {
  const backdrop = Math.max(0, ...data.backdrop.map((layer) => layer.thinned_m));
  return h("details", { class: "cm-section" }, h("summary", null, t("about")), h("p", null, say(data.description)), h("p", null, t("measured_note")),
    backdrop > 0 && h("p", null, t("thinned", { distance: distance(backdrop) })));
}

const languages = (): Child => data.languages.length > 1 && select({ id: "cm-language", class: "cm-language", "aria-label": t("language") },
  data.languages.map((code) => [code, languageName(code), code]), lang, changeLanguage);

/** The panel's head, which gives it its size before there is anything else in it. */
export function panelHead(): HTMLElement {
  const toggle = button({ class: "cm-toggle", "aria-controls": "cm-body" }, () => openPanel(!app.classList.contains("cm-open")),
    h("span", { class: "cm-arrow", "aria-hidden": "true" }));
  return h("div", { class: "cm-head" }, h("h1", null, say(data.title)), toggle);
}

/** Build the panel in the reader's language. */
export function buildPanel(): void {
  panel.setAttribute("aria-label", t("panel"));
  panel.replaceChildren(panelHead(), h("div", { class: "cm-body", id: "cm-body" },
    searchField(), h("div", { class: "cm-choices" }, languages(), themeSwitch()), toolbar(), groups(),
    claims(), sourceList([...sources.keys()], { class: "cm-section" }), about()));
  openPanel(app.classList.contains("cm-open"));
}

/** Build the panel anew whenever its words or colours change, and keep its boxes as the layers are. */
export function startPanel(): void {
  // Who was at one of the switches stays there, others are left where they are.
  const rebuild = (): void => {
    const held = document.activeElement?.id ?? "";
    buildPanel();
    if (held === "cm-language" || held === "cm-theme") document.getElementById(held)?.focus();
  };
  on("language", rebuild);
  on("theme", rebuild);
  on("layers", ({ id, visible }) => {
    Object.assign(document.getElementById(`cm-layer-${id}`) ?? {}, { checked: visible });
    document.getElementById(`cm-legend-${id}`)?.toggleAttribute("hidden", !visible);
  });
}
