/* The map of a report: the features that were checked, and every place with a finding, marked by shape and colour after the worst of them. */
import { decode } from "./decode.ts";
import { button, h } from "./dom.ts";
import { mercator, PlainMap, type Spot } from "./plainmap.ts";
import { rank, short, word, type Finding, type Place, type Report, type Severity } from "./report.ts";
import { pointSymbol } from "./symbols.ts";
import type { Moves } from "./types.ts";
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
const CORNERS: { [S in Severity]?: Spot[] } = { error: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]], warning: [[0, -1.2], [1.2, 0.95], [-1.2, 0.95]] };
/** Degrees from one meridian or parallel to the next. */
const STEPS = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 45];
const GROUND = ["land", "country", "water", "boundary"];

type Context = CanvasRenderingContext2D;
/** A text with where it is written: left and foot, in pixels. */
type Mark = [text: string, left: number, foot: number];

let report: Report;
/** What to say of a place, and what to do when one is pressed: the table knows. */
let describe: (place: Place) => HTMLElement;
let choose: (place: Place) => void;
let map: PlainMap;
let runs: Spot[][] = [];
let ground: { kind: string; lines: Spot[][]; area: boolean }[] = [];
let names: { text: string; at: Spot }[] = [];
/** The places that are shown, as painted ones or as buttons. */
let painted: Place[] = [];
let buttons: { place: Place; element: HTMLElement }[] = [];
/** The place whose card is open. */
let told: Place | null = null;
const marks = h("div", { class: "cm-marks" });
const card = h("div", { class: "cm-popup cm-still", hidden: true, role: "group" });
const scale = h("div", { class: "cm-scale" });

/** The picture of a severity, for the map, the table and the filter alike. */
export const severitySymbol = (severity: Severity): SVGElement => pointSymbol(SYMBOLS[severity]);

const worst = (place: Place): Severity => place.shown[0].severity;

function titleOf({ shown }: Place): string {
  const title = `${word(`severity.${shown[0].severity}`)} ${shown[0].code}: ${short(shown[0].message, 120)}`;
  return shown.length > 1 ? `${title} (${word("here", { count: number(shown.length) })})` : title;
}

function buttonOf(place: Place, stop: boolean): HTMLElement {
  const title = titleOf(place);
  return button({ class: "cm-marker", "aria-label": title, title, tabindex: stop ? 0 : -1 }, () => choose(place),
    h("span", { class: "cm-point" }, severitySymbol(worst(place)), place.shown.length > 1 && h("span", { class: "cm-many" }, number(place.shown.length))));
}

/** Show the places of these findings, and no others. */
export function drawPlaces(findings: Finding[]): void {
  if (told) told.shown = [];
  const places = new Set(findings.flatMap(({ place }) => place ?? []));
  for (const place of places) place.shown = [];
  for (const finding of findings) finding.place?.shown.push(finding);
  for (const { shown } of places) shown.sort((a, b) => rank(a) - rank(b));
  // The worst last, to lie on top.
  const drawn = [...places].sort((a, b) => rank(b.shown[0]) - rank(a.shown[0]));
  const crowded = drawn.length > CROWD;
  painted = crowded ? drawn : [];
  buttons = crowded ? [] : drawn.map((place) => ({ place, element: buttonOf(place, drawn.length <= STOPS) }));
  marks.replaceChildren(...buttons.map(({ element }) => element));
  map.paint();
  if (told?.shown.length) tell(told);
  else leave();
}

/** See all features and all places that are shown. */
export function fit(): void {
  const places = [...painted, ...buttons.map(({ place }) => place)].map(({ at }) => at);
  map.fit([...runs.flat(), ...places], runs.length ? NEAR.features : NEAR.place);
}

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
  for (const { place, element } of buttons) move(element, place);
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

function coordinate(value: number, step: number, [plus, minus]: string): string {
  const text = Math.abs(value).toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return `${text}°${value > 0 ? plus : value < 0 ? minus : ""}`;
}

/** A colour, or the font, of the style sheet by its name. */
const colour = (name: string): string => window.getComputedStyle(document.documentElement).getPropertyValue(`--cm-${name}`);

const trace = (context: Context, run: Spot[]): void => run.forEach((place, i) => context[i ? "lineTo" : "moveTo"](...map.pixel(place)));

function paintGround(context: Context): void {
  if (report.ground?.surround === "land") {
    const [west, south, east, north] = report.ground.paper;
    const [[left, top], [right, bottom]] = [map.pixel(mercator(west, north)), map.pixel(mercator(east, south))];
    context.fillStyle = colour("sea");
    context.fillRect(left, top, right - left, bottom - top);
  }
  for (const { kind, lines, area } of ground) {
    context.beginPath();
    for (const line of lines) trace(context, line);
    context.fillStyle = colour(kind === "water" ? "sea" : kind);
    if (area) context.fill("evenodd");
    context.strokeStyle = colour(kind === "water" ? "shore" : "boundary");
    context.setLineDash(kind === "boundary" ? [4, 3] : []);
    if (kind !== "land") context.stroke();
  }
  context.setLineDash([]);
}

/** Meridians and parallels at round degrees, named at the edge; with them a place has a where though nothing lies under it. */
function paintGrid(context: Context): Mark[] {
  const [west, north] = map.lonlat(0, 0);
  const [east, south] = map.lonlat(map.width, map.height);
  const step = STEPS.find((one) => (east - west) / one <= Math.max(2, map.width / 130)) ?? 45;
  const found: Mark[] = [];
  const rounds = (from: number, to: number): number[] => {
    const first = Math.ceil(from / step);
    return Array.from({ length: Math.max(0, Math.floor(to / step + 1e-9) - first + 1) }, (_, i) => (first + i) * step);
  };
  context.globalAlpha = 0.35;
  context.strokeStyle = colour("boundary");
  context.beginPath();
  for (const lon of rounds(Math.max(-180, west), Math.min(180, east))) {
    trace(context, [mercator(lon, 85), mercator(lon, -85)]);
    found.push([coordinate(lon, step, "EW"), map.pixel(mercator(lon, 0))[0] + 3, 12]);
  }
  for (const lat of rounds(Math.max(-85, south), Math.min(85, north))) {
    trace(context, [mercator(-180, lat), mercator(180, lat)]);
    const [, top] = map.pixel(mercator(0, lat));
    // The scale stands at the foot.
    if (top < map.height - 24) found.push([coordinate(lat, step, "NS"), 3, top - 3]);
  }
  context.stroke();
  context.globalAlpha = 1;
  return found;
}

/** Write names with the ground's colour about them, none over another. */
function paintNames(context: Context, degrees: Mark[]): void {
  const taken: number[][] = [];
  Object.assign(context, { strokeStyle: colour("paper"), lineWidth: 3, lineJoin: "round" });
  const write = (text: string, left: number, foot: number): void => {
    const width = context.measureText(text).width;
    const box = [left, foot - 11, left + width + 4, foot + 3];
    if (left < 0 || left + width > map.width || taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return;
    taken.push(box);
    context.strokeText(text, left, foot);
    context.fillText(text, left, foot);
  };
  context.font = `11px ${colour("font")}`;
  context.fillStyle = colour("soft");
  for (const degree of degrees) write(...degree);
  context.font = `600 12px ${colour("font")}`;
  for (const { text, at } of names) {
    const [middle, foot] = map.pixel(at);
    write(text, middle - context.measureText(text).width / 2, foot);
  }
}

function paintFeatures(context: Context): void {
  Object.assign(context, { strokeStyle: colour("feature"), fillStyle: colour("feature"), lineWidth: 1.5, lineJoin: "round" });
  context.beginPath();
  for (const run of runs) {
    trace(context, run);
    const [left, top] = map.pixel(run[0]);
    if (run.length === 1) context.fillRect(left - 1.5, top - 1.5, 3, 3);
  }
  context.stroke();
}

function paintCrowd(context: Context): void {
  Object.assign(context, { strokeStyle: "#fff", lineWidth: 1 });
  for (const place of painted) {
    const { colour: fill, size } = SYMBOLS[worst(place)];
    const corners = CORNERS[worst(place)];
    const [left, top] = map.pixel(place.at);
    context.fillStyle = fill;
    context.beginPath();
    if (corners) for (const [right, down] of corners) context.lineTo(left + (right * size) / 3, top + (down * size) / 3);
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

function paint(context: Context): void {
  paintGround(context);
  const degrees = paintGrid(context);
  paintFeatures(context);
  paintNames(context, degrees);
  paintCrowd(context);
  put();
  fitScale();
}

/** The painted place under a pointer. */
function placeUnder(event: MouseEvent): Place | null {
  const [x, y] = map.within(event);
  const away = ({ at }: Place): number => Math.hypot(map.pixel(at)[0] - x, map.pixel(at)[1] - y);
  // What is painted last lies on top.
  return painted.reduce<Place | null>((nearest, place) => (away(place) < 12 && (!nearest || away(place) <= away(nearest)) ? place : nearest), null);
}

function readGround(): void {
  const place = (moves: Moves, by: number): Spot[] => decode(moves, by).map(([lat, lon]) => mercator(lon, lat));
  runs = report.drawing?.runs.map((moves) => place(moves, report.drawing!.scale)) ?? [];
  const backdrop = report.ground?.backdrop ?? [];
  const below = GROUND.flatMap((kind) => backdrop.filter((layer) => layer.kind === kind));
  ground = below.flatMap(({ kind, scale: by, features }) => features.flatMap(({ shape }) => {
    const lines = shape?.a?.flat() ?? shape?.l;
    return lines ? { kind, area: Boolean(shape!.a), lines: lines.map((moves) => place(moves, by)) } : [];
  }));
  names = backdrop.filter(({ kind }) => kind === "label").flatMap(({ scale: by, features }) => features.flatMap(({ kind, name, shape }) =>
    (kind === "country" && shape?.p ? { text: say(name).toLocaleUpperCase(lang), at: place(shape.p, by)[0] } : [])));
}

/** Make the map of a report in an element. */
export function startMap(element: HTMLElement, table: { report: Report; describe: typeof describe; choose: typeof choose }): PlainMap {
  ({ report, describe, choose } = table);
  readGround();
  map = new PlainMap(element, paint);
  const thinned = report.drawing?.thinned_m ?? null;
  const checked = thinned === null ? word("checked") : word("checked_thinned", { distance: distance(thinned) });
  element.append(marks, card, h("div", { class: "cm-foot" }, scale, runs.length > 0 && h("div", null, h("span", { class: "cm-stroke" }), checked),
    report.ground && h("div", null, say(report.ground.attribution))));
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", t("map"));
  element.addEventListener("click", (event) => {
    if ((event.target as Element).closest("button, .cm-popup")) return;
    const place = placeUnder(event);
    if (place) choose(place);
    else leave();
  });
  element.addEventListener("pointermove", (event) => {
    const place = painted.length && !event.buttons ? placeUnder(event) : null;
    element.title = place ? titleOf(place) : "";
    element.classList.toggle("cm-pressable", Boolean(place));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
  });
  return map;
}
