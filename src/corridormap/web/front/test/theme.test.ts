import "./setup.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { on } from "../src/events.ts";
import { byDay, isDark, shade, startTheme, themeSwitch } from "../src/theme.ts";
import { setWords } from "../src/words.ts";

setWords({}, ["en"]);

function contrast(colour: string, ground: number[]): number {
  const parts = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour)!.slice(1).map(Number);
  const [a, b] = [parts, ground].map((rgb) => {
    const [r, g, blue] = rgb.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  });
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

test("the reader's choice is kept, told, and undone for paper", () => {
  const told: boolean[] = [];
  const chosen: boolean[] = [];
  on("paint", (dark) => told.push(dark));
  on("theme", (dark) => chosen.push(dark));
  startTheme("auto");
  assert.ok(!isDark());
  assert.equal(shade("#0b5fa5"), "#0b5fa5");
  const select = themeSwitch();
  select.value = "dark";
  select.dispatchEvent(new window.Event("change"));
  assert.ok(isDark());
  assert.ok(document.documentElement.classList.contains("cm-dark"));
  assert.equal(window.localStorage.getItem("corridormap-theme"), "dark");
  // A dark blue stands out from the dark ground; what is no plain colour is left alone.
  assert.ok(contrast(shade("#0b1f55"), [43, 49, 53]) >= 3.2);
  assert.equal(shade("url(#x)"), "url(#x)");
  assert.equal(byDay(() => isDark()), false);
  assert.throws(() => byDay(() => { throw new Error("no paper"); }), /no paper/);
  assert.ok(isDark());
  assert.deepEqual(told, [true, false, true, false, true]);
  assert.deepEqual(chosen, [true]);
});
