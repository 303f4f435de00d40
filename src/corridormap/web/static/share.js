/* The share dialogue: a link to what is on the screen, and the code of a frame for an article. `corridormap embed` prints the same code. */
"use strict";
(function (cm) {
  const SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads";
  const HEIGHT = { usual: 560, least: 200, most: 2000 };

  const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;").replace(/'/g, "&#x27;");

  /** The code of a frame; options are those of the page's query, in its order. */
  cm.snippet = function (src, title, height, options) {
    const attributes = {
      src: `${src}?${cm.encodeOptions({ embed: 1, ...options })}`, title, width: "100%", height: String(height), style: "border:0", loading: "lazy", sandbox: SANDBOX,
    };
    return `<iframe ${Object.entries(attributes).map(([name, value]) => `${name}="${escape(value)}"`).join(" ")}></iframe>`;
  };

  /** Where the frame finds the page: its address on the web, else the file's name, to be put right by whoever uploads it. */
  function source() {
    const address = cm.address();
    if (!address) return "index.html";
    return address.startsWith("file:") ? address.slice(address.lastIndexOf("/") + 1) || "index.html" : address;
  }

  /** Copy out of a field. The older command comes first: it works in frames, where the clipboard's own interface is refused. */
  async function copy(field) {
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

  function copyButton(field, status) {
    const button = cm.h("button", { type: "button", class: "cm-tool" }, cm.t("copy"));
    button.addEventListener("click", async () => {
      const done = await copy(field);
      // Where nothing may be copied the text stays selected, for the reader's own keys.
      if (done) button.focus();
      status.textContent = cm.t(done ? "copied" : "copy_failed");
    });
    return button;
  }

  function check(id, label, checked) {
    const box = cm.h("input", { type: "checkbox", id: `cm-share-${id}` });
    box.checked = checked;
    return { box, row: cm.h("label", { class: "cm-check", for: box.id }, box, cm.h("span", null, label)) };
  }

  function form(now, update) {
    const height = cm.h("input", { type: "number", id: "cm-share-height", value: HEIGHT.usual });
    height.min = String(HEIGHT.least);
    height.max = String(HEIGHT.most);
    height.step = "10";
    const lang = cm.h("select", { id: "cm-share-lang" }, cm.data.languages.map((code) => {
      const words = cm.data.locales[code];
      const option = cm.h("option", { value: code, lang: code }, words ? words.language_name : code);
      option.selected = code === cm.lang;
      return option;
    }));
    const flags = { panel: check("panel", cm.t("share_panel"), false), legend: check("legend", cm.t("share_legend"), false), scroll: check("scroll", cm.t("share_scroll"), false),
      map: check("map", cm.t("share_view"), false) };
    if (now.feature || now.km) flags.chosen = check("chosen", cm.t("share_chosen"), true);
    const layers = Object.values(cm.layers).map((layer) => ({ layer, ...check(`layer-${layer.id}`, cm.say(layer.record.name), layer.visible) }));

    const options = () => {
      const picked = layers.filter(({ box }) => box.checked).map(({ layer }) => layer.id);
      const usual = layers.every(({ box, layer }) => box.checked === layer.record.visible);
      const chosen = flags.chosen && flags.chosen.box.checked;
      const one = (name) => (flags[name].box.checked ? 1 : undefined);
      return {
        lang: lang.value, layers: usual ? undefined : picked.join(",") || "none", panel: one("panel"), legend: one("legend"), scroll: one("scroll"),
        map: flags.map.box.checked ? now.map : undefined, feature: chosen ? now.feature : undefined, km: chosen ? now.km : undefined,
      };
    };
    const tall = () => Math.max(HEIGHT.least, Math.min(HEIGHT.most, Math.round(Number(height.value)) || HEIGHT.usual));
    const code = () => cm.snippet(source(), cm.data.title[lang.value] || cm.say(cm.data.title), tall(), options());
    const fields = cm.h("div", { class: "cm-share-fields" },
      cm.h("div", { class: "cm-share-pair" },
        cm.h("label", { for: height.id }, cm.t("share_height")), height, cm.h("label", { for: lang.id }, cm.t("language")), lang),
      Object.values(flags).map(({ row }) => row),
      cm.h("details", null, cm.h("summary", null, cm.t("share_layers")), layers.map(({ row }) => row)));
    fields.addEventListener("input", () => update(code()));
    fields.addEventListener("change", () => update(code()));
    update(code());
    return fields;
  }

  /** Open the dialogue; the browser keeps the focus in it and gives it back. */
  cm.share = function () {
    const now = cm.state();
    const address = cm.address();
    const status = cm.h("p", { class: "cm-share-status", role: "status" });
    const close = cm.h("button", { type: "button", class: "cm-toggle cm-share-close", "aria-label": cm.t("close") }, "×");
    const dialog = cm.h("dialog", { class: "cm-share", id: "cm-share", "aria-labelledby": "cm-share-title" },
      cm.h("div", { class: "cm-share-head" }, cm.h("h2", { id: "cm-share-title" }, cm.t("share_title")), close));
    if (address) {
      const link = cm.h("input", { type: "text", id: "cm-share-link", value: `${address}#${cm.encodeOptions(now)}` });
      link.readOnly = true;
      dialog.append(cm.h("label", { for: link.id, class: "cm-share-label" }, cm.t("share_link")), cm.h("div", { class: "cm-share-row" }, link, copyButton(link, status)));
    }
    const code = cm.h("textarea", { id: "cm-share-code" });
    code.readOnly = true;
    code.rows = 5;
    code.spellcheck = false;
    const fields = form(now, (text) => { code.value = text; });
    dialog.append(cm.h("h3", null, cm.t("share_frame")), fields, cm.h("label", { for: code.id, class: "cm-share-label" }, cm.t("share_code")), code,
      cm.h("div", { class: "cm-share-row" }, copyButton(code, status)),
      address && !address.startsWith("file:") ? "" : cm.h("p", { class: "cm-remark" }, cm.t("share_upload")), status);
    close.addEventListener("click", () => dialog.close());
    // A click beside the dialogue lands on the dialogue element itself: its ground is filled by its children.
    dialog.addEventListener("click", (event) => {
      const box = dialog.getBoundingClientRect();
      const beside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
      if (event.target === dialog && beside) dialog.close();
    });
    dialog.addEventListener("close", () => dialog.remove());
    cm.app.append(dialog);
    dialog.showModal();
  };

  cm.buttons.push({ id: "share", key: "share", run: cm.share });

  cm.on("language", () => {
    const dialog = document.getElementById("cm-share");
    if (dialog) dialog.close();
  });
})(window.corridormap);
