"""Find everything that is wrong with a value that is to be a record, and its place in the file.

msgspec reads by the records and stops at the first fault; what it refuses is looked through by the JSON Schema that it makes of the same
records, which finds every one.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections import defaultdict
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from corridormap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

Keys = tuple[str | int, ...]
"""The way from the top of a file to a value: keys of tables and, from 0, places in lists."""
Fault = tuple[Keys, str]
"""Where in a value something is wrong, and what."""

LARGEST = 2**53
"""The largest whole number that every program reads as it is written."""


def record_faults(value: Any, record: Any) -> list[Fault]:
    """Find everything that is wrong with a value that is to be a record."""
    found = list(not_finite(value))
    try:
        msgspec.convert(value, record)
    except msgspec.ValidationError as error:
        # What the records say beyond types, in their own __post_init__, no schema knows.
        errors = [fault for wrong in _schema(record).iter_errors(value) for fault in _told(wrong)]
        if isinstance(value, dict):
            errors += _within(value, record, {keys[:2] for keys, _ in [*found, *errors]})
        if not errors and not found:
            errors = [(_keys(str(error)), line) for line in str(error).partition(" - at ")[0].splitlines()]
        told = {keys for keys, _ in found}
        found += [(keys, what) for keys, what in errors if keys not in told]
    return found


def _within(value: dict[str, Any], record: Any, told: set[Keys]) -> Iterator[Fault]:
    """Find what records in lists of a record say of themselves, where nothing else is wrong with them."""
    for field in msgspec.structs.fields(record):
        inner, items = _record_in(field.type), value.get(field.encode_name)
        for index, item in enumerate(items) if inner is not None and isinstance(items, list) else ():
            place: Keys = (field.encode_name, index)
            if place not in told:
                yield from ((place + keys, what) for keys, what in record_faults(item, inner))


def _record_in(kind: Any) -> Any:
    """Give the kind of record that a list is of, if it is one of records."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next((found for inner in get_args(kind) if (found := _record_in(inner)) is not None), None)


def not_finite(value: Any, keys: Keys = ()) -> Iterator[Fault]:
    """Find the numbers that no other program reads as they are written."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            # Most values are texts or null: they are passed over here, since going in costs more than all else.
            if item is not None and not isinstance(item, str):
                yield from not_finite(item, (*keys, key))
    elif isinstance(value, float) and not math.isfinite(value):
        yield keys, f"`{_path(keys)}` must be finite, not {value}"
    elif isinstance(value, int) and abs(value) > LARGEST:
        yield keys, f"`{_path(keys)}` is beyond 2^53: programs would read another number; make it a text"


@cache
def fields_of(record: Any) -> dict[str, Any]:
    """Give the fields of a record, each as a JSON Schema."""
    schema = msgspec.json.schema(record)
    fields: dict[str, Any] = schema["$defs"][schema["$ref"].rpartition("/")[2]]["properties"]
    return fields


@cache
def _schema(record: Any) -> Validator:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    # To JSON Schema 1.0 is a whole number, to the records it is none.
    whole = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool))
    validator: Validator = extend(Draft202012Validator, type_checker=whole)(msgspec.json.schema(record))  # type: ignore[no-untyped-call]
    return validator


def _told(error: ValidationError) -> Iterator[Fault]:
    """Say in our words what a JSON Schema found; where it lies in one of several kinds of value, go in."""
    keys: Keys = tuple(error.absolute_path)
    schema: Any = error.schema
    value: Any = error.instance
    if error.validator == "required":
        name = next(name for name in schema["required"] if error.message.startswith(f"{name!r} "))
        field = schema["properties"][name]
        yield (*keys, name), say_missing(_path((*keys, name)), field)
    elif error.validator == "additionalProperties":
        known = list(schema["properties"])
        yield from (((*keys, name), say_unknown(_path((*keys, name)), known, "fields")) for name in value if name not in known)
    elif inner := [cause for cause in error.context or () if cause.relative_path]:
        for cause in inner:
            yield from _told(cause)
    else:
        # A value in a list or a table without a phrase of its own is of the kind that its key says.
        yield keys, say_wrong(_path(keys), schema, value)


def kind_of(schema: dict[str, Any]) -> str:
    """Say what kind of value a JSON Schema asks for."""
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind_of(one) for one in schema["anyOf"] if one.get("type") != "null"))
    kinds = {"string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "array": "a list"}
    kind = kinds.get(schema.get("type", ""), "")
    return str(schema.get("title", kind)) if kind or schema.get("additionalProperties") else "a table"


def say_missing(name: str, schema: dict[str, Any]) -> str:
    """Say that a field is missing, what it is to be and what it means."""
    return f"`{name}` is missing: {kind_of(schema)}" + _meaning(schema)


def say_wrong(name: str, schema: dict[str, Any], value: Any) -> str:
    """Say what a field is to be, what it is, and what it means."""
    kind = kind_of(schema)
    if kind == "a text" and isinstance(value, str) and not value.strip():
        return f"{f'`{name}` ' if name else ''}must not be empty" + _meaning(schema)
    shown = json.dumps(value, ensure_ascii=False, default=str)
    shown = shown if len(shown) <= 60 else f"{shown[:59]}…"
    return f"{f'`{name}` ' if name else ''}must be {kind}, not {shown}" + _meaning(schema)


def _meaning(schema: dict[str, Any]) -> str:
    """Say what a field means; the description of a record is of the record, not of a field."""
    return f" ({schema['description']})" if "description" in schema and "properties" not in schema else ""


def say_unknown(name: str, known: Sequence[str], what: str) -> str:
    """Say that there is no such field, and which was meant, or which there are."""
    near = get_close_matches(name.rpartition(".")[2], known, n=1)
    return f"unknown field `{name}`; " + (f"did you mean `{near[0]}`?" if near else f"{what} are: {', '.join(known)}")


def _path(keys: Keys) -> str:
    """Write keys as people do: ``ways[0].nodes[2]``."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).lstrip(".")


def _keys(message: str) -> Keys:
    """Read the place out of msgspec's ``… - at `$.ways[0].nodes```."""
    place = message.partition(" - at ")[2].strip("`")
    return tuple(int(number) if number else key for key, number in re.findall(r"\.?([A-Za-z_]\w*)|\[(\d+)\]", place.removeprefix("$")))


def placed(path: Path, text: str, found: Sequence[tuple[Keys, str, str | None]]) -> list[DataError]:
    """Make errors of faults, each with its line and column in the file."""
    if not found:
        return []
    of_toml = path.suffix == ".toml"
    places = _places_in_toml(text) if of_toml else _places_in_json(text, {int(keys[1]) for keys, _, _ in found if len(keys) > 1})
    errors = []
    for keys, what, feature in found:
        line, column = next((places[keys[:depth]] for depth in range(len(keys), 0, -1) if keys[:depth] in places), (1, 1))
        errors.append(DataError(what, where=path, feature=feature, line=line, column=column))
    return sorted(errors, key=lambda error: (error.line or 0, error.column or 0))


_BETWEEN = re.compile(r"[\s,:]*")
_MEMBER = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:')
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"-]+)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*([\w.\"-]+)\s*=")


def _places_in_toml(text: str) -> dict[Keys, tuple[int, int]]:
    """Find the line and column of each table and key of a TOML file."""
    places: dict[Keys, tuple[int, int]] = {}
    counts: dict[Keys, int] = defaultdict(int)
    table: Keys = ()
    closing = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if closing:  # within a text of several lines nothing is a key
            closing = "" if closing in line else closing
            continue
        place = (number, len(line) - len(line.lstrip()) + 1)
        if header := _HEADER.match(line):
            table = ()
            *outer, last = header[2].replace('"', "").split(".")
            for part in outer:
                table = (*table, part, counts[*table, part] - 1) if counts[*table, part] else (*table, part)
            table = (*table, last)
            if header[1] == "[[":
                counts[table] += 1
                table = (*table, counts[table] - 1)
            places.setdefault(table, place)
        elif key := _KEY.match(line):
            places.setdefault((*table, *key[1].replace('"', "").split(".")), place)
            begun = line[key.end() :].lstrip()
            closing = begun[:3] if begun.startswith(('"""', "'''")) and begun[:3] not in begun[3:] else ""
    return places


def _places_in_json(text: str, wanted: set[int]) -> dict[Keys, tuple[int, int]]:
    """Find the line and column of each of these features of a GeoJSON file, and of the keys in it."""
    places: dict[Keys, tuple[int, int]] = {}
    begins = [0, *(end.end() for end in re.finditer("\n", text))]

    def place(at: int) -> tuple[int, int]:
        line = bisect_right(begins, at)
        return line, at - begins[line - 1] + 1

    at, decoder = _features_at(text), json.JSONDecoder()
    for index in range(max(wanted, default=-1) + 1):
        at = _after(_BETWEEN, text, at)
        _, end = decoder.raw_decode(text, at)
        if index in wanted:
            places["features", index] = place(at)
            for key in _MEMBER.finditer(text, at, end):
                for above in (("features", index), ("features", index, "properties")):
                    places.setdefault((*above, key[1]), place(key.start()))
        at = end
    return places


def _features_at(text: str) -> int:
    """Find where the list of features of a GeoJSON file begins, whatever else is called so; of several the last counts, as in JSON."""
    decoder, found, at = json.JSONDecoder(), len(text), _after(_BETWEEN, text, 0) + 1
    while text[at := _after(_BETWEEN, text, at)] != "}":
        name, end = decoder.raw_decode(text, at)
        begin = _after(_BETWEEN, text, end)
        found = begin + 1 if name == "features" else found
        _, at = decoder.raw_decode(text, begin)
    return found


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Give the place after what a pattern matches there."""
    match = pattern.match(text, at)
    return match.end() if match else at
