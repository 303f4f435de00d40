/* Embed mode: title, map, key and sources one below the other; the page scrolls on over the map, and its host is told the height that suits it. */
import * as L from "leaflet";
import { address, encodeOptions, onState, state } from "./address.ts";
import { data, layers } from "./atlas.ts";
import { button, fill, h, rove } from "./dom.ts";
import { on } from "./events.ts";
import { keyStrip } from "./legend.ts";
import { app, isFramed, map, options } from "./stage.ts";
import { t } from "./words.ts";

/** The map's least and greatest height in CSS pixels, as it is told to the host. */
const MAP_HEIGHT = { least: 240, most: 640 };

let key: HTMLElement;
let foot: HTMLElement;

/** Whether the page was rendered for a frame in an article, or its address asks to be shown so. */
export const isEmbedded = (): boolean => options.embed ?? Boolean(data.embed);

/** Set the frame: embedded, the panel is closed unless the address asks for it, and the title may be the article's own. */
export function frameEmbed(): void {
  app.classList.toggle("cm-embed", isEmbedded());
  if (!isEmbedded()) return;
  options.panel ??= false;
  if (options.title) data.title = Object.fromEntries(data.languages.map((code) => [code, options.title!]));
  key = h("div", { class: "cm-strip", role: "toolbar" });
  foot = h("div", { class: "cm-foot" });
  app.append(h("footer", { class: "cm-below" }, key, foot));
}

/** Fill what stands below the map, once there are words and layers for it. */
export function fillBelow(): void {
  if (!isEmbedded()) return;
  key.hidden = options.legend === false;
  key.classList.toggle("cm-named", Boolean(options.legend));
  const tell = (): void => {
    key.setAttribute("aria-label", t("legend"));
    key.replaceChildren(rove(h("div", { class: "cm-strip-row" }, layers.filter((layer) => layer.visible).map(keyStrip))));
  };
  tell();
  on("language", tell);
  on("layers", tell);
  on("theme", tell);
  foot.append(map.attributionControl.getContainer()!, ...fullScreen(), ...fullMap());
}

/** A button that fills the screen, where the browser and the page around allow it. */
function fullScreen(): HTMLElement[] {
  if (!document.fullscreenEnabled) return [];
  const made = button({ class: "cm-link" }, () => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
  const tell = (): void => fill(made, t(document.fullscreenElement ? "full_screen_end" : "full_screen"));
  tell();
  on("language", tell);
  document.addEventListener("fullscreenchange", tell);
  return [made];
}

/** A link to the whole map as it is now, in a page of its own. */
function fullMap(): HTMLElement[] {
  const page = address();
  // From a sandboxed frame browsers open no file on the disk: a link would be dead.
  if (!page || (window.location.protocol === "file:" && isFramed())) return [];
  const link = h("a", { class: "cm-full cm-link", target: "_blank", rel: "noopener noreferrer" });
  const tell = (): void => void Object.assign(link, {
    href: `${page}${data.embed ? "?embed=0" : ""}#${encodeOptions(state())}`, textContent: t("full_map"), title: t("new_tab"),
  });
  tell();
  onState(tell);
  return [link];
}

/** Leave the wheel and the finger to the article unless the reader turns to the map, and give them back when the reader leaves it. */
function yieldScroll(): void {
  const container = map.getContainer();
  const coarse = window.matchMedia("(pointer: coarse)").matches;
  const hint = h("p", { class: "cm-hint", role: "status" });
  container.append(hint);
  let taken = false;
  let timer = 0;
  const take = (now: boolean): void => {
    taken = now;
    map.scrollWheelZoom[now ? "enable" : "disable"]();
    // One finger scrolls the article, two move the map.
    if (coarse) map.dragging[now ? "enable" : "disable"]();
    if (now) hint.classList.remove("cm-said");
  };
  const moved = (event: Event): void => {
    if (taken || ("touches" in event && (event as TouchEvent).touches.length !== 1)) return;
    hint.textContent = coarse ? t("hint_tap") : t("hint_click", { key: /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl" });
    hint.classList.add("cm-said");
    window.clearTimeout(timer);
    timer = window.setTimeout(() => hint.classList.remove("cm-said"), 1800);
  };
  container.addEventListener("touchmove", moved, { passive: true });
  container.addEventListener("wheel", (event) => {
    // On the way down, before Leaflet: with a key held the wheel is the map's at all times.
    map.scrollWheelZoom[taken || event.ctrlKey || event.metaKey ? "enable" : "disable"]();
    if (!event.ctrlKey && !event.metaKey) moved(event);
  }, { capture: true, passive: false });
  // Leaflet keeps some clicks to itself; on the way down they all pass.
  container.addEventListener("click", () => take(true), { capture: true });
  if (!coarse) container.addEventListener("mouseleave", () => take(false));
  window.addEventListener("blur", () => take(false));
  new IntersectionObserver(([{ isIntersecting }]) => isIntersecting || take(false)).observe(container);
  take(false);
}

/** Tell the page around how high a frame of this width should be, now and whenever the width changes. */
function tellHeight(): void {
  const [west, south, east, north] = data.view;
  const [low, high] = [[south, west], [north, east]].map(([lat, lng]) => map.project(L.latLng(lat, lng), 0));
  const shape = (low.y - high.y) / (high.x - low.x);
  let told = 0;
  new ResizeObserver(() => {
    const width = app.clientWidth;
    if (!width || app.classList.contains("cm-open")) return;
    const around = app.clientHeight - map.getContainer().clientHeight;
    const height = Math.round(around + Math.min(MAP_HEIGHT.most, Math.max(MAP_HEIGHT.least, width * shape + 32)));
    if (height === told) return;
    told = height;
    window.parent.postMessage({ type: "corridormap:height", height }, "*");
  }).observe(app);
}

/** Set up what is different in a frame, once the map is drawn. */
export function startEmbed(): void {
  // In any frame, asked for or not, the reader is on the way through somebody's article.
  if (!(options.scroll ?? (!isEmbedded() && !isFramed()))) yieldScroll();
  if (isEmbedded() && isFramed()) tellHeight();
}
