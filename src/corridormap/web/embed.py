"""The code that puts a rendered map into an article: the page's share dialogue writes the same, letter by letter."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from corridormap.errors import UsageError
from corridormap.phrases import meant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridormap.atlas import Atlas

HEIGHT = 560
HEIGHTS = (200, 2000)
SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals"
"""What the page needs: its own scripts, links to sources in new tabs that are free of the sandbox, downloads of layers, printing."""
THEMES = ("light", "dark", "auto")
TITLE_LENGTH = 120

_VIEW = re.compile(r"\d{1,2}(\.\d{1,4})?/-?\d{1,2}(\.\d{1,8})?/-?\d{1,3}(\.\d{1,8})?")


def snippet(
    atlas: Atlas,
    *,
    src: str = "index.html",
    height: int = HEIGHT,
    lang: str | None = None,
    layers: Sequence[str] | None = None,
    panel: bool = False,
    legend: bool = False,
    scroll: bool = False,
    view: str | None = None,
    feature: str | None = None,
    theme: str | None = None,
    title: str | None = None,
) -> str:
    """Write the figure that embeds a rendered map: a frame, and a caption that leads to the map where frames are dropped.

    Parameters
    ----------
    atlas : Atlas
        The atlas that was rendered; layers and features are checked against it.
    src : str
        Where the article finds the page: a web address, or a path beside the article.
    height : int
        Height of the frame in CSS pixels, 200 to 2000.
    lang : str, optional
        The language to open in; by default the page's own.
    layers : sequence of str, optional
        Ids of the layers to show, by default those the atlas shows at first; the reader may show the others.
    panel, legend, scroll : bool
        Whether the panel is open, the key names the corridors, and the mouse wheel zooms before the reader has clicked the map.
    view : str, optional
        ``ZOOM/LAT/LON`` to start with, as in the page's own address.
    feature : str, optional
        Id of a feature that is chosen at the start.
    theme : str, optional
        ``light``, ``dark``, or ``auto`` for what the reader's device has; an embedded map is light by default, as most articles are.
    title : str, optional
        A title of your own, 120 letters at most.

    Returns
    -------
    str
        One line of HTML.

    Raises
    ------
    UsageError
        If the atlas has no such language, layer or feature, or an option cannot be.
    """
    language = atlas.languages[0] if lang is None else lang
    atlas.check_language(language)
    if not HEIGHTS[0] <= height <= HEIGHTS[1]:
        raise UsageError(f"a frame of {height} pixels", hint=f"Heights are {HEIGHTS[0]} to {HEIGHTS[1]}.")
    if theme not in {None, *THEMES}:
        raise UsageError(f"no theme {theme!r}", hint=f"Themes are {', '.join(THEMES)}.")
    if title is not None and not 0 < len(title.strip()) <= TITLE_LENGTH:
        raise UsageError("a title is 1 to 120 letters", hint="Shorten it; the article's own words have more room.")
    shown = {
        "lang": lang,
        "layers": None if layers is None else _layers(atlas, layers),
        "map": None if view is None else _view(view),
        "feature": None if feature is None else _feature(atlas, feature),
    }
    flags = {name: "1" if on else None for name, on in (("panel", panel), ("legend", legend), ("scroll", scroll))}
    framed = address(src, {"embed": "1", **shown, **flags, "theme": theme, "title": title})
    name = escape(title or atlas.text(atlas.record.title, language))
    return (
        f'<figure style="margin:0"><iframe src="{escape(framed)}" title="{name}" width="100%" height="{height}" style="border:0" '
        f'loading="lazy" allow="fullscreen" sandbox="{SANDBOX}"></iframe>'
        f'<figcaption><a href="{escape(address(src, {"embed": "0", **shown}))}">{name}</a>. '
        f"{escape(atlas.text(atlas.record.attribution, language))}</figcaption></figure>"
    )


def address(src: str, options: dict[str, str | None]) -> str:
    """Give a page's address with options as its query, the unset ones left out.

    Raises
    ------
    UsageError
        If a browser would not open the address as a page of the web or a file beside the article.
    """
    # A browser drops white space and control characters within a scheme, and would run what a check had let pass.
    strange = any(ord(letter) <= ord(" ") or letter == "\x7f" for letter in src)
    if not src or strange or urlsplit(src).scheme.lower() not in {"", "http", "https", "file"}:
        raise UsageError(f"{src!r} is not the address of a page", hint="Give an https:// address or a relative path, spaces as %20.")
    base, hash_, fragment = src.partition("#")
    # The same letters as encodeURIComponent, but for commas, slashes and colons, which read better, and the apostrophe.
    query = "&".join(f"{name}={quote(value, safe=',/:!~*()')}" for name, value in options.items() if value is not None)
    return f"{base}{'&' if '?' in base else '?'}{query}{hash_}{fragment}"


def _layers(atlas: Atlas, names: Sequence[str]) -> str | None:
    chosen = {atlas.layer_record(name).id for name in names}
    if chosen == {record.id for record in atlas.layers if record.visible}:
        return None
    return ",".join(record.id for record in atlas.layers if record.id in chosen) or "none"


def _view(text: str) -> str:
    if not _VIEW.fullmatch(text):
        raise UsageError(f"{text!r} is not a view", hint="Give ZOOM/LAT/LON, such as 5.25/48.1/67; the page's own address holds one.")
    return text


def _feature(atlas: Atlas, name: str) -> str:
    known = {feature for record in atlas.layers for feature in atlas.layer(record.id)["id"]}
    if name not in known:
        raise UsageError(f"no feature {name!r}", hint=meant(name, known, "`corridormap find TEXT` tells ids."))
    return name
