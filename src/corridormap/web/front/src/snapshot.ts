/* The view as a picture of its own: one SVG of the lines, symbols and labels in sight, with every style written out on its elements. */
import * as L from "leaflet";
import { data } from "./atlas.ts";
import { h, svg } from "./dom.ts";
import { map } from "./stage.ts";
import { byDay } from "./theme.ts";
import { say } from "./words.ts";

// What a line's look depends on; written as attributes, for a picture has no style sheet, and the page's policy allows no inline styles.
// Not their opacity: that only fades lines while the reader points at another one.
const PAINT = ["fill", "fill-opacity", "fill-rule", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin"];
const TYPE = ["font-family", "font-size", "font-style", "font-weight", "letter-spacing"];
const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif';

function paintedLike<T extends SVGElement>(element: T, source: Element, properties: string[]): T {
  const style = getComputedStyle(source);
  for (const property of properties) element.setAttribute(property, style.getPropertyValue(property));
  return element;
}

/** Lines and areas of one of Leaflet's panes, moved to where they stand in the window. */
function linesOf(pane: SVGElement): SVGElement {
  const { x, y } = L.DomUtil.getPosition(map.getPane("mapPane")!);
  const group = svg("g", { transform: `translate(${x} ${y})` });
  for (const path of pane.querySelectorAll("path")) {
    const d = path.getAttribute("d");
    const style = getComputedStyle(path);
    const unseen = style.display === "none" || (style.stroke === "none" && style.fill === "none");
    if (d && d.length > 4 && !unseen) group.append(paintedLike(svg("path", { d }), path, PAINT));
  }
  return group;
}

/** Elements as they are stacked, the lowest first. */
function inOrder(elements: Iterable<Element>): Element[] {
  const height = (element: Element): number => Number(getComputedStyle(element).zIndex) || 0;
  return [...elements].sort((a, b) => height(a) - height(b));
}

/** Where an element is on the map, in pixels; nothing if it is not in sight. */
function boxOf(element: Element): Record<"x" | "y" | "width" | "height", number>[] {
  const frame = map.getContainer().getBoundingClientRect();
  const { left, top, right, bottom, width, height } = element.getBoundingClientRect();
  const seen = width > 0 && left < frame.right && top < frame.bottom && right > frame.left && bottom > frame.top;
  return seen ? [{ x: left - frame.left, y: top - frame.top, width, height }] : [];
}

/** A symbol as it stands on the map; it carries its own colours. */
const symbolOf = (source: SVGElement): SVGElement[] => boxOf(source).map((box) =>
  svg("svg", { ...box, viewBox: source.getAttribute("viewBox")!, overflow: "visible" }, ...source.cloneNode(true).childNodes));

function labelOf(element: Element): SVGElement[] {
  const style = getComputedStyle(element);
  return boxOf(element).flatMap(({ x, y, width, height }) => {
    const middle = { x: x + width / 2, y: y + height / 2, "text-anchor": "middle", "dominant-baseline": "central" };
    const text = paintedLike(svg("text", { ...middle, fill: style.color }, element.textContent), element, TYPE);
    if (!element.classList.contains("cm-shield")) {
      // The pale edge that on the page a shadow gives.
      const stroke = /rgba?\([^)]*\)/.exec(style.textShadow)?.[0] ?? "none";
      return svg("g", { stroke, "stroke-width": 3, "stroke-linejoin": "round", "paint-order": "stroke" }, text);
    }
    // An edge of 2 pixels, within the box.
    const frame = { x: x + 1, y: y + 1, width: width - 2, height: height - 2, rx: Math.min(parseFloat(style.borderRadius) || 0, height / 2) };
    return [svg("rect", { ...frame, fill: style.backgroundColor, stroke: style.borderTopColor, "stroke-width": 2 }), text];
  });
}

function scaleBar(height: number): SVGElement {
  const { offsetWidth: width, textContent: text } = map.getContainer().querySelector<HTMLElement>(".leaflet-control-scale-line")!;
  const y = height - 14;
  return svg("g", { "font-family": FONT, "font-size": 12, fill: "#1d2327" },
    svg("rect", { x: 8, y: y - 18, width: width + 16, height: 26, fill: "#ffffff", "fill-opacity": 0.85 }),
    svg("path", { d: `M16 ${y - 5}v5h${width}v-5`, fill: "none", stroke: "#1d2327", "stroke-width": 1.5 }),
    svg("text", { x: 16 + width / 2, y: y - 6, "text-anchor": "middle" }, text));
}

/** The map as it stands in the window, with its scale, and as it is usually drawn if a year is shown. Tiles are left out, for they belong to others. */
export const mapPicture = (): SVGSVGElement => byDay(() => {
  const container = map.getContainer();
  const { width, height } = container.getBoundingClientRect();
  const byYear = container.classList.contains("cm-by-year");
  container.classList.remove("cm-by-year");
  const picture = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}` },
    svg("rect", { width, height, fill: getComputedStyle(container).backgroundColor }));
  for (const pane of inOrder(map.getPane("mapPane")!.children)) {
    for (const drawing of pane.querySelectorAll<SVGElement>(":scope > svg")) picture.append(linesOf(drawing));
    picture.append(...inOrder(pane.querySelectorAll(".cm-marker")).flatMap((marker) => [...marker.querySelectorAll("svg")].flatMap(symbolOf)));
  }
  picture.append(...[...map.getPane("cm-label")!.children].flatMap(labelOf), scaleBar(height));
  container.classList.toggle("cm-by-year", byYear);
  return picture;
});

/** Break a text into lines no wider than so many pixels. */
function broken(text: string, font: string, width: number): string[] {
  const ruler = h("canvas", null).getContext("2d")!;
  ruler.font = font;
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length && ruler.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The picture as readers take it away: title above, attribution beneath. */
export function fullPicture(): SVGSVGElement {
  const view = mapPicture();
  const [width, height] = sizeOf(view);
  const title = broken(say(data.title), `600 20px ${FONT}`, width - 32);
  const credit = broken(map.attributionControl.getContainer()!.textContent, `11px ${FONT}`, width - 32);
  const top = 16 + title.length * 26;
  const whole = { width, height: top + height + 12 + credit.length * 15 };
  const lines = (texts: string[], first: number, step: number, attributes: Record<string, number>): SVGElement[] =>
    texts.map((text, i) => svg("text", { x: 16, y: first + i * step, "font-family": FONT, fill: "#1d2327", ...attributes }, text));
  // A nested picture is cut at its edges, so that no line runs into the title.
  view.setAttribute("y", String(top));
  view.setAttribute("overflow", "hidden");
  return svg("svg", { ...whole, viewBox: `0 0 ${whole.width} ${whole.height}` }, svg("rect", { ...whole, fill: "#ffffff" }), view,
    ...lines(title, 28, 26, { "font-size": 20, "font-weight": 600 }), ...lines(credit, top + height + 18, 15, { "font-size": 11 }));
}

/** A picture's width and height, in pixels. */
export const sizeOf = (picture: SVGElement): number[] => ["width", "height"].map((side) => Number(picture.getAttribute(side)));

/** A picture as a PNG file, drawn at twice its size so that print stays sharp. The data address keeps the canvas readable. */
export async function toPng(picture: SVGSVGElement): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(picture))}`;
  await image.decode();
  const canvas = h("canvas", null);
  const [width, height] = sizeOf(picture);
  // Phones refuse canvases beyond some 16 million dots.
  const times = Math.min(2, Math.sqrt(16e6 / (width * height)));
  Object.assign(canvas, { width: Math.round(width * times), height: Math.round(height * times) });
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/png"));
}
