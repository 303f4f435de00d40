/* The page's words, and figures and dates as readers write them. */
import type { Data, Properties, Texts } from "./types.ts";

let words: Data["locales"] = {};
let fallbacks: string[] = [];

/** The reader's language. */
export let lang = "en";

/** Read in a language. */
export function setLanguage(code: string): void {
  lang = code;
}

/** Take the words by key and language, and the languages in which a text is looked for when the reader's has none. */
export function setWords(locales: Data["locales"], languages: string[]): void {
  words = locales;
  fallbacks = languages;
}

const wordIn = (code: string, key: string): string | undefined => words[key]?.[code];

/** Whether there is such a word. */
export const has = (key: string): boolean => wordIn("en", key) !== undefined;

/** A word of the page in the reader's language. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const text = wordIn(lang, key) ?? wordIn("en", key) ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** A word that only the reader's language has need of. */
export const own = (key: string): string | undefined => wordIn(lang, key);

/** A word in every language of the page. */
export const inEveryLanguage = (key: string): string[] => Object.values(words[key] ?? {});

/** What a language calls itself. */
export const languageName = (code: string): string => wordIn(code, "language_name") ?? code;

/** A text of the atlas in the reader's language, else in the atlas's first. */
export const say = (texts: Texts | null | undefined): string => (texts && (texts[lang] || texts[fallbacks[0]] || Object.values(texts)[0])) || "";

/** A property kept once for each language, such as name_en and name_ru. */
export function sayProperty(properties: Properties, stem: string): string {
  const values = [lang, ...fallbacks].map((code) => properties[`${stem}_${code}`] ?? "");
  return String(values.find((value) => value !== "") ?? "");
}

const formats = new Map<string, Intl.NumberFormat>();

/** A number with at most so many decimals. Formats are kept, for making one takes longer than using it. */
export function number(value: number, digits = 1): string {
  const key = `${lang} ${digits}`;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(t("number_locales").split(" "), { maximumFractionDigits: digits }));
  // Browsers differ in the space they put between thousands.
  return formats.get(key)!.format(value).replace(/\s/g, t("thousands"));
}

/** The order of texts in the reader's language, in the locales that write its numbers: browsers claim languages that they do not know. */
export const collator = (): Intl.Collator => new Intl.Collator(t("number_locales").split(" "), { numeric: true });

export const km = (value: number, digits = 1): string => t("km", { n: number(value, digits) });

export const distance = (metres: number): string => (metres < 1000 ? t("m", { n: number(metres, 0) }) : km(metres / 1000));

/** A date, a month or a year as readers write it; anything else as it stands. In our own words: browsers know few languages well. */
export function date(value: string): string {
  const match = /^(\d{4})-(0[1-9]|1[0-2])(?:-(\d{2}))?$/.exec(value);
  if (!match) return value;
  const [, year, month, day] = match;
  const names = t(day ? "months_of_day" : "months").split(" ");
  return t(day ? "date_day" : "date_month", { year, month: names[Number(month) - 1], day: Number(day) });
}

/** The items of a list kept as one text. */
export const list = (value: unknown): string[] => (typeof value === "string" ? value.split(";").map((item) => item.trim()).filter(Boolean) : []);
