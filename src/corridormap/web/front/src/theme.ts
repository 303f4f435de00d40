/* Light and dark: as the reader's device has it, or as chosen here; kept where the browser lets a page keep anything. */
import { select } from "./dom.ts";
import { tell } from "./events.ts";
import { options, type Theme } from "./stage.ts";
import { t } from "./words.ts";

export const THEMES: Theme[] = ["auto", "light", "dark"];
const KEY = "corridormap-theme";
// Of dark.css: the ground that lines must stand out from.
const GROUND = [43, 49, 53];
let chosen: Theme = "auto";
let dark = false;

export const isDark = (): boolean => dark;

// Kept, for some browsers forget the listener of a list that nobody holds.
let device: MediaQueryList;

const wanted = (): boolean => (chosen === "auto" ? device.matches : chosen === "dark");

/** Relative luminance after WCAG 2.1, of red, green and blue from 0 to 255. */
function luminance(parts: number[]): number {
  const [r, g, b] = parts.map((part) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** A line's colour on the ground it lies on: at night paler, until it stands out as 3.2 to 1; the hue stays. */
export function shade(colour: string): string {
  const match = /^#([0-9a-f]{6})$/i.exec(colour);
  if (!dark || !match) return colour;
  const parts = [0, 2, 4].map((at) => parseInt(match[1].slice(at, at + 2), 16));
  for (let white = 0; white < 1; white += 0.05) {
    const mixed = parts.map((part) => Math.round(part + (255 - part) * white));
    if ((luminance(mixed) + 0.05) / (luminance(GROUND) + 0.05) >= 3.2) return `rgb(${mixed.join(", ")})`;
  }
  return colour;
}

function paint(night: boolean): void {
  if (night === dark) return;
  dark = night;
  document.documentElement.classList.toggle("cm-dark", night);
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) meta.content = night ? "#161b1f" : "#ffffff";
  tell("paint", night);
}

function follow(): void {
  if (wanted() === dark) return;
  paint(wanted());
  tell("theme", dark);
}

/** The switch between automatic, light and dark, for the panel. */
export function themeSwitch(): HTMLSelectElement {
  const choices = THEMES.map((choice): [string, string] => [choice, t(`theme.${choice}`)]);
  return select({ id: "cm-theme", class: "cm-language", "aria-label": t("theme") }, choices, chosen, (choice) => {
    chosen = choice as Theme;
    try {
      window.localStorage.setItem(KEY, chosen);
    } catch {
      // Nothing is kept then; the choice holds while the page is open.
    }
    follow();
  });
}

/** Do something as by day: paper and pictures are white whatever the screen is. */
export function byDay<T>(task: () => T): T {
  const night = dark;
  paint(false);
  try {
    return task();
  } finally {
    paint(night);
  }
}

/** Take what the address asks for, else the reader's choice, else what is `usual`, and follow the device from now on. */
export function startTheme(usual: Theme): void {
  device = window.matchMedia("(prefers-color-scheme: dark)");
  let kept: string | null = null;
  try {
    kept = window.localStorage.getItem(KEY);
  } catch {
    // A sandboxed frame may not even ask.
  }
  chosen = options.theme ?? THEMES.find((choice) => choice === kept) ?? usual;
  paint(wanted());
  device.addEventListener("change", follow);
  window.addEventListener("beforeprint", () => paint(false), { capture: true });
  window.addEventListener("afterprint", () => paint(wanted()));
}
