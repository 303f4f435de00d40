"""What any page of ours is put together from: inlined scripts and styles, data that cannot run, a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rcssmin import cssmin
from rjsmin import jsmin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_UNSAFE_IN_SCRIPT = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def inert_json(value: Any) -> str:
    """Write JSON that cannot end the script element it stands in, nor break a parser that reads it as a script."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return _UNSAFE_IN_SCRIPT.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def policy(scripts: Iterable[str], styles: Iterable[str], *, more: Mapping[str, Iterable[str]] | None = None) -> str:
    """Write a Content-Security-Policy under which these scripts and styles run, pictures come from the page itself, and nothing else does.

    Parameters
    ----------
    scripts, styles : iterable of str
        Contents of inline elements; each is allowed by its hash.
    more : mapping, optional
        Further sources by directive.
    """
    rules: dict[str, list[str]] = {
        "default-src": ["'none'"],
        "script-src": [_hash(script) for script in scripts],
        "style-src": [_hash(style) for style in styles],
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    for directive, values in (more or {}).items():
        rules.setdefault(directive, []).extend(values)
    return "; ".join(f"{name} {' '.join(dict.fromkeys(values))}" for name, values in rules.items())


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@cache
def own(names: tuple[str, ...]) -> str:
    """Our own scripts, or style sheets, as one text without comments and blanks."""
    folder = resources.files("corridormap.web") / "static"
    text = "\n".join((folder / name).read_text(encoding="utf-8") for name in names)
    return str(cssmin(text) if names[0].endswith(".css") else jsmin(text))


@cache
def leaflet(*, markers: bool) -> tuple[str, str]:
    """Leaflet's style sheet and script, with their pictures inlined if markers or controls of folium's may need them."""
    from xstatic.pkg import leaflet as package

    folder = Path(package.BASE_DIR)

    def inline(match: re.Match[str]) -> str:
        return f"url({_data_uri(folder / match[1])})" if markers else "none"

    css = re.sub(r"url\((images/[\w.-]+)\)", inline, cssmin((folder / "leaflet.css").read_text(encoding="utf-8")))
    script = re.sub(r"\n//# sourceMappingURL=.*", "", (folder / "leaflet.js").read_text(encoding="utf-8"))
    if not markers:
        return css, script
    # A marker without an icon of its own looks for these files beside the style sheet.
    icons = {
        "iconUrl": _data_uri(folder / "images/marker-icon.png"),
        "iconRetinaUrl": _data_uri(folder / "images/marker-icon-2x.png"),
        "shadowUrl": _data_uri(folder / "images/marker-shadow.png"),
    }
    return css, f'{script}\nL.Icon.Default.imagePath = "";\nL.Icon.Default.mergeOptions({json.dumps(icons)});\n'


def _data_uri(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
