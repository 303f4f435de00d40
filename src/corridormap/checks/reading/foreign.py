"""Check formats other than GeoJSON part by part: KML as a stream, GeoParquet with Arrow, GeoPackage, FlatGeobuf and Shapefile with GDAL."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
import warnings
import zipfile
from contextlib import contextmanager
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import numpy as np

from corridormap.checks.filecheck import FileCheck, rule
from corridormap.checks.reading.batch import TYPE_IDS, Batch, Builder, Place, lay_out, lifted
from corridormap.checks.reading.inputs import SHAPEFILE, ZIPPED
from corridormap.checks.reading.text import MAX_DEPTH, shown
from corridormap.errors import InternalError
from corridormap.extras import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geopandas import GeoDataFrame

    from corridormap.checks.reading.inputs import Input
    from corridormap.checks.report import Report

RATIO = 100
"""The text of a KMZ may have so many times its bytes; texts pack to a tenth."""
LARGE = 16 << 20
"""A placemark, tag or comment of more bytes is not read: it is held as a whole."""
PART = 4 << 20
"""So many bytes are read at once."""
ROWS, COLUMNS = 1000, 250
"""So many placemarks are checked at once, and so many columns are filled in where one has none."""

_LAYERS = frozenset({"kml", "Document", "Folder"})
_SIMPLE = {"Point": "Point", "LineString": "LineString", "LinearRing": "LineString", "Track": "LineString"}


class RefusedError(Exception):
    """Why a file is not read, or not read on, with what to do about it, and the line and the column."""

    def __init__(self, what: str, hint: str, place: tuple[int, int] | None = None) -> None:
        super().__init__(what)
        self.hint = hint
        self.place = place


class Layer:
    """A document or folder, and those of its placemarks that are not checked yet."""

    def __init__(self, check: FileCheck, name: str) -> None:
        self.check = check
        self.name = name
        self._columns: list[str] = []
        self._rows: list[dict[str, Any]] = []
        self._items: dict[str, tuple[list[int], list[Any]]] = {}

    @property
    def count(self) -> int:
        """How many placemarks it has so far."""
        return self.check.features + len(self._rows)

    def add(self, placemark: Element, place: tuple[int, int]) -> None:
        """Take a placemark that begins at this line and column."""
        try:
            geometries = list(_geometries(placemark))
        except RefusedError as error:
            self.check.fault("CM014", str(error), place, index=self.count, hint=error.hint)
            geometries = []
        for kind, coordinates in geometries:
            rows, polygons = self._items.setdefault(kind, ([], []))
            rows.append(len(self._rows))
            polygons.append(lifted(kind, coordinates))
        self._rows.append(_properties(placemark))
        if len(self._rows) == ROWS:
            self.flush()

    def flush(self) -> None:
        """Check what is held, as a table of the columns seen so far."""
        if self._rows and not self.check.full:
            self._columns = list(dict.fromkeys(chain(self._columns, *self._rows)))[:COLUMNS]
            first, empty = self.check.features, dict.fromkeys(self._columns)
            builder = Builder()
            for kind, (owners, polygons) in self._items.items():
                builder.add(TYPE_IDS[kind], owners, polygons)
            ids = [str(first + number) for number in range(1, len(self._rows) + 1)]
            rows = [empty | row for row in self._rows]
            self.check.batch(Batch(first, ids, rows, [], builder.shapes(), root=lambda _: None))
        self._rows, self._items = [], {}


def read_kml(path: Path, layers: list[Layer], check: Callable[[], FileCheck], progress: Callable[[int], None]) -> None:
    """Check every document and folder that has placemarks, even if the rest cannot be read; pictures and links have nothing to check."""
    reader, size = Reader(check), path.stat().st_size
    try:
        with _opened(path) as (stream, total):
            while part := stream.read(PART):
                reader.feed(part)
                progress(len(part) * size // total)
            reader.feed(b"", last=True)
    finally:
        for layer in reader.layers:
            layer.flush()
        layers += [layer for layer in reader.layers if layer.count]
    if not layers:
        raise RefusedError("it has no placemarks", "Pictures, links and models are not checked.")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """Open the text of a KML or KMZ; yield it and how many bytes it has."""
    size = path.stat().st_size
    if path.suffix.lower() != ".kmz":
        with path.open("rb") as stream:
            yield stream, size
        return
    with zipfile.ZipFile(path) as archive:
        texts = [info for info in archive.infolist() if info.filename.lower().endswith(".kml")]
        if not texts:
            raise RefusedError("no .kml is in it", "A KMZ is a zip archive with a doc.kml.")
        text = min(texts, key=lambda info: info.filename != "doc.kml")
        if text.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:  # what else there is is not unfolded piece by piece
            raise RefusedError(f"{shown(text.filename)} is packed in a way that KMZ does not have", "Pack it again with deflate.")
        # A claim may lie: no more than it says is unfolded, and then the checksum is wrong.
        if text.file_size > RATIO * size:
            what = f"{shown(text.filename)} unfolds to {text.file_size:,} bytes; of a file of this size {RATIO * size:,} are read"
            raise RefusedError(what, "If it is no zip bomb, unpack it and check the .kml.")
        with archive.open(text) as stream:
            yield stream, text.file_size


class Reader:
    """Reads a text part by part; makes trees of placemarks and names of layers, of nothing else."""

    def __init__(self, check: Callable[[], FileCheck]) -> None:
        self.layers: list[Layer] = []
        """All documents and folders, in the order in which they begin, after one for what stands in none."""
        self._check = check
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._fed = 0
        self._path: list[str] = []
        self._open: list[Layer] = []
        self._tree: TreeBuilder | None = None
        # Of its outermost tag: how deep it lies, and where it begins, in bytes and as line and column.
        self._top, self._begin, self._place = 0, 0, (1, 1)

    def feed(self, part: bytes, *, last: bool = False) -> None:
        """Read the next part of the text."""
        try:
            self._parser.Parse(part, last)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            raise RefusedError(what, "It is no well-formed XML; look at it in an editor.", (error.lineno, error.offset + 1)) from None
        self._fed += len(part)
        if self._fed - (self._parser.CurrentByteIndex if self._tree is None else self._begin) > LARGE:
            self._refuse(f"a placemark, tag or comment has more than {LARGE >> 20} MiB", "Write it as GeoJSON or GeoPackage.")
        for layer in self._open:
            layer.flush()

    def _here(self) -> tuple[int, int]:
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def _refuse(self, what: str, hint: str) -> NoReturn:
        raise RefusedError(what, hint, self._here())

    def _doctype(self, _name: str, _system: str | None, _public: str | None, declares: int) -> None:
        if declares:  # entities of entities, or attributes that are there unsaid, make gigabytes of a few lines
            self._refuse("the DOCTYPE has declarations of its own, such as entities", "Take the DOCTYPE out: KML needs none.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        parent = self._path[-1] if self._path else None
        if parent is None and name != "kml":
            self._refuse(f"it is XML of the kind {shown(name)}, not KML", "The outermost tag of KML is <kml>.")
        if len(self._path) == MAX_DEPTH:
            self._refuse(f"tags are nested more than {MAX_DEPTH} deep", "Take folders out of their folders.")
        if self._tree is None:
            if name in _LAYERS:
                layer = Layer(self._check(), f"Layer{len(self.layers) - 1}")
                self.layers.append(layer)
                self._open.append(layer)
            elif name == "Placemark" or (name == "name" and parent in _LAYERS):
                self._tree, self._top = TreeBuilder(), len(self._path)
                self._begin, self._place = self._parser.CurrentByteIndex, self._here()
                self._parser.CharacterDataHandler = self._tree.data
        if self._tree is not None:
            self._tree.start(name, attributes)
        self._path.append(name)

    def _end(self, _: str) -> None:
        name = self._path.pop()
        if self._tree is not None:
            self._tree.end(name)
            if len(self._path) == self._top:
                element, layer = self._tree.close(), self._open[-1]
                self._tree = self._parser.CharacterDataHandler = None
                if name == "Placemark":
                    layer.add(element, self._place)
                else:
                    layer.name = element.text or layer.name
        elif name in _LAYERS:
            layer = self._open.pop()
            layer.flush()
            if layer is self.layers[-1] and not layer.count:
                self.layers.pop()


def _properties(placemark: Element) -> dict[str, Any]:
    found = {"id": placemark.get("id"), "Name": placemark.findtext("name"), "description": placemark.findtext("description")}
    for time in chain(placemark.iter("TimeStamp"), placemark.iter("TimeSpan")):
        found |= {"timestamp" if element.tag == "when" else element.tag: element.text or "" for element in time}
    for data in placemark.iter("Data"):
        found[data.get("name", "")] = data.findtext("value")
    for data in placemark.iter("SimpleData"):
        found[data.get("name", "")] = data.text or ""
    return found


def _geometries(parent: Element) -> Iterator[tuple[str, Any]]:
    """Yield the geometries of a placemark, or of a group of them, each as GeoJSON has it: its type and its coordinates."""
    for element in parent:
        if element.tag in {"MultiGeometry", "MultiTrack"}:
            members = list(_geometries(element))
            kinds = {kind for kind, _ in members}
            if len(kinds) == 1 and kinds <= {"Point", "LineString", "Polygon"}:
                yield f"Multi{kinds.pop()}", [coordinates for _, coordinates in members]
            else:
                yield from members
        elif element.tag == "Polygon":
            rings = [positions for boundary in ("outerBoundaryIs", "innerBoundaryIs") for positions in _rings(element, boundary)]
            if rings:
                yield "Polygon", rings
        elif element.tag in _SIMPLE:
            positions = _positions(element)
            if element.tag == "LineString" and len(positions) == 1:
                raise RefusedError("a LineString has only one position", "Make it a Point, or give it a second position.")
            if positions:
                yield _SIMPLE[element.tag], positions[0] if element.tag == "Point" else positions


def _rings(polygon: Element, boundary: str) -> Iterator[list[tuple[float, ...]]]:
    for ring in polygon.iterfind(f"{boundary}/LinearRing"):
        positions = _positions(ring)
        if positions and (len(positions) < 4 or positions[0][:2] != positions[-1][:2]):
            what = "a ring of a polygon has fewer than four positions or does not end where it begins"
            raise RefusedError(what, "Repeat the first position at the end.")
        if positions:
            yield positions


def _positions(geometry: Element) -> list[tuple[float, ...]]:
    """Read the positions of a simple geometry, or of a track; NaN is the height of those that have none."""
    tokens = [",".join((coord.text or "").split()) for coord in geometry.iterfind("coord")]
    tokens += geometry.findtext("coordinates", "").split()
    found = []
    for token in tokens:
        try:
            position = [float(number) for number in token.split(",")] if token.isascii() and "_" not in token else []
        except ValueError:
            position = []
        if not 2 <= len(position) <= 3 or not all(map(math.isfinite, position)):
            what = f"{shown(token)} is neither longitude,latitude nor longitude,latitude,height"
            raise RefusedError(what, "Put no blanks after the commas within a position, and blanks between positions.")
        found.append((*position, math.nan)[:3])
    return found


AT_ONCE = 20_000
"""So many features are read at once."""

_BEGIN = {"GPKG": b"SQLite format 3\x00", "FlatGeobuf": b"fgb", SHAPEFILE: b"\x00\x00\x27\x0a"}
"""How a file of each format begins: GDAL goes by what is in a file, which may be XML or a list of other files."""


def check_foreign(report: Report, file: Input, whole: FileCheck) -> None:
    """Check every layer of a file by itself; `whole` takes what is wrong with the file as a whole."""
    assert file.path is not None
    # RFC 7946 is about GeoJSON; features of other formats share their columns.
    codes = frozenset(code for code in whole.codes if not code.startswith("CM1") and code != "CM412")
    layers: list[Layer] = []

    def make() -> FileCheck:
        return FileCheck(whole.file, codes, whole.most, drawing=whole.drawing)

    kml = file.kind == "KML"
    with _caught(whole, hint="Unpack a KMZ and check the .kml in it." if kml else None), warnings.catch_warnings(action="ignore"):
        if kml:
            read_kml(file.path, layers, make, whole.progress)
        elif file.kind == "GeoParquet":
            _read_parquet(file.path, layers, make, whole.progress)
        elif file.path.suffix.lower() in ZIPPED:
            _read_zipped(file.path, layers, make, whole.progress)
        else:
            _read_with_gdal(file.path, file.kind, layers, make, whole.progress)
    alone = len(layers) == 1
    for layer in layers:
        for finding in whole.findings() if alone else ():
            layer.check.keep(finding)
        layer.check.conclude()
        report.add(layer.check, file.kind, None if alone else f"{whole.file}:{layer.name}")
    if not layers or (whole.errors and not alone):
        report.add(whole, file.kind)


@contextmanager
def _caught(check: FileCheck, *, hint: str | None = None) -> Iterator[None]:
    """Make a finding of why a file or layer cannot be read."""
    try:
        yield
    except InternalError:
        raise
    except RefusedError as error:
        check.fault("CM014", f"cannot be read: {error}", error.place, hint=error.hint)
    except Exception as error:  # noqa: BLE001  GDAL, zipfile and expat raise what they like; the file is named and the check goes on
        what = (str(error).splitlines() or [type(error).__name__])[0][:200]
        check.fault("CM014", f"cannot be read: {what}", hint=hint)


def _read_with_gdal(path: Path, kind: str, layers: list[Layer], make: Callable[[], FileCheck], progress: Callable[[int], None]) -> None:
    """Check every layer of a file, one that cannot be read too."""
    import pyogrio

    with path.open("rb") as stream:
        if not stream.read(16).startswith(_BEGIN[kind]):
            raise ValueError(f"it does not begin as a {kind} file does")
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if not names:
        raise ValueError("it has no layers")
    for name in names:
        layers.append(Layer(make(), name))
        with _caught(layers[-1].check):
            _read_layer(path, name, layers[-1].check)
        progress(path.stat().st_size // len(names))


PARTS = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})
"""What a shapefile is read from."""


def _read_zipped(path: Path, layers: list[Layer], make: Callable[[], FileCheck], progress: Callable[[int], None]) -> None:
    """Check every shapefile of an archive, unpacked under names of our own; what else is in it is left."""
    size = path.stat().st_size
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        parts = [info for info in archive.infolist() if PurePosixPath(info.filename).suffix.lower() in PARTS]
        claimed = sum(info.file_size for info in parts)
        if claimed > RATIO * size:
            what = f"it unfolds to {claimed:,} bytes; of a file of this size {RATIO * size:,} are read"
            raise RefusedError(what, "If it is no zip bomb, unpack it and check the .shp.")
        stems: dict[str, Path] = {}
        for info in parts:
            name = PurePosixPath(info.filename)
            place = stems.setdefault(str(name.with_suffix("")), Path(folder) / str(len(stems)))
            # No more than it claims is unfolded, and then the checksum is wrong.
            with archive.open(info) as packed, place.with_suffix(name.suffix.lower()).open("wb") as stream:
                shutil.copyfileobj(packed, stream)
        found = [(stem, place.with_suffix(".shp")) for stem, place in stems.items() if place.with_suffix(".shp").exists()]
        if not found:
            raise RefusedError("no .shp is in it", "An archive is read if it holds shapefiles.")
        for stem, shapefile in found:
            inner: list[Layer] = []
            check = make()
            with _caught(check):
                _read_with_gdal(shapefile, SHAPEFILE, inner, make, lambda _: None)
            layers += [Layer(layer.check, stem) for layer in inner] or [Layer(check, stem)]
            progress(size // len(found))


def _read_parquet(path: Path, layers: list[Layer], make: Callable[[], FileCheck], progress: Callable[[int], None]) -> None:
    """Check a GeoParquet file by its main geometry column, so many rows at once."""
    require("pyarrow", extra="export", needed_for="GeoParquet")
    import shapely
    from geopandas import GeoDataFrame
    from pyarrow import parquet

    layers.append(Layer(make(), path.stem))
    check = layers[-1].check
    with _caught(check), parquet.ParquetFile(path) as file:
        about = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"null"))
        if not about:
            raise RefusedError("it is a Parquet file without geometries", "GeoParquet says in its metadata, under “geo”, where they are.")
        main = about["primary_column"]
        column = about["columns"][main]
        if column["encoding"] != "WKB":
            raise RefusedError(f"its geometries are encoded as {shown(column['encoding'])}", "Write them as WKB.")
        # GeoParquet without a system is in longitude and latitude; null is one that nobody knows.
        crs = column.get("crs", "OGC:CRS84")
        covering = {fields["xmin"][0] for fields in column.get("covering", {}).values()}
        for batch in file.iter_batches(AT_ONCE):
            if check.full:
                break
            table = batch.to_pandas().drop(columns=list(covering), errors="ignore")
            shapes = shapely.from_wkb(table.pop(main).to_numpy(dtype=object))
            first = check.features
            table.index = range(first, first + len(table))
            _check_frame(GeoDataFrame(table, geometry=shapes, crs=crs), first, check)
    progress(path.stat().st_size)


def _read_layer(path: Path, name: str, check: FileCheck) -> None:
    import pyogrio
    from geopandas import GeoDataFrame

    first, count = 0, AT_ONCE
    while count == AT_ONCE and not check.full:
        frame = pyogrio.read_dataframe(path, layer=name, skip_features=first, max_features=AT_ONCE, fid_as_index=True)
        count = len(frame)
        if isinstance(frame, GeoDataFrame):
            _check_frame(frame, first, check)
        else:
            check.features += count
        first += count


def _check_frame(frame: GeoDataFrame, first: int, check: FileCheck) -> None:
    """Check the features of a frame: their shapes in longitude and latitude, and their properties."""
    from pyproj import CRS, Transformer

    shapes = lay_out(np.asarray(frame.geometry.to_numpy(), dtype=object))
    if frame.crs is not None and len(shapes.xy) and not frame.crs.equals(CRS.from_epsg(4326), ignore_axis_order=True):
        shapes.xy = np.column_stack(Transformer.from_crs(frame.crs, "EPSG:4326", always_xy=True).transform(*shapes.xy.T))
    table = frame.drop(columns="geometry")
    properties: list[Any] = table.astype(object).where(table.notna(), None).to_dict("records") if len(table.columns) else [{}] * len(frame)
    batch = Batch(first, [str(fid) for fid in frame.index], properties, [], shapes, root=lambda _: None)
    nowhere = frame.crs is None and not first
    check.batch(batch, [(rule("CM316"), Place("names no coordinate reference system"))] if nowhere else None)
