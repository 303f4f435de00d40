"""Background tiles from the web, only where they are asked for: providers that need no key, out of xyzservices."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from corridormap.errors import UsageError
from corridormap.extras import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xyzservices import TileProvider

REFERRER_POLICY = "strict-origin-when-cross-origin"
"""Providers such as OpenStreetMap refuse who does not say where the request comes from; the page's own address is enough."""
_NOT_FREE = ("CartoDB", "OpenAIP", "Stadia", "Strava")
"""Their address holds no key, yet they mark or refuse tiles for pages that are not registered."""
_PLACES = {"s", "x", "y", "z"}


def usable() -> list[str]:
    """Name the providers that can be drawn without a key, for any place on earth."""
    return sorted(_providers())


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
    providers = _providers()
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
def _providers() -> dict[str, TileProvider]:
    providers = require("xyzservices", extra="tiles", needed_for="a background of tiles").providers
    return {provider["name"]: provider for provider in _flat(providers) if _is_usable(provider)}


def _flat(bunch: Any) -> Iterator[TileProvider]:
    for value in bunch.values():
        if "url" in value:
            yield value
        else:
            yield from _flat(value)


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
