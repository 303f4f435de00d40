/* Light and dark: as the reader's device has it, or as chosen here; kept where the browser lets a page keep anything. */
"use strict";
(function (cm) {
  const CHOICES = ["auto", "light", "dark"];
  const KEY = "corridormap-theme";
  // Of dark.css: the ground that lines must stand out from.
  const GROUND = [43, 49, 53];
  const device = window.matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  let chosen = "auto";
  let dark = false;
  // A sandboxed frame may not even ask.
  try {
    chosen = window.localStorage.getItem(KEY) || "auto";
  } catch {
    chosen = "auto";
  }
  if (!CHOICES.includes(chosen)) chosen = "auto";

  function luminance(parts) {
    const [r, g, b] = parts.map((part) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  /** A line's colour on the ground of the day: at night paler, until it stands out as 3.2 to 1; the hue stays. */
  cm.shade = function (colour) {
    const match = /^#([0-9a-f]{6})$/i.exec(colour);
    if (!dark || !match) return colour;
    const parts = [0, 2, 4].map((at) => parseInt(match[1].slice(at, at + 2), 16));
    for (let white = 0; white < 1; white += 0.05) {
      const mixed = parts.map((part) => Math.round(part + (255 - part) * white));
      if ((luminance(mixed) + 0.05) / (luminance(GROUND) + 0.05) >= 3.2) return `rgb(${mixed.join(", ")})`;
    }
    return colour;
  };

  const { lineSymbol, shield } = cm;
  cm.lineSymbol = (symbol, mode, casing) => lineSymbol({ ...symbol, colour: cm.shade(symbol.colour) }, mode, casing && dark ? "#12171a" : casing);
  cm.shield = function (feature) {
    const node = shield(feature);
    node.style.borderColor = cm.shade(cm.symbol(feature).colour);
    return node;
  };

  function paint(night) {
    dark = night;
    root.classList.toggle("cm-dark", night);
    document.querySelectorAll('meta[name="theme-color"]').forEach((meta) => { meta.content = night ? "#161b1f" : "#ffffff"; });
    if (!cm.map) return;
    for (const layer of Object.values(cm.layers)) {
      for (const feature of layer.features) {
        for (const line of feature.parts) if (line.stroke_ && line.stroke_.part === "line") line.setStyle({ color: cm.shade(line.stroke_.color) });
      }
    }
    cm.placeLabels();
  }

  const wanted = () => (chosen === "auto" ? device.matches : chosen === "dark");

  function follow() {
    if (wanted() === dark) return;
    paint(wanted());
    cm.buildPanel();
    if (cm.opened && cm.opened.popup.isOpen()) cm.opened.popup.setContent(cm.describe(cm.opened.feature));
  }

  /** Choose auto, light or dark. */
  cm.setTheme = function (choice) {
    if (!CHOICES.includes(choice)) return;
    chosen = choice;
    try {
      window.localStorage.setItem(KEY, choice);
    } catch {
      // Nothing is kept then; the choice holds while the page is open.
    }
    follow();
  };

  /** The switch, for the panel. */
  cm.themeSwitch = function () {
    const select = cm.h("select", { id: "cm-theme", class: "cm-language", "aria-label": cm.t("theme") },
      CHOICES.map((choice) => cm.h("option", { value: choice }, cm.t(`theme.${choice}`))));
    select.value = chosen;
    select.addEventListener("change", () => {
      cm.setTheme(select.value);
      document.getElementById("cm-theme").focus();
    });
    return select;
  };

  /** Do something as by day: paper and pictures are white whatever the screen is. */
  cm.byDay = function (task) {
    const night = dark;
    if (night) paint(false);
    try {
      return task();
    } finally {
      if (night) paint(true);
    }
  };

  paint(wanted());
  device.addEventListener("change", follow);
  window.addEventListener("beforeprint", () => paint(false), { capture: true });
  window.addEventListener("afterprint", () => paint(wanted()));
  cm.on("start", () => {
    if (dark) paint(true);
    if (!cm.mapPicture) return;
    const picture = cm.mapPicture;
    cm.mapPicture = () => cm.byDay(picture);
  });
})(window.corridormap);
