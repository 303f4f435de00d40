"""Tiles that a page reads, only where they are asked for: a background from providers that need no key, and the detail of its own lines.

The background is of xyzservices. Lines that leave their detail behind are thinned in the page, and whole in a PMTiles file that the page
reads where the reader comes near.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from corridormap.errors import UsageError
from corridormap.extras import require

if TYPE_CHECKING:
    from xyzservices import TileProvider

REFERRER_POLICY = "strict-origin-when-cross-origin"
"""Providers such as OpenStreetMap refuse who does not say where the request comes from; the page's own address is enough."""
_NOT_FREE = ("CartoDB", "OpenAIP", "Stadia", "Strava")
"""Their address holds no key, yet they mark or refuse tiles for pages that are not registered."""
_PLACES = {"s", "x", "y", "z"}
THINNED_M = 1000
"""How far a line in the page may be off the true one: a pixel or two where the page begins to read detail."""
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


def find(name: str) -> dict[str, Any]:
    """Give what the page needs of a provider.

    Parameters
    ----------
    name : str
        As xyzservices has it, such as ``OpenStreetMap.Mapnik``.

    Returns
    -------
    dict
        JSON values: name, url with Leaflet's places, subdomains, zooms, attribution as text, referrer policy.

    Raises
    ------
    UsageError
        If there is no such provider, or it wants a key, or xyzservices is not installed.
    """
    providers = usable()
    if name not in providers:
        raise UsageError(f"no tiles {name!r} that can be had without a key; there are: {', '.join(sorted(providers))}")
    provider = providers[name]
    return {
        "name": name,
        "url": _url(provider),
        "subdomains": list(provider.get("subdomains", "abc")),
        "min_zoom": int(provider.get("min_zoom", 0)),
        "max_zoom": int(provider.get("max_zoom", 18)),
        "attribution": provider["attribution"],
        "referrer_policy": REFERRER_POLICY,
    }


def hosts(tiles: dict[str, Any]) -> list[str]:
    """Give the addresses that a page with these tiles asks for pictures, for its security policy."""
    found = {urlsplit(tiles["url"].replace("{s}", part)) for part in tiles["subdomains"]}
    return sorted({f"{address.scheme}://{address.netloc}" for address in found})


@cache
def usable() -> dict[str, TileProvider]:
    """Gather the providers that can be drawn without a key, for any place on earth, by name."""
    providers = require("xyzservices", extra="tiles", needed_for="a background of tiles").providers
    return {name: provider for name, provider in providers.flatten().items() if _is_usable(provider)}


def _is_usable(provider: TileProvider) -> bool:
    return (
        not provider.requires_token()
        and not provider["name"].startswith(_NOT_FREE)
        and provider.get("status") != "broken"
        and provider.get("crs", "EPSG:3857") == "EPSG:3857"
        and "bounds" not in provider
        and bool(provider.get("attribution"))
        and _url(provider).startswith("https://")
        and set(re.findall(r"\{(\w*)\}", _url(provider))) <= _PLACES
    )


def _url(provider: TileProvider) -> str:
    try:
        return str(provider.build_url(x="{x}", y="{y}", z="{z}", fill_subdomain=False))
    except (KeyError, ValueError):
        return ""


def check_file(url: str) -> str:
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


def file_hosts(url: str) -> list[str]:
    """Give what a page that reads from there may connect to, for its security policy."""
    address = urlsplit(url)
    return [f"{address.scheme}://{address.netloc}"] if address.netloc else ["'self'"]
