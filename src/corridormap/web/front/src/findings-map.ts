/* The map of a report: the features that were checked, and every place with a finding, marked by shape and colour after the worst of them. */
import { button, h } from "./dom.ts";
import { gap, mercator, PlainMap, type Spot } from "./plainmap.ts";
import { rank, short, word, type Finding, type Place, type Report, type Severity } from "./report.ts";
import { pointSymbol, shapes } from "./symbols.ts";
import { decode, type Polyline } from "./types.ts";
import { distance, lang, number, say, t } from "./words.ts";

/** More places than this are painted rather than made of elements; the table reaches them all. */
const CROWD = 400;
/** So many can be stepped through with the Tab key; beyond, the table is the shorter way. */
const STOPS = 60;
/** A place is shown from no nearer a zoom, to begin with; features are seen from nearer if they are small. */
const NEAR = { place: 8, features: 16, way: 7 };
const SYMBOLS = {
  error: { shape: "diamond", colour: "#b3001b", size: 15 },
  warning: { shape: "triangle", colour: "#9a5b00", size: 15 },
  note: { shape: "circle", colour: "#1c62a8", size: 12 },
};
/** Degrees from one meridian or parallel to the next. */
const STEPS = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 45];
/** What is painted of a backdrop, from below. */
const GROUND = ["land", "country", "river", "water", "boundary"];

let report: Report;
/** What to say of a place, and what to do when one is pressed: the table knows. */
let describe: (place: Place) => HTMLElement;
let choose: (place: Place) => void;
let map: PlainMap;
/** What is painted on, from the first picture on. */
let context: CanvasRenderingContext2D;
/** What is painted: the features, the backdrop, the names of countries, and those of the grid with their left and foot in pixels. */
let runs: Spot[][] = [];
/** The lines that those are compared with. */
let beside: Spot[][] = [];
let ground: { kind: string; lines: Spot[][]; area: boolean }[] = [];
let names: [text: string, at: Spot][] = [];
let degrees: [text: string, left: number, foot: number][] = [];
/** The places that are shown, the worst last; too many are painted, else each has its button. */
let drawn: Place[] = [];
let buttons: HTMLElement[] = [];
/** The place whose card is open. */
let told: Place | null = null;
const marks = h("div", { class: "cm-marks" });
const card = h("div", { class: "cm-popup cm-still", hidden: true, role: "group" });
const scale = h("div", { class: "cm-scale" });

/** The picture of a severity, for the map, the table and the filter alike. */
export const severitySymbol = (severity: Severity): SVGElement => pointSymbol(SYMBOLS[severity]);

function titleOf({ shown }: Place): string {
  const title = `${word(`severity.${shown[0].severity}`)} ${shown[0].code}: ${short(shown[0].message, 120)}`;
  return shown.length > 1 ? `${title} (${word("here", { count: number(shown.length) })})` : title;
}

function buttonOf(place: Place): HTMLElement {
  const [title, { shown }] = [titleOf(place), place];
  return button({ class: "cm-marker", "aria-label": title, title, tabindex: drawn.length > STOPS ? -1 : 0 }, () => choose(place),
    h("span", { class: "cm-point" }, severitySymbol(shown[0].severity), shown.length > 1 && h("span", { class: "cm-many" }, number(shown.length))));
}

/** Show the places of these findings, and no others. */
export function drawPlaces(findings: Finding[]): void {
  for (const place of drawn) place.shown = [];
  for (const finding of [...findings].sort((a, b) => rank(a) - rank(b))) finding.place?.shown.push(finding);
  // The worst last, to lie on top.
  drawn = [...new Set(findings.flatMap(({ place }) => place ?? []))].sort((a, b) => rank(b.shown[0]) - rank(a.shown[0]));
  buttons = drawn.length > CROWD ? [] : drawn.map(buttonOf);
  marks.replaceChildren(...buttons);
  map.paint();
  if (told?.shown.length) tell(told);
  else leave();
}

/** See all features and all places that are shown. */
export const fit = (): void => map.fit([...runs.flat(), ...beside.flat(), ...drawn.map(({ at }) => at)], runs.length ? NEAR.features : NEAR.place);

/** Open the card of a place. */
function tell(place: Place): void {
  told = place;
  card.replaceChildren(h("div", { class: "cm-card-scroll" }, describe(place)), button({ class: "cm-close", "aria-label": t("close") }, leave, "×"));
  card.hidden = false;
  put();
}

/** Put marks and card at their places. */
function put(): void {
  const move = (element: HTMLElement, { at }: Place): void => {
    const [left, top] = map.pixel(at);
    Object.assign(element.style, { left: `${left}px`, top: `${top}px` });
  };
  buttons.forEach((element, i) => move(element, drawn[i]));
  if (told) move(card, told);
}

/** Go to a place and say what was found there; `near` keeps the view if the place is in sight. */
export function goTo(place: Place, near = false): void {
  if (!near || !map.sees(place.at)) map.show(place.at, Math.max(map.zoom, NEAR.way));
  tell(place);
  // The card stands above its place and must be seen whole.
  const [inner, outer] = [card.getBoundingClientRect(), map.element.getBoundingClientRect()];
  const over = (low: number, high: number, least: number, most: number): number => Math.min(0, low - least) || Math.max(0, high - most);
  map.pan(over(inner.left, inner.right, outer.left + 8, outer.right - 8), over(inner.top, inner.bottom, outer.top + 8, outer.bottom - 8));
  put();
}

/** Say nothing more of any place. */
export function leave(): void {
  card.hidden = true;
  told = null;
}

const coordinate = (value: number, step: number, [plus, minus]: string): string =>
  `${Math.abs(value).toFixed(String(step).split(".")[1]?.length)}°${value > 0 ? plus : value < 0 ? minus : ""}`;

/** A colour, or the font, of the style sheet by its name. */
const colour = (name: string): string => window.getComputedStyle(document.documentElement).getPropertyValue(`--cm-${name}`);

const trace = (run: Spot[]): void => run.forEach((place, i) => context[i ? "lineTo" : "moveTo"](...map.pixel(place)));

function paintGround(): void {
  if (report.ground?.surround === "land") {
    const [west, south, east, north] = report.ground.paper;
    const [[left, top], [right, bottom]] = [map.pixel(mercator(west, north)), map.pixel(mercator(east, south))];
    context.fillStyle = colour("sea");
    context.fillRect(left, top, right - left, bottom - top);
  }
  for (const { kind, lines, area } of ground) {
    context.beginPath();
    lines.forEach(trace);
    context.fillStyle = colour(kind === "water" ? "sea" : kind);
    if (area) context.fill("evenodd");
    context.strokeStyle = colour(["river", "water"].includes(kind) ? "shore" : "boundary");
    context.setLineDash(kind === "boundary" ? [4, 3] : []);
    if (kind !== "land") context.stroke();
  }
  context.setLineDash([]);
}

/** Meridians and parallels at round degrees, named at the edge; with them a place has a where though nothing lies under it. */
function paintGrid(): void {
  const [[west, north], [east, south]] = [map.lonlat(0, 0), map.lonlat(map.width, map.height)];
  const step = STEPS.find((one) => (east - west) / one <= Math.max(2, map.width / 130)) ?? 45;
  degrees = [];
  Object.assign(context, { globalAlpha: 0.35, strokeStyle: colour("boundary") });
  context.beginPath();
  // Counted in steps, for sums of fractions go astray.
  for (let i = Math.ceil(Math.max(-180, west) / step); i * step <= Math.min(180, east); i += 1) {
    trace([mercator(i * step, 85), mercator(i * step, -85)]);
    degrees.push([coordinate(i * step, step, "EW"), map.pixel(mercator(i * step, 0))[0] + 3, 12]);
  }
  for (let i = Math.ceil(Math.max(-85, south) / step); i * step <= Math.min(85, north); i += 1) {
    trace([mercator(-180, i * step), mercator(180, i * step)]);
    const [, top] = map.pixel(mercator(0, i * step));
    // The scale stands at the foot.
    if (top < map.height - 24) degrees.push([coordinate(i * step, step, "NS"), 3, top - 3]);
  }
  context.stroke();
  context.globalAlpha = 1;
}

/** Write names with the ground's colour about them, none over another. */
function paintNames(): void {
  const taken: { left: number; right: number; foot: number }[] = [];
  const write = (text: string, left: number, foot: number): void => {
    const right = left + context.measureText(text).width;
    if (left < 0 || right > map.width) return;
    if (taken.some((other) => left < other.right + 4 && other.left < right + 4 && Math.abs(foot - other.foot) < 14)) return;
    taken.push({ left, right, foot });
    context.strokeText(text, left, foot);
    context.fillText(text, left, foot);
  };
  Object.assign(context, { strokeStyle: colour("paper"), fillStyle: colour("soft"), lineWidth: 3, font: `11px ${colour("font")}` });
  for (const degree of degrees) write(...degree);
  context.font = `600 12px ${colour("font")}`;
  for (const [text, at] of names) {
    const [middle, foot] = map.pixel(at);
    write(text, middle - context.measureText(text).width / 2, foot);
  }
}

function paintFeatures(): void {
  Object.assign(context, { strokeStyle: colour("shore"), lineWidth: 4, lineJoin: "round" });
  context.beginPath();
  beside.forEach(trace);
  context.stroke();
  Object.assign(context, { strokeStyle: colour("feature"), fillStyle: colour("feature"), lineWidth: 1.5, lineJoin: "round" });
  context.beginPath();
  for (const run of runs) {
    trace(run);
    const [left, top] = map.pixel(run[0]);
    if (run.length === 1) context.fillRect(left - 1.5, top - 1.5, 3, 3);
  }
  context.stroke();
}

function paintCrowd(): void {
  Object.assign(context, { strokeStyle: "#fff", lineWidth: 1 });
  for (const { at, shown } of buttons.length ? [] : drawn) {
    const { colour: fillStyle, shape, size } = SYMBOLS[shown[0].severity];
    const [left, top] = map.pixel(at);
    context.fillStyle = fillStyle;
    context.beginPath();
    if (shape in shapes) for (const [right, down] of shapes[shape]) context.lineTo(left + (right * size) / 3, top + (down * size) / 3);
    else context.arc(left, top, size / 3, 0, Math.PI * 2);
    context.closePath();
    context.fill();
    context.stroke();
  }
}

/** A bar of a round length, true in the middle of the map. */
function fitScale(): void {
  const [, lat] = map.lonlat(map.width / 2, map.height / 2);
  const metre = map.size() / (40075017 * Math.cos((lat * Math.PI) / 180));
  const ten = 10 ** Math.floor(Math.log10(100 / metre));
  const length = [5, 3, 2, 1].map((one) => one * ten).find((one) => one * metre <= 100)!;
  scale.textContent = distance(length);
  scale.style.width = `${length * metre}px`;
}

function paint(given: CanvasRenderingContext2D): void {
  context = given;
  for (const step of [paintGround, paintGrid, paintFeatures, paintNames, paintCrowd, put, fitScale]) step();
}

/** The painted place under a pointer. */
function placeUnder(event: MouseEvent): Place | undefined {
  if (buttons.length) return undefined;
  const pointer = map.within(event);
  const near = drawn.map((place) => ({ place, away: gap(map.pixel(place.at), pointer) })).filter(({ away }) => away < 12);
  // What is painted last lies on top.
  return near.reverse().sort((a, b) => a.away - b.away)[0]?.place;
}

function readGround(): void {
  const place = (line: Polyline, by: number): Spot[] => decode(line, by).map(([lat, lon]) => mercator(lon, lat));
  const { drawing } = report;
  runs = drawing?.runs.map((line) => place(line, drawing.scale)) ?? [];
  beside = drawing?.beside?.map((line) => place(line, drawing.scale)) ?? [];
  const features = report.ground?.backdrop.flatMap(({ kind: layer, scale: by, features: all }) => all.map((one) => ({ ...one, layer, by }))) ?? [];
  ground = GROUND.flatMap((kind) => features.filter(({ layer }) => layer === kind).map(({ shape, by }) =>
    ({ kind, area: Boolean(shape?.a), lines: (shape?.a?.flat() ?? shape?.l ?? []).map((line) => place(line, by)) })));
  names = features.flatMap(({ layer, kind, name, shape, by }) =>
    (layer === "label" && kind === "country" && shape?.p ? [[say(name).toLocaleUpperCase(lang), place(shape.p, by)[0]]] : []));
}

/** Make the map of a report. */
export function startMap(table: { report: Report; describe: typeof describe; choose: typeof choose }): PlainMap {
  ({ report, describe, choose } = table);
  readGround();
  const element = h("div", { class: "cm-map", tabindex: 0, role: "region", "aria-label": t("map") });
  map = new PlainMap(element, paint);
  const thinned = report.drawing?.thinned_m ?? null;
  const checked = thinned === null ? word("checked") : word("checked_thinned", { distance: distance(thinned) });
  element.append(marks, card, h("div", { class: "cm-foot" }, scale, runs.length > 0 && h("div", null, h("span", { class: "cm-stroke" }), checked),
    beside.length > 0 && h("div", null, h("span", { class: "cm-stroke cm-beside" }), word("beside")),
    report.ground && h("div", null, say(report.ground.attribution))));
  element.addEventListener("click", (event) => {
    if ((event.target as Element).closest("button, .cm-popup")) return;
    const place = placeUnder(event);
    if (place) choose(place);
    else leave();
  });
  element.addEventListener("pointermove", (event) => {
    const place = event.buttons ? undefined : placeUnder(event);
    element.title = place ? titleOf(place) : "";
    element.classList.toggle("cm-pressable", Boolean(place));
  });
  document.addEventListener("keydown", ({ key }) => key === "Escape" && leave());
  return map;
}
