"""Open an atlas: a folder of facts kept by hand and of layers built from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridormap import geojson
from corridormap.errors import DataError, UsageError
from corridormap.model import (
    AtlasRecord,
    CorridorsFile,
    Itinerary,
    Layer,
    Source,
    SourcesFile,
    Statement,
    StatementsFile,
    Text,
    read_record,
)

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


@dataclass(frozen=True)
class SignedLink:
    """A link as an itinerary travels it."""

    id: str
    forward: bool


def default_folder() -> Path:
    """The geodata folder that came with the package, or the checkout's when installed in development mode."""
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
    Files are read on first use and kept; `Atlas.open` reads ``atlas.toml`` alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._frames: dict[str, GeoDataFrame] = {}

    @classmethod
    def open(cls, folder: str | Path | None = None) -> Atlas:
        """Open the atlas in a folder; by default the one that comes with the package.

        Raises
        ------
        DataError
            If the folder or its ``atlas.toml`` is missing or broken.
        """
        path = default_folder() if folder is None else Path(folder)
        if not path.is_dir():
            raise DataError("no such folder", where=path, hint="Give a folder that holds an atlas.toml with --geodata.")
        atlas = cls(path)
        atlas.record  # noqa: B018  read now, so that a broken atlas is named when it is opened
        return atlas

    @cached_property
    def record(self) -> AtlasRecord:
        """The contents of ``atlas.toml``."""
        return read_record(self.folder / "atlas.toml", AtlasRecord)

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
        """The record of one layer.

        Raises
        ------
        UsageError
            If the atlas has no such layer.
        """
        for record in self.layers:
            if record.id == layer:
                return record
        names = ", ".join(record.id for record in self.layers)
        raise UsageError(f"no layer {layer!r}", hint=f"Layers are: {names}.")

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
        """Where a layer's GeoJSON file stands."""
        return self.folder / "layers" / f"{self.layer_record(layer).id}.geojson"

    def layer(self, layer: str) -> GeoDataFrame:
        """Read a built layer.

        Parameters
        ----------
        layer : str
            The layer's id.

        Returns
        -------
        GeoDataFrame
            EPSG:4326; one row a feature. A copy: change it freely.

        Raises
        ------
        UsageError
            If the atlas has no such layer.
        DataError
            If the layer is not built yet or its file is broken.
        """
        path = self.layer_path(layer)
        if layer not in self._frames:
            if not path.exists():
                raise DataError("the layer is not built", where=path, hint="Run `corridormap build` first.")
            self._frames[layer] = geojson.read_frame(path)
        return self._frames[layer].copy()

    def forget_layers(self) -> None:
        """Read the layers anew on their next use, after they were written."""
        self._frames.clear()

    @cached_property
    def nodes(self) -> GeoDataFrame:
        """The network's nodes, indexed by id."""
        return self._network("nodes", {"id", "kind", "country", "accuracy_m", "source"})

    @cached_property
    def links(self) -> GeoDataFrame:
        """The network's links, indexed by id."""
        return self._network("links", {"id", "from", "to", "mode", "country", "status", "accuracy_m", "source"})

    def facts(self, relative: str) -> GeoDataFrame:
        """Read a GeoJSON file of facts by its path within the folder."""
        return geojson.read_frame(self.folder / relative)

    def route(self, itinerary: str) -> list[list[SignedLink]]:
        """The links of an itinerary, way by way, in order of travel.

        Raises
        ------
        UsageError
            If the atlas has no such itinerary.
        DataError
            If two consecutive nodes are joined by no link, or by more than one.
        """
        if itinerary not in self.itineraries:
            raise UsageError(f"no itinerary {itinerary!r}", hint=f"Itineraries are: {', '.join(self.itineraries)}.")
        record = self.itineraries[itinerary]
        where = f"{self.folder / 'corridors.toml'}, {itinerary}"
        return [
            [self._step(start, end, record.mode, where) for start, end in zip(way.nodes, way.nodes[1:], strict=False)]
            for way in record.ways
        ]

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
            raise DataError(
                f"no {mode} link joins {start!r} and {end!r}",
                where=where,
                hint="Add the link to network/links.geojson, or name the nodes between.",
            )
        if len(found) > 1:
            names = ", ".join(step.id for step in found)
            raise DataError(
                f"{len(found)} {mode} links join {start!r} and {end!r}: {names}",
                where=where,
                hint="Put a node of its own on each link, so that the itinerary can name its way.",
            )
        return found[0]

    def _network(self, name: str, required: set[str]) -> GeoDataFrame:
        path = self.folder / "network" / f"{name}.geojson"
        frame = geojson.read_frame(path)
        missing = sorted(required - set(frame.columns))
        if missing:
            raise DataError(f"features lack the property {', '.join(map(repr, missing))}", where=path)
        doubled = frame["id"][frame["id"].duplicated()]
        if not doubled.empty:
            raise DataError(f"id {doubled.iloc[0]!r} is given twice", where=path)
        return frame.set_index("id", drop=False).rename_axis(None)

    def text(self, text: Text, lang: str) -> str:
        """A text in a language; the atlas's default language where it is missing (the checks report that)."""
        return text.get(lang) or text.get(self.languages[0], "")


def _by_id(records: list[Any], path: Path) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for record in records:
        if record.id in table:
            raise DataError(f"id {record.id!r} is given twice", where=path)
        table[record.id] = record
    return table
