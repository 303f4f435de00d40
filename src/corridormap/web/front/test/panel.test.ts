import { load, small, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { changeLanguage, layerById } from "../src/atlas.ts";
import { on, tell } from "../src/events.ts";
import { buildPanel, panelHead, startPanel } from "../src/panel.ts";
import { app, openPanel, panel } from "../src/stage.ts";
import type { Layer } from "../src/types.ts";

const shown: string[] = [];
on("layers", ({ id, visible }: Layer) => shown.push(`${id} ${visible}`));
startPanel();

const byId = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const summaries = (root: Element): string[] => [...root.querySelectorAll(":scope > summary")].map((summary) => summary.textContent);

beforeEach(() => {
  load();
  stand();
  buildPanel();
});

test("the head has the title and the button that folds the panel", () => {
  assert.equal(panel.querySelector("h1")!.textContent, "Corridors");
  const toggle = panel.querySelector<HTMLButtonElement>(".cm-toggle")!;
  assert.equal(toggle.getAttribute("aria-expanded"), "true");
  toggle.click();
  assert.ok(!app.classList.contains("cm-open"));
  assert.deepEqual([toggle.getAttribute("aria-expanded"), byId("cm-body").hidden], ["false", true]);
  buildPanel();
  assert.ok(byId("cm-body").hidden);
});

test("before the rest of the panel is there, its head is harmless", () => {
  panel.replaceChildren(panelHead());
  panel.querySelector<HTMLButtonElement>(".cm-toggle")!.click();
  assert.ok(!app.classList.contains("cm-open"));
});

test("the tools in their order; switches say whether they are on", () => {
  const tools = [...panel.querySelectorAll<HTMLButtonElement>(".cm-tool")];
  assert.deepEqual(tools.map((tool) => tool.id), ["share", "measure", "table", "take", "print"].map((id) => `cm-tool-${id}`));
  assert.deepEqual(tools.map((tool) => tool.getAttribute("aria-pressed")), [null, "false", "false", null, null]);
  assert.deepEqual(tools.map((tool) => tool.textContent), ["Share", "Measure", "Table", "Download", "Print"]);
});

test("a switch tells at once that it was pressed", () => {
  for (const pressed of ["true", "false"]) {
    byId("cm-tool-measure").click();
    assert.equal(byId("cm-tool-measure").getAttribute("aria-pressed"), pressed);
  }
});

test("layers stand in their groups with a box, their count and their legend", () => {
  const groups = [...panel.querySelectorAll("fieldset")];
  assert.deepEqual(groups.map((group) => group.firstChild!.textContent), ["Lines", "Points"]);
  assert.deepEqual([...groups[0].querySelectorAll(".cm-layer-name")].map((name) => name.textContent), ["International corridors", "Border", "Network links"]);
  assert.equal(groups[0].querySelector(".cm-count")!.textContent, "3");
  assert.deepEqual([byId<HTMLInputElement>("cm-layer-border").checked, byId("cm-legend-border").hidden], [true, false]);
  assert.deepEqual([byId<HTMLInputElement>("cm-layer-network_links").checked, byId("cm-legend-network_links").hidden], [false, true]);
});

test("a box shows and hides its layer, and follows it", () => {
  const box = byId<HTMLInputElement>("cm-layer-border");
  shown.length = 0;
  box.click();
  assert.deepEqual(shown, ["border false"]);
  assert.ok(byId("cm-legend-border").hidden);
  tell("layers", Object.assign(layerById("border")!, { visible: true }));
  assert.ok(box.checked);
  assert.ok(!byId("cm-legend-border").hidden);
});

test("claims by what they are about, sources, and what the atlas is", () => {
  const [claims, sources, about] = panel.querySelectorAll("details.cm-section");
  assert.deepEqual(summaries(claims), ["Claims (2)"]);
  assert.deepEqual([...claims.querySelectorAll("details")].flatMap(summaries), ["International corridors (1)", "Petropavl – Petukhovo (1)"]);
  assert.deepEqual(summaries(sources), ["Sources (3)"]);
  assert.match(about.textContent, /A small atlas\..*1\.5 km/);
});

test("an atlas without claims, in one language, shows neither", () => {
  load({ ...small(), statements: [], languages: ["en"], backdrop: [] });
  buildPanel();
  assert.equal(panel.querySelectorAll("details.cm-section").length, 2);
  assert.equal(document.getElementById("cm-language"), null);
});

test("the language switch builds the panel anew and keeps the focus, the others' focus it leaves", () => {
  const select = byId<HTMLSelectElement>("cm-language");
  assert.deepEqual([...select.options].map((option) => [option.value, option.lang]), [["en", "en"], ["ru", "ru"], ["kk", "kk"]]);
  assert.equal(select.value, "en");
  select.focus();
  select.value = "kk";
  select.dispatchEvent(new window.Event("change"));
  assert.equal(panel.querySelector("h1")!.textContent, "Дәліздер");
  assert.equal(document.activeElement, byId("cm-language"));
  assert.notEqual(document.activeElement, select);
  assert.equal(byId<HTMLSelectElement>("cm-language").value, "kk");
  document.body.tabIndex = -1;
  document.body.focus();
  changeLanguage("en");
  assert.equal(document.activeElement, document.body);
});

test("the theme builds it anew, open or folded as it was", () => {
  openPanel(false);
  const before = byId("cm-body");
  tell("theme", true);
  assert.notEqual(byId("cm-body"), before);
  assert.ok(byId("cm-body").hidden);
});
