"""The payload made small for the page: what follows from elsewhere left out, like beside like, and compressed; unpack.js undoes it.

What follows (a link's name from its ends, a crossing's from its sides) is not sent. All English words stand together, then all Russian
ones, each column of a layer in one run. The text that is left goes through LZMA, which finds repeats that lie farther apart than the 32 kB
gzip looks back; coordinates are a stream of bits where a number costs what its size calls for. The 64 letters that carry the bits cost six
bits each once a web server has gzipped them.
"""

from __future__ import annotations

import base64
import json
import lzma
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Payload = dict[str, Any]
Column = tuple[tuple[str, str, str], list[Any]]
"""What a column is sorted by, its language first, and the column."""

PARTLY_FOLLOWS, FOLLOWS = 1, 2
"""Marks of a column: noughts in it, or the whole of it, are what unpack.js can tell from the rest of the page."""

FIRST = ("country", "country_name", "embed", "extent", "format", "id", "lang", "languages", "surround", "title", "view")
"""What the page needs to show its frame, before the rest is unpacked."""

LITERAL_CONTEXT_BITS = 2
"""LZMA's lc; unpack.js knows it too. A few bits tell Cyrillic from Latin and signs."""


def pack(payload: Payload) -> Payload:
    """Make a payload small; the page's unpack.js gives it back, value for value.

    Parameters
    ----------
    payload : dict
        From `corridormap.web.payload.build`; it is left as it is.

    Returns
    -------
    dict
        JSON values only: ``first`` as it is; ``text``, the rest, as letters for bits; ``size``, its length in bytes; ``letters``, what its
        bytes from 128 on stand for; ``runs``, the coordinates.
    """
    runs = _Runs()
    links = {**payload["links"], "lines": [runs.add("links", moves) for moves in payload["links"]["lines"]]}
    layers = [_without(layer, "rows") | {"shapes": _shapes("layers", layer["shapes"], runs)} for layer in payload["layers"]]
    backdrop = [
        _without(layer, "features")
        | {
            "features": [_without(feature, "shape") for feature in layer["features"]],
            "shapes": _shapes("backdrop", [feature["shape"] for feature in layer["features"]], runs),
        }
        for layer in payload["backdrop"]
    ]
    numbers = {name: number for number, name in enumerate(payload["sources"])}
    statements = [
        {**statement, "sources": [numbers.get(name, name) for name in statement["sources"]]} for statement in payload["statements"]
    ]
    columns = [
        *_columns(payload),
        *_words(payload["locales"]),
        *_table("sources", [{"id": name, **source} for name, source in payload["sources"].items()]),
        *_table("statements", statements),
    ]
    rest = {
        **_without(payload, *FIRST, "locales", "sources", "statements"),
        "links": links,
        "layers": layers,
        "backdrop": backdrop,
        "columns": [column for _, column in sorted(columns, key=lambda pair: pair[0])],
    }
    return {"first": {name: payload[name] for name in FIRST if name in payload}, **_compressed(rest), "runs": runs.text()}


def _compressed(value: Any) -> Payload:
    """Write a JSON value as compressed text, a byte a letter: in UTF-8 a Cyrillic one is two."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    count = Counter(letter for letter in text if letter > "\x7f")
    ranked = sorted(count, key=lambda letter: (-count[letter], letter))
    letters = "".join(letter for letter in ranked if letter < "\U00010000")[:128]
    # JSON has an ASCII spelling for the letters beyond.
    codes = {ord(letter): json.dumps(letter)[1:-1] for letter in ranked} | {
        ord(letter): chr(128 + code) for code, letter in enumerate(letters)
    }
    small = text.translate(codes).encode("latin-1")
    filters = [{"id": lzma.FILTER_LZMA1, "preset": 9 | lzma.PRESET_EXTREME, "lc": LITERAL_CONTEXT_BITS, "lp": 0, "pb": 0}]
    # The first byte is always nought.
    packed = lzma.compress(small, format=lzma.FORMAT_RAW, filters=filters)[1:]
    return {"letters": letters, "size": len(small), "text": base64.b64encode(packed).decode()}


class _Runs:
    """Runs of differences as one stream of bits, arithmetically coded: what has been frequent so far costs little.

    Of a number are coded its count of binary digits, its second digit and its sign, each by what stood at that place before; the digits
    below are as good as random and go in as they are. Of a run's first position the distance from the last run's is coded. Unlike a
    fixed code this needs no tuning to links, borders or coasts; the coder is that of LZMA.
    """

    def __init__(self) -> None:
        self.out = bytearray()
        self.low, self.range = 0, 0xFFFF_FFFF
        self.cache, self.pending = 0, 0
        self.chances: dict[tuple[str, int, int, int], int] = {}
        self.starts: dict[str, list[int]] = {}

    def add(self, kind: str, moves: list[int]) -> int:
        """Write a run and give its count of numbers, by which the page finds its end."""
        last = self.starts.get(kind, [0, 0])
        self.starts[kind] = moves[:2]
        first = [value - start for value, start in zip(moves[:2], last, strict=True)]
        signs = [0, 0]
        for place, value in enumerate([*first, *moves[2:]]):
            axis = place % 2
            context = axis if place > 1 else axis + 2
            self._number(kind, context, abs(value))
            if value:
                self._bit((kind, 8 + context, signs[axis] + 1, signs[1 - axis] + 1), value < 0)
            signs[axis] = (value > 0) - (value < 0)
        return len(moves)

    def _number(self, kind: str, context: int, size: int) -> None:
        digits = size.bit_length()
        for place in range(digits):
            self._bit((kind, context, place, 0), 1)
        self._bit((kind, context, digits, 0), 0)
        for place in range(digits - 2, -1, -1):
            digit = size >> place & 1
            if place == digits - 2:
                self._bit((kind, 4 + context, digits, 0), digit)
            else:
                self._even(digit)

    def _bit(self, context: tuple[str, int, int, int], bit: int) -> None:
        chance = self.chances.get(context, 1024)
        bound = (self.range >> 11) * chance
        if bit:
            self.low += bound
            self.range -= bound
            self.chances[context] = chance - (chance >> 5)
        else:
            self.range = bound
            self.chances[context] = chance + (2048 - chance >> 5)
        self._shift()

    def _even(self, bit: int) -> None:
        self.range >>= 1
        if bit:
            self.low += self.range
        self._shift()

    def _shift(self) -> None:
        while self.range < 1 << 24:
            self.range <<= 8
            self._out()

    def _out(self) -> None:
        # A carry may still run through the bytes that wait: all of them 255 but the first.
        if self.low < 0xFF00_0000 or self.low > 0xFFFF_FFFF:
            carry = self.low >> 32
            self.out.append((self.cache + carry) & 0xFF)
            self.out.extend([(0xFF + carry) & 0xFF] * self.pending)
            self.pending = 0
            self.cache = self.low >> 24 & 0xFF
        else:
            self.pending += 1
        self.low = (self.low & 0x00FF_FFFF) << 8

    def text(self) -> str:
        for _ in range(5):
            self._out()
        # The first byte is always nought.
        return base64.b64encode(self.out[1:]).decode()


def _shapes(kind: str, shapes: list[Any], runs: _Runs) -> list[Any]:
    """Replace the numbers of shapes by their count."""

    def packed(shape: Payload | None) -> Payload | None:
        if shape is None or "w" in shape:
            return shape
        if "p" in shape:
            return {"p": runs.add(kind, shape["p"])}
        if "l" in shape:
            return {"l": [runs.add(kind, moves) for moves in shape["l"]]}
        return {"a": [[runs.add(kind, ring) for ring in rings] for rings in shape["a"]]}

    return [packed(shape) for shape in shapes]


def _table(name: str, records: list[Payload]) -> list[Column]:
    """Turn records with the same fields into columns ``[name, field, values]``; a field of texts by language, or None, into several."""
    table: list[Column] = []
    for field in records[0] if records else ():
        values = [record[field] for record in records]
        languages = sorted({language for value in values if isinstance(value, dict) for language in value})
        if languages:
            for language in languages:
                spoken = [(value or {}).get(language) for value in values]
                table.append(((language, field, name), [name, f"{field}@{language}", spoken]))
        else:
            table.append((("", field, name), [name, field, values]))
    return table


def _words(locales: dict[str, dict[str, str]]) -> list[Column]:
    """Name each key of the page's own words once; a language that lacks one has null."""
    keys = sorted({key for words in locales.values() for key in words})
    words = [((language, "", "locales"), ["locales", language, [table.get(key) for key in keys]]) for language, table in locales.items()]
    return [(("", "", "locales"), ["locales", "", keys]), *words]


def _columns(payload: Payload) -> list[Column]:
    """Give every layer's columns as ``[layer, field, values]``."""
    follow = _follows(payload)
    found: list[Column] = []
    for number, layer in enumerate(payload["layers"]):
        for place, field in enumerate(layer["fields"]):
            known = follow(layer, field)
            values = [row[place] for row in layer["rows"]]
            coded: list[Any] = [[], FOLLOWS]
            # As JSON, for to Python true is 1.
            if json.dumps(values) != json.dumps(known):
                coded = [values] if known is None else _partly(values, known)
            stem, _, language = field.rpartition("_")
            spoken = language if stem and language in payload["languages"] else ""
            found.append(((spoken, field, f"{number:04d}"), [number, place, *coded]))
    return found


def _partly(values: list[Any], known: list[Any]) -> list[Any]:
    """Give a column with a mark that its numbers stand for what follows from elsewhere."""
    if not all(value is None or isinstance(value, str) for value in values):
        return [values]
    return [[0 if value is not None and value == other else value for value, other in zip(values, known, strict=True)], PARTLY_FOLLOWS]


def _follows(payload: Payload) -> Callable[[Payload, str], list[Any] | None]:  # noqa: C901  one rule a branch
    """Make a function that tells a column from the rest of the page, as unpack.js does, or None."""
    names: dict[Any, Payload] = {}
    riders: dict[int, list[str]] = {}
    ends: dict[int, tuple[Any, Any]] = {}
    passed: set[Any] = set()
    for layer in payload["layers"]:
        rows = [dict(zip(layer["fields"], row, strict=True)) for row in layer["rows"]]
        if layer["geometry"] == "Point":
            # A crossing, where a link ends without a place, stands in brackets.
            bracket = "{}" if layer["build"] == "places" else "({})"
            names.update((row["id"], {field: _joined(bracket, value) for field, value in row.items()}) for row in rows)
            passed.update(row["id"] for row in rows if layer["build"] == "places" and row.get("kind") != "junction")
        if layer["build"] == "links":
            shown = [(shape["w"][0][0], row) for row, shape in zip(rows, layer["shapes"], strict=True) if shape and "w" in shape]
            ends.update((number, (row.get("from"), row.get("to"))) for number, row in shown)
        if layer["build"] == "itineraries":
            for row, shape in zip(rows, layer["shapes"], strict=True):
                for number in dict.fromkeys(abs(step) for way in (shape or {}).get("w", ()) for step in way):
                    riders.setdefault(number, []).append(row["id"])

    def link(row: Payload, shape: Payload | None, field: str) -> Any:
        if field == "id":
            return _joined("{}:{}-{}", row.get("mode"), row.get("from"), row.get("to"))
        ends = [names.get(row.get(end), {}).get(field) for end in ("from", "to")]
        if field.startswith("name_"):
            return _joined("{} – {}", *ends)
        number = shape["w"][0][0] if shape and "w" in shape else 0
        if number and field == "accuracy_m":
            return payload["links"]["accuracy_m"][number - 1]
        return "; ".join(riders.get(number, ())) or None if field == "corridors" else None

    def route(shape: Payload | None, language: str) -> str:
        texts = []
        for way in (shape or {}).get("w", ()):
            steps = [ends.get(abs(step), (None, None))[:: 1 if step > 0 else -1] for step in way]
            nodes = [steps[0][0], *(end for _, end in steps)]
            # Forks and crossings are named only where a way begins or ends in them.
            shown = [nodes[0], *(node for node in nodes[1:-1] if node in passed), nodes[-1]]
            said = [str(names.get(node, {}).get(f"name_{language}")) for node in shown]
            texts.append(" – ".join(text for text, before in zip(said, [None, *said], strict=False) if text != before))
        return "; ".join(texts)

    def column(layer: Payload, field: str) -> list[Any] | None:
        if layer["build"] == "itineraries" and field.startswith("route_"):
            return [route(shape, field.removeprefix("route_")) for shape in layer["shapes"]]
        language = field.removeprefix("name_")
        sides = [f"home_{language}", f"abroad_{language}"]
        if language != field and set(sides) <= set(layer["fields"]):
            home, abroad = (layer["fields"].index(side) for side in sides)
            return [_joined("{} – {}", row[home], row[abroad]) for row in layer["rows"]]
        if layer["build"] != "links" or not (field in {"id", "accuracy_m", "corridors"} or field.startswith("name_")):
            return None
        rows: Iterable[Payload] = (dict(zip(layer["fields"], row, strict=True)) for row in layer["rows"])
        return [link(row, shape, field) for row, shape in zip(rows, layer["shapes"], strict=True)]

    return column


def _joined(pattern: str, *parts: Any) -> str | None:
    """Join texts; None if one of them is none."""
    return pattern.format(*parts) if all(isinstance(part, str) and part for part in parts) else None


def _without(record: Payload, *fields: str) -> Payload:
    return {key: value for key, value in record.items() if key not in fields}
