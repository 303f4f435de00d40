import { load, small, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { address, encodeOptions, readFrameOptions, readOptions, startAddress, state } from "../src/address.ts";
import { byId, changeLanguage, layers } from "../src/atlas.ts";
import { clearPin, pinned } from "../src/pin.ts";
import { choose, chosen, show } from "../src/chosen.ts";
import { closeCard } from "../src/side.ts";
import { map, options } from "../src/stage.ts";

load();
const usual = layers.filter((layer) => layer.visible).map((layer) => layer.id);

function visit(rest: string): void {
  window.history.replaceState(null, "", `/map.html${rest}`);
  readFrameOptions();
  readOptions();
}

const visible = (): string[] => layers.filter((layer) => layer.visible).map((layer) => layer.id);

beforeEach(() => {
  clearPin();
  changeLanguage("en");
  for (const name of Object.keys(options) as (keyof typeof options)[]) delete options[name];
  for (const layer of layers) layer.visible = usual.includes(layer.id);
  stand();
});

test("options come from the query, and the hash has the last word", () => {
  visit("?embed=1&panel=0&legend=1&scroll=0&lang=kk&layers=corridors,border&map=5.5/48/66&km=M-36:20#map=6/50/70&lang=ru&feature=almaty&embed=0&panel=1");
  assert.deepEqual(options, { embed: true, panel: false, legend: true, scroll: false, lang: "ru", layers: ["corridors", "border"],
    map: { zoom: 6, lat: 50, lng: 70 }, feature: "almaty", km: { key: "M-36", km: 20 } });
  assert.deepEqual(visible(), ["corridors", "border"]);
  assert.equal(state().lang, "ru");
});

test("the frame waits for no data", () => {
  window.history.replaceState(null, "", "/map.html?embed=1&legend=1&layers=border&map=5/48/66#feature=almaty&lang=kk");
  readFrameOptions();
  assert.deepEqual(options, { embed: true, map: { zoom: 5, lat: 48, lng: 66 }, lang: "kk" });
  assert.deepEqual(visible(), usual);
});

test("no layers at all may be asked for", () => {
  visit("#layers=none");
  assert.deepEqual(visible(), []);
  assert.equal(state().layers, "none");
});

const HOSTILE = encodeURIComponent('"><img src=x onerror="window.__pwned=1"><script>window.__pwned=1</script>');

for (const rest of [
  `#${HOSTILE}`, "#%E0%A4%A&map=%", "#map=99/48/67", "#map=2/48/67", "#map=NaN/Infinity/0x10", "#map=5/-48/-67", "#map=5/48", "#map=5/48/67/1", "#map=+5/48/67",
  "#map= 5/48/67", "#map=5e0/48/67", "#map=5/48/67%0A", "#map=5/86/67", `#feature=${HOSTILE}&layers=${HOSTILE}&lang=${HOSTILE}&km=${HOSTILE}`,
  "#feature=__proto__&layers=__proto__,constructor,toString&lang=__proto__&km=__proto__:5", "#km=M-36:99999&lang=xx&layers=nothing",
  "#km=M-36:-5&feature=", "#year=2027", "#km=almaty:5", "#km=M-36:1e2", `#km=${"9".repeat(5000)}`, "?embed=2&panel=yes&scroll=javascript:alert(1)",
  "?embed=true&legend=&scroll=01",
  "?layers=,,,&map=//&__proto__[x]=1&__proto__=1&constructor=1",
]) {
  test(`nonsense does nothing: ${rest.slice(0, 60)}`, () => {
    visit(rest);
    assert.deepEqual(options, {});
    assert.deepEqual(visible(), usual);
    assert.equal(state().lang, "en");
    assert.equal(({} as Record<string, unknown>).x, undefined);
  });
}

test("what is known among nonsense counts, once", () => {
  visit("#layers=nothing,border,border,<b>");
  assert.deepEqual(options.layers, ["border"]);
});

test("options become text that a careless attribute can hold", () => {
  assert.equal(encodeOptions({ embed: 1, layers: "a,b", map: "5/48/-67", km: "E 40's:5", feature: '"><&', lang: undefined, panel: null }),
    "embed=1&layers=a,b&map=5/48/-67&km=E%2040%27s:5&feature=%22%3E%3C%26");
});

test("the state is what the page shows", () => {
  map.setView([48.00004, 67], 6, { animate: false });
  assert.deepEqual(state(), { map: "6/48.0000/67.0000", layers: usual.join(","), feature: undefined, km: undefined, year: undefined, lang: "en" });
  choose(byId.get("almaty")!, null);
  show(byId.get("almaty")!.layer, false);
  changeLanguage("kk");
  closeCard();
  assert.equal(state().feature, undefined);
  choose(byId.get("astana")!, null);
  assert.equal(state().feature, "astana");
  assert.equal(state().lang, "kk");
  assert.ok(!state().layers.includes("places"));
});

test("the address is the page's own, without query and hash", () => {
  window.history.replaceState(null, "", "/a/map.html?embed=1#x?y");
  assert.equal(address(), "https://example.org/a/map.html");
});

test("the start shows what was asked for; what the reader does next is in the address", async () => {
  visit("?legend=1#km=M-36:20&map=6/50/70");
  map.setView([50, 70], 6, { animate: false });
  startAddress();
  assert.deepEqual(pinned(), { key: "M-36", km: 20 });
  // An address that nobody touched stays as it was.
  await wait(450);
  assert.equal(window.location.hash, "#km=M-36:20&map=6/50/70");
  choose(byId.get("almaty")!, null);
  changeLanguage("ru");
  await wait(450);
  const hash = new URLSearchParams(window.location.hash.slice(1));
  assert.equal(hash.get("feature"), "almaty");
  assert.equal(hash.get("lang"), "ru");
  assert.equal(hash.get("km"), "M-36:20");
  // A link within the page, or a hand-typed one.
  window.location.hash = "#map=6/50/70&layers=border&lang=kk&feature=border-land";
  await wait(50);
  assert.deepEqual(visible(), ["border"]);
  assert.equal(state().lang, "kk");
  assert.equal(chosen!.id, "border-land");
  assert.equal(document.querySelector(".cm-side h2")!.textContent, "Ресеймен шекара");
  window.location.hash = "#lang=xx&layers=nothing&map=99/1/1&feature=__proto__";
  await wait(50);
  assert.deepEqual(visible(), ["border"]);
  assert.equal(state().lang, "kk");
});

test("a view across the 180th meridian is told and read within 180°, and from as far as the atlas's own view asks", () => {
  load({ ...small(), extent: [2, 33, 208, 90], view: [18, 40, 192, 83] });
  visit("#map=2.5/65/-170");
  assert.deepEqual(options.map, { zoom: 2.5, lat: 65, lng: 190 });
  map.setView([65, 190], 5, { animate: false });
  assert.equal(state().map, "5/65.0000/-170.0000");
  delete options.map;
  visit("#map=1.2/65/-170");
  assert.equal(options.map, undefined);
  load();
});
