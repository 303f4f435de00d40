/* What stands in the map's corners. */
import * as L from "leaflet";
import { data } from "./atlas.ts";
import { escaped, h } from "./dom.ts";
import { on } from "./events.ts";
import { app, isNarrow, map } from "./stage.ts";
import { distance, lang, say, t } from "./words.ts";

/** Put an element into a corner of the map, as one of Leaflet's controls: what is done on it is not done to the map. */
export function control<T extends HTMLElement>(position: L.ControlPosition, element: T): T {
  Object.assign(new L.Control({ position }), { onAdd: () => element }).addTo(map);
  L.DomEvent.disableClickPropagation(element).disableScrollPropagation(element);
  return element;
}

/** Put a quiet word into the map's corner, by the key of its text; gives what shows or hides it. */
export function quietWord(key: string): (shown: boolean) => void {
  const element = control("bottomleft", h("div", { class: "cm-quiet", role: "status", hidden: true }));
  const tell = (shown: boolean): void => {
    element.textContent = shown ? t(key) : "";
    element.hidden = !shown;
  };
  on("language", () => tell(!element.hidden));
  return tell;
}

/** A scale whose units are in the reader's language. */
const Scale = L.Control.Scale.extend({
  _updateMetric(this: L.Control.Scale & { _mScale: HTMLElement; _getRoundNum(metres: number): number }, metres: number) {
    const round = this._getRoundNum(metres);
    this._mScale.style.width = `${Math.round(this.options.maxWidth! * (round / metres))}px`;
    this._mScale.textContent = distance(round);
  },
}) as unknown as new (options: L.Control.ScaleOptions) => L.Control.Scale;

/** Add the buttons and the scale, and keep what stands around the map in the reader's language. */
export function addControls(): void {
  const container = map.getContainer();
  const scale = new Scale({ position: "bottomleft", imperial: false, maxWidth: 120 }).addTo(map) as L.Control.Scale & { _update(): void };
  let zoom: L.Control | undefined;
  let attribution = "";
  const inWords = (): void => {
    document.documentElement.lang = lang;
    document.title = say(data.title);
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", `${t("map")}: ${say(data.title)}. ${t("map_keys")}`);
    app.querySelector(".cm-skip")!.textContent = t("skip");
    zoom?.remove();
    // Where neither the card nor the end of a corridor lies.
    zoom = L.control.zoom({ position: isNarrow() ? "topright" : "bottomright", zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out") }).addTo(map);
    map.attributionControl.removeAttribution(attribution);
    attribution = escaped(say(data.attribution));
    map.attributionControl.addAttribution(attribution);
    scale._update();
  };
  inWords();
  on("language", inWords);
}
