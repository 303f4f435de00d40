/* The share dialogue: a link to what is on the screen, and the code of a frame for an article. `corridormap embed` prints the same code. */
import { address, encodeOptions, state } from "./address.ts";
import { data, layers } from "./atlas.ts";
import { button, checkbox, escaped, h, select } from "./dom.ts";
import { on } from "./events.ts";
import { openDialogue } from "./stage.ts";
import { THEMES } from "./theme.ts";
import { lang, languageName, say, t } from "./words.ts";

const SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals";
/** Heights of a frame in CSS pixels. */
const HEIGHT = { usual: 560, least: 200, most: 2000 };

type Query = Parameters<typeof encodeOptions>[0];

/** A figure for an article: a frame `height` CSS pixels high, and a caption; `shown` is what frame and whole map show, `framed` how the frame does. */
export function snippet(src: string, texts: { title: string; attribution: string }, height: number, shown: Query, framed: Query = {}): string {
  const title = escaped(texts.title);
  const to = (query: Query): string => escaped(`${src}?${encodeOptions(query)}`);
  return `<figure style="margin:0"><iframe src="${to({ embed: 1, ...shown, ...framed })}" title="${title}" width="100%" height="${height}" style="border:0" `
    + `loading="lazy" allow="fullscreen" sandbox="${SANDBOX}"></iframe>`
    + `<figcaption><a href="${to({ embed: 0, ...shown })}">${title}</a>. ${escaped(texts.attribution)}</figcaption></figure>`;
}

/** Where the frame finds the page: its address on the web, else the file's name, to be put right by whoever uploads it. */
function source(): string {
  const page = address();
  return (page?.startsWith("file:") ? page.split("/").at(-1) : page) || "index.html";
}

/** Copy out of a field. The older command comes first: it works in frames, where the clipboard's own interface is refused. */
async function copy(field: HTMLInputElement | HTMLTextAreaElement): Promise<boolean> {
  field.focus();
  field.select();
  try {
    if (document.execCommand("copy")) return true;
  } catch {
    // On to the next way.
  }
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return false;
  }
}

function copyButton(field: Parameters<typeof copy>[0], status: HTMLElement): HTMLElement {
  const made = button({ class: "cm-tool" }, () => void copy(field).then((done) => {
    // Where nothing may be copied the text stays selected, for the reader's own keys.
    if (done) made.focus();
    status.textContent = t(done ? "copied" : "copy_failed");
  }), t("copy"));
  return made;
}

const check = (id: string, label: string, checked = false): ReturnType<typeof checkbox> => checkbox(`cm-share-${id}`, checked, h("span", null, label));

/** What a frame may be asked to show; `update` is given its code now and whenever the reader changes something. */
function form(now: ReturnType<typeof state>, update: (code: string) => void): HTMLElement {
  const height = h("input", { type: "number", id: "cm-share-height", value: HEIGHT.usual });
  Object.assign(height, { min: HEIGHT.least, max: HEIGHT.most, step: 10 });
  const language = select({ id: "cm-share-lang" }, data.languages.map((code) => [code, languageName(code), code]), lang);
  const theme = select({ id: "cm-share-theme" }, THEMES.map((choice): [string, string] => [choice, t(`theme.${choice}`)]), "light");
  const heading = Object.assign(h("input", { type: "text", id: "cm-share-name" }), { maxLength: 120 });
  const flags = (["panel", "legend", "scroll"] as const).map((name) => ({ name, ...check(name, t(`share_${name}`)) }));
  const view = check("map", t("share_view"));
  const chosen = now.feature || now.km || now.year ? check("chosen", t("share_chosen"), true) : null;
  const picks = layers.map((layer) => ({ layer, ...check(`layer-${layer.id}`, say(layer.record.name), layer.visible) }));

  const fill = (): void => {
    const usual = picks.every(({ box, layer }) => box.checked === layer.record.visible);
    const picked = picks.filter(({ box }) => box.checked).map(({ layer }) => layer.id).join(",") || "none";
    const asked = Math.round(Number(height.value)) || HEIGHT.usual;
    const own = heading.value.trim();
    const [title, attribution] = [data.title, data.attribution].map((texts) => texts[language.value] || say(texts));
    update(snippet(source(), { title: own || title, attribution }, Math.max(HEIGHT.least, Math.min(HEIGHT.most, asked)), {
      lang: language.value, layers: usual ? null : picked, map: view.box.checked ? now.map : null,
      ...(chosen?.box.checked && { feature: now.feature, km: now.km, year: now.year }),
    }, {
      ...Object.fromEntries(flags.map(({ name, box }) => [name, box.checked ? 1 : null])),
      theme: theme.value === "light" ? null : theme.value, title: own || null,
    }));
  };
  const fields = h("div", { class: "cm-share-fields" },
    h("div", { class: "cm-share-pair" }, h("label", { for: height.id }, t("share_height")), height, h("label", { for: language.id }, t("language")), language,
      h("label", { for: theme.id }, t("theme")), theme),
    h("label", { for: heading.id, class: "cm-share-label" }, t("share_name")), h("div", { class: "cm-share-row" }, heading),
    flags.map(({ row }) => row), view.row, chosen?.row, h("details", null, h("summary", null, t("share_layers")), picks.map(({ row }) => row)));
  fields.addEventListener("input", fill);
  fill();
  return fields;
}

/** Open the dialogue. */
export function share(): void {
  const now = state();
  const page = address();
  const status = h("p", { class: "cm-share-status", role: "status" });
  const link = Object.assign(h("input", { type: "text", id: "cm-share-link", value: `${page}#${encodeOptions(now)}` }), { readOnly: true });
  const code = Object.assign(h("textarea", { id: "cm-share-code" }), { rows: 5, spellcheck: false, readOnly: true });
  openDialogue("share", t("share_title"),
    page !== null && [h("label", { for: link.id, class: "cm-share-label" }, t("share_link")),
      h("div", { class: "cm-share-row" }, link, copyButton(link, status))],
    h("h3", null, t("share_frame")), form(now, (text) => { code.value = text; }),
    h("label", { for: code.id, class: "cm-share-label" }, t("share_code")), code,
    h("div", { class: "cm-share-row" }, copyButton(code, status)), !page?.startsWith("https:") && h("p", { class: "cm-remark" }, t(page?.startsWith("http:") ? "share_http" : "share_upload")), status);
}

on("language", () => document.querySelector<HTMLDialogElement>("#cm-share")?.close());
