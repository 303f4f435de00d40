/* What a host may call: `window.corridormap`. Everything else on the page is found by the data attributes of its elements. */
import type * as L from "leaflet";
import { state } from "./address.ts";
import { byId, changeLanguage, layerById } from "./atlas.ts";
import { goTo, show } from "./popup.ts";
import { start } from "./start.ts";

/** Offer the page's functions to its host; `extras` are run when the map stands. */
export function offer(extras: (() => void)[] = []): void {
  const host = {
    map: null as L.Map | null,
    ready: null as Promise<L.Map> | null,

    /** Start the map in the element of an id; gives the Leaflet map at once, `ready` is a promise of the drawn one. */
    start(id: string): L.Map {
      const { map, ready } = start(id, extras);
      Object.assign(host, { map, ready });
      return map;
    },

    /** Go to a feature by its id and open its popup; false if there is none of it. */
    goTo(id: string): boolean {
      const feature = byId.get(id);
      if (feature) goTo(feature);
      return feature !== undefined;
    },

    /** Show or hide a layer by its id; false if there is none of it. */
    show(id: string, visible: boolean): boolean {
      const layer = layerById(id);
      if (layer && layer.visible !== visible) show(layer, visible);
      return layer !== undefined;
    },

    setLanguage: changeLanguage,
    state,
  };
  Object.assign(window, { corridormap: host });
}
