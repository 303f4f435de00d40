"""The run over a document: what the rules find is mended and proven feature by feature, then what surrounds the features."""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.filecheck import FileCheck
from corridormap.checks.fix.bounds import Bounds, box_edits
from corridormap.checks.fix.geometry import long_numbers, repair
from corridormap.checks.fix.proof import prove
from corridormap.checks.fix.result import Changes, Edit, Unfixable, apply
from corridormap.checks.members import names_wgs84
from corridormap.checks.reading import decode, slow
from corridormap.checks.reading.document import read
from corridormap.checks.reading.places import offset
from corridormap.checks.reading.text import space
from corridormap.checks.rule import RULES, BatchRule

if TYPE_CHECKING:
    from collections.abc import Mapping

    import msgspec

    from corridormap.checks.reading.batch import Batch, Place
    from corridormap.checks.reading.shapes import Shapes
    from corridormap.checks.reading.survey import Path
    from corridormap.checks.rule import Rule

    Members = Mapping[str, msgspec.Raw]

MAX_NUMBERS = 64 << 20
"""Bytes of one geometry's coordinates above which a document is left alone: they take some forty times that in memory."""

_DEGREES_ONLY = frozenset({"winding", "closing", "precision"})
_HARMLESS = frozenset({"CM003", "CM008", "CM009", "CM012"})
"""What may be wrong with a text that is mended all the same."""
_HALF = re.compile(rb"\\u[dD]([89a-fA-F][0-9a-fA-F]{2})")


class Faults(FileCheck):
    """Takes what the rules find in a text: the features to be looked at, and the places of the geometries in them that are wrong."""

    def __init__(self, kinds: frozenset[str]) -> None:
        # What rules about objects find is in features out of the ordinary, or around the features, which are looked at anyway.
        rules = (rule.code for rule in RULES if isinstance(rule, BatchRule) and rule.repair in kinds)
        super().__init__("", frozenset(rules), sys.maxsize)
        self.geometries: dict[int, set[Path]] = {}
        self.kinds: set[str | None] = set()
        self.shapes: list[tuple[int, Shapes]] = []

    def fault(self, code: str, message: str, place: tuple[int, int] | None = None, **more: Any) -> None:
        """Leave the document alone if its text is not as it should be."""
        del more
        if code not in _HARMLESS:
            raise Unfixable(message + (f" (line {place[0]}, column {place[1]})" if place else ""))

    def batch(self, batch: Batch, found: list[tuple[Rule, Place]] | None = None) -> None:
        """Keep the positions, as a box around all may be asked for."""
        self.shapes.append((batch.first, batch.shapes))
        super().batch(batch, found)

    def _odd(self, decoded: decode.Decoded, row: int, *arguments: Any, **options: Any) -> bool:
        self.geometries.setdefault(self.features + row, set())
        return super()._odd(decoded, row, *arguments, **options)

    def _keep_all(self, found: list[tuple[Rule, Place]], batch: Batch | None) -> None:
        if batch is None:
            return
        for known, place in found:
            geometries = self.geometries.setdefault(batch.first + (place.row or 0), set())
            if place.path and "coordinates" in place.path:
                geometries.add(place.path[: place.path.index("coordinates")])
            self.kinds.add(known.repair)


class Run:
    """One pass over a document, which has no byte order mark."""

    def __init__(self, text: bytes, *, kinds: frozenset[str], decimals: int) -> None:
        self.text = text
        # The same text to the byte's place, without halves of surrogate pairs, which msgspec does not take.
        self.plain = _HALF.sub(rb"\\u0\1", text)
        self.kinds = kinds
        self.decimals = decimals
        self.changes = Changes()
        self.faults = Faults(kinds)

    def run(self) -> Changes:
        """Find and prove all edits, or refuse with `Unfixable`."""
        if read(io.BytesIO(self.text), self.faults) != "GeoJSON":
            raise Unfixable("is a sequence of GeoJSON texts, not one")
        members = decode.split_object(self.plain) or {}
        begin, end = self._span(members["features"]) if "features" in members else (0, 0)
        if self.text[begin : begin + 1] == b"[" and slow.load(bytes(members.get("type", b"null"))) == "FeatureCollection":
            self._collection(members, begin + 1, end - 1)
        else:
            value = slow.load(self.text)
            if slow.type_of(value) not in slow.TYPES:
                raise Unfixable("is not a GeoJSON object of a known type")
            part = Changes(feature=_name(value))
            self._object(value, members, part, "", self.faults.geometries.get(0, set()))
            self._prove(part, "", self.text, apply(self.text, sorted(part.edits)))
        self.changes.edits.sort()
        return self.changes

    def _collection(self, members: Members, begin: int, end: int) -> None:
        """Mend the features that were found to be wrong, then what is around all."""
        text, around, chosen = self.text, self.text[:begin] + self.text[end:], self.kinds
        shell, raws, looked = slow.load(around), decode.split(members["features"]) or [], self.faults.geometries
        for index, raw in enumerate(raws) if "precision" in chosen else ():
            if any(long_numbers(memoryview(raw), (0, sys.maxsize), self.decimals)):
                looked.setdefault(index, set())
                self.faults.kinds.add("precision")
        self.kinds -= _DEGREES_ONLY if _foreign(shell) else set()
        before, after = Bounds(), Bounds()
        for index in sorted(looked):
            was, now = self._feature(index, raws[index], looked[index])
            before.merge(was)
            after.merge(now)
        part = Changes()
        if "bbox" in shell or "crs" in shell:
            rest = self._rest(np.fromiter(looked, dtype=np.int64))
            before.merge(rest)
            after.merge(rest)
            self._around(shell, members, part, "", before, after)
        if self.kinds != chosen and self.faults.kinds & _DEGREES_ONLY:
            part.leave("crs", "Winding, open rings and precision are left: the coordinates may not be degrees.", "/crs")
        head, tail = (sorted(edit for edit in part.edits if (edit.end <= begin) == first) for first in (True, False))
        self._prove(part, "", around, apply(text, head, end=begin) + apply(text, tail, start=end))

    def _feature(self, index: int, raw: msgspec.Raw, geometries: set[Path]) -> tuple[Bounds, Bounds]:
        """Mend and prove a feature; its box before and after."""
        start, end = self._span(raw)
        piece, members = self.text[start:end], decode.split_object(raw)
        value = slow.load(piece)
        if members is None or value.get("type") != "Feature":
            return Bounds(unknown=True), Bounds(unknown=True)
        part = Changes(index, _name(value))
        bounds = self._object(value, members, part, f"/features/{index}", geometries)
        self._prove(part, f"/features/{index}", piece, apply(self.text, sorted(part.edits), start=start, end=end))
        return bounds

    def _prove(self, part: Changes, prefix: str, old: bytes, new: bytes) -> None:
        """Take what was done to a stretch of the text, if it is proven."""
        if part.edits:
            prove(old, new, part.done, prefix=prefix, decimals=self.decimals)
        self.changes.edits += part.edits
        self.changes.done += part.done
        self.changes.left += part.left

    def _rest(self, looked: Any) -> Bounds:
        """What a box around the features that were not looked at depends on: their outermost positions, and those nearest to 0°."""
        bounds = Bounds()
        for first, shapes in self.faults.shapes:
            mine = np.repeat(~np.isin(shapes.item_row + first, looked)[shapes.part_item], shapes.lengths)
            (x, y), z = shapes.xy[mine].T, shapes.z[mine] if shapes.z is not None else np.zeros(0)
            for values, axis in ((x[x >= 0], bounds.x), (x[x < 0], bounds.x), (y, bounds.y), (z[~np.isnan(z)], bounds.z)):
                axis.extend([float(values.min()), float(values.max())] if len(values) else [])
            bounds.jumps |= bool((np.abs(shapes.steps[mine, 0]) > 180).any())
        return bounds

    def _object(  # noqa: PLR0917  it calls itself for what is within
        self, value: Any, members: Members, part: Changes, pointer: str, geometries: set[Path], path: Path = (), *, foreign: bool = False
    ) -> tuple[Bounds, Bounds]:
        """Mend a feature or geometry and what is in it; its box before and after."""
        kind, foreign = value.get("type"), foreign or _foreign(value)
        before, after = Bounds(), Bounds()
        inner: list[tuple[Any, Any, Path]] = []
        if kind == "Feature":
            inner = [(value.get("geometry"), members.get("geometry"), ("geometry",))]
        elif kind == "GeometryCollection":
            items = value.get("geometries")
            raws = (decode.split(members["geometries"]) or []) if isinstance(items, list) else []
            inner = [(items[index], raw, ("geometries", index)) for index, raw in enumerate(raws)]
        elif slow.level(kind) is not None and isinstance(value.get("coordinates"), list):
            kinds = self.kinds - (_DEGREES_ONLY if foreign else frozenset())
            before, after = self._coordinates(value, members["coordinates"], part, pointer, kinds, named=path in geometries)
        else:
            before.unknown = after.unknown = True
        for item, raw, place in inner:
            within = decode.split_object(raw) if isinstance(item, dict) else None
            if within is not None:
                where = pointer + "".join(f"/{token}" for token in place)
                was, now = self._object(item, within, part, where, geometries, (*path, *place), foreign=foreign)
                before.merge(was)
                after.merge(now)
        self._around(value, members, part, pointer, before, after)
        return before, after

    def _coordinates(
        self, value: Any, raw: msgspec.Raw, part: Changes, pointer: str, kinds: frozenset[str], *, named: bool
    ) -> tuple[Bounds, Bounds]:
        span = self._span(raw)
        if "precision" in kinds and not any(long_numbers(self.text, span, self.decimals)):
            kinds -= {"precision"}
        if not named and "precision" not in kinds:
            kinds = frozenset()
        if kinds and span[1] - span[0] > MAX_NUMBERS:
            raise Unfixable(f"holds coordinates of more than {MAX_NUMBERS >> 20} MiB in one geometry, too many to mend")
        return repair(self.text, span, value["type"], value["coordinates"], kinds, self.decimals, part, f"{pointer}/coordinates")

    def _around(  # noqa: PLR0917  what it is around comes last
        self, value: Any, members: Members, part: Changes, pointer: str, before: Bounds, after: Bounds
    ) -> None:
        """Remove a `crs` member that says what is so without it, and mend a `bbox` member that is wrong."""
        if "crs" in value and "crs" in self.kinds:
            where = f"{pointer}/crs"
            order = names_wgs84(_crs_name(value))
            if order == "lon/lat" or (order == "lat/lon" and after.lonlat):
                part.edits.append(self._without(members, "crs"))
                part.mended("crs", "Removed the retired crs member: GeoJSON is in longitude and latitude on WGS 84 anyway.", where)
            elif order == "lat/lon":
                part.leave("crs", "The crs member is left: not all coordinates are known to be longitude and latitude.", where)
            else:
                part.leave("crs", "The crs member is left: it names another system, to be reprojected first.", where)
        if "bbox" not in value:
            return
        where, wanted = f"{pointer}/bbox", "bbox" in self.kinds
        edits = box_edits(self.text, self._span(members["bbox"]), value["bbox"], before, after, wanted=wanted)
        if isinstance(edits, str):
            part.leave("bbox", f"The bbox is left: {edits}.", where)
        elif edits:
            part.edits += edits
            part.mended("bbox", "Recomputed the bbox, which did not fit the coordinates.", where)

    def _span(self, raw: msgspec.Raw) -> tuple[int, int]:
        start = offset(raw, self.plain)
        return start, start + len(memoryview(raw))

    def _without(self, members: Members, name: str) -> Edit:
        """Take a member out, with the comma that goes with it."""
        names = list(members)
        at, end = names.index(name), self._span(members[name])[1]
        if at:
            return Edit(self._span(members[names[at - 1]])[1], end, b"")
        start = self.text.rindex(b'"', 0, self.text.rindex(b'"', 0, self._span(members[name])[0]))
        comma = space(self.text, end)
        return Edit(start, space(self.text, comma + 1) if len(names) > 1 else comma, b"")


def _crs_name(value: Any) -> str:
    """The name in a `crs` member; empty if it is not just a name."""
    match value["crs"]:
        case {"type": "name", "properties": {"name": str(name), **more}, **others} if not more and not others:
            return name
    return ""


def _foreign(value: Any) -> bool:
    return "crs" in value and names_wgs84(_crs_name(value)) is None


def _name(feature: Any) -> str | None:
    """A feature's id, or the property of that name."""
    properties = feature.get("properties")
    for name in (feature.get("id"), properties.get("id") if isinstance(properties, dict) else None):
        if isinstance(name, str | int | float) and not isinstance(name, bool):
            return str(name).encode("utf-8", "replace").decode("utf-8")
    return None
