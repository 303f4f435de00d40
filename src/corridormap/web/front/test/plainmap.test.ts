import "./setup.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { h } from "../src/dom.ts";
import { mercator, PlainMap, type Spot } from "../src/plainmap.ts";
import { setWords } from "../src/words.ts";

const CLOSE = 1e-6;
const frame = (): Promise<unknown> => new Promise((done) => window.requestAnimationFrame(done));
let painted = 0;
let map: PlainMap;

Object.assign(globalThis, { ResizeObserver: class { observe(): void {} } });
window.HTMLCanvasElement.prototype.getContext = (() => ({ scale() {} })) as never;

function near(got: number[], expected: number[]): void {
  got.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < CLOSE, `${String(got)} is not ${String(expected)}`));
}

function pointer(name: string, x: number, y: number, pointerId = 1, target: Element = map.element): void {
  // jsdom knows no pointers.
  target.dispatchEvent(Object.assign(new window.MouseEvent(name, { clientX: x, clientY: y, bubbles: true }), { pointerId }));
}

function key(name: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new window.KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more });
  map.element.dispatchEvent(event);
  return event;
}

beforeEach(() => {
  setWords({ zoom_in: { en: "Zoom in" }, zoom_out: { en: "Zoom out" } }, ["en"]);
  const held = new Set<number>();
  const element = h("div", { class: "cm-map" });
  Object.defineProperties(element, { clientWidth: { value: 600 }, clientHeight: { value: 400 }, hasPointerCapture: { value: (id: number) => held.has(id) },
    setPointerCapture: { value: (id: number) => held.add(id) } });
  document.body.replaceChildren(element);
  painted = 0;
  map = new PlainMap(element, () => { painted += 1; });
});

test("the projection is Web Mercator, and ends where that does", () => {
  near(mercator(0, 0), [0.5, 0.5]);
  near(mercator(180, 0), [1, 0.5]);
  // The square's upper edge lies at 85.0511°.
  assert.ok(mercator(0, 85)[1] > 0 && mercator(0, 85)[1] < 0.01);
  near(mercator(0, 90), mercator(0, 85));
  // Metres of EPSG:3857 for 76.94567 E, 43.25654 N, as pyproj has them.
  const half = 20037508.342789244;
  const [x, y] = mercator(76.94567, 43.25654);
  assert.ok(Math.abs((x - 0.5) * 2 * half - 8565552.803) < 0.01);
  assert.ok(Math.abs((0.5 - y) * 2 * half - 5351101.728) < 0.01);
});

test("a pixel has its longitude and latitude, and these their pixel", () => {
  map.show(mercator(70, 50), 6);
  near(map.pixel(mercator(70, 50)), [300, 200]);
  const [left, top] = map.pixel(mercator(71.5, 48.25));
  assert.ok(left > 300 && top > 200);
  near(map.lonlat(left, top), [71.5, 48.25]);
});

test("a place at the very edge is not in sight", () => {
  map.show(mercator(0, 0), 4);
  const at = (left: number, top: number): Spot => mercator(...map.lonlat(left, top));
  assert.deepEqual([at(300, 200), at(60, 200), at(40, 200), at(300, 380), at(700, 200)].map((place) => map.sees(place)), [true, true, false, false, false]);
});

test("a change of view is painted once, with the browser's next picture", async () => {
  await frame();
  painted = 0;
  map.pan(10, 0);
  map.zoomBy(1);
  assert.equal(painted, 0);
  await frame();
  assert.equal(painted, 1);
});

test("zooming leaves what lies under the pixel, and keeps within its limits", () => {
  map.show(mercator(70, 50), 5);
  const before = map.lonlat(120, 80);
  map.zoomBy(1.5, [120, 80]);
  near(map.lonlat(120, 80), before);
  map.zoomBy(100);
  assert.equal(map.zoom, 18);
  map.zoomBy(-100);
  assert.equal(map.zoom, 0);
});

test("all places fit with room about them, a single one from no nearer than asked, none shows the whole Earth", () => {
  const places = [mercator(50, 40), mercator(87, 55)];
  map.fit(places, 16);
  for (const [left, top] of places.map((place) => map.pixel(place))) assert.ok(left > 39 && left < 561 && top > 39 && top < 361);
  map.fit([mercator(70, 50)], 8);
  assert.equal(map.zoom, 8);
  near(map.pixel(mercator(70, 50)), [300, 200]);
  map.fit([], 8);
  near([map.x, map.y], [0.5, 0.5]);
  assert.ok(map.zoom < 1);
});

test("what is grasped stays under the pointer, and is not pressed when let go", () => {
  map.show(mercator(70, 50), 5);
  let presses = 0;
  const mark = h("button", null, "x");
  mark.addEventListener("click", () => { presses += 1; });
  map.element.append(mark);
  const press = (): boolean => mark.dispatchEvent(new window.MouseEvent("click", { detail: 1, bubbles: true }));
  const before = map.pixel(mercator(70, 50));
  pointer("pointerdown", 300, 200);
  pointer("pointermove", 320, 210);
  pointer("pointermove", 340, 225);
  // The pointer may leave the map while it holds it.
  pointer("pointerleave", 340, 225);
  pointer("pointermove", 350, 230);
  pointer("pointerup", 350, 230);
  press();
  assert.equal(presses, 0);
  near(map.pixel(mercator(70, 50)), [before[0] + 50, before[1] + 30]);
  pointer("pointermove", 500, 300);
  near(map.pixel(mercator(70, 50)), [before[0] + 50, before[1] + 30]);
  pointer("pointerdown", 300, 200);
  pointer("pointerup", 300, 200);
  press();
  assert.equal(presses, 1);
});

test("two fingers zoom about their middle", () => {
  map.show(mercator(70, 50), 5);
  const middle = map.lonlat(200, 150);
  for (const [id, x] of [[1, 190], [2, 210]]) pointer("pointerdown", x, 150, id);
  for (const apart of [40, 80]) for (const [id, way] of [[1, -1], [2, 1]]) pointer("pointermove", 200 + (way * apart) / 2, 150, id);
  assert.ok(Math.abs(map.zoom - 7) < CLOSE);
  near(map.lonlat(200, 150), middle);
});

test("keys move and zoom, but not together with others, nor elsewhere", () => {
  map.show(mercator(70, 50), 5);
  const [left] = map.pixel(mercator(70, 50));
  assert.ok(key("ArrowRight").defaultPrevented);
  near([map.pixel(mercator(70, 50))[0]], [left - 80]);
  key("+");
  assert.equal(map.zoom, 6);
  assert.ok(!key("+", { ctrlKey: true }).defaultPrevented);
  assert.ok(!key("x").defaultPrevented);
  map.element.querySelector("button")!.dispatchEvent(new window.KeyboardEvent("keydown", { key: "+", bubbles: true }));
  assert.equal(map.zoom, 6);
});

test("the wheel zooms under the pointer by a zoom at most, and not over what stands still", () => {
  map.show(mercator(70, 50), 5);
  const wheel = (deltaY: number, target: Element): boolean =>
    target.dispatchEvent(new window.WheelEvent("wheel", { deltaY, clientX: 100, clientY: 100, bubbles: true, cancelable: true }));
  const before = map.lonlat(100, 100);
  assert.ok(!wheel(-90, map.element));
  assert.equal(map.zoom, 5.5);
  near(map.lonlat(100, 100), before);
  wheel(5000, map.element);
  assert.equal(map.zoom, 4.5);
  assert.ok(wheel(-90, map.element.querySelector(".cm-still")!));
  assert.equal(map.zoom, 4.5);
});

test("buttons zoom, and say what they do", () => {
  map.show(mercator(70, 50), 5);
  const [closer, further] = map.element.querySelectorAll("button");
  assert.deepEqual([closer, further].map((button) => button.getAttribute("aria-label")), ["Zoom in", "Zoom out"]);
  closer.click();
  closer.click();
  further.click();
  assert.equal(map.zoom, 6);
});
