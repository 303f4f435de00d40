/* The start: show the frame, read the data and draw; and what a host of the page may call. */
import * as L from "leaflet";
import { boundsOf, byId, changeLanguage, data, layerById, layers, minZoom, readData, readFrame } from "./atlas.ts";
import { readFrameOptions, readOptions, startAddress, state } from "./address.ts";
import { button } from "./dom.ts";
import { drawBackdrop, startTiles } from "./backdrop.ts";
import { addControls } from "./controls.ts";
import { fillBelow, frameEmbed, isEmbedded, startEmbed } from "./embed.ts";
import { on } from "./events.ts";
import { placeLabels, startKeys } from "./labels.ts";
import { drawLines, fitWidths } from "./lines.ts";
import { buildPanel, panelHead, startPanel } from "./panel.ts";
import { drawPoint } from "./points.ts";
import { startPin } from "./pin.ts";
import { startPointer } from "./pointer.ts";
import { goTo, show, startChosen } from "./chosen.ts";
import { startPrint } from "./print.ts";
import { startSide } from "./side.ts";
import { app, isNarrow, map, options, panel, setElements, setMap } from "./stage.ts";
import { startTable } from "./table.ts";
import { startTheme } from "./theme.ts";
import type { Data, Frame } from "./types.ts";
import { lang } from "./words.ts";

// What the map's maker adds, in Leaflet's own panes, lies above all of the atlas but its names.
const PANES = { "cm-backdrop": 210, "cm-under": 390, "cm-line": 400, "cm-point": 410, overlayPane: 500, "cm-label": 620 };
/** The zoom from which on stops and crossings have symbols: from afar these would hide the lines they stand on. */
const SYMBOLS_FROM = 6;
/** Milliseconds after which the work of drawing gives way to the reader. */
const SLICE_MS = 30;

type Task = () => unknown;

const json = (id: string): unknown => JSON.parse(document.getElementById(id)!.textContent);

/** Wait until the browser has painted what stands so far; where it paints nothing, as in a hidden tab, not for long. */
const painted = (): Promise<void> => new Promise((done) => {
  window.requestAnimationFrame(() => window.setTimeout(done));
  window.setTimeout(done, 250);
});

/** Wait until the whole document is there: the data stand at its end. */
const parsed = (): Promise<void> => new Promise((done) => {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => done());
  else done();
});

/** Let the browser see to other things. Unlike a timer's, this turn comes at once in a tab that is not in sight, too. */
const turn = (): Promise<void> => new Promise((done) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    done();
  };
  port2.postMessage(null);
});

async function inSlices(tasks: Iterable<Task>): Promise<void> {
  let since = performance.now();
  for (const task of tasks) {
    task();
    if (performance.now() - since < SLICE_MS) continue;
    await turn();
    since = performance.now();
  }
}

/** Wait until an element has a size: a frame in a closed tab of the article has none before the reader opens that. */
const sized = (element: HTMLElement): Promise<void> => new Promise((done) => {
  const seen = (): boolean => element.offsetWidth > 0 && element.offsetHeight > 0;
  if (seen()) done();
  else {
    const observer = new ResizeObserver(() => {
      if (!seen()) return;
      observer.disconnect();
      done();
    });
    observer.observe(element);
  }
});

/** Go where the address asks to, else fit some bounds, clear of the credits at the map's foot; to the very pixel, as no mere move would. */
function firstView(made: L.Map, bounds: L.LatLngBoundsExpression): void {
  if (options.map) made.setView([options.map.lat, options.map.lng], options.map.zoom, { reset: true } as L.ZoomPanOptions);
  else made.fitBounds(bounds, { paddingTopLeft: [8, 8], paddingBottomRight: [8, isEmbedded() ? 8 : 24], reset: true } as L.FitBoundsOptions);
}

/** The bounds of the atlas's own view. */
const wholeView = (): L.LatLngBoundsExpression => [[data.view[1], data.view[0]], [data.view[3], data.view[2]]];

/** The empty map, where the reader or the atlas wants it. */
function emptyMap(element: HTMLElement): L.Map {
  const moves = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const [west, south, east, north] = data.extent;
  const made = L.map(element, {
    zoomControl: false, zoomSnap: 0, minZoom: minZoom(), maxZoom: data.max_zoom, wheelPxPerZoomLevel: 90,
    zoomAnimation: moves, fadeAnimation: moves, markerZoomAnimation: moves, inertia: moves,
    maxBounds: [[south - 12, west - 12], [Math.min(84, north + 12), east + 12]], maxBoundsViscosity: 0.6,
  });
  for (const [name, height] of Object.entries(PANES)) (made.getPane(name) ?? made.createPane(name)).style.zIndex = String(height);
  made.attributionControl.setPrefix(false).addAttribution("Leaflet");
  firstView(made, wholeView());
  return made;
}

function followView(): void {
  const labels = map.getPane("cm-label")!;
  const fit = (): void => {
    fitWidths();
    map.getContainer().classList.toggle("cm-far", map.getZoom() < SYMBOLS_FROM);
  };
  fit();
  map.on("zoomend", fit);
  map.on("zoomstart", () => labels.classList.add("cm-away"));
  // Every zoom ends in a move, too.
  map.on("moveend resize", () => {
    placeLabels();
    labels.classList.remove("cm-away");
  });
  placeLabels();
  on("layers", placeLabels);
  on("language", placeLabels);
  on("paint", placeLabels);
}

function* drawing(): Iterable<Task> {
  // What listens to the panel comes with it: a host may show or hide a layer while the rest is drawn.
  yield () => {
    buildPanel();
    startPanel();
    startChosen();
    startSide();
    startPointer();
    startKeys();
  };
  yield* drawBackdrop();
  for (const layer of layers) {
    for (const feature of layer.features) yield () => (layer.record.geometry === "Point" ? drawPoint : drawLines)(feature);
  }
  yield fitWidths;
  for (const layer of layers) {
    if (!layer.visible) continue;
    // The layer may be hidden meanwhile.
    for (const drawn of layer.group.getLayers()) yield () => layer.visible && map.addLayer(drawn);
    yield () => (layer.visible ? map.addLayer(layer.group) : layer.group.eachLayer((drawn) => map.removeLayer(drawn)));
  }
  yield addControls;
  // Names keep clear of what these put on the map.
  yield startEmbed;
  yield startTiles;
  yield followView;
}

/** Where the empty map stood; nowhere, if it had no size yet. */
let first: { zoom: number; center: L.LatLng } | null;

/** Read the data once the frame is painted and the document is whole, and draw; `extras` are run at the end. */
async function draw(extras: Task[]): Promise<L.Map> {
  try {
    await Promise.all([painted(), parsed(), sized(map.getContainer())]);
    readData(json("corridormap-data") as Omit<Data, keyof Frame>);
    readOptions();
    fillBelow();
    openAtFirst();
    // What the address shows is seen whole, unless the map's maker had it go elsewhere.
    const untouched = !first || (map.getZoom() === first.zoom && map.getCenter().equals(first.center));
    map.invalidateSize({ pan: false });
    if (untouched) firstView(map, (options.layers && boundsOf(layers.filter((layer) => layer.visible))) || wholeView());
    // The first view fits to the pixel; the reader's own steps are quarters of a zoom.
    map.options.zoomSnap = 0.25;
    await inSlices(drawing());
    document.querySelector(".cm-picture")?.remove();
    await inSlices([startPin, startTable, startPrint, startAddress, ...extras]);
  } finally {
    app.removeAttribute("aria-busy");
    app.inert = false;
  }
  return map;
}

/** In a small frame the map comes first, the panel is one button away; on a phone it is a sheet below the map. */
const openAtFirst = (): unknown => app.classList.toggle("cm-open", options.panel ?? (window.innerWidth >= 900 || isNarrow()));

/** Show the frame: the title, and an empty map in the element of an id. */
function showFrame(id: string): void {
  const element = document.getElementById(id)!;
  setElements({ app: element.closest<HTMLElement>(".cm-app")!, panel: document.getElementById(`${id}_panel`)! });
  readFrame(json("corridormap-frame") as Frame);
  readFrameOptions();
  startTheme(isEmbedded() ? "light" : "auto");
  frameEmbed();
  app.classList.add(`cm-around-${data.surround}`);
  openAtFirst();
  app.setAttribute("aria-busy", "true");
  // Until all is drawn nothing can be pressed, and wheel and finger are the article's.
  app.inert = true;
  document.documentElement.lang = lang;
  panel.append(panelHead());
  setMap(emptyMap(element));
  first = element.offsetWidth ? { zoom: map.getZoom(), center: map.getCenter() } : null;
  app.prepend(button({ class: "cm-skip" }, () => element.focus({ preventScroll: true })));
}

/**
 * Offer to a host of the page what it may call, as `window.corridormap`; `extras` are run when the map stands. Everything else on the page is found by
 * the data attributes of its elements.
 */
export function offer(extras: Task[] = []): void {
  const host = {
    map: null as L.Map | null,
    ready: null as Promise<L.Map> | null,

    /** Start the map in the element of an id; gives the Leaflet map at once, `ready` is a promise of the drawn one. */
    start(id: string): L.Map {
      showFrame(id);
      Object.assign(host, { map, ready: draw(extras) });
      return map;
    },

    /** Go to a feature by its id and choose it; false if there is none of it. */
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
