"""Open an atlas: a folder of facts kept by hand and of layers built from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from corridormap import geojson, words
from corridormap.errors import DataError, UsageError
from corridormap.model import (
    AtlasRecord,
    CorridorsFile,
    LinkProperties,
    NodeProperties,
    SourcesFile,
    StatementsFile,
    check_record,
    read_record,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geopandas import GeoDataFrame
    from pandas import Series

    from corridormap.model import Itinerary, Layer, Source, Statement, Text

T = TypeVar("T")


@dataclass(frozen=True)
class SignedLink:
    """A link as an itinerary travels it."""

    id: str
    forward: bool


def default_folder() -> Path:
    """Give the geodata folder that came with the package, or the checkout's when installed in development mode."""
    packaged = Path(__file__).parent / "geodata"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "geodata"


class Atlas:
    """An atlas of transport corridors in a folder.

    Parameters
    ----------
    folder : Path
        The geodata folder, with ``atlas.toml`` in it.

    Notes
    -----
    Files are read, and routes found, on first use and kept; `Atlas.open` reads ``atlas.toml`` alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._frames: dict[str, GeoDataFrame] = {}
        self._routes: dict[str, list[list[SignedLink]]] = {}
        self._itineraries_of_links: dict[tuple[str, ...], dict[str, list[str]]] = {}
        self.found: dict[Callable[[Atlas], Any], Any] = {}
        """What functions that are `kept` found about its layers."""

    @classmethod
    def open(cls, folder: str | Path | None = None) -> Atlas:
        """Open the atlas in a folder; by default the one that comes with the package.

        Raises
        ------
        DataError
            If the folder or its ``atlas.toml`` is missing or broken.
        """
        path = default_folder() if folder is None else Path(folder)
        hint = "Give a folder that holds an atlas.toml with --geodata."
        try:
            if not path.is_dir():
                raise DataError("is a file, not a folder" if path.exists() else "no such folder", where=path, hint=hint)
        except OSError as error:
            raise DataError(error.strerror or str(error), where=path, hint=hint) from None
        atlas = cls(path)
        atlas.record  # noqa: B018  read now, so that a broken atlas is named when it is opened
        return atlas

    @cached_property
    def record(self) -> AtlasRecord:
        """The contents of ``atlas.toml``; the words that the atlas brings are read with it."""
        record = read_record(self.folder / "atlas.toml", AtlasRecord)
        words.bring(self.folder, record.languages)
        return record

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The sources by id."""
        path = self.folder / "sources.toml"
        return _by_id(read_record(path, SourcesFile).source, path)

    @cached_property
    def itineraries(self) -> dict[str, Itinerary]:
        """Every corridor, route and section by id, in the order of the file."""
        path = self.folder / "corridors.toml"
        return _by_id(read_record(path, CorridorsFile).itinerary, path)

    @cached_property
    def statements(self) -> dict[str, Statement]:
        """The claims by id; empty if the atlas keeps none."""
        path = self.folder / "statements.toml"
        return _by_id(read_record(path, StatementsFile).statement, path) if path.exists() else {}

    @property
    def languages(self) -> list[str]:
        """The languages every text exists in, the default one first."""
        return self.record.languages

    @property
    def layers(self) -> list[Layer]:
        """The layers' records, in the order they are listed to readers."""
        return self.record.layers

    def layer_record(self, layer: str) -> Layer:
        """Give the record of one layer.

        Raises
        ------
        UsageError
            If the atlas has no such layer.
        """
        records = {record.id: record for record in self.layers}
        if layer not in records:
            raise UsageError(f"no layer {layer!r}", hint=f"Layers are: {', '.join(records)}.")
        return records[layer]

    def check_language(self, lang: str) -> str:
        """Return the language if the atlas speaks it.

        Raises
        ------
        UsageError
            If it does not.
        """
        if lang not in self.languages:
            raise UsageError(f"no language {lang!r}", hint=f"Languages are: {', '.join(self.languages)}.")
        return lang

    def layer_path(self, layer: str) -> Path:
        """Give the path of a layer's GeoJSON file."""
        return self.folder / "layers" / f"{self.layer_record(layer).id}.geojson"

    def layer(self, layer: str) -> GeoDataFrame:
        """Read a built layer, ready to compute with.

        Parameters
        ----------
        layer : str
            The layer's id.

        Returns
        -------
        GeoDataFrame
            EPSG:4326; one row a feature. Columns of numbers are floats or (nullable) integers, truth values booleans, all else objects. A
            copy: change it freely.

        Raises
        ------
        UsageError
            If the atlas has no such layer.
        DataError
            If the layer is not built yet or its file is broken.
        """
        frame = self.features(layer)
        for column in frame.columns.drop("geometry"):
            frame[column] = _typed(frame[column])
        return frame

    def features(self, layer: str) -> GeoDataFrame:
        """Read a built layer exactly as the file has it: every property an object, null as None; see `layer`."""
        path = self.layer_path(layer)
        if layer not in self._frames:
            if not path.exists():
                raise DataError("the layer is not built", where=path, hint="Run `corridormap build` first.")
            self._frames[layer] = geojson.read_frame(path)
        return self._frames[layer].copy()

    def forget_layers(self) -> None:
        """Read the layers anew on their next use, after they were written."""
        self._frames.clear()
        self.found.clear()

    @cached_property
    def nodes(self) -> GeoDataFrame:
        """The network's nodes, indexed by id."""
        return self._network("nodes", NodeProperties, "Point")

    @cached_property
    def links(self) -> GeoDataFrame:
        """The network's links, indexed by id."""
        return self._network("links", LinkProperties, "LineString")

    def facts(self, relative: str) -> GeoDataFrame:
        """Read a GeoJSON file of facts by its path within the folder."""
        return geojson.read_frame(self.folder / relative)

    def route(self, itinerary: str) -> list[list[SignedLink]]:
        """Give the links of an itinerary, way by way, in order of travel; found once and kept: do not change the lists.

        Raises
        ------
        UsageError
            If the atlas has no such itinerary.
        DataError
            If two consecutive nodes are joined by no link, or by more than one.
        """
        if itinerary not in self.itineraries:
            raise UsageError(f"no itinerary {itinerary!r}", hint=f"Itineraries are: {', '.join(self.itineraries)}.")
        if itinerary not in self._routes:
            self._routes[itinerary] = self._find_route(itinerary)
        return self._routes[itinerary]

    def itineraries_of_links(self, itineraries: Iterable[str] | None = None) -> dict[str, list[str]]:
        """Map each link that is used to those of the itineraries, by default all, that use it, in their order."""
        names = tuple(dict.fromkeys(self.itineraries if itineraries is None else itineraries))
        if names not in self._itineraries_of_links:
            table: dict[str, list[str]] = {}
            for name in names:
                for link in dict.fromkeys(step.id for way in self.route(name) for step in way):
                    table.setdefault(link, []).append(name)
            self._itineraries_of_links[names] = table
        return self._itineraries_of_links[names]

    @cached_property
    def itineraries_of_nodes(self) -> dict[str, list[str]]:
        """Map each node that is passed to the itineraries that pass it, in the order of corridors.toml."""
        of_links = self.itineraries_of_links()
        passing: dict[str, set[str]] = {}
        for link, *ends in zip(self.links.index, self.links["from"], self.links["to"], strict=True):
            for node in ends if link in of_links else ():
                passing.setdefault(node, set()).update(of_links[link])
        return {node: [name for name in self.itineraries if name in names] for node, names in passing.items()}

    def _find_route(self, itinerary: str) -> list[list[SignedLink]]:
        record = self.itineraries[itinerary]
        where = f"{self.folder / 'corridors.toml'}, {itinerary}"
        ways = []
        for way in record.ways:
            steps = [self._step(start, end, record.mode, where) for start, end in zip(way.nodes, way.nodes[1:], strict=False)]
            for node, before, after in zip(way.nodes[1:], steps, steps[1:], strict=False):
                if before.id == after.id and node not in way.reverses_at:
                    hint = "If the way really reverses there, name the node in `reverses_at`."
                    raise DataError(f"goes back over {after.id} at {node!r}", where=where, hint=hint)
            ways.append(steps)
        return ways

    @cached_property
    def _links_between(self) -> dict[tuple[str, str, str], list[str]]:
        table: dict[tuple[str, str, str], list[str]] = {}
        for link, start, end, mode in zip(self.links.index, self.links["from"], self.links["to"], self.links["mode"], strict=True):
            table.setdefault((start, end, mode), []).append(link)
        return table

    def _step(self, start: str, end: str, mode: str, where: str) -> SignedLink:
        for node in (start, end):
            if node not in self.nodes.index:
                raise DataError(f"no node {node!r}", where=where, hint="Add it to network/nodes.geojson or mend the id.")
        found = [SignedLink(link, forward=True) for link in self._links_between.get((start, end, mode), [])]
        found += [SignedLink(link, forward=False) for link in self._links_between.get((end, start, mode), [])]
        if not found:
            hint = "Add the link to network/links.geojson, or name the nodes between."
            raise DataError(f"no {mode} link joins {start!r} and {end!r}", where=where, hint=hint)
        if len(found) > 1:
            names = ", ".join(step.id for step in found)
            hint = "Put a node of its own on each link, so that the itinerary can name its way."
            raise DataError(f"{len(found)} {mode} links join {start!r} and {end!r}: {names}", where=where, hint=hint)
        return found[0]

    def _network(self, name: str, record: type[object], geometry: str) -> GeoDataFrame:
        path = self.folder / "network" / f"{name}.geojson"
        document = geojson.read(path)
        seen: set[str] = set()
        for index, feature in enumerate(document["features"]):
            properties = feature["properties"]
            where = f"{path}, {properties.get('id', f'feature {index}')}"
            check_record(properties, record, where=where)
            if properties["id"] in seen:
                raise DataError(f"id {properties['id']!r} is given twice", where=path)
            seen.add(properties["id"])
            if feature["geometry"] is None or feature["geometry"]["type"] != geometry:
                raise DataError(f"must be a {geometry}", where=where)
            for lang in self.languages if name == "nodes" else ():
                if not isinstance(properties.get(f"name_{lang}"), str):
                    raise DataError(f"has no name_{lang}", where=where)
        frame = geojson.to_frame(document, where=path)
        if frame.empty:
            raise DataError("has no features", where=path)
        if frame.geometry.is_empty.any():
            raise DataError("has no coordinates", where=f"{path}, {frame['id'][frame.geometry.is_empty].iloc[0]}")
        return frame.set_index("id", drop=False).rename_axis(None)

    def text(self, text: Text, lang: str) -> str:
        """Give a text in a language; in the atlas's default language where it is missing (the checks report that)."""
        return text.get(lang) or text.get(self.languages[0], "")


def kept(find: Callable[[Atlas], T]) -> Callable[[Atlas], T]:
    """Keep what a function finds about an atlas on the atlas, until its layers are written anew."""

    @wraps(find)
    def look_up(atlas: Atlas) -> T:
        if find not in atlas.found:
            atlas.found[find] = find(atlas)
        result: T = atlas.found[find]
        return result

    return look_up


def _typed(values: Series) -> Series:
    """Give a column of numbers or truth values its dtype; a mixed column stays as it is, for the checks to complain about."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return values.astype("boolean") if values.isna().any() else values.astype(bool)
    if kinds == {int}:
        return values.astype("Int64") if values.isna().any() else values.astype("int64")
    return values.astype(float) if kinds and kinds <= {int, float} else values


def _by_id(records: list[Any], path: Path) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for record in records:
        if record.id in table:
            raise DataError(f"id {record.id!r} is given twice", where=path)
        table[record.id] = record
    return table
