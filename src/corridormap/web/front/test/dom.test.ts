import "./setup.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { button, escaped, h, link, svg, term } from "../src/dom.ts";
import { setWords } from "../src/words.ts";

const HARM = '<img src=x onerror="alert(1)">';

beforeEach(() => setWords({ new_tab: { en: "opens in a new tab" } }, ["en"]));

test("strings become text, never markup", () => {
  const element = h("p", { class: "a", hidden: true, title: HARM }, HARM, null, false, ["b", [undefined, h("b", null, "c")]], "");
  assert.equal(element.textContent, `${HARM}bc`);
  assert.equal(element.querySelector("img"), null);
  assert.equal(element.title, HARM);
  assert.ok(element.hidden);
});

test("attributes that could run something are refused", () => {
  for (const name of ["onclick", "href", "src", "style", "srcdoc"]) assert.throws(() => h("a", { [name]: "x" }), /not allowed/);
  assert.ok(!h("p", { hidden: false, title: null }).hasAttributes());
});

test("only addresses of the web become links", () => {
  assert.equal((link("here", "https://example.org/a") as HTMLAnchorElement).href, "https://example.org/a");
  assert.equal(link("here", "https://example.org").getAttribute("rel"), "noopener noreferrer");
  for (const address of ["javascript:alert(1)", "data:text/html,x", "file:///etc", "nothing", "", null]) {
    assert.equal(link("here", address).tagName, "SPAN");
    assert.equal(link("here", address).textContent, "here");
  }
});

test("a button runs what it is for", () => {
  let pressed = 0;
  const element = button({ class: "a" }, () => { pressed += 1; }, "Go");
  element.click();
  assert.equal(pressed, 1);
  assert.equal(element.type, "button");
});

test("terms, SVG elements, and texts for those who read markup", () => {
  assert.deepEqual(term("Length", "1 km").map((element) => element.outerHTML), ["<dt>Length</dt>", "<dd>1 km</dd>"]);
  assert.equal(svg("circle", { r: 2 }).namespaceURI, "http://www.w3.org/2000/svg");
  const box = document.createElement("p");
  box.innerHTML = escaped(HARM);
  assert.equal(box.textContent, HARM);
  assert.equal(box.children.length, 0);
});
