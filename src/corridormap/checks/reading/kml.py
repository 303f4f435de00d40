"""Read KML and KMZ as a stream: in one pass, with no more than some megabytes of it held at once."""

from __future__ import annotations

import io
import math
import re
import zipfile
from array import array
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn
from xml.parsers import expat

import numpy as np

from corridormap.checks.reading.batch import Batch
from corridormap.checks.reading.shapes import LINE, MULTILINE, MULTIPOINT, MULTIPOLYGON, POINT, POLYGON, Builder
from corridormap.checks.reading.survey import MAX_DEPTH, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import IO

    from corridormap.checks.filecheck import FileCheck

MOST = 512 << 20
"""A KMZ whose text claims more bytes than this, 512 MiB, is not unfolded."""
SURE = 64 << 20
"""So many bytes, 64 MiB, are unfolded in any case; beyond that no more than a hundred times the KMZ's own, where texts pack to a tenth."""
LARGE = 64 << 20
"""A placemark of more characters, or a tag or comment of more bytes, is not read: it is held as a whole."""
TABLE = 4 << 20
"""The table of contents of a KMZ has no more bytes, which is some 60,000 files: once read, an entry takes ten times as many."""
AT_ONCE = 4 << 20
"""So many characters of placemarks are checked at once."""

_EXTRA = 200
"""What a placemark takes beside its text."""
_CELL = 40
"""What a cell takes of the table that they are checked as."""
_COLUMNS = 250
"""Once there are so many columns, no more are filled in where a placemark has none."""
_TOKEN = re.compile(r"\S+")
_LAYERS = frozenset({"kml", "Document", "Folder"})
_TEXTS = frozenset({"name", "description", "value", "SimpleData", "when", "begin", "end", "coordinates", "coord"})
_SIMPLE = {"Point": POINT, "LineString": LINE, "LinearRing": LINE, "Track": LINE}
_GROUPS = frozenset({"MultiGeometry", "MultiTrack"})
_BOUNDARIES = frozenset({"outerBoundaryIs", "innerBoundaryIs"})
_TIMES = frozenset({"TimeStamp", "TimeSpan"})

_Item = tuple[int, list[list["array[float]"]]]
"""A simple geometry: its type, and for each of its polygons the rings, three numbers a position; anything else counts as one polygon."""


class RefusedError(Exception):
    """A file is not read, or not read on; with what to do about it, and the line and the column."""

    def __init__(self, what: str, hint: str, place: tuple[int, int] | None = None) -> None:
        super().__init__(what)
        self.hint = hint
        self.place = place


@contextmanager
def opened(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """Open the text of a KML or KMZ; gives how many bytes it has, too.

    Raises
    ------
    RefusedError
        If it is not unfolded.
    """
    if path.suffix.lower() != ".kmz":
        with path.open("rb") as stream:
            yield stream, path.stat().st_size
        return
    with _Archive(path) as file, zipfile.ZipFile(file) as archive:
        texts = [info for info in archive.infolist() if info.filename.lower().endswith(".kml")]
        if not texts:
            raise RefusedError("no .kml is in it", "A KMZ is a zip archive with a doc.kml.")
        text = next((info for info in texts if info.filename == "doc.kml"), texts[0])
        if text.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:  # what else there is is not unfolded piece by piece
            raise RefusedError(f"{shown(text.filename)} is packed in a way that KMZ does not have", "Pack it again with deflate.")
        # A claim may lie: no more than it says is unfolded, and then the checksum is wrong.
        limit = min(MOST, max(SURE, 100 * path.stat().st_size))
        if text.file_size > limit:
            what = f"{shown(text.filename)} unfolds to {text.file_size:,} bytes; of a file of this size {limit:,} are read"
            raise RefusedError(what, "If it is no zip bomb, unpack it and check the .kml.")
        with archive.open(text) as stream:
            yield stream, text.file_size


class _Archive(io.FileIO):
    """A file of which no large part is read at once, as the table of contents of a zip archive is, whatever it says of itself."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > TABLE:
            raise RefusedError("too many files are in it", "Unpack it and check the .kml.")
        return super().read(-1 if size is None else size) or b""


@dataclass
class Layer:
    """A document or folder, and what of its placemarks is not checked yet.

    Attributes
    ----------
    check : FileCheck
        Takes the placemarks.
    name : str
        What it is called.
    """

    check: FileCheck
    name: str
    columns: dict[str, None] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    items: dict[int, list[tuple[int, list[list[array[float]]]]]] = field(default_factory=dict)
    size: int = 0

    @property
    def count(self) -> int:
        """How many placemarks it has so far."""
        return self.check.features + len(self.rows)

    def add(self, properties: dict[str, Any], items: list[_Item], size: int) -> None:
        """Add a placemark of so many characters."""
        for kind, polygons in items:
            self.items.setdefault(kind, []).append((len(self.rows), polygons))
        if len(self.columns) < _COLUMNS:
            self.columns.update(dict.fromkeys(list(properties)[:_COLUMNS]))
        self.rows.append(properties)
        self.size += size + _CELL * len(self.columns)
        if self.size > AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Check what is held, as a table of the columns seen so far."""
        if self.rows and not self.check.full:
            builder = Builder()
            for kind, items in self.items.items():
                polygons = [lines for _, polygons in items for lines in polygons]
                lines = [line for lines in polygons for line in lines]
                xyz = np.concatenate(lines).reshape(-1, 3)
                counts = [len(line) // 3 for line in lines], [*map(len, polygons)], [len(polygons) for _, polygons in items]
                builder.append(kind, [row for row, _ in items], xyz[:, :2] if np.isnan(xyz[:, 2]).all() else xyz, counts)
            first, empty = self.check.features, dict.fromkeys(self.columns)
            ids = [str(first + number) for number in range(1, len(self.rows) + 1)]
            rows = [empty | properties for properties in self.rows]
            self.check.batch(Batch(first, ids, rows, [], builder.shapes(), root=lambda _: None))
        self.rows, self.items, self.size = [], {}, 0


class Reader:
    """Takes the placemarks from a KML text; pictures, links and models have nothing to check.

    Parameters
    ----------
    check : callable
        Makes what takes the placemarks of a layer.
    """

    def __init__(self, check: Callable[[], FileCheck]) -> None:
        self.layers: list[Layer] = []
        """All documents and folders, in the order in which they begin, after one for what stands in none."""
        self._check = check
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._fed = 0
        self._path: list[str] = []
        self._open: list[Layer] = []
        self._text: list[str] | None = None
        self._new()
        self._properties: dict[str, Any] | None = None

    def _new(self, identifier: str | None = None) -> None:
        """Begin a placemark."""
        self._properties = {"id": identifier, "Name": None, "description": None}
        self._column = ""
        self._line = array("d")
        self._rings: list[array[float]] = []
        self._groups: list[list[_Item]] = [[]]
        self._fault: tuple[str, str] | None = None
        self._at = self._here()
        self._size = _EXTRA

    def feed(self, part: bytes, *, last: bool = False) -> None:
        """Read on.

        Raises
        ------
        RefusedError
            If it is no XML, not KML, or not read for another reason.
        """
        try:
            self._parser.Parse(part, last)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            raise RefusedError(what, "It is no well-formed XML; look at it in an editor.", (error.lineno, error.offset + 1)) from None
        self._fed += len(part)
        if self._fed - max(self._parser.CurrentByteIndex, 0) > LARGE:
            self._refuse(f"a tag or comment has more than {LARGE >> 20} MiB", "Look at it in an editor.")
        if last and not any(layer.count for layer in self.layers):
            raise RefusedError("it has no placemarks", "Pictures, links and models are not checked.")

    def _here(self) -> tuple[int, int]:
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def _refuse(self, what: str, hint: str) -> NoReturn:
        raise RefusedError(what, hint, self._here())

    def _doctype(self, _name: str, _system: str | None, _public: str | None, declares: int) -> None:
        if declares:  # entities of entities, or attributes that are there unsaid, make gigabytes of a few lines
            self._refuse("the DOCTYPE has declarations of its own, such as entities", "Take the DOCTYPE out: KML needs none.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        parent = self._path[-1] if self._path else ""
        self._path.append(name)
        self._text = None
        if not parent and name != "kml":
            self._refuse(f"it is XML of the kind {shown(name)}, not KML", "The outermost tag of KML is <kml>.")
        if len(self._path) > MAX_DEPTH:
            self._refuse(f"tags are nested more than {MAX_DEPTH} deep", "Take folders out of their folders.")
        if name in _LAYERS:
            layer = Layer(self._check(), f"Layer{len(self.layers) - 1}")
            self.layers.append(layer)
            self._open.append(layer)
            self._size = 0
        elif name == "Placemark":
            self._new(attributes.get("id"))
        elif name == "name" and parent in _LAYERS:
            self._text = []
        elif self._properties is not None:
            if name in _TEXTS:
                self._text = []
            elif name in _GROUPS:
                self._groups.append([])
            if "name" in attributes:  # of Data and SimpleData
                self._column = attributes["name"]
                self._grow(len(self._column))
            self._grow(_EXTRA // 4)

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)
            self._grow(len(text))

    def _grow(self, size: int) -> None:
        """Count what is held of a placemark."""
        self._size += size
        if self._size > LARGE:
            self._refuse(f"a placemark has more than {LARGE >> 20} million characters", "Write it as GeoJSON or GeoPackage.")

    def _end(self, name: str) -> None:
        name = self._path.pop()
        parent = self._path[-1] if self._path else ""
        text, self._text = "".join(self._text or ()), None
        if name in _LAYERS:
            layer = self._open.pop()
            layer.flush()
            if layer is self.layers[-1] and not layer.count:
                self.layers.pop()
        elif name == "name" and parent in _LAYERS:
            self._open[-1].name = text or self._open[-1].name
        elif self._properties is not None:
            self._end_within(self._properties, name, parent, text)

    def _end_within(self, properties: dict[str, Any], name: str, parent: str, text: str) -> None:
        """End a tag within a placemark, or the placemark."""
        if name in _SIMPLE or name == "Polygon" or name in _GROUPS:
            self._geometry(name, parent)
        elif name in {"coordinates", "coord"}:
            self._positions(text if name == "coordinates" else ",".join(text.split()))
        elif name == "SimpleData" or (name == "value" and parent == "Data"):
            properties[self._column] = text
        elif parent == "Placemark" and name in {"name", "description"}:
            properties["Name" if name == "name" else name] = text
        elif parent in _TIMES:
            properties["timestamp" if name == "when" else name] = text
        elif name == "Placemark":
            layer, fault = self._open[-1], self._fault
            if fault is not None:
                layer.check.fault("CM014", fault[0], self._at, index=layer.count, hint=fault[1])
            layer.add(properties, self._groups[0] if fault is None else [], self._size)
            self._properties = None

    def _positions(self, text: str) -> None:
        """Read positions, two or three numbers each with commas between."""
        for token in _TOKEN.finditer(text):
            try:
                numbers = [float(number) for number in token[0].split(",")]
            except ValueError:
                numbers = []
            if not 2 <= len(numbers) <= 3 or not all(map(math.isfinite, numbers)):
                what = f"{shown(token[0])} is neither longitude,latitude nor longitude,latitude,height"
                self._fault = self._fault or (what, "Put no blanks after the commas within a position, and blanks between positions.")
                return
            self._line.extend(numbers if len(numbers) == 3 else (*numbers, math.nan))

    def _geometry(self, name: str, parent: str) -> None:
        """End a geometry: put it into the one that it is part of, or into the placemark."""
        if name in _GROUPS:
            items = self._groups.pop()
            self._groups[-1] += _gathered(items)
        elif name == "Polygon":
            if self._rings:
                self._groups[-1].append((POLYGON, [self._rings]))
            self._rings = []
        else:
            line, self._line = self._line, array("d")
            if not line:
                return
            if parent in _BOUNDARIES:
                if len(line) < 12 or line[:2] != line[-3:-1]:
                    what = "a ring of a polygon has fewer than four positions or does not end where it begins"
                    self._fault = self._fault or (what, "Repeat the first position at the end.")
                self._rings.insert(0 if parent == "outerBoundaryIs" else len(self._rings), line)
            elif name == "LineString" and len(line) < 6:
                self._fault = self._fault or ("a LineString has only one position", "Make it a Point, or give it a second position.")
            else:
                self._groups[-1].append((_SIMPLE[name], [[line[:3] if name == "Point" else line]]))


def _gathered(items: list[_Item]) -> list[_Item]:
    """Points, lines or polygons alone as one item; a mixture as it is."""
    kinds = {kind for kind, _ in items}
    if kinds == {POINT}:
        points = array("d")
        for _, polygons in items:
            points.extend(polygons[0][0])
        return [(MULTIPOINT, [[points]])]
    if kinds == {LINE}:
        return [(MULTILINE, [[polygons[0][0] for _, polygons in items]])]
    if kinds == {POLYGON}:
        return [(MULTIPOLYGON, [polygons[0] for _, polygons in items])]
    return items
