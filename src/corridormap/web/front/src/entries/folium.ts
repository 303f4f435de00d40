/* What layers of folium's own need besides Leaflet, which the page's other script has made the global `L`. */
import iconUrl from "leaflet/dist/images/marker-icon.png";
import iconRetinaUrl from "leaflet/dist/images/marker-icon-2x.png";
import shadowUrl from "leaflet/dist/images/marker-shadow.png";

declare const L: typeof import("leaflet");
declare global {
  interface Window { $?: (html: string) => Element[] }
}

// A marker without an icon of its own looks for these files beside the style sheet.
L.Icon.Default.imagePath = "";
L.Icon.Default.mergeOptions({ iconUrl, iconRetinaUrl, shadowUrl });

// folium's popups call $(`<div …>`)[0] and nothing else of jQuery, which is loaded after this where a layer needs more of it.
window.$ ??= (html) => {
  const template = document.createElement("template");
  // Markup that the map's maker gave to folium, which is theirs to answer for. Nothing of the atlas comes here.
  // eslint-disable-next-line no-restricted-syntax
  template.innerHTML = html.trim();
  return Array.from(template.content.children);
};
