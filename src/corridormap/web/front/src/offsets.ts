/* Offsets: corridors on a shared link run side by side, and roads step aside for the railway along which they run. */
import { byNumber, data, layersOf } from "./atlas.ts";
import type { Feature, Step } from "./types.ts";

/**
 * Give every shown itinerary its offset on every link it shares, in line widths: in order of number, on sides fixed by the first of them;
 * and to roads along a railway the distance that takes them past its itineraries where the map is too small to tell the two apart.
 */
export function setOffsets(): void {
  const steps = new Map<number, { feature: Feature; step: Step }[]>();
  for (const layer of layersOf("itineraries").filter(({ visible }) => visible)) {
    for (const feature of byNumber(layer.features)) {
      for (const step of new Set(feature.lines.flatMap((line) => line.steps ?? []))) {
        if (!steps.has(step.link)) steps.set(step.link, []);
        steps.get(step.link)!.push({ feature, step });
      }
    }
  }
  const features = (link: number): Feature[] => [...new Set((steps.get(link) ?? []).map(({ feature }) => feature))];
  for (const [link, ridden] of steps) {
    const own = features(link);
    const rail = data.links.beside[link];
    const beside = rail ? features(Math.abs(rail) - 1).length : 0;
    const aside = beside ? (Math.sign(rail) * (beside + own.length)) / 2 : 0;
    const eastward = ridden[0].step.forward;
    for (const { feature, step } of ridden) {
      const offset = own.indexOf(feature) - (own.length - 1) / 2;
      step.offset = step.forward === eastward ? offset : -offset;
      step.aside = step.forward ? aside : -aside;
      step.alone = own.length === 1 && !aside;
    }
  }
}
