/* The making of elements. Text only ever becomes text: nothing here reads markup. */
import { t } from "./words.ts";

const SVG = "http://www.w3.org/2000/svg";
const ATTRIBUTES = new Set(["class", "id", "type", "for", "lang", "title", "role", "tabindex", "target", "rel", "name", "value", "open",
  "hidden", "scope", "aria-label", "aria-expanded", "aria-controls", "aria-hidden", "aria-labelledby", "aria-live"]);

export type Child = Node | string | null | undefined | false | Child[];
export type Attributes = Record<string, string | number | boolean | null | undefined>;

const flat = (children: Child[]): (Node | string)[] =>
  children.flatMap((child) => (Array.isArray(child) ? flat(child) : child === null || child === undefined || child === false || child === "" ? [] : [child]));

/** Make an element; strings among the children become text nodes. Only harmless attributes pass; links go through `link`. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes | null, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (!ATTRIBUTES.has(name)) throw new Error(`attribute ${name} is not allowed`);
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...flat(children));
  return element;
}

/** Fill an element anew. */
export const fill = (element: Element, ...children: Child[]): void => element.replaceChildren(...flat(children));

/** Make an SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K, attributes: Record<string, string | number>, ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Make a button that runs something. */
export function button(attributes: Attributes | null, run: (event: MouseEvent) => void, ...children: Child[]): HTMLButtonElement {
  const element = h("button", { type: "button", ...attributes }, ...children);
  element.addEventListener("click", run);
  return element;
}

/** Make buttons one stop of the keyboard, in which the arrows lead from one to the next. */
export function rove(row: HTMLElement): HTMLElement {
  const buttons = [...row.querySelectorAll("button")];
  for (const [i, one] of buttons.entries()) one.tabIndex = i === 0 ? 0 : -1;
  row.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = buttons[(at + step + buttons.length) % buttons.length];
    buttons[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
  return row;
}

/** Make a select of values with their texts and, where these are not the reader's, their languages; `run` is told what is chosen. */
export function select(attributes: Attributes, choices: [value: string, text: string, lang?: string][], chosen: string,
  run?: (value: string) => void): HTMLSelectElement {
  const element = h("select", attributes, choices.map(([value, text, lang]) => h("option", { value, lang }, text)));
  element.value = chosen;
  element.addEventListener("change", () => run?.(element.value));
  return element;
}

/** Make a box to tick, in the label that says what for. */
export function checkbox(id: string, checked: boolean, ...label: Child[]): { box: HTMLInputElement; row: HTMLElement } {
  const box = h("input", { type: "checkbox", id });
  box.checked = checked;
  return { box, row: h("label", { class: "cm-check", for: id }, box, ...label) };
}

/** Make a link to the web, or plain text when the address is anything else. */
export function link(text: string, address: string | null): HTMLElement {
  let url = null;
  try {
    url = new URL(address ?? "");
  } catch {
    // Plain text, then.
  }
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) return h("span", null, text);
  const element = h("a", { target: "_blank", rel: "noopener noreferrer", title: t("new_tab") }, text);
  element.href = url.href;
  return element;
}

/** A term of a description list with what it says. */
export const term = (label: string, ...content: Child[]): HTMLElement[] => [h("dt", null, label), h("dd", null, ...content)];

/** A text as it stands in markup: in a frame's code, and where Leaflet reads markup; the same letters as Python's html.escape gives. */
export const escaped = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;").replace(/'/g, "&#x27;");
