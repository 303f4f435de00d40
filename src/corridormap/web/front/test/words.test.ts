import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as words from "../src/words.ts";

const WORDS = {
  number_locales: { en: "en", ru: "ru" }, thousands: { en: ",", ru: "\u202f" }, language_name: { en: "English", ru: "русский" },
  km: { en: "{n} km", ru: "{n} км" }, m: { en: "{n} m", ru: "{n} м" }, hello: { en: "Hello {name}", ru: "Привет, {name}" }, only: { en: "Only here" },
  months: { en: "January February March" }, months_of_day: { en: "January February March" },
  date_day: { en: "{day} {month} {year}" }, date_month: { en: "{month} {year}" },
};

beforeEach(() => {
  words.setWords(WORDS, ["en", "ru"]);
  words.setLanguage("en");
});

test("a word is in the reader's language, else in English, else its key", () => {
  words.setLanguage("ru");
  assert.equal(words.t("hello", { name: "<b>" }), "Привет, <b>");
  assert.equal(words.t("only"), "Only here");
  assert.equal(words.t("nowhere"), "nowhere");
  assert.equal(words.t("hello"), "Привет, {name}");
  assert.ok(words.has("only"));
  assert.ok(!words.has("nowhere"));
  assert.deepEqual(words.inEveryLanguage("km"), ["{n} km", "{n} км"]);
  assert.equal(words.languageName("ru"), "русский");
  assert.equal(words.languageName("kk"), "kk");
});

test("a text of the atlas falls back to its first language, then to any", () => {
  words.setLanguage("ru");
  assert.equal(words.say({ en: "Line", ru: "Линия" }), "Линия");
  assert.equal(words.say({ en: "Line" }), "Line");
  assert.equal(words.say({ kk: "Сызық" }), "Сызық");
  assert.equal(words.say(null), "");
  assert.equal(words.sayProperty({ name_en: "Line", name_ru: "" }, "name"), "Line");
  assert.equal(words.sayProperty({}, "name"), "");
});

test("figures follow the language, also after it has changed", () => {
  assert.equal(words.km(1234.56), "1,234.6 km");
  words.setLanguage("ru");
  assert.equal(words.km(1234.56), "1\u202f234,6 км");
  assert.equal(words.number(1234.56, 0), "1\u202f235");
  assert.equal(words.distance(999), "999 м");
  assert.equal(words.distance(1000), "1 км");
});

test("a language that browsers only claim is counted and sorted as the one it names", () => {
  words.setWords({ ...WORDS, number_locales: { az: "tr" }, thousands: { az: "." }, km: { az: "{n} km" } }, ["az"]);
  words.setLanguage("az");
  assert.equal(words.km(1234.56), "1.234,6 km");
  assert.deepEqual(["Şirvan", "Salyan", "Sıx", "Siyəzən", "Cəlilabad", "Çarxı"].sort(words.collator().compare), ["Cəlilabad", "Çarxı", "Salyan", "Sıx", "Siyəzən", "Şirvan"]);
});

test("dates are written out as far as they are known; what is none stays as it is", () => {
  assert.equal(words.date("2018-03-15"), "15 March 2018");
  assert.equal(words.date("2018-03"), "March 2018");
  assert.equal(words.date("2018"), "2018");
  assert.equal(words.date("2018-13"), "2018-13");
  assert.equal(words.date("soon"), "soon");
});

test("a list kept as one text", () => {
  assert.deepEqual(words.list("a; b;;c "), ["a", "b", "c"]);
  assert.deepEqual(words.list(null), []);
  assert.deepEqual(words.list(7), []);
});
