/* What the tables of layers and of findings have in common: columns to sort by, pages to turn, rows to press and to mark. */
import { button, h, type Attributes } from "./dom.ts";
import type { Value } from "./types.ts";
import { collator, number, t } from "./words.ts";

/** A column; `read` gives what it is sorted by, null where nothing is known. */
export interface Column<T> {
  id: string;
  label: string;
  read: (item: T) => Value;
}

/** The column by which a table is sorted, if by any, and whether downwards. */
export interface Sort {
  id: string | null;
  down: boolean;
}

/** Items in the order of the chosen column. What is not known stands last, whichever way the column is sorted. */
export function sorted<T>(items: T[], columns: Column<T>[], { id, down }: Sort): T[] {
  const column = columns.find((one) => one.id === id);
  if (!column) return items;
  const texts = collator();
  return items.map((item) => ({ item, value: column.read(item) })).sort(({ value: a }, { value: b }) => {
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return (down ? -1 : 1) * (typeof a === "number" && typeof b === "number" ? a - b : texts.compare(String(a), String(b)));
  }).map(({ item }) => item);
}

/** The head of a column, a button that sorts by it; `refill` makes the table anew, and the new button has the focus then. */
export function head<T>({ id, label }: Column<T>, sort: Sort, refill: () => void, attributes: Attributes): HTMLElement {
  const cell = h("th", { scope: "col", ...attributes }, button({ class: "cm-sort" }, () => {
    const [table, at] = [cell.closest(".cm-table")!, cell.cellIndex];
    Object.assign(sort, { id, down: sort.id === id && !sort.down });
    refill();
    table.querySelectorAll<HTMLElement>("thead button")[at]?.focus();
  }, label, h("span", { class: "cm-sort-mark", "aria-hidden": "true" })));
  cell.dataset.column = id;
  if (sort.id === id) cell.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
  return cell;
}

/** Buttons to turn the pages of a table of so many rows, `size` to a page; null if all are on one. */
export function pager(total: number, size: number, page: number, turn: (to: number) => void): HTMLElement | null {
  const last = Math.ceil(total / size) - 1;
  if (last < 1) return null;
  const turner = (key: string, to: number): HTMLElement => {
    const id = `cm-${key.replace(".", "-")}`;
    const made = button({ class: "cm-tool", id }, () => {
      turn(to);
      // The one that was pressed, unless there is no further page.
      (document.querySelector<HTMLElement>(`#${id}:enabled`) ?? document.querySelector<HTMLElement>(".cm-pager button:enabled")!).focus();
    }, t(key));
    made.disabled = to < 0 || to > last;
    return made;
  };
  const shown = { from: number(page * size + 1), to: number(Math.min(total, (page + 1) * size)), count: number(total) };
  return h("div", { class: "cm-pager" },
    turner("table.previous", page - 1), h("span", { role: "status" }, t("table.rows", shown)), turner("table.next", page + 1));
}

/** Run something when a row is pressed: by one listener for its button, which Enter presses, and for the rest, which a pointer meets. */
export function onPress(row: HTMLElement, run: () => void): void {
  row.addEventListener("click", (event) => {
    // Who marks text in a row to copy it does not want to travel.
    if ((event.target as Element).closest("button") || window.getSelection()?.isCollapsed !== false) run();
  });
}

/** Mark the rows that are chosen, and bring them in sight without moving anything but the table. */
export function markRows(region: HTMLElement, isChosen: (row: HTMLElement) => boolean): void {
  for (const row of region.querySelectorAll<HTMLElement>("tbody tr")) {
    row.removeAttribute("aria-current");
    if (!isChosen(row)) continue;
    row.setAttribute("aria-current", "true");
    const scroller = region.querySelector(".cm-table-scroll")!;
    const least = row.offsetTop + row.offsetHeight - scroller.clientHeight;
    scroller.scrollTop = Math.min(row.offsetTop - region.querySelector("thead")!.offsetHeight, Math.max(least, scroller.scrollTop));
  }
}
