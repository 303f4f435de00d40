import { load, stand } from "./atlas.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { address, encodeOptions, state } from "../src/address.ts";
import { byId, changeLanguage, data } from "../src/atlas.ts";
import { choose } from "../src/chosen.ts";
import { share, snippet } from "../src/share.ts";
import { say, t } from "../src/words.ts";

load();
// jsdom knows no dialogues.
Object.assign(HTMLDialogElement.prototype, {
  showModal(this: HTMLDialogElement) { this.open = true; },
  close(this: HTMLDialogElement) { this.dispatchEvent(new window.Event("close")); },
});

const find = <E extends HTMLElement = HTMLInputElement>(id: string): E => document.getElementById(`cm-share-${id}`) as E;
const code = (): string => find<HTMLTextAreaElement>("code").value;
const query = (): Record<string, string> => {
  const frame = document.createElement("template");
  frame.innerHTML = code();
  return Object.fromEntries(new URL(frame.content.querySelector("iframe")!.getAttribute("src")!, "https://example.org/").searchParams);
};

function set(id: string, value: string | boolean): void {
  const field = find(id);
  if (typeof value === "boolean") field.checked = value;
  else field.value = value;
  field.dispatchEvent(new window.Event("input", { bubbles: true }));
}

beforeEach(() => {
  changeLanguage("en");
  window.history.replaceState(null, "", "/map.html?embed=1#x");
  stand();
  data.title.en = "Corridors";
});

test("the code is what `corridormap embed` prints", () => {
  assert.equal(snippet("index.html", { title: 'A "B" & <C>\'s', attribution: "© D & E" }, 480,
    { lang: "kk", layers: "border,corridors", map: "6/48.5/-68", feature: "it's" }, { panel: 1, legend: null, theme: "dark" }),
    '<figure style="margin:0">'
    + '<iframe src="index.html?embed=1&amp;lang=kk&amp;layers=border,corridors&amp;map=6/48.5/-68&amp;feature=it%27s&amp;panel=1&amp;theme=dark" '
    + 'title="A &quot;B&quot; &amp; &lt;C&gt;&#x27;s" width="100%" height="480" style="border:0" loading="lazy" allow="fullscreen" '
    + 'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals"></iframe>'
    + '<figcaption><a href="index.html?embed=0&amp;lang=kk&amp;layers=border,corridors&amp;map=6/48.5/-68&amp;feature=it%27s">'
    + "A &quot;B&quot; &amp; &lt;C&gt;&#x27;s</a>. © D &amp; E</figcaption></figure>");
});

test("the dialogue gives a link to what is shown, and the code of a frame", () => {
  share();
  assert.ok(document.querySelector<HTMLDialogElement>("#cm-share")!.open);
  assert.equal(find("link").value, `${address()}#${encodeOptions(state())}`);
  assert.ok(find("link").readOnly && find("code").readOnly);
  assert.equal(code(), snippet("https://example.org/map.html", { title: "Corridors", attribution: say(data.attribution) }, 560, { lang: "en" }));
  assert.equal(document.querySelector("#cm-share .cm-remark"), null);
  assert.equal(find("chosen"), null);
});

test("what the reader chooses is in the code", () => {
  share();
  const height = (): string => /height="(\d+)"/.exec(code())![1];
  for (const [given, made] of [["480", "480"], ["10", "200"], ["99999", "2000"], ["", "560"], ["480.6", "481"]]) {
    set("height", given);
    assert.equal(height(), made);
  }
  set("lang", "ru");
  assert.match(code(), /title="Коридоры"/);
  for (const name of ["scroll", "legend", "panel", "map"]) set(name, true);
  set("theme", "dark");
  set("name", " My <own> title ");
  assert.match(code(), / title="My &lt;own&gt; title" .*>My &lt;own&gt; title<\/a>/);
  assert.deepEqual(Object.entries(query()), Object.entries(
    { embed: "1", lang: "ru", map: state().map, panel: "1", legend: "1", scroll: "1", theme: "dark", title: "My <own> title" }));
  set("layer-venues", false);
  assert.equal(query().layers, "corridors,border,crossings,places");
  for (const id of ["corridors", "border", "crossings", "places"]) set(`layer-${id}`, false);
  assert.equal(query().layers, "none");
});

test("the chosen feature comes along, unless the reader leaves it out", () => {
  choose(byId.get("almaty")!, null);
  share();
  assert.deepEqual(query(), { embed: "1", lang: "en", feature: "almaty" });
  set("chosen", false);
  assert.deepEqual(query(), { embed: "1", lang: "en" });
});

test("a hostile title stays text", () => {
  data.title.en = '"><script>alert(1)</script>';
  share();
  const frame = document.createElement("template");
  frame.innerHTML = code();
  assert.deepEqual([...frame.content.querySelectorAll("*")].map((element) => element.tagName), ["FIGURE", "IFRAME", "FIGCAPTION", "A"]);
  assert.equal(frame.content.querySelector("iframe")!.title, data.title.en);
});

test("copying says whether it worked; where it did not the text stays selected", async () => {
  share();
  const link = find("link");
  const copy = link.nextElementSibling as HTMLElement;
  const status = document.querySelector(".cm-share-status")!;
  const next = (): Promise<void> => new Promise((done) => { setTimeout(done, 10); });
  const refused = (): Promise<void> => Promise.reject(new Error("no"));
  Object.defineProperty(window.navigator, "clipboard", { value: { writeText: refused }, configurable: true });
  Object.assign(document, { execCommand: () => false });
  copy.click();
  await next();
  assert.equal(status.textContent, t("copy_failed"));
  assert.equal(document.activeElement, link);
  assert.deepEqual([link.selectionStart, link.selectionEnd], [0, link.value.length]);
  Object.assign(document, { execCommand: () => true });
  copy.click();
  await next();
  assert.equal(status.textContent, t("copied"));
  assert.equal(document.activeElement, copy);
});

test("a click beside the dialogue closes it, one on it does not; so does another language", () => {
  share();
  const dialog = document.querySelector<HTMLDialogElement>("#cm-share")!;
  dialog.getBoundingClientRect = () => new window.DOMRect(100, 100, 300, 300);
  const click = (x: number, y: number): boolean => dialog.dispatchEvent(new window.MouseEvent("click", { clientX: x, clientY: y }));
  click(150, 150);
  assert.ok(document.querySelector("#cm-share"));
  click(50, 150);
  assert.equal(document.querySelector("#cm-share"), null);
  share();
  changeLanguage("ru");
  assert.equal(document.querySelector("#cm-share"), null);
  share();
  document.querySelector<HTMLElement>(".cm-dialogue-close")!.click();
  assert.equal(document.querySelector("#cm-share"), null);
});
