import assert from "node:assert/strict";
import { test } from "node:test";
import { PbfWriter } from "pbf";
import "./setup.ts";
import { bent, chance, damaged, directory, host, pmtiles, tile, TINY } from "./vectortiles.ts";
import { openArchive, readLines, type TileLine } from "../src/archive.ts";

const URL = "https://example.org/atlas.pmtiles";
const LAYERS = new Set(["links", "border"]);
const PLAIN = tile([{ name: "links", features: [{ id: "road", lines: [[[0, 0], [100, 200], [-50, 4200]]] }] }]);

/** Read the tile 3, 5 of a file that has these bytes for it. */
const readOf = async (bytes: Uint8Array, packs = false): Promise<TileLine[]> => {
  host(pmtiles({ packs, tiles: [{ x: 3, y: 5, bytes }] }));
  return (await openArchive(URL)).lines(3, 5, LAYERS);
};

const onEarth = (zoom: number, tileX: number, tileY: number) => ({ extent, points }: TileLine): [number, number][] => points.map(({ x, y }) => [
  ((tileX + x / extent) / 2 ** zoom) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - (2 * (tileY + y / extent)) / 2 ** zoom))) * 180) / Math.PI,
]);

test("a real file's lines are read where they lie, asking only for what is needed and telling nothing of the reader", async () => {
  const asked = host(TINY);
  const archive = await openArchive(URL);
  assert.equal(archive.zoom, 8);
  const found: [number, number][] = [];
  for (const y of [68, 69]) {
    const lines = await archive.lines(113, y, LAYERS);
    assert.deepEqual([...new Set(lines.map(({ layer }) => layer))], ["links"]);
    found.push(...lines.filter(({ id }) => id === "road:middle-south").flatMap(onEarth(8, 113, y)));
  }
  const isFound = ([lng, lat]: [number, number]): boolean => found.some(([u, v]) => Math.abs(u - lng) < 2e-4 && Math.abs(v - lat) < 2e-4);
  assert.deepEqual(bent([[-20, 64], [-20.2, 63.7], [-20.1, 63.4]]).filter((place) => !isFound(place)), []);
  assert.deepEqual(await archive.lines(113, 68, new Set(["border"])), []);
  assert.deepEqual(await archive.lines(0, 0, LAYERS), []);
  assert.equal(asked.length, 4);
  for (const { url, init } of asked) {
    assert.equal(url, URL);
    assert.equal(init.credentials, "omit");
    assert.equal(init.referrerPolicy, "no-referrer");
    assert.ok(init.signal instanceof AbortSignal);
  }
  assert.deepEqual(asked[0].init.headers, { Range: "bytes=0-16383" });
});

test("tiles are read packed and plain, and only lines with an id are given", async () => {
  const expected = [{ layer: "links", id: "road", extent: 4096, points: [[0, 0], [100, 200], [-50, 4200]] }];
  for (const packs of [false, true]) {
    const lines = await readOf(PLAIN, packs);
    assert.deepEqual(lines.map((line) => ({ ...line, points: line.points.map(({ x, y }) => [x, y]) })), expected);
  }
  const others = tile([{ name: "links", features: [{ id: null, lines: [[[0, 0], [1, 1]]] }, { id: "a", type: 1, lines: [[[0, 0], [1, 1]]] }, { id: "b", lines: [[[7, 7]]] }] }]);
  assert.deepEqual(await readOf(others), []);
});

const refusals: [string, (from: number, to: number) => Response][] = [
  ["a host without the file", () => new Response("", { status: 404 })],
  ["a host without ranges", () => new Response(TINY.slice(), { status: 200 })],
  ["a host that gives more than was asked for", (from, to) => new Response(TINY.slice(from, to + 2), { status: 206 })],
  ["a host that gives less", (from, to) => new Response(TINY.slice(from, from ? to : to + 1), { status: 206 })],
  ["an empty answer", () => new Response(null, { status: 206 })],
];
for (const [name, answer] of refusals) {
  test(`${name} is refused`, async () => {
    host(null, answer);
    await assert.rejects(openArchive(URL).then((archive) => archive.lines(113, 68, LAYERS)));
  });
}

test("of an answer without end no more is read than was asked for, and of one without a range nothing", async () => {
  for (const status of [206, 200]) {
    let sent = 0;
    let cancelled = false;
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      sent += 4096;
      controller.enqueue(new Uint8Array(4096));
    };
    host(null, () => new Response(new ReadableStream({ pull, cancel: () => { cancelled = true; } }), { status }));
    await assert.rejects(openArchive(URL), status === 206 ? /size/ : /range/);
    await new Promise((done) => setTimeout(done, 5));
    assert.ok(cancelled);
    assert.ok(sent < 64_000, `${sent}`);
  }
});

const files: [string, Uint8Array][] = [
  ["nonsense", new Uint8Array(20_000).fill(120)],
  ["a header alone", TINY.slice(0, 127)],
  ["part of a header", TINY.slice(0, 50)],
  ["an empty file", new Uint8Array()],
  ["another version", pmtiles({ version: 2 })],
  ["tiles that are pictures", pmtiles({ type: 2 })],
  ["a zoom beyond reason", pmtiles({ zoom: 21 })],
  ["a directory that says it is longer than it is", pmtiles({ root: directory([], 100) })],
  ["a directory of too many entries", pmtiles({ packs: true, root: directory(Array.from({ length: 200_001 }, (_, id) => ({ id, run: 1, length: 1, offset: 0 }))) })],
  ["a directory that unpacks without end", pmtiles({ packs: true, root: new Uint8Array((16 << 20) + 1) })],
];
for (const [name, file] of files) {
  test(`a file is refused that is ${name}`, async () => {
    host(file);
    await assert.rejects(openArchive(URL));
  });
}

test("a directory of as many entries as may be is read", async () => {
  host(pmtiles({ packs: true, root: directory(Array.from({ length: 200_000 }, (_, id) => ({ id: id + 90_000, run: 1, length: 1, offset: 0 }))) }));
  assert.deepEqual(await (await openArchive(URL)).lines(0, 0, LAYERS), []);
});

test("directories that lead to themselves come to an end", async () => {
  const leads = (length: number): Uint8Array => directory([{ id: 0, run: 0, length, offset: 0 }]);
  const asked = host(pmtiles({ root: leads(leads(5).length) }));
  const archive = await openArchive(URL);
  await assert.rejects(archive.lines(3, 5, LAYERS), /depth/);
  assert.ok(asked.length <= 2);
});

test("a tile is not asked for that is empty, too long, or nowhere", async () => {
  for (const [length, offset] of [[0, 0], [(4 << 20) + 1, 0], [10, 2 ** 53]]) {
    const asked = host(pmtiles({ root: directory([{ id: 0, run: 90_000, length, offset }]) }));
    const archive = await openArchive(URL);
    await assert.rejects(archive.lines(3, 5, LAYERS), /range/);
    assert.equal(asked.length, 1);
  }
});

test("a directory below the root may only be so long", async () => {
  const file = pmtiles({ root: directory([{ id: 0, run: 0, length: (1 << 20) + 1, offset: 0 }]) });
  const asked = host(file, (from) => new Response(from ? new Uint8Array((1 << 20) + 1) : file.slice(), { status: 206 }));
  const archive = await openArchive(URL);
  await assert.rejects(archive.lines(3, 5, LAYERS), /: directory/);
  assert.equal(asked.length, 2);
});

test("a tile of which only the beginning comes is refused, though it would be one", async () => {
  const half = tile([{ name: "links", features: [{ id: "road", lines: [[[0, 0], [1, 1]]] }] }]);
  const file = pmtiles({ tiles: [{ x: 3, y: 5, bytes: Uint8Array.from([...half, ...half]) }] });
  host(file, (from, to) => new Response(file.slice(from, from ? from + half.length : to + 1), { status: 206 }));
  const archive = await openArchive(URL);
  await assert.rejects(archive.lines(3, 5, LAYERS), /end/);
});

test("a tile that unpacks without end is refused", async () => {
  await assert.rejects(readOf(new Uint8Array((16 << 20) + 1), true), /size/);
});

const geometries: [string, number[], RegExp][] = [
  ["closes a ring a hundred million times", [9, 0, 0, (100_000_000 * 8) + 7], /command/],
  ["draws more than may be", [9, 0, 0, 200_000 * 8 + 2, ...new Array<number>(400_000).fill(2)], /vertices/],
  ["says that it draws more than it does", [9, 0, 0, 5 * 8 + 2, 1, 1], /varint|geometry/],
  ["has no such command", [9, 0, 0, 8 + 3, 1, 1], /command/],
  ["does nothing", [9, 0, 0, 2], /command/],
  ["goes far away", [9, 2 ** 25, 0, 8 + 2, 1, 1], /place/],
];
for (const [name, geometry, problem] of geometries) {
  test(`a geometry is refused that ${name}`, () => {
    const bytes = tile([{ name: "links", features: [{ id: "road", lines: [], geometry }] }]);
    const start = performance.now();
    assert.throws(() => readLines(bytes, LAYERS), problem);
    assert.ok(performance.now() - start < 5000);
    assert.deepEqual(readLines(bytes, new Set(["others"])), []);
  });
}

test("an extent must be one", () => {
  for (const [extent, holds] of [[0, false], [1, true], [2 ** 20, true], [2 ** 20 + 1, false]] as const) {
    const read = (): TileLine[] => readLines(tile([{ name: "links", extent, features: [{ id: "road", lines: [[[0, 0], [1, 1]]] }] }]), LAYERS);
    if (holds) assert.equal(read().length, 1);
    else assert.throws(read, /extent/);
  }
});

test("features that each claim all that follows make no endless work", () => {
  // Each feature's tags are said to reach to the tile's end: looked at one by one, these few bytes would take hours.
  const count = 200_000;
  const pbf = new PbfWriter();
  pbf.writeMessage(3, (_, out) => {
    out.writeStringField(1, "links");
    for (let i = 0; i < count; i += 1) out.writeBytesField(2, new Uint8Array(6));
  }, null);
  const bytes = pbf.finish();
  const end = bytes.length;
  for (let at = end - 8 * count; at < end; at += 8) {
    const rest = end - at - 6;
    bytes.set([18, (rest & 127) | 128, ((rest >> 7) & 127) | 128, (rest >> 14) & 127], at + 2);
  }
  const start = performance.now();
  assert.throws(() => readLines(bytes, LAYERS), /numbers/);
  assert.ok(performance.now() - start < 5000);
});

test("damaged tiles end soon, and give lines or nothing", () => {
  const places = (from: number): [number, number][] => Array.from({ length: 40 }, (_, i) => [from + 90 * i, (37 * i * i) % 4096]);
  const whole = tile(["links", "border"].map((name) => ({ name, features: Array.from({ length: 12 }, (_, i) => ({ id: `road-${i}`, lines: [places(i), places(-9 * i)] })) })));
  const random = chance(7);
  let thrown = 0;
  let given = 0;
  let slowest = 0;
  for (let round = 0; round < 4000; round += 1) {
    const bytes = damaged(whole, random);
    const start = performance.now();
    try {
      for (const { id, extent, points } of readLines(bytes, LAYERS)) {
        given += 1;
        assert.equal(typeof id, "string");
        assert.ok(extent > 0 && points.length > 1 && points.every(({ x, y }) => Number.isInteger(x) && Number.isInteger(y)));
      }
    } catch (error) {
      assert.ok(error instanceof Error && !(error instanceof assert.AssertionError), String(error));
      thrown += 1;
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  assert.ok(thrown > 400, `${thrown} thrown`);
  assert.ok(given > 10_000, `${given} given`);
  assert.ok(slowest < 5000, `${slowest} ms`);
});

test("damaged files end soon, and give lines or nothing", async () => {
  const random = chance(11);
  const plain = pmtiles({ tiles: Array.from({ length: 30 }, (_, x) => ({ x, y: 5, bytes: PLAIN })) });
  let thrown = 0;
  for (let round = 0; round < 1500; round += 1) {
    host(damaged(round % 3 ? plain : TINY, random));
    try {
      const archive = await openArchive(URL);
      for (const [x, y] of [[113, 68], [3, 5], [29, 5]]) await archive.lines(x, y, LAYERS);
    } catch (error) {
      assert.ok(error instanceof Error, String(error));
      thrown += 1;
    }
  }
  assert.ok(thrown > 200 && thrown < 1500, `${thrown} thrown`);
});
