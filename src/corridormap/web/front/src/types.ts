/* What the page's data is made of, as corridormap.web.payload writes it, and what the page makes of it. */
import polyline from "@mapbox/polyline";
import type * as L from "leaflet";

/** A text by language. */
export type Texts = Record<string, string>;

export type Value = string | number | boolean | null;
export type Properties = Record<string, Value | undefined>;

/** Records by columns: a list of values for each field, all of one length. */
export type Columns = Record<string, unknown[]>;

/** A run of positions as an encoded polyline, in whole steps of 1/scale of a degree. */
export type Polyline = string;

/** Give the positions of an encoded polyline: [[lat, lng], …]. */
export const decode = (line: Polyline, scale: number): [number, number][] => polyline.decode(line, 0).map(([lat, lng]) => [lat / scale, lng / scale]);

/** A point, lines, areas of rings, or ways over numbered links, where a minus sign says that one is travelled backwards. */
export interface Shape {
  p?: Polyline;
  l?: Polyline[];
  a?: Polyline[][];
  w?: number[][];
  /** The lane of an itinerary: how many steps to the right of its travel it is drawn. */
  o?: number;
  /** What is in doubt: links by number, or all of a line. */
  d?: number[];
}

/** Which part of a feature's drawing a path is: the pale edge, the line, the marks along a railway's middle. */
export type Part = "casing" | "line" | "core";

/** One of the lines that are drawn over each other, as corridormap.cartography decides. */
export interface Stroke {
  part: Part;
  colour: string;
  width: number;
  dash?: string;
}

/** A row of a legend: a text, or a feature that says it; a symbol of points or strokes of a line; how many features it stands for. */
export interface LegendRow {
  text?: Texts;
  feature?: string;
  symbol?: Symbol;
  strokes?: Stroke[];
  count?: number;
}

/** The rank of a name, the smaller the earlier, and the zoom from which it is shown. */
export type Rank = [rank: number, zoom: number];

/** What of the cartography holds for all layers. */
export interface Cartography {
  spacing: number;
  displaced: [whole: number, none: number];
  pale: string;
  shapes: Record<string, [right: number, up: number][]>;
  labels_ahead: number;
  same_town_m: number;
  first_labels: number;
}

export interface Symbol {
  colour: string;
  width?: number;
  size?: number;
  shape?: string;
  dash?: string;
  label?: Texts;
}

export interface Style {
  symbol: Symbol;
  by?: string;
  values?: Record<string, Partial<Symbol>>;
  casing?: string;
  dash_over_m?: number;
}

export type Build = "itineraries" | "links" | "places" | "crossings" | "points" | "lines";

export interface LayerRecord {
  id: string;
  build: Build;
  geometry: string;
  group: string;
  name: Texts;
  summary: Texts;
  visible: boolean;
  licence: string;
  sources: string[];
  style: Style;
  scale: number;
  /** Of lines: the ways in which they are drawn, all along and where they are in doubt. */
  strokes?: [Stroke[], Stroke[]][];
  /** Which of these is each feature's. */
  drawn?: number[];
  /** Of points: the rank of each feature's name. */
  ranks?: Rank[];
  legend: LegendRow[];
  /** How lines are drawn, and what dashes mean. */
  drawing: LegendRow[];
  columns: Columns;
  shapes: (Shape | null)[];
}

export interface Statement {
  about: string;
  standing: string;
  text: Texts;
  date: string | null;
  features: string[] | null;
  note?: Texts | null;
  sources: string[];
}

export interface Source {
  id: string;
  title: string;
  publisher: string | null;
  url: string | null;
  date: string | null;
  licence: string | null;
}

export interface BackdropFeature {
  /** Of what a name stands for. */
  id?: string;
  kind?: string;
  name?: Texts;
  shape: Shape | null;
}

export interface Backdrop {
  kind: "land" | "country" | "water" | "river" | "boundary" | "town" | "label";
  /** Of the names on it, where it has any. */
  rank?: Rank;
  scale: number;
  thinned_m: number;
  features: BackdropFeature[];
}

/** What the page needs to show its frame, before the rest is read. */
export interface Frame {
  lang: string;
  languages: string[];
  title: Texts;
  /** Of an atlas of several countries none. */
  country: string | null;
  country_name: Texts;
  extent: [number, number, number, number];
  view: [number, number, number, number];
  max_zoom: number;
  surround: "land" | "sea" | "none";
  embed?: boolean;
  id: string;
}

export interface Data extends Frame {
  description: Texts;
  attribution: Texts;
  paper: [number, number, number, number];
  cartography: Cartography;
  groups: { id: string; name: Texts }[];
  /** Lines, and how long they are in the atlas, where coordinates are not rounded and nothing is left out. */
  links: { scale: number; lines: Polyline[]; metres: number[]; displaced: number[] };
  layers: LayerRecord[];
  statements: Statement[];
  /** Texts of features and statements by language, until they are read in. */
  texts?: Record<string, { layers: Record<string, Columns>; text: string[]; note: (string | null)[] }>;
  sources: Columns;
  backdrop: Backdrop[];
  /** The page's own words by key; not every word is in every language. */
  locales: Record<string, Texts | undefined>;
  tiles?: { url: string; subdomains: string[]; min_zoom: number; max_zoom: number; attribution: string; referrer_policy: L.ReferrerPolicy };
  tiles_from?: { url: string; thinned_m: number; layer: string | null; names?: string[] };
}

/** A link of a line as it is drawn. */
export interface Step {
  link: number;
  /** The number of the places it is drawn along, where these are finer than the link's own. */
  drawn?: number;
  forward: boolean;
}

/** A Leaflet line of ours. */
export interface DrawnLine extends L.Polyline {
  part: Part;
  owner: Feature;
  /** By day, and on a map of a province. */
  colour: string;
  width: number;
  steps?: Step[];
}

export interface Feature {
  id: string;
  layer: Layer;
  properties: Properties;
  shape: Shape | null;
  /** Of lines: how it is drawn all along, and where it is in doubt. */
  strokes?: [Stroke[], Stroke[]];
  lines: DrawnLine[];
  marker?: L.Marker;
  latlng?: L.LatLng;
}

export interface Layer {
  id: string;
  record: LayerRecord;
  fields: string[];
  visible: boolean;
  /** Whether the reader or the address asked for it: its symbols are then shown from afar, too. */
  asked: boolean;
  group: L.LayerGroup;
  features: Feature[];
}

/** A line along which kilometres are counted: a corridor, or a stretch of a numbered road. */
export interface Itinerary {
  key: string;
  shape: Shape;
  feature?: Feature;
  road?: Road;
}

export interface Road {
  ref: string;
  lines: Itinerary[];
}
