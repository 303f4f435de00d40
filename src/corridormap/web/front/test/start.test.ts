import { small } from "./atlas.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { offer } from "../src/start.ts";
import type { Data } from "../src/types.ts";

interface Host {
  ready: Promise<L.Map>;
  map: L.Map;
  start(id: string): L.Map;
  goTo(id: string): boolean;
  show(id: string, visible: boolean): boolean;
  setLanguage(code: string): void;
  state(): { layers: string; feature?: string; lang: string };
}

const FRAME = ["country", "country_name", "extent", "id", "lang", "languages", "surround", "title", "view"];

/** A document as page.py writes one. */
function write(atlas: Data): void {
  const parts = Object.entries(atlas);
  const json = (isFrame: boolean): string => JSON.stringify(Object.fromEntries(parts.filter(([name]) => FRAME.includes(name) === isFrame)));
  const script = (id: string, text: string): HTMLElement => Object.assign(document.createElement("script"), { id, type: "application/json", textContent: text });
  document.body.innerHTML = '<div class="cm-app"><aside id="m_panel"></aside><main class="cm-stage"><div id="m"></div></main></div>';
  document.body.append(script("corridormap-frame", json(true)), script("corridormap-data", json(false)));
  Object.defineProperties(document.getElementById("m"), { clientWidth: { value: 800 }, clientHeight: { value: 600 } });
}

function begin(atlas: Data = small()): Host {
  write(atlas);
  offer();
  const host = (window as unknown as { corridormap: Host }).corridormap;
  assert.equal(host.start("m"), host.map);
  return host;
}

const app = (): HTMLElement => document.querySelector(".cm-app")!;

test("the frame is there at once and cannot be used; then all is drawn and can", async () => {
  const host = begin();
  assert.equal(document.querySelector("h1")!.textContent, "Corridors");
  assert.equal(document.querySelectorAll("path").length, 0);
  assert.ok(app().inert && app().getAttribute("aria-busy") === "true");
  assert.equal(await host.ready, host.map);
  assert.ok(!app().inert && !app().hasAttribute("aria-busy"));
  assert.ok(document.querySelectorAll('path[data-layer="corridors"][data-part="line"]').length >= 3);
  assert.equal(document.querySelectorAll(".cm-panel input, #m_panel input[type=checkbox]").length, 6);
  assert.equal(document.title, "Corridors");
});

test("a host goes to features, shows layers, changes the language and asks for the state", async () => {
  const host = begin();
  await host.ready;
  assert.ok(host.goTo("rail-1"));
  assert.equal(host.state().feature, "rail-1");
  assert.ok(!host.goTo("nowhere"));
  assert.ok(host.show("network_links", true));
  assert.ok(document.querySelector('path[data-layer="network_links"]'));
  assert.ok(!host.show("nowhere", true));
  host.setLanguage("ru");
  assert.equal(document.querySelector("h1")!.textContent, "Коридоры");
  host.setLanguage("xx");
  assert.equal(host.state().lang, "ru");
});

test("a page that cannot be drawn says so to its host, and does not stay shut", async () => {
  const host = begin({ ...small(), layers: null as never });
  await assert.rejects(host.ready, TypeError);
  assert.ok(!app().inert);
});
