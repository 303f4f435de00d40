"""Lines that leave their detail behind: thinned in the page, whole in a PMTiles file that the page reads where the reader comes near."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from corridormap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

THINNED_M = 1000
"""How far a line in the page may be off the true one: a pixel or two where the page begins to read detail."""

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


def check(url: str) -> str:
    """Give the address back if a page may read tiles from it.

    Parameters
    ----------
    url : str
        A path relative to the page, or an address of http or https.

    Raises
    ------
    UsageError
        If it is anything else.
    """
    hint = "give a path beside the page, such as atlas.pmtiles, or an https address"
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError:
        raise UsageError(f"cannot read tiles from {url!r}; {hint}") from None
    web = address.scheme in {"http", "https"} and _HOST.fullmatch(address.netloc.removesuffix(f":{port}"))
    relative = not address.scheme and not address.netloc and not url.startswith("//")
    if not address.path or address.path.endswith("/") or _UNSAFE.search(url) or "#" in url or not (web or relative):
        raise UsageError(f"cannot read tiles from {url!r}; {hint}")
    return url


def hosts(url: str) -> list[str]:
    """Give what a page that reads from there may connect to, for its security policy."""
    address = urlsplit(url)
    return [f"{address.scheme}://{address.netloc}"] if address.netloc else ["'self'"]


def spoken(words: Mapping[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Make the page's words true of thinned lines, in each language."""
    folder = resources.files("corridormap.web") / "locales" / "tiles_from"
    told = {}
    for language, table in words.items():
        own: dict[str, Any] = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
        lines = table["km"].replace("{n}", f"{THINNED_M // 1000}")
        texts = {key: text.replace("{lines}", lines) for key, text in own.items()}
        figures = texts.pop("figures")
        noted = {key: f"{table[key]} {figures}" for key in ("chainage.note", "chainage_note", "road_note")}
        told[language] = {**table, **texts, **noted}
    return told
