/* The lines of the page's data, which travel as steps from vertex to vertex. */
import type { Moves } from "./types.ts";

/** Undo the differences: [x0, y0, dx, dy, …] becomes [[lat, lng], …]. */
export function decode(moves: Moves, scale: number): [number, number][] {
  const line = new Array<[number, number]>(moves.length / 2);
  let x = 0;
  let y = 0;
  for (let i = 0; i < moves.length; i += 2) {
    x += moves[i];
    y += moves[i + 1];
    line[i / 2] = [y / scale, x / scale];
  }
  return line;
}
