"""Lines that leave their detail behind: thinned in the page, whole in a PMTiles file that the page reads where the reader comes near."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from corridormap.errors import UsageError

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
