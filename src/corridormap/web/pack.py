"""The payload made small for the page: like beside like, repeats and what follows from elsewhere left out; unpack.js undoes it.

gzip, which every web server applies, looks back 32 kB and counts letters block by block. So all English words stand together, then all
Russian ones, each column of a layer in one run, and coordinates are a stream of bits: a number costs what its size calls for, and the 64
letters that carry the bits cost six bits each once gzipped.
"""

from __future__ import annotations

import base64
import json
import string
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Payload = dict[str, Any]
Column = tuple[tuple[str, str, str], list[Any]]
"""What a column is sorted by, its language first, and the column."""

PLAIN, REPEATS, PARTLY_FOLLOWS, FOLLOWS, POINTS = range(5)
"""What the numbers in a column of texts stand for: themselves; texts before them, counted from 0; values that unpack.js can tell from the
rest of the page; the whole column can be told so, and is empty; points, counted through all layers of points."""


def pack(payload: Payload) -> Payload:
    """Make a payload small; the page's unpack.js gives it back, value for value.

    Parameters
    ----------
    payload : dict
        From `corridormap.web.payload.build`; it is left as it is.

    Returns
    -------
    dict
        JSON values only.
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
    packed = {
        **_without(payload, "locales", "sources", "statements"),
        "links": links,
        "layers": layers,
        "backdrop": backdrop,
        "columns": [column for _, column in sorted(columns, key=lambda pair: pair[0])],
    }
    letters = _Letters(_texts(packed))
    return {**letters.write_all(packed), "letters": letters.alphabet, "runs": runs.text()}


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
        chance = self.chances.get(context, 2048)
        bound = (self.range >> 12) * chance
        if bit:
            self.low += bound
            self.range -= bound
            self.chances[context] = chance - (chance >> 5)
        else:
            self.range = bound
            self.chances[context] = chance + (4096 - chance >> 5)
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


class _Letters:
    """Letters beyond ASCII as ASCII: the 52 most frequent take the place of A–Z and a–z between grave accents; ^ makes a capital.

    In UTF-8 such a letter is two bytes, and gzip pays for both.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        count = Counter(letter for text in texts for letter in text.lower() if letter.isalpha() and "\x7f" < letter < "\U00010000")
        ranked = sorted(count, key=lambda letter: (-count[letter], letter))
        self.alphabet = "".join(letter for letter in ranked if len(letter.upper()) == 1 and letter.upper().lower() == letter)[:52]
        self.codes = dict(zip(self.alphabet, string.ascii_letters, strict=False))

    def write_all(self, value: Any) -> Any:
        """Write every text in a JSON value."""
        if isinstance(value, dict):
            return {key: self.write_all(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.write_all(item) for item in value]
        return self.write(value) if isinstance(value, str) else value

    def write(self, text: str) -> str:
        """Write one text."""
        if text.isascii() and "`" not in text:
            return text
        out: list[str] = []
        inside = False
        for letter in text:
            code = self.codes.get(letter.lower())
            wanted = code is not None and letter in {letter.lower(), letter.lower().upper()}
            # Space, figures and signs are the same on either side.
            if wanted != inside and (wanted or letter == "^" or (letter.isascii() and letter.isalpha())):
                out.append("`")
                inside = wanted
            if letter == "`":
                out.append("```" if inside else "``")
                inside = False
            elif code is not None and wanted:
                out.append(code if letter == letter.lower() else f"^{code}")
            else:
                out.append(letter)
        return "".join(out)


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
                coded = _coded([(value or {}).get(language) for value in values])
                table.append(((language, field, name), [name, f"{field}@{language}", *coded]))
        else:
            table.append((("", field, name), [name, field, *_coded(values)]))
    return table


def _words(locales: dict[str, dict[str, str]]) -> list[Column]:
    """Name each key of the page's own words once; a language that lacks one has null."""
    keys = sorted({key for words in locales.values() for key in words})
    words = [((language, "", "locales"), ["locales", language, [table.get(key) for key in keys]]) for language, table in locales.items()]
    return [(("", "", "locales"), ["locales", "", keys]), *words]


def _columns(payload: Payload) -> list[Column]:
    """Give every layer's columns as ``[layer, field, values]``."""
    follow = _follows(payload)
    points = _points(payload)
    found: list[Column] = []
    for number, layer in enumerate(payload["layers"]):
        for place, field in enumerate(layer["fields"]):
            known = follow(layer, field)
            values = [row[place] for row in layer["rows"]]
            coded: list[Any] = [[], FOLLOWS]
            # As JSON, for to Python true is 1.
            if json.dumps(values) != json.dumps(known):
                coded = _coded(values) if known is None else _partly(values, known)
            if layer["build"] == "links" and field in {"from", "to"} and all(value in points for value in values):
                coded = [[points[value] for value in values], POINTS]
            stem, _, language = field.rpartition("_")
            spoken = language if stem and language in payload["languages"] else ""
            found.append(((spoken, field, f"{number:04d}"), [number, place, *coded]))
    return found


def _points(payload: Payload) -> dict[Any, int]:
    """Number all points, layer by layer."""
    layers = [layer for layer in payload["layers"] if layer["geometry"] == "Point" and "id" in layer["fields"]]
    return {name: number for number, name in enumerate(row[layer["fields"].index("id")] for layer in layers for row in layer["rows"])}


def _coded(values: list[Any]) -> list[Any]:
    """Give a column, and a mark if its numbers stand for the texts before them, counted from 0."""
    if not all(value is None or isinstance(value, str) for value in values):
        return [values]
    places: dict[str, int] = {}
    coded: list[Any] = []
    for value in values:
        coded.append(places.get(value, value))
        if value is not None:
            places.setdefault(value, len(places))
    return [coded, REPEATS] if len(places) + values.count(None) < len(values) else [values]


def _partly(values: list[Any], known: list[Any]) -> list[Any]:
    """Give a column with a mark that its numbers stand for what follows from elsewhere."""
    if not all(value is None or isinstance(value, str) for value in values):
        return [values]
    return [[0 if value is not None and value == other else value for value, other in zip(values, known, strict=True)], PARTLY_FOLLOWS]


def _follows(payload: Payload) -> Callable[[Payload, str], list[Any] | None]:  # noqa: C901  one rule a branch
    """Make a function that tells a column from the rest of the page, as unpack.js does, or None: names of crossings, most of links."""
    names: dict[Any, Payload] = {}
    riders: dict[int, list[str]] = {}
    for layer in payload["layers"]:
        rows = [dict(zip(layer["fields"], row, strict=True)) for row in layer["rows"]]
        if layer["geometry"] == "Point":
            # A crossing, where a link ends without a place, stands in brackets.
            bracket = "{}" if layer["build"] == "places" else "({})"
            names.update((row["id"], {field: _joined(bracket, value) for field, value in row.items()}) for row in rows)
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

    def column(layer: Payload, field: str) -> list[Any] | None:
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


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
