/* Coordinates as people write them: decimal degrees or degrees, minutes and seconds, with the hemispheres named in three languages. */
import type * as L from "leaflet";
import { data } from "./atlas.ts";

/** Hemispheres as they are abbreviated: с. ш., в. д.; с. е., ш. б. */
const HEMISPHERES: [RegExp, string][] = [
  [/с\.?\s*[ше]\.?/g, "n"], [/[юо]\.?\s*[ше]\.?/g, "s"], [/в\.?\s*д\.?|ш\.?\s*б\.?/g, "e"], [/з\.?\s*д\.?|б\.?\s*б\.?/g, "w"],
];
const ANGLE = String.raw`([nsew])?\s*([+-]?\d{1,3}(?:[.,]\d+)?)(?:\s*°)?(?:\s*(\d{1,2}(?:[.,]\d+)?)\s*['′])?(?:\s*(\d{1,2}(?:[.,]\d+)?)\s*["″])?\s*([nsew])?`;
const PAIR = new RegExp(String.raw`^\s*${ANGLE}(?:\s*[,;]\s*|\s+|(?<=[nsew]))${ANGLE}\s*$`);

interface Angle { degrees: number; side: string }

function angle([before, degrees, minutes = "0", seconds = "0", after]: string[]): Angle {
  const [whole, sixtieths, rest] = [degrees, minutes, seconds].map((text) => Number(text.replace(",", ".")));
  const side = before || after || "";
  const size = Math.abs(whole) + sixtieths / 60 + rest / 3600;
  return { degrees: degrees.startsWith("-") || "sw".includes(side || "-") ? -size : size, side };
}

const isWithin = ({ lat, lng }: L.LatLngLiteral, [west, south, east, north]: number[]): boolean => lat >= south && lat <= north && lng >= west && lng <= east;

/** A longitude by whole turns next to another: next to 0 as people write it. */
export const lngNear = (lng: number, other: number): number => lng + 360 * Math.round((other - lng) / 360);

/** A longitude as the map has it, which goes on beyond 180° where the atlas does. */
export const onMap = (lng: number): number => lngNear(lng, (data.extent[0] + data.extent[2]) / 2);

const placed = ({ lat, lng }: L.LatLngLiteral): L.LatLngLiteral => ({ lat, lng: onMap(lng) });

/** The position on the map that a text tells, latitude first unless it says otherwise or the atlas lies where longitude came first; null where it tells none. */
export function coordinatesIn(typed: string): L.LatLngLiteral | null {
  const text = HEMISPHERES.reduce((all, [word, side]) => all.replace(word, side), typed.toLowerCase().replaceAll("\u2212", "-"));
  const match = PAIR.exec(text);
  // Two whole numbers may be anything.
  if (!match || !/[.°nsew]|\d,\d/.test(text)) return null;
  const [first, second] = [angle(match.slice(1, 6)), angle(match.slice(6, 11))];
  const told = { lat: first.degrees, lng: second.degrees };
  const turned = { lat: second.degrees, lng: first.degrees };
  const isTurned = first.side || second.side ? "ew".includes(first.side || "-") || "ns".includes(second.side || "-")
    : !isWithin(placed(told), data.extent) && isWithin(placed(turned), data.extent);
  const found = isTurned ? turned : told;
  return isWithin(found, [-180, -90, 180, 90]) ? placed(found) : null;
}
