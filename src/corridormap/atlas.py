"""Open an atlas: a folder of facts kept by hand and of layers built from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, wraps
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from corridormap import geojson, words
from corridormap.errors import DataError, UsageError, WriteError, refuse
from corridormap.facts import AREAS, Features, Reading, fault_in, read_features, read_records, read_table
from corridormap.model import (
    AtlasRecord,
    CheckpointProperties,
    CrossingProperties,
    FeatureProperties,
    Itinerary,
    LabelProperties,
    LineProperties,
    LinkProperties,
    NodeProperties,
    OutlineProperties,
    Source,
    Statement,
)
from corridormap.phrases import Hints, meant
from corridormap.routing import graph_of, way_through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geopandas import GeoDataFrame
    from pandas import Series

    from corridormap.model import Layer, Text, Way

POLYGON, LINE, POINT = AREAS, frozenset({"LineString", "MultiLineString"}), frozenset({"Point"})
BACKDROP = {"land": POLYGON, "country": POLYGON, "water": POLYGON, "boundary": LINE, "river": LINE, "town": POINT, "label": POINT}
"""The types of geometry that a layer of the backdrop may have, by its kind."""
NODES, LINKS = "network/nodes.geojson", "network/links.geojson"

RECORDS: dict[str, tuple[str, Any]] = {
    "sources.toml": ("source", Source),
    "corridors.toml": ("itinerary", Itinerary),
    "statements.toml": ("statement", Statement),
}
"""The TOML files of the facts besides atlas.toml: what their tables are called, and what each is."""

INPUTS = {"lines": LineProperties, "crossings": CrossingProperties}
"""How a layer is built → the record of its own file of facts, where they are not points."""

P = ParamSpec("P")
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
        self._typed_frames: dict[str, GeoDataFrame] = {}
        self._readings: dict[str, Reading] = {}
        self._salvage = False
        self._routes: dict[str, list[list[SignedLink]]] = {}
        self._way_nodes: dict[str, list[list[str]]] = {}
        self._graphs: dict[tuple[str, bool], Any] = {}
        self._itineraries_of_links: dict[tuple[str, ...], dict[str, list[str]]] = {}
        self.found: dict[tuple[Any, ...], Any] = {}
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
        record: AtlasRecord = self._reading("atlas.toml").whole()
        words.bring(self.folder, record.languages)
        return record

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The sources by id."""
        records: dict[str, Source] = self._whole("sources.toml")
        return records

    @cached_property
    def itineraries(self) -> dict[str, Itinerary]:
        """Every corridor, route and section by id, in the order of the file."""
        records: dict[str, Itinerary] = self._whole("corridors.toml")
        return records

    @cached_property
    def statements(self) -> dict[str, Statement]:
        """The claims by id; empty if the atlas keeps none."""
        records: dict[str, Statement] = self._whole("statements.toml")
        return records

    @cached_property
    def planar_crs(self) -> str:
        """The projection for planar work.

        Raises
        ------
        DataError
            If what ``atlas.toml`` names can serve as none.
        """
        from corridormap.projection import in_metres

        try:
            in_metres(self.record.planar_crs, reaching=self.record.view)
        except UsageError as error:
            raise fault_in(self.folder / "atlas.toml", ("planar_crs",), f"`planar_crs`: {error.what}", hint=error.hint) from None
        return self.record.planar_crs

    def faults(self) -> list[DataError]:
        """Read all facts, and say everything that is wrong with each; whether they fit together, the checks tell.

        Of a backdrop and whatever else atlas.toml names, nothing is said while that file is not whole itself.
        """
        found = [fault for name in ["atlas.toml", *RECORDS, *self.expected] for fault in self._reading(name).faults]
        if self._reading("atlas.toml").value is None:
            return found
        try:
            self.planar_crs  # noqa: B018  as it was written, only a projection library can tell
        except DataError as error:
            return [error, *found]
        return found

    def salvaged(self) -> Atlas:
        """Give the atlas with those facts only that are whole, so that more can be said of them than that some are not."""
        atlas = Atlas(self.folder)
        atlas._readings, atlas._salvage = self._readings, True
        return atlas

    def lost(self, file: str, name: str | None = None) -> bool:
        """Tell whether a file of facts may hold a record of this id, or any, that is left out here since it has a fault; see `salvaged`."""
        lost = self._reading(file).lost
        return bool(lost) if name is None else not lost.isdisjoint({name, None})

    def doubled(self, file: str) -> set[str]:
        """Give the ids that several features of a file of facts have: which of them is meant, nobody knows."""
        reading = self._reading(file)
        return {name for name in reading.lost if name is not None}.intersection(reading.value["id"])

    @property
    def languages(self) -> list[str]:
        """The languages every text exists in, the default one first."""
        return self.record.languages

    @property
    def layers(self) -> list[Layer]:
        """The layers' records, in the order they are listed to readers."""
        return self.record.layers

    @property
    def inputs(self) -> dict[str, Layer]:
        """The layers that are facts of their own, by the path of the file; the network is none."""
        return {layer.input: layer for layer in self.layers if layer.input is not None and layer.input not in {NODES, LINKS}}

    def spare(self, target: Path) -> None:
        """Refuse a place to write to where the atlas's own files would be lost: one of them, or a folder of the atlas that holds some.

        Raises
        ------
        WriteError
            If it is one.
        """
        record, folder, place = self.record, self.folder.resolve(), target.resolve()
        named = [NODES, LINKS, *self.inputs, record.outline, record.checkpoints, *(backdrop.path for backdrop in record.backdrop)]
        named += ["atlas.toml", "datapackage.json", *RECORDS, *(f"layers/{layer.id}.geojson" for layer in self.layers)]
        own = {(folder / name).resolve() for name in named if name is not None}
        if place in own or (place.is_relative_to(folder) and any(file.is_relative_to(place) for file in own)):
            what = "holds files of the atlas itself" if place.is_dir() else "is a file of the atlas itself"
            raise WriteError(what, where=target, hint="Choose another place. Nothing was changed.")

    def layer_record(self, layer: str) -> Layer:
        """Give the record of one layer.

        Raises
        ------
        UsageError
            If the atlas has no such layer.
        """
        records = {record.id: record for record in self.layers}
        if layer not in records:
            raise UsageError(f"no layer {layer!r}", hint=meant(layer, records, f"Layers are: {', '.join(records)}."))
        return records[layer]

    def check_language(self, lang: str) -> str:
        """Return the language if the atlas speaks it.

        Raises
        ------
        UsageError
            If it does not.
        """
        if lang not in self.languages:
            raise UsageError(f"no language {lang!r}", hint=meant(lang, self.languages, f"Languages are: {', '.join(self.languages)}."))
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
        if layer not in self._typed_frames:
            frame = self.features(layer)
            for column in frame.columns.drop("geometry"):
                frame[column] = _typed(frame[column])
            self._typed_frames[layer] = frame
        return self._typed_frames[layer].copy()

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
        self._typed_frames.clear()
        self.found.clear()

    @cached_property
    def nodes(self) -> GeoDataFrame:
        """The network's nodes, indexed by id."""
        return self.facts(NODES).set_index("id", drop=False).rename_axis(None)

    @cached_property
    def links(self) -> GeoDataFrame:
        """The network's links, indexed by id."""
        return self.facts(LINKS).set_index("id", drop=False).rename_axis(None)

    @cached_property
    def outlines(self) -> dict[str, Any]:
        """The outline of each member, in EPSG:4326 and in the order of ``country``; empty if the atlas has none."""
        import shapely

        if self.record.outline is None:
            return {}
        frame = self.facts(self.record.outline)
        shapes = frame.geometry
        codes = frame["country"] if len(self.record.members) > 1 else [self.record.members[0]] * len(frame)
        found = {
            code: shapely.union_all([shape for shape, of in zip(shapes, codes, strict=True) if of == code]) for code in self.record.members
        }
        return {code: shape for code, shape in found.items() if not shape.is_empty}

    def facts(self, relative: str) -> GeoDataFrame:
        """Read a GeoJSON file of facts that the atlas names, by its path within the folder; a copy: change it freely.

        Raises
        ------
        DataError
            Telling everything that is wrong with the file.
        """
        frame: GeoDataFrame = self._whole(relative).copy()
        return frame

    def route(self, itinerary: str) -> list[list[SignedLink]]:
        """Give the links of an itinerary, way by way, in order of travel; found once and kept: do not change the lists.

        Raises
        ------
        UsageError
            If the atlas has no such itinerary.
        DataError
            If two consecutive nodes are joined by no link, or by more than one; or as `way_nodes`.
        """
        if itinerary not in self._routes:
            self._routes[itinerary] = self._find_route(itinerary)
        return self._routes[itinerary]

    def way_nodes(self, itinerary: str) -> list[list[str]]:
        """Give the nodes of an itinerary, way by way, in order of travel; found once and kept: do not change the lists.

        Raises
        ------
        UsageError
            If the atlas has no such itinerary.
        DataError
            If a way names its termini and the network does not tell the way between them; see `corridormap.routing.way_through`.
        """
        if itinerary not in self.itineraries:
            hint = meant(itinerary, self.itineraries, f"Itineraries are: {', '.join(self.itineraries)}.")
            raise UsageError(f"no itinerary {itinerary!r}", hint=hint)
        if itinerary not in self._way_nodes:
            self._way_nodes[itinerary] = [self._find_nodes(self.itineraries[itinerary], way) for way in self.itineraries[itinerary].ways]
        return self._way_nodes[itinerary]

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
        order = {name: place for place, name in enumerate(self.itineraries)}
        return {node: sorted(names, key=order.__getitem__) for node, names in passing.items()}

    @cached_property
    def countries_of_nodes(self) -> dict[str, list[str]]:
        """Map each node that is a link's end to the countries of its links, one a link."""
        touching: dict[str, list[str]] = {}
        for column in ("from", "to"):
            for node, country in zip(self.links[column], self.links["country"], strict=True):
                touching.setdefault(node, []).append(country)
        return touching

    def _find_nodes(self, record: Itinerary, way: Way) -> list[str]:
        if way.nodes is not None:
            return way.nodes
        refuse(self._unknown_nodes(way.named, record.id))
        # What is only planned carries no traffic: it is no way for an itinerary that is not itself to come.
        key = (record.mode, record.status in {"works", "planned"})
        if key not in self._graphs:
            from corridormap.geodesic import lengths_km

            usable = self.links[(self.links["mode"] == record.mode) & (key[1] | (self.links["status"] != "planned"))]
            self._graphs[key] = graph_of(usable, km=lengths_km(usable.geometry.to_numpy()))
        points, graph = self.nodes.geometry, self._graphs[key]
        try:
            return way_through(graph, places=way.named, points=points, mode=record.mode, reverses_at=way.reverses_at)
        except DataError as error:
            raise self.itinerary_error(error.what, record.id, error.hint) from None

    def _find_route(self, itinerary: str) -> list[list[SignedLink]]:
        every = self.way_nodes(itinerary)
        record = self.itineraries[itinerary]
        ways: list[list[SignedLink]] = []
        faults: list[DataError] = []
        for way, nodes in zip(record.ways, every, strict=True):
            faults += self._unknown_nodes(nodes, itinerary)
            steps = []
            for start, end in pairwise(nodes):
                if not {start, end} <= self._node_ids:
                    continue
                try:
                    steps.append(self._step(start, end, record))
                except DataError as error:
                    faults.append(error)
            ways.append(steps)
            for node in way.reverses_at:
                if node not in nodes:
                    what = f"`reverses_at` names {node!r}, which the way does not pass"
                    faults.append(self.itinerary_error(what, itinerary, meant(node, nodes, "Mend the id, or take it out.")))
            for node, before, after in zip(nodes[1:], steps, steps[1:], strict=False) if not faults else ():
                if before.id == after.id and node not in way.reverses_at:
                    hint = "If the way really reverses there, name the node in `reverses_at`."
                    faults.append(self.itinerary_error(f"goes back over {after.id} at {node!r}", itinerary, hint))
        refuse(faults)
        return ways

    @cached_property
    def _links_between(self) -> dict[tuple[str, str, str], list[str]]:
        table: dict[tuple[str, str, str], list[str]] = {}
        for link, start, end, mode in zip(self.links.index, self.links["from"], self.links["to"], self.links["mode"], strict=True):
            table.setdefault((start, end, mode), []).append(link)
        return table

    def _unknown_nodes(self, nodes: Iterable[str], itinerary: str) -> list[DataError]:
        unknown = [node for node in dict.fromkeys(nodes) if node not in self._node_ids]
        return [self.itinerary_error(f"no node {node!r}", itinerary, self.hints_of_nodes[node]) for node in unknown]

    @cached_property
    def _node_ids(self) -> frozenset[str]:
        return frozenset(self.nodes.index)

    @cached_property
    def hints_of_nodes(self) -> Hints:
        """What to do about nodes that are named, and that there are not."""
        return Hints(self.nodes.index, f"Add it to {NODES}, or mend the id.")

    def _step(self, start: str, end: str, record: Itinerary) -> SignedLink:
        mode = record.mode
        found = [SignedLink(link, forward=True) for link in self._links_between.get((start, end, mode), [])]
        found += [SignedLink(link, forward=False) for link in self._links_between.get((end, start, mode), [])]
        if not found:
            hint = f"Add the link to {LINKS}, or name the nodes between."
            raise self.itinerary_error(f"no {mode} link joins {start!r} and {end!r}", record.id, hint)
        if len(found) > 1:
            names = ", ".join(step.id for step in found)
            hint = "Put a node of its own on each link, so that the itinerary can name its way."
            raise self.itinerary_error(f"{len(found)} {mode} links join {start!r} and {end!r}: {names}", record.id, hint)
        return found[0]

    def itinerary_error(self, what: str, itinerary: str, hint: str | None = None) -> DataError:
        """Make an error of what is wrong with an itinerary."""
        return DataError(what, where=self.folder / "corridors.toml", feature=itinerary, hint=hint)

    @cached_property
    def expected(self) -> dict[str, Features]:
        """What each GeoJSON file of facts is to hold, by its path."""
        record: AtlasRecord | None = self._reading("atlas.toml").value
        codes = frozenset({"XZ", *words.country_names()[words.FALLBACK]})
        network = {
            NODES: Features(NodeProperties, POINT, names=() if record is None else tuple(record.languages), countries=codes),
            LINKS: Features(LinkProperties, frozenset({"LineString"}), countries=codes),
        }
        if record is None:
            return network
        files = {backdrop.path: Features(types=BACKDROP[backdrop.kind]) for backdrop in record.backdrop}
        labels = Features(LabelProperties, POINT, names=tuple(record.languages))
        files |= {backdrop.path: labels for backdrop in record.backdrop if backdrop.kind == "label"}
        if record.outline is not None:
            several = len(record.members) > 1
            files[record.outline] = (
                Features(OutlineProperties, POLYGON, members=tuple(record.members)) if several else Features(types=POLYGON)
            )
        if record.checkpoints is not None:
            files[record.checkpoints] = Features(CheckpointProperties, POINT)
        for layer in record.layers:
            if layer.input is not None:
                files[layer.input] = self._input(layer, codes)
        # What else they may serve as, they are the network first.
        return network | {path: expected for path, expected in files.items() if path not in network}

    def _input(self, layer: Layer, codes: frozenset[str]) -> Features:
        """Say what a layer's own file is to hold."""
        crossings = layer.build == "crossings"
        told_apart = {layer.style.by, layer.expect_by}
        return Features(
            INPUTS.get(layer.build, FeatureProperties),
            frozenset({layer.geometry}),
            located=False,
            names=tuple(self.record.languages),
            countries=codes if crossings else frozenset(),
            filled=("kind",) if "kind" in told_apart else (),
            placed=("accuracy_m",),
        )

    def _reading(self, name: str) -> Reading:
        """Read a file of facts by its path, once."""
        if name not in self._readings:
            path = self.folder / name
            if name == "atlas.toml":
                reading = read_table(path, AtlasRecord)
            elif name not in RECORDS:
                reading = read_features(path, self.expected[name])
            elif name == "statements.toml" and not path.exists():
                reading = Reading({})
            else:
                reading = read_records(path, *RECORDS[name])
            self._readings[name] = reading
        return self._readings[name]

    def _whole(self, name: str) -> Any:
        """Give what a file of facts holds; refuse it if anything is wrong with it."""
        reading = self._reading(name)
        return reading.value if self._salvage else reading.whole()

    def text(self, text: Text, lang: str) -> str:
        """Give a text in a language; in the atlas's default language where it is missing (the checks report that)."""
        return text.get(lang) or text.get(self.languages[0], "")


def kept(find: Callable[Concatenate[Atlas, P], T]) -> Callable[Concatenate[Atlas, P], T]:
    """Keep what a function finds about an atlas on the atlas, until its layers are written anew; what it gives is not to be changed."""

    @wraps(find)
    def look_up(atlas: Atlas, /, *args: P.args, **named: P.kwargs) -> T:
        asked = (find, args, *named.items())
        if asked not in atlas.found:
            atlas.found[asked] = find(atlas, *args, **named)
        result: T = atlas.found[asked]
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
