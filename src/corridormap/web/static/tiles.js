/* Tiles from the web, over the map's own backdrop: where one is missing, the backdrop shows, and a quiet word says so. */
"use strict";
(function (cm) {
  cm.on("start", (map) => {
    const tiles = cm.data.tiles;
    map.createPane("cm-tiles").style.zIndex = "215";
    const layer = L.tileLayer(tiles.url, {
      pane: "cm-tiles", className: "cm-tiles", subdomains: tiles.subdomains, minZoom: tiles.min_zoom, maxNativeZoom: tiles.max_zoom,
      referrerPolicy: tiles.referrer_policy,
      // Leaflet takes attributions as HTML; a text node's markup is the text with its signs escaped.
      attribution: cm.h("span", null, tiles.attribution).innerHTML,
    });
    const Notice = L.Control.extend({ onAdd: () => cm.h("div", { class: "cm-quiet", role: "status" }) });
    const notice = new Notice({ position: "bottomleft" }).addTo(map).getContainer();
    let missing = false;
    const tell = () => {
      notice.textContent = missing ? cm.t("tiles_missing") : "";
      notice.hidden = !missing;
    };
    tell();
    layer.on("tileerror", () => { missing = true; tell(); });
    layer.on("tileload", () => { missing = false; tell(); });
    cm.on("language", tell);
    layer.addTo(map);
  });
})(window.corridormap);
