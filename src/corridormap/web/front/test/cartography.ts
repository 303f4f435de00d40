/* What of the cartography holds for all layers, as corridormap.cartography decides it. */
import type { Cartography } from "../src/types.ts";

export const CARTOGRAPHY: Cartography = {
  spacing: 4.4, displaced: [7, 9], pale: "#ffffff", labels_ahead: 0.999, same_town_m: 30_000, first_labels: 2.5,
  shapes: { square: [[-1, -1], [1, -1], [1, 1], [-1, 1]], diamond: [[0, 1.2], [1.2, 0], [0, -1.2], [-1.2, 0]], triangle: [[0, 1.15], [1.15, -0.9], [-1.15, -0.9]],
    star: Array.from({ length: 10 }, (_, i) => [Math.sin((i * Math.PI) / 5), Math.cos((i * Math.PI) / 5)].map((at) => at * (i % 2 ? 0.52 : 1.2)) as [number, number]) },
};
