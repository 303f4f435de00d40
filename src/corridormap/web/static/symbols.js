/* The pictures of points and lines, for maps and legends: a shape for every kind, so that colour is never alone. */
"use strict";
(function (cm) {
  const SHAPES = {
    square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
    diamond: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
    triangle: [[0, -1.15], [1.15, 0.9], [-1.15, 0.9]],
    star: Array.from({ length: 10 }, (_, i) => {
      const radius = i % 2 ? 0.52 : 1.2;
      const angle = (Math.PI * (i - 2.5)) / 5;
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    }),
  };

  /** The picture of a point symbol, for the map and the legend alike. */
  cm.pointSymbol = function (symbol) {
    const half = (symbol.size || 8) / 2;
    const edge = half * 1.2 + 2;
    const paint = { fill: symbol.colour, stroke: "#ffffff", "stroke-width": 1.6, "stroke-linejoin": "round", "paint-order": "stroke" };
    const corners = SHAPES[symbol.shape];
    const drawn = corners
      ? cm.svg("polygon", { ...paint, points: corners.map(([x, y]) => `${(x * half).toFixed(2)},${(y * half).toFixed(2)}`).join(" ") })
      : cm.svg("circle", { ...paint, r: half });
    return cm.svg("svg", {
      width: (edge * 2).toFixed(1), height: (edge * 2).toFixed(1), viewBox: `${-edge} ${-edge} ${edge * 2} ${edge * 2}`,
      "aria-hidden": "true", focusable: "false", class: "cm-symbol",
    }, drawn);
  };

  /** The picture of a line symbol for the legend. */
  cm.lineSymbol = function (symbol, mode, casing) {
    const width = symbol.width || 2;
    const dash = symbol.dash || (mode === "sea" ? "1 6" : null);
    const line = (stroke, size, dashes) =>
      cm.svg("line", { x1: 2, x2: 28, y1: 6, y2: 6, stroke, "stroke-width": size, ...(dashes ? { "stroke-dasharray": dashes } : {}) });
    const lines = [];
    if (casing) lines.push(line(casing, width + 2.2));
    lines.push(line(symbol.colour, width, dash));
    if (mode === "rail" && !dash) lines.push(line("#ffffff", width * 0.42, "5 5"));
    return cm.svg("svg", { width: 30, height: 12, viewBox: "0 0 30 12", "aria-hidden": "true", focusable: "false", class: "cm-symbol" }, ...lines);
  };
})(window.corridormap);
