"""Mend GeoJSON files where that is safe and loses nothing.

Whatever is not mended stays byte for byte: indentation, the spelling of numbers, the order of keys, escapes, line ends. Each repair is
proven before it counts; a document whose repair cannot be proven is left alone.
"""

from __future__ import annotations

import io
import re
import sys
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.coordinates import NEAR
from corridormap.checks.filecheck import FileCheck
from corridormap.checks.fix.edits import Changes, Edit, Unfixable, apply, diff_lines, prove
from corridormap.checks.fix.geometry import has_long_numbers, lines_of, repair
from corridormap.checks.reading import objects
from corridormap.checks.reading.document import MARK, MOST, read
from corridormap.checks.reading.text import load, offset, plain, space, split, split_object
from corridormap.checks.rule import RULES, BatchRule, Rule
from corridormap.checks.structure import crs_name, names_wgs84
from corridormap.errors import DataError
from corridormap.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    import msgspec

    from corridormap.checks.reading.batch import Batch, Place, Shapes
    from corridormap.checks.reading.objects import Decoded

    Members = Mapping[str, msgspec.Raw]

__all__ = ["Fixed", "fix_file", "fix_text"]

MAX_NUMBERS = 64 << 20
"""Bytes of one geometry's coordinates above which a document is left alone: they take some forty times that in memory."""

_UNIT = 1e-7
"""Degrees by which a side of a bbox that was drawn to a position may lie off it once that is rounded."""
_DEGREES_ONLY = frozenset({"winding", "closing", "precision"})
_HARMLESS = frozenset({"CM003", "CM008", "CM009", "CM012"})
"""What may be wrong with a text that is mended all the same."""
_NUMBER = re.compile(rb"[-+0-9.eE]+")
_GAP = re.compile(rb"\[[^,\]\[{\"]*?([ \t\r\n]*,[ \t\r\n]*)")


class Faults(FileCheck):
    """Checks a text and keeps which of its features are wrong or out of the ordinary."""

    def __init__(self, kinds: frozenset[str]) -> None:
        # What rules about objects find is in features out of the ordinary, or around the features, which are looked at anyway.
        rules = (rule.code for rule in RULES if isinstance(rule, BatchRule) and rule.repair in kinds)
        super().__init__("", frozenset(rules), sys.maxsize)
        self.wrong: set[int] = set()
        self.shapes: list[tuple[int, Shapes]] = []

    def fault(self, code: str, message: str, where: tuple[int, int] | None = None, **more: Any) -> None:
        """Leave the document alone if its text is not as it should be."""
        del more
        if code not in _HARMLESS:
            raise Unfixable(message + (f" (line {where[0]}, column {where[1]})" if where else ""))

    def batch(self, batch: Batch, found: list[tuple[Rule, Place]] | None = None) -> None:
        """Keep the positions, for a box around all, and run the rules."""
        self.shapes.append((batch.first, batch.shapes))
        super().batch(batch, found)

    def _odd(self, decoded: Decoded, row: int, *arguments: Any) -> bool:
        self.wrong.add(self.features + row)
        return super()._odd(decoded, row, *arguments)

    def _keep_all(self, found: list[tuple[Rule, Place]], batch: Batch | None) -> None:
        if batch is not None:
            self.wrong.update(batch.first + (place.row or 0) for _, place in found)


@dataclass
class Extent:
    """The positions of a geometry, a feature or a collection, as far as a box around them depends on them."""

    positions: list[Sequence[float]] = field(default_factory=list)
    jumps: bool = False
    """Whether a line or ring jumps by more than half the earth, as one across the antimeridian does."""
    unknown: bool = False
    """Whether there are positions that could not be read."""
    rounded: bool = False
    """Whether there are positions that were rounded."""

    def merge(self, other: Extent) -> None:
        """Take in the positions that another one knows of."""
        self.positions += other.positions
        self.jumps |= other.jumps
        self.unknown |= other.unknown
        self.rounded |= other.rounded


class Run:
    """One pass over a document."""

    def __init__(self, text: bytes, kinds: frozenset[str]) -> None:
        self.read = text
        # The same text to the byte's place, but what is no JSON: a byte order mark and, in what msgspec reads, halves of surrogate pairs.
        self.text = text.removeprefix(MARK).rjust(len(text))
        self.plain = plain(self.text)
        self.kinds = kinds
        self.changes = Changes()

    def run(self) -> Changes:
        """Find and prove all edits, or refuse with `Unfixable`."""
        faults = Faults(self.kinds)
        if read(io.BytesIO(self.read), faults) != "GeoJSON":
            raise Unfixable("is a sequence of GeoJSON texts, not one")
        members = split_object(self.plain) or {}
        features = split(members.get("features", b""))
        if features is not None and load(bytes(members.get("type", b"null"))) == "FeatureCollection":
            self._collection(members, features, faults)
        else:
            value = load(self.text)
            if objects.type_of(value) not in objects.TYPES:
                raise Unfixable("is not a GeoJSON object of a known type")
            wrong = faults.wrong or ("precision" in self.kinds and has_long_numbers(members.get("geometry", self.plain)))
            self._piece(value, members, (0, len(self.text)), self.kinds if wrong else frozenset())
        if "bom" in self.kinds and self.read.startswith(MARK):
            self.changes.add("bom", [Edit(0, len(MARK), b"")])
        self.changes.edits.sort()
        return self.changes

    def _collection(self, members: Members, features: list[msgspec.Raw], faults: Faults) -> None:
        """Mend the features that were found to be wrong, then what is around all."""
        begin, end = self._span(members["features"])
        begin, end = begin + 1, end - 1
        around = self.text[:begin] + self.text[end:]
        shell, looked = load(around), faults.wrong
        for index, raw in enumerate(features) if "precision" in self.kinds else ():
            if has_long_numbers(raw) and has_long_numbers((split_object(raw) or {}).get("geometry", b"")):
                looked.add(index)
        kinds, extent = _left(self.kinds, shell), Extent()
        for index in sorted(looked):
            span, own = self._span(features[index]), split_object(features[index])
            value = load(self.text[slice(*span)])
            if own is None or value.get("type") != "Feature":
                extent.unknown = True
            else:
                extent.merge(self._piece(value, own, span, kinds, f" at /features/{index}"))
        if "bbox" in shell or "crs" in shell:
            part = Changes()
            extent.merge(_rest(faults.shapes, looked))
            self._around(shell, members, part, extent)
            head, tail = (sorted(edit for edit in part.edits if (edit.end <= begin) == first) for first in (True, False))
            self._prove(part, around, apply(self.text, head, end=begin) + apply(self.text, tail, start=end))

    def _piece(self, value: Any, members: Members, span: tuple[int, int], kinds: frozenset[str], name: str = "") -> Extent:
        """Mend and prove a feature, or a document that is no collection."""
        part, (start, end) = Changes(), span
        extent = self._object(value, members, part, kinds)
        self._prove(part, self.text[start:end], apply(self.text, sorted(part.edits), start=start, end=end), name)
        return extent

    def _prove(self, part: Changes, old: bytes, new: bytes, name: str = "") -> None:
        """Take what was done to a stretch of the text, if it is proven."""
        if part.edits:
            prove(old, new, part.repairs, name=name)
        self.changes.edits += part.edits
        self.changes.repairs += part.repairs

    def _object(self, value: Any, members: Members, part: Changes, kinds: frozenset[str]) -> Extent:
        """Mend a feature or geometry and what is in it."""
        kind, kinds, extent = value.get("type"), _left(kinds, value), Extent()
        inner: list[tuple[Any, Any]] = []
        if kind == "Feature":
            inner = [(value.get("geometry"), members.get("geometry"))]
        elif kind == "GeometryCollection":
            raws = split(members.get("geometries", b"")) or []
            inner = [(value["geometries"][index], raw) for index, raw in enumerate(raws)]
        elif objects.level(kind) is not None and isinstance(value.get("coordinates"), list):
            extent = self._coordinates(value, self._span(members["coordinates"]), part, kinds)
        else:
            extent.unknown = True
        for item, raw in inner:
            within = split_object(raw) if isinstance(item, dict) else None
            if within is not None:
                extent.merge(self._object(item, within, part, kinds))
        self._around(value, members, part, extent)
        return extent

    def _coordinates(self, value: Any, span: tuple[int, int], part: Changes, kinds: frozenset[str]) -> Extent:
        if kinds and span[1] - span[0] > MAX_NUMBERS:
            raise Unfixable(f"holds coordinates of more than {MAX_NUMBERS >> 20} MiB in one geometry, too many to mend")
        lines = lines_of(value)
        if lines is None:
            return Extent(unknown=True)
        # Readers differ about a hollow part, and so about what the box is to hold.
        extent = Extent(unknown=not all(line.values for line in lines))
        for old, (line, order, _) in zip(lines, repair(self.text, span, lines, kinds, part), strict=True):
            positions = [line.values[index] for index in order]
            extent.positions += positions
            extent.rounded |= line is not old
            extent.jumps |= line.role != "points" and any(abs(a[0] - b[0]) > 180 for a, b in pairwise(positions))
        return extent

    def _around(self, value: Any, members: Members, part: Changes, extent: Extent) -> None:
        """Remove a `crs` member that says what is so without it, and mend a `bbox` member that is wrong."""
        if "crs" in value and "crs" in self.kinds:
            order = _order(value["crs"])
            lonlat = not extent.unknown and all(abs(x) <= 180 and abs(y) <= 90 for x, y, *_ in extent.positions)
            if order == "lon/lat" or (order == "lat/lon" and lonlat):
                part.add("crs", [self._without(members, "crs")])
        if isinstance(value.get("bbox"), list) and extent.positions and not extent.unknown:
            edits = self._box(self._span(members["bbox"]), value["bbox"], extent)
            if edits:
                part.add("bbox", edits)

    def _box(self, span: tuple[int, int], values: list[Any], extent: Extent) -> list[Edit]:
        """Find the edits that mend a `bbox`.

        Only the numbers that are wrong change: a box that is larger than it must be is right. Where positions were rounded, the sides that
        were drawn to them follow. A box that may span the antimeridian is left.
        """
        wanted = "bbox" in self.kinds
        axes = [axis for axis in ([p[n] for p in extent.positions if len(p) > n] for n in range(3)) if axis]
        right, size = [*map(min, axes), *map(max, axes)], len(axes)
        if len(values) != 2 * size or not all(type(value) in {int, float} and abs(value) < 1e100 for value in values):
            gap = _GAP.match(self.text, span[0])
            whole = b"[" + (gap[1] if gap else b", ").join(repr(side).encode() for side in right) + b"]"
            return [Edit(*span, whole)] if wanted and not extent.jumps else []
        west, east = values[0], values[size]
        across = west > east and values[1] <= values[size + 1]
        if across and not any(east + NEAR < x < west - NEAR for x in axes[0]):
            right[0], right[size] = west, east
        elif (across and right[size] - right[0] > 180) or (extent.jumps and (west > right[0] + NEAR or east < right[size] - NEAR)):
            return []
        edits = []
        for place, (value, new, token) in enumerate(zip(values, right, _NUMBER.finditer(self.text, *span), strict=True)):
            beyond = new - value if place >= size else value - new
            wrong = value != new and (beyond > NEAR or values[place % size] > values[place % size + size])
            if wrong and not wanted:
                return []
            if wrong or (extent.rounded and value != new and abs(beyond) <= _UNIT):
                edits.append(Edit(*token.span(), repr(new).encode()))
        return edits

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


def _rest(parts: Sequence[tuple[int, Shapes]], looked: set[int]) -> Extent:
    """Find what a box around the features that were not looked at depends on: the corners of their boxes east and west of 0°."""
    extent, numbers = Extent(), np.fromiter(looked, dtype=np.int64)
    for first, shapes in parts:
        mine = np.repeat(~np.isin(shapes.part_row + first, numbers), shapes.lengths)
        places = (shapes.xy if shapes.z is None else np.column_stack([shapes.xy, shapes.z]))[mine]
        for half in (places[places[:, 0] >= 0], places[places[:, 0] < 0]):
            corners = [np.fmin.reduce(half), np.fmax.reduce(half)] if len(half) else []
            extent.positions += [corner[~np.isnan(corner)].tolist() for corner in corners]
        extent.jumps |= bool((np.abs(shapes.steps[mine, 0]) > 180).any())
    return extent


def _order(crs: Any) -> str | None:
    """Tell which axis comes first in the system of WGS 84 that a `crs` member names, if it names one and says nothing else."""
    name = crs_name(crs)
    return names_wgs84(name) if crs == {"type": "name", "properties": {"name": name}} else None


def _left(kinds: frozenset[str], value: Any) -> frozenset[str]:
    """Leave out the kinds of repair that take degrees within an object whose coordinates may not be degrees."""
    return kinds - _DEGREES_ONLY if "crs" in value and _order(value["crs"]) is None else kinds


@dataclass(frozen=True, repr=False)
class Fixed:
    """A document after repair."""

    name: str
    """What it is called in the diff."""
    old: bytes
    new: bytes
    """The text before and after; the same object if nothing was mended."""
    repairs: list[str] = field(default_factory=list)
    """The kinds of repair, as the rules name them, each as often as it was done."""
    edits: list[Edit] = field(default_factory=list)
    """How `new` came of `old`."""
    refused: str | None = None
    """Why the document as a whole was left alone."""

    @property
    def changed(self) -> bool:
        """Whether anything was mended."""
        return self.new is not self.old

    def diff_lines(self) -> Iterator[str]:
        """Yield the lines of the change as a unified diff, each with its line end; none if nothing was mended."""
        return diff_lines(self.name, self.old, self.edits)


def fix_text(text: bytes, *, codes: Collection[str] | None = None, name: str = "<text>") -> Fixed:
    """Mend a GeoJSON text.

    Parameters
    ----------
    text : bytes
        The document.
    codes : collection of str, optional
        The rules whose findings are mended; by default all. A bbox that a repair would make wrong is adjusted whatever is chosen.
    name : str
        What to call the document.

    Returns
    -------
    Fixed
        The new text and what was done. A text that is not JSON, is not GeoJSON, gives a key twice, holds NaN or is nested too deeply
        comes back as it is, and `refused` says why.
    """
    kinds = frozenset(rule.repair for rule in RULES if rule.repair is not None and (codes is None or rule.code in codes))
    try:
        changes = Run(text, kinds).run()
    except Unfixable as error:
        return Fixed(name, text, text, refused=str(error))
    except (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError) as error:  # Whatever it is, the text stays as it was.
        return Fixed(name, text, text, refused=f"cannot be mended: {type(error).__name__}: {error}")
    return Fixed(name, text, apply(text, changes.edits) if changes.edits else text, changes.repairs, changes.edits)


def fix_file(path: Path, *, codes: Collection[str] | None = None, diff: bool = False) -> Fixed:
    """Mend a GeoJSON file, writing beside it and renaming; it is written only if something changed.

    Parameters
    ----------
    path : Path
        The file. A symbolic link stays one; what it points to is mended.
    codes : collection of str, optional
        As for `fix_text`.
    diff : bool
        Write nothing; `Fixed.diff_lines` shows what would change.

    Raises
    ------
    DataError
        If the file is too large, cannot be read, or changed meanwhile.
    WriteError
        If it cannot be written; it is as it was then.
    """
    try:
        seen = path.stat()
        if seen.st_size > MOST:
            raise DataError(f"is larger than {MOST >> 20} MiB, too large to mend", where=path, hint="Split it, or mend it in a GIS.")
        fixed = fix_text(path.read_bytes(), codes=codes, name=str(path))
        now = path.stat()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=path) from None
    if fixed.changed and not diff:
        if (now.st_ino, now.st_size, now.st_mtime_ns) != (seen.st_ino, seen.st_size, seen.st_mtime_ns):
            raise DataError("changed while it was being mended", where=path, hint="Nothing was written; run it again.")
        write_atomic(path, fixed.new)
    return fixed
