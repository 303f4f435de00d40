/* The start: show the frame, read the data, draw, and follow the reader's language. */
import * as L from "leaflet";
import { data, layers, readData, readFrame } from "./atlas.ts";
import { readFrameOptions, readOptions, startAddress } from "./address.ts";
import { drawBackdrop } from "./backdrop.ts";
import { escaped } from "./dom.ts";
import { frameEmbed, startEmbed } from "./embed.ts";
import { on } from "./events.ts";
import { placeLabels } from "./labels.ts";
import { drawLines, fitWidths } from "./lines.ts";
import { setOffsets } from "./offsets.ts";
import { buildPanel, panelHead, startPanel } from "./panel.ts";
import { drawPoint } from "./points.ts";
import { startPin } from "./pin.ts";
import { startPopup } from "./popup.ts";
import { startPrint } from "./print.ts";
import { app, isCalm, map, options, panel, setElements, setMap } from "./stage.ts";
import { startTable } from "./table.ts";
import { startTheme } from "./theme.ts";
import { startTiles } from "./tiles.ts";
import type { Data, Frame } from "./types.ts";
import { distance, lang, say, t } from "./words.ts";

const PANES = { "cm-backdrop": 210, "cm-under": 390, "cm-line": 400, "cm-label": 620, "cm-point": 610 };
/** Milliseconds after which the work of drawing gives way to the reader. */
const SLICE_MS = 30;

type Task = () => unknown;

/** A scale whose units are in the reader's language. */
const Scale = L.Control.Scale.extend({
  _updateMetric(this: L.Control.Scale & { _mScale: HTMLElement; _getRoundNum(metres: number): number }, metres: number) {
    const round = this._getRoundNum(metres);
    this._mScale.style.width = `${Math.round(this.options.maxWidth! * (round / metres))}px`;
    this._mScale.textContent = distance(round);
  },
}) as unknown as new (options: L.Control.ScaleOptions) => L.Control.Scale;

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

/** The empty map, where the reader or the atlas wants it. */
function emptyMap(element: HTMLElement): L.Map {
  const moves = !isCalm();
  const [west, south, east, north] = data.extent;
  const made = L.map(element, {
    zoomControl: false, attributionControl: false, zoomSnap: 0, minZoom: 3, maxZoom: 14, wheelPxPerZoomLevel: 90,
    zoomAnimation: moves, fadeAnimation: moves, markerZoomAnimation: moves, inertia: moves,
    maxBounds: [[south - 12, west - 12], [Math.min(84, north + 12), east + 12]], maxBoundsViscosity: 0.6,
  });
  for (const [name, height] of Object.entries(PANES)) made.createPane(name).style.zIndex = String(height);
  made.attributionControl = L.control.attribution({ prefix: false }).addTo(made).addAttribution("Leaflet");
  const [w, s, e, n] = data.view;
  if (options.map) made.setView([options.map.lat, options.map.lng], options.map.zoom, { animate: false });
  else made.fitBounds([[s, w], [n, e]], { padding: [8, 8], animate: false });
  // The first view fits to the pixel; the reader's own steps are quarters of a zoom.
  made.options.zoomSnap = 0.25;
  return made;
}

/** The controls in the corners; popups open upwards, and at the top the buttons would cover their close button. */
function addControls(): void {
  const zoom = L.control.zoom({ position: "bottomright" }).addTo(map).getContainer()!;
  const scale = new Scale({ position: "bottomleft", imperial: false, maxWidth: 120 }).addTo(map) as L.Control.Scale & { _update(): void };
  let attribution: string | null = null;
  const inWords = (): void => {
    document.documentElement.lang = lang;
    document.title = say(data.title);
    map.getContainer().setAttribute("role", "region");
    map.getContainer().setAttribute("aria-label", `${t("map")}: ${say(data.title)}`);
    for (const way of ["in", "out"]) {
      const button = zoom.querySelector<HTMLElement>(`.leaflet-control-zoom-${way}`)!;
      button.title = t(`zoom_${way}`);
      button.setAttribute("aria-label", button.title);
    }
    if (attribution !== null) map.attributionControl.removeAttribution(attribution);
    attribution = escaped(say(data.attribution));
    map.attributionControl.addAttribution(attribution);
    scale._update();
  };
  inWords();
  on("language", inWords);
}

function followView(): void {
  const labels = map.getPane("cm-label")!;
  const fit = (): void => {
    fitWidths();
    // From afar symbols would hide the lines they stand on.
    map.getContainer().classList.toggle("cm-far", map.getZoom() < 4.5);
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
    startPopup();
  };
  yield* drawBackdrop();
  for (const layer of layers) {
    for (const feature of layer.features) yield () => (layer.record.geometry === "Point" ? drawPoint : drawLines)(feature);
  }
  yield setOffsets;
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

/** The map of the page, and a promise of it that is kept once all is drawn. */
export interface Started {
  map: L.Map;
  ready: Promise<L.Map>;
}

/**
 * Show the frame, the title and an empty map; once these are painted and the document is whole, read the data and draw.
 *
 * `id` is that of the map's element; `extras` are run at the end.
 */
export function start(id: string, extras: Task[]): Started {
  const element = document.getElementById(id)!;
  setElements({ app: element.closest<HTMLElement>(".cm-app")!, panel: document.getElementById(`${id}_panel`)! });
  readFrame(json("corridormap-frame") as Frame);
  readFrameOptions();
  startTheme();
  frameEmbed();
  app.classList.add(`cm-around-${data.surround}`);
  // In a small frame the map comes first; the panel is one button away.
  app.classList.toggle("cm-open", options.panel ?? window.innerWidth >= 900);
  app.setAttribute("aria-busy", "true");
  // Until all is drawn nothing can be pressed, and wheel and finger are the article's.
  app.inert = true;
  document.documentElement.lang = lang;
  panel.append(panelHead());
  setMap(emptyMap(element));
  const ready = (async () => {
    try {
      await Promise.all([painted(), parsed()]);
      readData(json("corridormap-data") as Omit<Data, keyof Frame>);
      readOptions();
      await inSlices(drawing());
      await inSlices([startPin, startTable, startPrint, startAddress, ...extras]);
    } finally {
      app.removeAttribute("aria-busy");
      app.inert = false;
    }
    return map;
  })();
  return { map, ready };
}
