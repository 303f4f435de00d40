/* The card beside the map, on a phone a sheet at its foot: one at a time, over the map's edge, so that the map stays where it is. */
import { button, h } from "./dom.ts";
import { on } from "./events.ts";
import { app, isNarrow, map, panel } from "./stage.ts";
import { t } from "./words.ts";

/** What a card says, made anew in the reader's language and colours. */
export interface Card {
  label: () => string;
  content: () => HTMLElement;
  closed?: () => void;
}

/** Pixels beside a card in which nothing could be seen. */
const NO_ROOM = 100;

let shown: { card: Card; element: HTMLElement; back: HTMLElement } | null = null;

export const isShown = (card: Card | undefined): boolean => card !== undefined && shown?.card === card;

function filled(element: HTMLElement, { label, content }: Card): void {
  element.setAttribute("aria-label", label());
  element.replaceChildren(button({ class: "cm-side-close cm-toggle", "aria-label": t("close") }, closeCard, "×"), content());
}

/** Open a card in the place of the one before; the keyboard follows, but for a reader who is in the table or has not touched the page. */
export function openCard(card: Card): void {
  const held = document.activeElement as HTMLElement;
  const within = shown?.element.contains(held);
  const back = within ? shown!.back : held;
  drop();
  const element = h("section", { class: "cm-side", role: "dialog", tabindex: "-1" });
  filled(element, card);
  shown = { card, element, back };
  app.append(element);
  // On a phone it lies over the panel.
  panel.inert = isNarrow();
  if (within || (held !== document.body && !held.closest(".cm-table"))) element.focus({ preventScroll: true });
}

function drop(): void {
  if (!shown) return;
  const { element, card } = shown;
  shown = null;
  element.remove();
  panel.inert = false;
  card.closed?.();
}

/** Close the card, and give the keyboard back to where it came from. */
export function closeCard(): void {
  if (!shown) return;
  const { element, back } = shown;
  const within = element.contains(document.activeElement);
  drop();
  if (within) (back.isConnected && back.offsetParent ? back : map.getContainer()).focus({ preventScroll: true });
}

/** How much of the map lies under the card and the years, in pixels from its edges. */
export function covered(): { top: number; left: number; right: number; bottom: number } {
  const none = { top: 0, left: 0, right: 0, bottom: 0 };
  if (!shown) return none;
  const [outer, inner] = [map.getContainer(), shown.element].map((element) => element.getBoundingClientRect());
  const years = document.querySelector<HTMLElement>(".cm-years");
  if (isNarrow()) return { ...none, top: years?.offsetHeight ?? 0, bottom: Math.max(0, outer.bottom - inner.top) };
  // Beside the panel of a small page it may take all of the map's width.
  if (inner.left - outer.left < NO_ROOM) return { ...none, top: Math.max(0, inner.bottom - outer.top) };
  const right = Math.max(0, outer.right - inner.left);
  const left = years?.offsetWidth ?? 0;
  return { ...none, left: left + right + NO_ROOM < outer.width ? left : 0, right };
}

/** Keep the card in the reader's language and colours, and let Escape close it. */
export function startSide(): void {
  for (const event of ["language", "theme"] as const) on(event, () => shown && filled(shown.element, shown.card));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !shown || (event.target as Element).closest("dialog, .cm-table, .cm-search")) return;
    event.preventDefault();
    closeCard();
  });
}
