/* What a report holds: its findings as they travel in the page, each with its place on the map. */
import { mercator, type Spot } from "./plainmap.ts";
import type { Data, Polyline } from "./types.ts";
import { t } from "./words.ts";

export const SEVERITIES = ["error", "warning", "note"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A finding: what, and in which file, feature and place, as far as it tells. */
export interface Finding extends Record<"code" | "message", string>, Record<"hint" | "file" | "pointer", string | null>,
  Record<"line" | "column" | "index" | "lon" | "lat", number | null> {
  number: number;
  severity: Severity;
  feature: string | number | null;
  place: Place | null;
}

/** A place on Earth with findings: those of them that pass the filter, the worst first. */
export interface Place {
  lon: number;
  lat: number;
  at: Spot;
  shown: Finding[];
}

/** The report in the page, as corridormap.web.findings writes it: findings as rows, in whose repeating columns texts go by their number. */
export interface Report extends Pick<Data, "languages" | "locales" | "cartography">, Record<"columns" | "repeating" | "texts", string[]> {
  summary: string;
  rules: Record<string, string>;
  rows: (string | number | null)[][];
  drawing: { scale: number; thinned_m: number | null; runs: Polyline[]; beside?: Polyline[] } | null;
  ground: Pick<Data, "attribution" | "paper" | "surround" | "backdrop"> | null;
}

/** A word of this page alone, which the atlas's map does not know. */
export const word = (key: string, values?: Record<string, string | number>): string => t(`report.${key}`, values);

export const rank = (finding: Finding): number => SEVERITIES.indexOf(finding.severity);

/** A text of no more than so many letters. */
export const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Longitude and latitude as text; null if either is unknown. */
export const position = ({ lon, lat }: Finding | Place): string | null => (lon === null || lat === null ? null : `${lon.toFixed(5)} ${lat.toFixed(5)}`);

/** Read the findings out of their rows; those at one place share it. */
export function readFindings({ columns, repeating, rows, texts }: Report): Finding[] {
  const places = new Map<string, Place>();
  return rows.map((row, number) => {
    const cells = columns.map((name, i) => [name, row[i] !== null && repeating.includes(name) ? texts[row[i] as number] : row[i]]);
    const finding = { ...Object.fromEntries(cells), number, place: null } as Finding;
    const { lon, lat } = finding;
    // Metres or swapped axes have no place on Earth; the table says where they claim to be.
    if (lon === null || lat === null || Math.abs(lon) > 180 || Math.abs(lat) > 90) return finding;
    const key = position(finding)!;
    const place = places.get(key) ?? { lon, lat, at: mercator(lon, lat), shown: [] };
    places.set(key, place);
    return { ...finding, place };
  });
}
