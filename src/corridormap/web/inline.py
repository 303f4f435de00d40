"""What any page of ours is put together from: inlined scripts and styles, data that cannot run, a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_UNSAFE_IN_SCRIPT = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def data_element(name: str, value: Any) -> str:
    """Write an element that holds JSON under an id, for the page's scripts."""
    return f'<script type="application/json" id="{name}">{inert_json(value)}</script>'


def inert_json(value: Any) -> str:
    """Write JSON that cannot end the script element it stands in, nor break a parser that reads it as a script."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
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
def bundle(name: str) -> str:
    """Read a script or a style sheet that front/build.js has made of the modules in front/."""
    return (resources.files("corridormap.web") / "front" / "bundle" / name).read_text(encoding="utf-8")
