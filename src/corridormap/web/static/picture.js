/* The view as a picture of its own: one SVG of the lines, symbols and labels in sight, with every style written out on its elements. */
"use strict";
(function (cm) {
  // What a line's look depends on; written as attributes, for a picture has no style sheet, and the page's policy allows no inline styles.
  // Not their opacity: that only fades lines while the reader points at another one.
  const PAINT = ["fill", "fill-opacity", "fill-rule", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin"];
  const TYPE = ["font-family", "font-size", "font-style", "font-weight", "letter-spacing"];
  const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif';

  function paintedLike(element, source, names) {
    const style = getComputedStyle(source);
    for (const name of names) element.setAttribute(name, style.getPropertyValue(name));
    return element;
  }

  /** Lines and areas of one of Leaflet's panes, moved to where they stand in the window. */
  function drawing(svg) {
    const { x, y } = L.DomUtil.getPosition(cm.map.getPane("mapPane"));
    const group = cm.svg("g", { transform: `translate(${x} ${y})` });
    for (const path of svg.querySelectorAll("path")) {
      const d = path.getAttribute("d");
      const style = getComputedStyle(path);
      const unseen = style.display === "none" || path.classList.contains("cm-hit") || (style.stroke === "none" && style.fill === "none");
      if (d && d.length > 4 && !unseen) group.append(paintedLike(cm.svg("path", { d }), path, PAINT));
    }
    return group;
  }

  const stacking = (element) => Number(getComputedStyle(element).zIndex) || 0;

  function boxOf(element, frame) {
    const box = element.getBoundingClientRect();
    return { x: box.left - frame.left, y: box.top - frame.top, width: box.width, height: box.height };
  }

  const inSight = (box, frame) => box.x < frame.width && box.y < frame.height && box.x + box.width > 0 && box.y + box.height > 0;

  /** A marker's symbol; it carries its own colours. */
  function symbol(svg, frame) {
    const box = boxOf(svg, frame);
    if (!box.width || !inSight(box, frame)) return null;
    const copy = cm.svg("svg", { ...box, viewBox: svg.getAttribute("viewBox"), overflow: "visible" });
    copy.append(...[...svg.children].map((child) => child.cloneNode(true)));
    return copy;
  }

  function words(text, source, attributes) {
    return paintedLike(cm.svg("text", { ...attributes, fill: getComputedStyle(source).color }, text), source, TYPE);
  }

  function label(element, frame) {
    const box = boxOf(element, frame);
    if (!inSight(box, frame)) return null;
    const style = getComputedStyle(element);
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2, "text-anchor": "middle", "dominant-baseline": "central" };
    if (element.classList.contains("cm-shield")) {
      const edge = 2;
      const frameOfShield = cm.svg("rect", {
        x: box.x + edge / 2, y: box.y + edge / 2, width: box.width - edge, height: box.height - edge, rx: Math.min(parseFloat(style.borderRadius) || 0, box.height / 2),
        fill: style.backgroundColor, stroke: style.borderTopColor, "stroke-width": edge,
      });
      return cm.svg("g", {}, frameOfShield, words(element.textContent, element, middle));
    }
    const halo = /rgba?\([^)]*\)/.exec(style.textShadow);
    const text = words(element.textContent, element, middle);
    // The pale edge that on the page a shadow gives.
    if (halo) for (const [name, value] of Object.entries({ stroke: halo[0], "stroke-width": 3, "stroke-linejoin": "round", "paint-order": "stroke" })) text.setAttribute(name, value);
    return text;
  }

  function scaleBar(height) {
    const { _mScale: bar } = cm.controls.scale;
    const width = bar.offsetWidth;
    const y = height - 14;
    return cm.svg("g", { "font-family": FONT, "font-size": 12, fill: "#1d2327" },
      cm.svg("rect", { x: 8, y: y - 18, width: width + 16, height: 26, fill: "#ffffff", "fill-opacity": 0.85 }),
      cm.svg("path", { d: `M16 ${y - 5}v5h${width}v-5`, fill: "none", stroke: "#1d2327", "stroke-width": 1.5 }),
      cm.svg("text", { x: 16 + width / 2, y: y - 6, "text-anchor": "middle" }, bar.textContent));
  }

  /** The map as it stands in the window, with its scale: an SVG element. Tiles are left out, for they belong to others. */
  cm.mapPicture = function () {
    const container = cm.map.getContainer();
    const frame = container.getBoundingClientRect();
    const { width, height } = frame;
    const picture = cm.svg("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
    picture.append(cm.svg("rect", { width, height, fill: getComputedStyle(container).backgroundColor }));
    const panes = Object.values(cm.map.getPanes()).filter((pane) => pane.parentElement === cm.map.getPane("mapPane"));
    for (const pane of [...new Set(panes)].sort((a, b) => stacking(a) - stacking(b))) {
      for (const svg of pane.querySelectorAll(":scope > svg")) picture.append(drawing(svg));
      const markers = [...pane.querySelectorAll(".cm-marker")].sort((a, b) => stacking(a) - stacking(b));
      picture.append(...markers.map((marker) => symbol(marker.querySelector("svg"), frame)).filter(Boolean));
    }
    picture.append(...[...cm.map.getPane("cm-label").children].map((element) => label(element, frame)).filter(Boolean));
    picture.append(scaleBar(height));
    return picture;
  };

  /** Break a text into lines no wider than so many pixels. */
  function broken(text, font, width) {
    const ruler = document.createElement("canvas").getContext("2d");
    ruler.font = font;
    const lines = [];
    for (const word of text.split(/\s+/)) {
      const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
      if (lines.length && ruler.measureText(longer).width <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  /** The picture as readers take it away: title above, attribution beneath. */
  cm.fullPicture = function () {
    const map = cm.mapPicture();
    const width = Number(map.getAttribute("width"));
    const height = Number(map.getAttribute("height"));
    const title = broken(cm.say(cm.data.title), `600 20px ${FONT}`, width - 32);
    const credit = broken(cm.map.attributionControl.getContainer().textContent, `11px ${FONT}`, width - 32);
    const top = 16 + title.length * 26;
    const foot = 12 + credit.length * 15;
    const whole = { width, height: top + height + foot };
    const lines = (texts, first, step, attributes) =>
      texts.map((text, index) => cm.svg("text", { x: 16, y: first + index * step, "font-family": FONT, fill: "#1d2327", ...attributes }, text));
    // A nested picture is cut at its edges, so that no line runs into the title.
    for (const [name, value] of [["y", top], ["overflow", "hidden"]]) map.setAttribute(name, value);
    return cm.svg("svg", { ...whole, viewBox: `0 0 ${whole.width} ${whole.height}` },
      cm.svg("rect", { ...whole, fill: "#ffffff" }), map,
      ...lines(title, 28, 26, { "font-size": 20, "font-weight": 600 }), ...lines(credit, top + height + 18, 15, { "font-size": 11 }));
  };

  /** A picture as a PNG file, drawn at twice its size so that print stays sharp. The data address keeps the canvas readable. */
  cm.toPng = async function (picture) {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(picture))}`;
    await image.decode();
    const canvas = cm.h("canvas");
    // Phones refuse canvases beyond some 16 million dots.
    const [width, height] = [Number(picture.getAttribute("width")), Number(picture.getAttribute("height"))];
    const times = Math.min(2, Math.sqrt(16e6 / (width * height)));
    canvas.width = Math.round(width * times);
    canvas.height = Math.round(height * times);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((done, failed) => { canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/png"); });
  };
})(window.corridormap);
