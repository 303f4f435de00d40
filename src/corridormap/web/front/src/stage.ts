/* Where the page is drawn: its elements, the map, its dialogues, and whether there is room. */
import type * as L from "leaflet";
import { button, h, type Child } from "./dom.ts";
import { t } from "./words.ts";

export let app: HTMLElement;
export let panel: HTMLElement;
export let map: L.Map;

export type Theme = "auto" | "light" | "dark";

/** What an address or the atlas's maker asked for. */
export interface Options {
  embed?: boolean;
  panel?: boolean;
  legend?: boolean;
  scroll?: boolean;
  theme?: Theme;
  title?: string;
  lang?: string;
  layers?: string[];
  map?: { zoom: number; lat: number; lng: number };
  feature?: string;
  km?: { key: string; km: number };
  year?: number;
}

export const options: Options = {};

export function setElements(elements: { app: HTMLElement; panel: HTMLElement }): void {
  ({ app, panel } = elements);
}

export function setMap(made: L.Map): void {
  map = made;
}

/** Whether the page is a part of another. */
export const isFramed = (): boolean => window.parent !== window;

/** On a phone the panel is a sheet below the map. */
export const isNarrow = (): boolean => window.matchMedia("(max-width: 640px)").matches;

/** Open or close the panel. */
export function openPanel(open: boolean): void {
  const moves = app.classList.contains("cm-open") !== open;
  app.classList.toggle("cm-open", open);
  const toggle = panel.querySelector(".cm-toggle")!;
  toggle.setAttribute("aria-expanded", String(open));
  toggle.setAttribute("aria-label", t(open ? "panel_hide" : "panel_show"));
  const body = panel.querySelector<HTMLElement>(".cm-body");
  if (body) body.hidden = !open;
  if (moves) map.invalidateSize({ animate: false });
}

/** Give the map room where the panel takes half of it. */
export function foldSheet(): void {
  if (isNarrow()) openPanel(false);
}

/** A tool is put away: its button is no longer pressed and, where it is in sight, has the keyboard again. */
export function release(tool: string): void {
  const switched = document.getElementById(`cm-tool-${tool}`);
  switched?.setAttribute("aria-pressed", "false");
  if (switched?.offsetParent) switched.focus();
}

/** Open the dialogue of a tool; it is gone once it is closed, by its button, by a click beside it or by the browser's own key. */
export function openDialogue(tool: string, title: string, ...content: Child[]): HTMLDialogElement {
  const id = `cm-${tool}`;
  document.getElementById(id)?.remove();
  const dialogue = h("dialog", { class: `cm-dialogue ${id}`, id, "aria-labelledby": `${id}-title` },
    h("div", { class: "cm-dialogue-head" }, h("h2", { id: `${id}-title` }, title),
      button({ class: "cm-toggle cm-dialogue-close", "aria-label": t("close") }, () => dialogue.close(), "×")), ...content);
  // A click beside the dialogue lands on the dialogue element itself, and so does one on its margins within.
  dialogue.addEventListener("click", ({ target, clientX: x, clientY: y }) => {
    const { left, right, top, bottom } = dialogue.getBoundingClientRect();
    if (target === dialogue && (x < left || x > right || y < top || y > bottom)) dialogue.close();
  });
  dialogue.addEventListener("close", () => {
    dialogue.remove();
    document.getElementById(`cm-tool-${tool}`)?.focus();
  });
  app.append(dialogue);
  dialogue.showModal();
  return dialogue;
}
