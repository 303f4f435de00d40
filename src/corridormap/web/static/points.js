/* Points: a marker for each, which is a stop of the keyboard as long as they are few. */
"use strict";
(function (cm) {
  /** Place an element by its corner: Leaflet's transforms give each a picture of its own to compose, and hundreds of those are slow. */
  cm.moveTo = function (element, point) {
    element._leaflet_pos = point;
    element.style.left = `${point.x}px`;
    element.style.top = `${point.y}px`;
  };

  const Marker = L.Marker.extend({
    _setPos(point) {
      cm.moveTo(this._icon, point);
      this._zIndex = point.y + this.options.zIndexOffset;
      this._resetZIndex();
    },
  });

  /** Draw a feature that is a point; one without a known position is only listed. */
  cm.drawPoint = function (feature) {
    if (!feature.shape) return;
    const layer = feature.layer;
    const symbol = cm.symbol(feature);
    const place = cm.decode(feature.shape.p, layer.record.scale)[0];
    const reach = Math.max(18, (symbol.size || 8) + 8);
    const box = cm.h("span", { class: "cm-point" }, cm.pointSymbol(symbol));
    const icon = L.divIcon({ html: box, className: `cm-marker cm-in-${layer.id}`, iconSize: [reach, reach] });
    const located = layer.features.filter((other) => other.shape).length;
    const marker = new Marker(place, {
      icon, pane: "cm-point",
      // Hundreds of stops on the way through the page help nobody; long layers are reached through the panel's lists.
      keyboard: located <= 60,
      zIndexOffset: Math.round((symbol.size || 8) * 100), riseOnHover: true,
    });
    marker.on("click", () => cm.openPopup(feature, marker.getLatLng()));
    marker.on("keypress", (event) => {
      if (event.originalEvent.key === "Enter") cm.openPopup(feature, marker.getLatLng());
    });
    marker.on("add", () => cm.nameMarker(feature));
    marker.bindTooltip(() => cm.h("span", null, cm.title(feature)), { direction: "top", offset: [0, -8], className: "cm-tooltip" });
    feature.latlng = marker.getLatLng();
    feature.marker = marker;
    layer.group.addLayer(marker);
  };

  /** Tell a screen reader what a marker is, in the reader's language. */
  cm.nameMarker = function (feature) {
    const element = feature.marker && feature.marker.getElement();
    if (!element) return;
    // One that cannot be reached with the keyboard is a picture with a name.
    if (!element.hasAttribute("role")) element.setAttribute("role", "img");
    element.setAttribute("aria-label", cm.title(feature));
  };
})(window.corridormap);
