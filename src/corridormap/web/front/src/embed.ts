/* Embed mode: inside an article the page scrolls on, the panel is folded, and a link leads to the whole map. */
import { address, encodeOptions, onState, state } from "./address.ts";
import { data, layers } from "./atlas.ts";
import { control } from "./controls.ts";
import { fill, h } from "./dom.ts";
import { on } from "./events.ts";
import { shortLegend } from "./legend.ts";
import { app, isNarrow, map, options } from "./stage.ts";
import { t } from "./words.ts";

/** Whether the page was rendered for a frame in an article, or its address asks to be shown so. */
export const isEmbedded = (): boolean => options.embed ?? Boolean(data.embed);

/** Set the frame: embedded, the panel is closed unless the address asks for it. */
export function frameEmbed(): void {
  app.classList.toggle("cm-embed", isEmbedded());
  if (isEmbedded()) options.panel ??= false;
}

/** Leave the wheel and the finger to the article until the reader turns to the map. */
function yieldScroll(): void {
  const container = map.getContainer();
  const coarse = window.matchMedia("(pointer: coarse)").matches;
  const hint = h("p", { class: "cm-hint", role: "status" });
  const yielded = new window.AbortController();
  let timer = 0;
  map.scrollWheelZoom.disable();
  // One finger scrolls the article, two move the map.
  if (coarse) map.dragging.disable();
  container.append(hint);
  const moved = (event: Event): void => {
    if ("touches" in event && (event as TouchEvent).touches.length !== 1) return;
    hint.textContent = t(coarse ? "hint_tap" : "hint_click");
    hint.classList.add("cm-said");
    window.clearTimeout(timer);
    timer = window.setTimeout(() => hint.classList.remove("cm-said"), 1800);
  };
  for (const event of ["wheel", "touchmove"]) container.addEventListener(event, moved, { passive: true, signal: yielded.signal });
  // Leaflet keeps some clicks to itself; on the way down they all pass.
  container.addEventListener("click", () => {
    map.scrollWheelZoom.enable();
    map.dragging.enable();
    hint.remove();
    yielded.abort();
  }, { capture: true, signal: yielded.signal });
}

/** Lead to the whole map as it is now, in a page of its own. */
function offerLink(): void {
  const page = address();
  // From a sandboxed frame browsers open no file on the disk: a link would be dead.
  if (!page || (window.location.protocol === "file:" && window.parent !== window)) return;
  const link = h("a", { class: "cm-full", target: "_blank", rel: "noopener noreferrer" });
  const tell = (): void => void Object.assign(link, {
    href: `${page}${data.embed ? "?embed=0" : ""}#${encodeOptions(state())}`, textContent: t("full_map"), title: t("new_tab"),
  });
  tell();
  onState(tell);
  control(isNarrow() ? "bottomleft" : "topleft", link);
}

/** Put a small legend on the map, for where the panel is folded. */
function offerLegend(): void {
  const legend = h("details", { class: "cm-keybox", open: !isNarrow() });
  const tell = (): void => fill(legend, h("summary", null, t("legend")), h("ul", null, layers.filter((layer) => layer.visible).map(shortLegend)));
  tell();
  on("language", tell);
  on("layers", tell);
  on("theme", tell);
  control("bottomleft", legend);
}

/** Set up what is different in a frame, once the map is drawn. */
export function startEmbed(): void {
  // In any frame, asked for or not, the reader is on the way through somebody's article.
  if (!(options.scroll ?? (!isEmbedded() && window.parent === window))) yieldScroll();
  if (options.legend) offerLegend();
  if (isEmbedded()) offerLink();
}
