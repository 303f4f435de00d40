"""The page of a report: findings on a map and in a table, one file that needs no network.

It is put together like the atlas's own page, and an atlas is drawn on its own backdrop; it knows findings as plain records only.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from corridormap import words
from corridormap.errors import DataError
from corridormap.web.inline import bundle, data_element, policy
from corridormap.web.payload import cartography

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from corridormap.atlas import Atlas
    from corridormap.web.payload import Payload

_COLUMNS = ("code", "severity", "message", "file", "feature", "index", "pointer", "line", "column", "lon", "lat", "hint")
_TEXTS = ("code", "severity", "message", "file", "hint")


def page(
    records: Sequence[Mapping[str, Any]],
    *,
    summary: str,
    rules: Mapping[str, str],
    drawing: Payload | None = None,
    atlas: Atlas | None = None,
    texts: Mapping[str, str] | None = None,
) -> str:
    """Make the page of findings.

    Parameters
    ----------
    records : sequence of mappings
        Findings as `corridormap.checks.rule.Finding.as_dict` gives them. Their texts may be anything: they travel as inert JSON and
        become text nodes, never markup.
    summary : str
        The line that sums them up.
    rules : mapping
        The description of each rule by code.
    drawing : dict, optional
        The features that were checked, as `corridormap.checks.drawing.Drawing.encoded` gives them; lines that they are compared with as
        ``beside``.
    atlas : Atlas, optional
        The atlas that was checked; its backdrop is drawn and its sources are credited.
    texts : mapping, optional
        Words of the page, by key, that replace those of `corridormap validate`.

    Returns
    -------
    str
        A whole HTML document; the same every time for the same findings. A finding without a place on Earth is in the table only.
    """
    said = {**words.report(), **(texts or {})}
    payload = _payload(records, summary=summary, rules=rules, said=said)
    payload |= {"drawing": drawing, "ground": None if atlas is None else _ground(atlas)}
    styles = [bundle("findings.css")]
    scripts = [bundle("findings.js")]
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy(scripts, styles))}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(said['report.title'])}</title>",
        '<meta name="color-scheme" content="light dark">',
        '<meta name="generator" content="corridormap">',
        '<link rel="icon" href="data:,">',
        *(f"<style>{style}</style>" for style in styles),
        "</head>",
        "<body>",
        f"<noscript><p>{escape(said['no_script'])}</p><p>{escape(summary)}</p></noscript>",
        '<div class="cm-app cm-report" id="corridormap"></div>',
        data_element("corridormap-data", payload),
        *(f"<script>{script}</script>" for script in scripts),
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _payload(records: Sequence[Mapping[str, Any]], *, summary: str, rules: Mapping[str, str], said: Mapping[str, str]) -> Payload:
    texts, rows = _rows(records)
    used = {record["code"] for record in records}
    return {
        "languages": ["en"],
        "cartography": cartography(),
        "locales": {key: {"en": text} for key, text in said.items()},
        "summary": summary,
        "rules": {code: text for code, text in rules.items() if code in used},
        "columns": list(_COLUMNS),
        "repeating": list(_TEXTS),
        "texts": texts,
        "rows": rows,
    }


def _ground(atlas: Atlas) -> Payload | None:
    """Give what is drawn under an atlas; None if that may be what is broken."""
    from corridormap.web import payload

    try:
        whole = payload.build(atlas, lang=atlas.languages[0], layers=[])
    except DataError:
        return None
    ground = {name: whole[name] for name in ("attribution", "paper", "surround", "backdrop")}
    return ground | {"backdrop": [layer for layer in whole["backdrop"] if layer["kind"] != "town"]}


def _rows(records: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """Give the texts that repeat, each once, and the findings as rows that name them by number."""
    texts: dict[str, int] = {}

    def cell(name: str, value: Any) -> Any:
        # numpy's numbers are Python's to JSON.
        value = value.item() if hasattr(value, "item") else value
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return None
        return texts.setdefault(str(value), len(texts)) if name in _TEXTS else value

    rows = [[cell(name, record.get(name)) for name in _COLUMNS] for record in records]
    return list(texts), rows
