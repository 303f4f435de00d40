"""One HTML file out of a folium map: everything inlined, nothing requested, only known scripts allowed to run."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from branca.colormap import ColorMap
from branca.element import CssLink, Element, Figure, JavascriptLink, MacroElement
from folium.template import Template

from corridormap.web import tiles
from corridormap.web.inline import bundle, data_element, policy
from corridormap.web.payload import FRAME, texts_together

if TYPE_CHECKING:
    from collections.abc import Callable

    import folium

    from corridormap.web.payload import Payload

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.{}*-]+(?::\d+)?")
_INLINE = re.compile(r"<(script|style)(?:\s[^>]*)?>(.*?)</\1\s*>", re.DOTALL | re.IGNORECASE)
SAMPLES = 60
APART = 25
"""Least distance of two figures below the scale, of 100."""
_DRAGGING = re.compile(r'<script src="https://code\.jquery\.com/ui/[^"]*"></script>\s*<script>\$\(.*?</script>', re.DOTALL)
"""What lets a reader drag the list of categories of geopandas about, with a library from the web."""


def assemble(
    view: folium.Map, payload: Payload, *, url: str | None = None, preview: str | None = None, assets: str | None = None
) -> tuple[str, dict[str, str]]:
    """Make the page of a map.

    Parameters
    ----------
    view : folium.Map
        The map, with whatever folium layers its maker added.
    payload : dict
        From `corridormap.web.payload.build`.
    url : str, optional
        Where the page will be on the web.
    preview : str, optional
        Where a picture of it will be, for those that show a preview of a link.
    assets : str, optional
        Address from the page of a folder for its scripts and styles; by default the page holds them itself.

    Returns
    -------
    tuple
        A whole HTML document, the same every time for the same map; and the text of each file in the folder, by its name.
    """
    lang = payload["lang"]
    added = _Added.of(view)
    names = ["leaflet.js", "atlas-detail.js" if "tiles_from" in payload else "atlas.js", *(["folium.js"] if added.foreign else [])]
    scripts = {**{name: bundle(name) for name in names}, "start.js": added.script}
    styles = {name: bundle(name) for name in ("atlas.css", *(["folium.css"] if added.foreign else []))}
    frame = {name: payload[name] for name in FRAME if name in payload}
    rest = {name: value for name, value in texts_together(payload).items() if name not in frame}
    if "tiles" in payload:
        added.tile_hosts = tiles.hosts(payload["tiles"])
    if "tiles_from" in payload:
        added.file_hosts = tiles.file_hosts(payload["tiles_from"]["url"])
    rules = policy(
        [*(scripts.values() if assets is None else ()), *added.inline_scripts],
        [*(styles.values() if assets is None else ()), *added.inline_styles],
        more=added.sources(from_files=assets is not None),
    )

    def at(name: str) -> str:
        # A browser that knows the file of an older page must not take it for this one's.
        return escape(f"{assets}/{name}?{hashlib.sha256({**scripts, **styles}[name].encode()).hexdigest()[:8]}")

    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{escape(lang)}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(rules)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(text_of(payload['title'], payload))}</title>",
        f'<meta name="description" content="{escape(text_of(payload["description"], payload))}">',
        *_social(payload, url, preview),
        '<meta name="color-scheme" content="light dark">',
        '<meta name="theme-color" content="#ffffff">',
        '<meta name="generator" content="corridormap">',
        '<link rel="icon" href="data:,">',
        *(f"<style>{text}</style>" if assets is None else f'<link rel="stylesheet" href="{at(name)}">' for name, text in styles.items()),
        added.head,
        "</head>",
        "<body>",
        added.body,
        data_element("corridormap-frame", frame),
        *(f"<script>{text}</script>" if assets is None else f'<script src="{at(name)}"></script>' for name, text in scripts.items()),
        # At the very end: the scripts run, and the frame is painted, before the browser has read this.
        data_element("corridormap-data", rest),
        "</body>",
        "</html>",
    ]
    return "\n".join(line for line in lines if line) + "\n", {} if assets is None else scripts | styles


def _social(payload: Payload, url: str | None, preview: str | None) -> list[str]:
    """Say to whoever shows a preview of the page what it is."""
    lang, country = payload["lang"], payload["country"]
    title = text_of(payload["title"], payload)
    said = [
        ("property", "og:type", "website"),
        ("property", "og:title", title),
        ("property", "og:description", text_of(payload["description"], payload)),
        ("property", "og:locale", f"{lang}_{country}"),
        *(("property", "og:locale:alternate", f"{other}_{country}") for other in payload["languages"] if other != lang),
        *([("property", "og:url", url)] if url else []),
        *([("property", "og:image", preview), ("property", "og:image:alt", title)] if preview else []),
        ("name", "twitter:card", "summary_large_image" if preview else "summary"),
    ]
    return [f'<meta {kind}="{name}" content="{escape(text)}">' for kind, name, text in said]


@dataclass
class _Added:
    """What folium rendered: the map's own division and start, and all that the map's maker added."""

    head: str
    body: str
    script: str
    foreign: bool
    script_hosts: list[str] = field(default_factory=list)
    style_hosts: list[str] = field(default_factory=list)
    data_hosts: list[str] = field(default_factory=list)
    tile_hosts: list[str] = field(default_factory=list)
    file_hosts: list[str] = field(default_factory=list)
    inline_scripts: list[str] = field(default_factory=list)
    inline_styles: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, view: folium.Map) -> _Added:
        figure = view.get_root()
        if not isinstance(figure, Figure):
            raise TypeError("a map must stand in a branca Figure, as every folium map does")
        without_scripts(figure)
        for child in figure._children.values():  # noqa: SLF001  as branca's own Figure.render does
            child.render()
        script_links, style_links, head = [], [], []
        for name, element in figure.header._children.items():  # noqa: SLF001
            if isinstance(element, JavascriptLink):
                script_links.append(element.url)
            elif isinstance(element, CssLink):
                style_links.append(element.url)
            elif name != "meta_http":
                head.append(element.render())
        tame = _renamer(figure)
        script = tame(figure.script.render())
        foreign = len(figure.script._children) > 1 or len(figure.html._children) > 1 or bool(script_links or style_links or head)  # noqa: SLF001
        if foreign:
            _add_folium_defaults(script, script_links, style_links)
        links = [f'<link rel="stylesheet" href="{escape(url)}">' for url in style_links]
        links += [f'<script src="{escape(url)}" defer></script>' for url in script_links]
        text = _DRAGGING.sub("", tame("\n".join(head)))
        body = tame(figure.html.render())
        inline = _INLINE.findall(text) + _INLINE.findall(body)
        if script_links:
            # Libraries are loaded with the page; folium's own lines must wait for them.
            script = f'document.addEventListener("DOMContentLoaded", function () {{\n{script}\n}});'
        return cls(
            head="\n".join([*links, text]).strip(),
            body=body,
            script=f"\n{script}\n",
            foreign=foreign,
            script_hosts=_hosts(script_links),
            style_hosts=_hosts(style_links),
            data_hosts=_hosts([script, text, body]) if foreign else [],
            inline_scripts=[content for kind, content in inline if kind.lower() == "script"],
            inline_styles=[content for kind, content in inline if kind.lower() == "style"],
        )

    def sources(self, *, from_files: bool) -> dict[str, list[str]]:
        """Give what the page's policy must allow beyond what the page itself holds, by directive."""
        own = ["'self'"] if from_files else []
        more = {
            "script-src": [*own, *self.script_hosts],
            "style-src": [*own, *self.style_hosts],
            "img-src": [*self.tile_hosts, *self.data_hosts, *self.style_hosts],
        }
        if self.foreign:
            # folium writes style attributes into popups and markers of its own; ours are set through the object model.
            more["style-src-attr"] = ["'unsafe-inline'"]
            more["font-src"] = ["data:", *self.style_hosts]
            more["connect-src"] = [*self.file_hosts, *self.data_hosts] or ["'none'"]
        elif self.file_hosts:
            more["connect-src"] = self.file_hosts
        return more


def _add_folium_defaults(script: str, script_links: list[str], style_links: list[str]) -> None:
    """Bring back, from their public hosts, those of folium's usual libraries that the added layers call."""
    from folium import folium as defaults

    javascript, css = dict(defaults._default_js), dict(defaults._default_css)  # noqa: SLF001
    if re.search(r"\$\.|\$\(document|jQuery", script):
        script_links.insert(0, javascript["jquery"])
    if "AwesomeMarkers" in script:
        script_links.append(javascript["awesome_markers"])
        style_links += [css["bootstrap_css"], css["awesome_markers_font_css"], css["awesome_markers_css"], css["awesome_rotate_css"]]


def _renamer(figure: Figure) -> Callable[[str], str]:
    """Replace folium's random ids by numbers, in the order of the tree."""
    ids: dict[str, str] = {}
    seen: set[int] = set()

    def visit(element: Element) -> None:
        if id(element) in seen:
            return
        seen.add(id(element))
        if re.fullmatch("[0-9a-f]{32}", element._id):  # noqa: SLF001
            ids.setdefault(element._id, f"x{len(ids)}")  # noqa: SLF001
        # Some elements keep others as plain attributes: a popup its HTML, a marker its icon.
        for value in (*element._children.values(), *vars(element).values()):  # noqa: SLF001
            if isinstance(value, Element):
                visit(value)

    visit(figure)
    pattern = re.compile("|".join(ids) or "(?!)")
    return lambda text: pattern.sub(lambda match: ids[match[0]], text)


def _hosts(texts: list[str]) -> list[str]:
    found = {match[0] for text in texts for match in _ADDRESS.finditer(text)}
    # Leaflet's {s} stands for a, b or c.
    hosts = {re.sub(r"\{[^}]*\}", "*", address) for address in found}
    return sorted(host for host in hosts if re.fullmatch(r"https?://(\*\.)?[A-Za-z0-9.-]+(:\d+)?", host))


def text_of(texts: dict[str, str], payload: Payload) -> str:
    """Give a text of the atlas in the page's language, else in the atlas's first."""
    return texts.get(payload["lang"]) or texts.get(payload["languages"][0], "")


class ColourKey(MacroElement):
    """A scale of colours as plain HTML; branca's own needs d3.

    Parameters
    ----------
    scale : branca.colormap.ColorMap
        The scale.
    """

    _template = Template(
        """
        {% macro html(this, kwargs) %}
            <div class="maplegend">
                <div class="legend-title">{{ this.caption|e }}</div>
                <div class="cm-colours" style="background:linear-gradient(90deg,{{ this.colours|join(",")|e }})"></div>
                <div class="cm-ticks">{% for at, text in this.ticks %}<span style="left:{{ at }}%">{{ text|e }}</span>{% endfor %}</div>
            </div>
        {% endmacro %}
        """
    )

    def __init__(self, scale: ColorMap) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "ColourKey"
        low, high = float(scale.vmin), float(scale.vmax)
        span = (high - low) or 1.0
        self.caption = scale.caption
        self.colours = [scale(low + span * step / (SAMPLES - 1)) for step in range(SAMPLES)]
        self.ticks: list[tuple[float, str]] = []
        for value in sorted({low, high, *(float(value) for value in scale.index)}):
            at = round((value - low) / span * 100, 1)
            # The ends are told in any case.
            if value in {low, high} or (at - self.ticks[-1][0] >= APART and 100 - at >= APART):
                self.ticks.append((at, f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"))


def without_scripts(element: Element) -> None:
    """Put plain keys into the places of an element's scales, and of its children's."""
    children: dict[str, Any] = element._children  # noqa: SLF001  branca has no other door
    for name, child in children.items():
        if isinstance(child, ColorMap):
            children[name] = key = ColourKey(child)
            key._parent = element  # noqa: SLF001
        else:
            without_scripts(child)
