import { load, stand } from "./atlas.ts";
import { draw, paths } from "./drawing.ts";
import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import * as L from "leaflet";
import { byId } from "../src/atlas.ts";
import { chosen, leave, startChosen } from "../src/chosen.ts";
import { linesAt } from "../src/lines.ts";
import { startPointer } from "../src/pointer.ts";
import { closeCard, startSide } from "../src/side.ts";
import { map } from "../src/stage.ts";
import type { DrawnLine } from "../src/types.ts";

const chosenId = (): string | undefined => chosen?.id;
const frame = (): Promise<void> => new Promise((done) => { window.requestAnimationFrame(() => done()); });
/** A place in the map's container so many pixels beside the last step of a feature. */
function beside(id: string, pixels: number): L.Point {
  const line = byId.get(id)!.lines.filter(({ part }) => part === "line").at(-1) as DrawnLine & { _parts: L.Point[][] };
  const [a, b] = line._parts[0].slice(-2);
  const along = b.subtract(a);
  const length = Math.hypot(along.x, along.y);
  const middle = a.add(along.divideBy(2)).add(L.point(-along.y, along.x).multiplyBy(pixels / length));
  return map.layerPointToContainerPoint(middle);
}
function send(type: string, at: L.Point, pointerType = "mouse"): void {
  const originalEvent = Object.assign(new window.MouseEvent(type), { pointerType });
  Object.defineProperty(originalEvent, "target", { value: map.getContainer() });
  map.fire(type, { containerPoint: at, latlng: map.containerPointToLatLng(at), originalEvent });
}

before(() => {
  load();
  stand();
  draw();
  startChosen();
  startSide();
  startPointer();
});
beforeEach(() => {
  leave();
  closeCard();
});

test("lines are met within reach, nearest first", () => {
  const at = beside("rail-1", 5);
  assert.equal(linesAt(at, 3).length, 0);
  assert.equal(linesAt(at, 8)[0].feature.id, "rail-1");
  assert.ok(Math.abs(linesAt(at, 8)[0].away - 5) < 0.2);
});

test("a click chooses the line it meets, a finger needs less care, and beside every line there is nothing to choose", () => {
  send("click", beside("rail-1", 5));
  assert.equal(chosenId(), "rail-1");
  leave();
  send("click", beside("rail-1", 14));
  assert.equal(chosen, null);
  send("click", beside("rail-1", 14), "touch");
  assert.equal(chosenId(), "rail-1");
});

test("a mouse over a line names it and raises it, beside it all is as before", async () => {
  send("mousemove", beside("rail-1", 2));
  await frame();
  assert.match(document.querySelector(".cm-tooltip")!.textContent, /Northern Corridor/);
  assert.ok(map.getContainer().classList.contains("cm-over"));
  assert.ok(paths("rail-2", "line").every((path) => path.classList.contains("cm-faded")));
  send("mousemove", beside("rail-1", 60));
  await frame();
  assert.equal(document.querySelector(".cm-tooltip"), null);
  assert.ok(paths("rail-2", "line").every((path) => !path.classList.contains("cm-faded")));
});

test("a chosen line stays raised when the mouse goes", async () => {
  send("click", beside("rail-1", 2));
  send("mousemove", beside("rail-1", 60));
  await frame();
  assert.ok(paths("rail-2", "line").every((path) => path.classList.contains("cm-faded")));
  leave();
  assert.ok(paths("rail-2", "line").every((path) => !path.classList.contains("cm-faded")));
});
