"""The records of atlas.toml, sources.toml, corridors.toml and statements.toml, checked on reading.

Everything an atlas may say is written down here; a key that is not is refused, with the file and the key named.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import msgspec

from corridormap.errors import DataError
from corridormap.files import read_text

if TYPE_CHECKING:
    from pathlib import Path

Text = dict[str, str]
"""A text for readers: language code → text."""

Mode = Literal["rail", "road", "sea", "transfer"]
Status = Literal["open", "works", "planned"]
LengthKind = Literal["official", "press", "survey", "derived"]
Identifier = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_.:-]*$", max_length=120)]
Colour = Annotated[str, msgspec.Meta(pattern=r"^#[0-9a-f]{6}$")]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2; XZ is the high seas (UN/LOCODE)."""
Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
"""A language, with a script or a region if need be, as browsers know it (BCP 47): az, sr-Latn."""
Metres = Annotated[float, msgspec.Meta(gt=0)]
Box = tuple[float, float, float, float]


class Record(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Base of all records: a key that is not listed is refused."""


class Source(Record, frozen=True):
    """Where a fact comes from."""

    id: Identifier
    title: str
    publisher: str
    url: str | None = None
    date: str | None = None
    licence: str | None = None
    words: str | None = None
    confidence: Literal["H", "M", "L"] | None = None


class Way(Record, frozen=True):
    """An ordered run of nodes, each joined to the next by one link.

    A node where the way goes back over the link it came by, as a train does in a terminus, must be named in ``reverses_at``.
    """

    nodes: Annotated[list[Identifier], msgspec.Meta(min_length=2)]
    role: Literal["main", "branch"] = "main"
    reverses_at: list[Identifier] = []


class PublishedLength(Record, frozen=True, rename={"start": "from", "end": "to"}):
    """A length somebody published, kept beside the measured one.

    Without ``from`` and ``to`` it is about the whole itinerary within the atlas's country. ``kind``: official (by the authority in charge),
    press, survey (measured along a map by others), derived (our sum or difference of published figures, such as kilometre posts).
    """

    km: Annotated[float, msgspec.Meta(gt=0)]
    source: Identifier
    kind: LengthKind
    start: Identifier | None = None
    end: Identifier | None = None
    date: str | None = None
    reason: Text | None = None

    def __post_init__(self) -> None:
        """Refuse half an interval."""
        if (self.start is None) != (self.end is None):
            raise ValueError("a length has both `from` and `to`, or neither")


class Itinerary(Record, frozen=True):
    """A corridor, route or works: its ways over the network, its names, and what others say of its length.

    ``ways`` is empty where the way is not known, in a layer that is ``unlocated``. ``status`` tells how it stands itself where its links,
    or the lack of them, do not: works on a line in use.
    """

    id: Identifier
    layer: Identifier
    name: Text
    mode: Mode
    sources: Annotated[list[Identifier], msgspec.Meta(min_length=1)]
    ways: list[Way] = []
    status: Status | None = None
    number: int | None = None
    note: Text | None = None
    lengths: list[PublishedLength] = []
    properties: dict[str, str | int | float | bool] = {}


class Statement(Record, frozen=True):
    """A claim with its figure and how it stands; never our own measurement.

    ``about`` is the layer or itinerary it is shown with, ``features`` the single features it is about, ``words`` the claim as it was made.
    """

    id: Identifier
    about: Identifier
    kind: Literal["freight", "capacity", "length", "count", "plan", "share", "place"]
    standing: Literal["confirmed", "measured", "contradicted", "unverified", "wrong"]
    text: Text
    sources: Annotated[list[Identifier], msgspec.Meta(min_length=1)]
    figure: float | None = None
    unit: str | None = None
    date: str | None = None
    period: str | None = None
    words: str | None = None
    features: list[Identifier] = []
    note: Text | None = None


class Symbol(Record, frozen=True):
    """How one class of features is drawn; sizes in CSS pixels on screen."""

    colour: Colour
    label: Text | None = None
    width: float | None = None
    dash: str | None = None
    shape: Literal["circle", "square", "diamond", "triangle", "star"] | None = None
    size: float | None = None


class Style(Record, frozen=True):
    """The style of a layer: one symbol, or one for each value of a property.

    A line whose ``accuracy_m`` exceeds ``dash_over_m``, or which is only planned, is drawn dashed.
    """

    symbol: Symbol
    by: str | None = None
    values: dict[str, Symbol] = {}
    casing: Colour | None = None
    dash_over_m: float | None = None


class Group(Record, frozen=True):
    """A heading in the map's panel."""

    id: Identifier
    name: Text


class Layer(Record, frozen=True):
    """One layer of the atlas: how it is built, named, licensed and drawn."""

    id: Identifier
    build: Literal["itineraries", "links", "places", "crossings", "points", "lines"]
    geometry: Literal["Point", "LineString", "MultiLineString"]
    name: Text
    summary: Text
    group: Identifier
    licence: str
    sources: Annotated[list[Identifier], msgspec.Meta(min_length=1)]
    style: Style
    input: str | None = None
    visible: bool = True
    unlocated: bool = False
    required: list[str] = []
    expect: dict[str, int] = {}
    expect_by: str | None = None


class Backdrop(Record, frozen=True):
    """A layer of context drawn under the map, never measured."""

    id: Identifier
    path: str
    kind: Literal["land", "country", "boundary", "water", "river", "town", "label"]
    licence: str
    source: Identifier


class Tolerance(Record, frozen=True):
    """The limits the checks use."""

    junction_m: float = 1.0
    length_percent: float = 3.0
    containment_m: float = 500.0
    crossing_m: float = 500.0
    detour_percent: float = 20.0
    """How far aside of a straight line a way runs, in percent of its length: of 100 stretches measured, 95 keep within."""


class AtlasRecord(Record, frozen=True):
    """atlas.toml."""

    id: Identifier
    title: Text
    description: Text
    country: Country
    country_name: Text
    languages: Annotated[list[Language], msgspec.Meta(min_length=1)]
    extent: Box
    view: Box
    planar_crs: str
    attribution: Text
    groups: Annotated[list[Group], msgspec.Meta(min_length=1)]
    layers: Annotated[list[Layer], msgspec.Meta(min_length=1)]
    outline: str | None = None
    checkpoints: str | None = None
    """Stations and settlements from another source than the network's, which `corridormap validate` compares with it."""
    backdrop: list[Backdrop] = []
    tolerance: Tolerance = Tolerance()
    validate: dict[str, Any] = {}
    """What `corridormap validate` looks for and tells; read by `corridormap.checks.selection`."""

    def __post_init__(self) -> None:
        """Check what the keys say of each other."""
        for what, names in (
            ("languages", self.languages),
            ("group", [group.id for group in self.groups]),
            ("layer", [layer.id for layer in self.layers]),
        ):
            doubled = [name for name, count in Counter(names).items() if count > 1]
            if doubled:
                raise ValueError(f"{what}: {doubled[0]!r} is given twice")
        for layer in self.layers:
            if layer.group not in {group.id for group in self.groups}:
                raise ValueError(f"layer {layer.id!r} names no group: {layer.group!r}")
        for name, (west, south, east, north) in (("extent", self.extent), ("view", self.view)):
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise ValueError(f"{name}: must be west, south, east, north in degrees")


class NodeProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What every node of the network says of itself; further properties pass."""

    id: Identifier
    kind: str
    country: Country
    accuracy_m: Metres
    source: str


class LinkProperties(msgspec.Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """What every link of the network says of itself; further properties pass."""

    id: Identifier
    start: Identifier
    end: Identifier
    mode: Mode
    country: Country
    status: Status
    accuracy_m: Metres
    source: str
    as_of: str | None = None
    """The day it was true on, where the source does not tell."""
    pinned: bool | None = None
    """Whether `corridormap trace` leaves it alone."""


class SourcesFile(Record, frozen=True):
    """sources.toml."""

    source: list[Source] = []


class CorridorsFile(Record, frozen=True):
    """corridors.toml."""

    itinerary: list[Itinerary] = []


class StatementsFile(Record, frozen=True):
    """statements.toml."""

    statement: list[Statement] = []


T = TypeVar("T", bound=Record)


def read_record(path: Path, record: type[T]) -> T:
    """Read a TOML file into a record; what is wrong with it is named, with its key.

    Raises
    ------
    DataError
        If the file is missing or not TOML, or a key is missing, unknown or of the wrong type; the message names the key.
    """
    try:
        table = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"is not TOML: {error}", where=path) from None
    try:
        return msgspec.convert(table, record)
    except msgspec.ValidationError as error:
        raise DataError(_plain(str(error)), where=path) from None


def check_record(properties: dict[str, object], record: type[object], *, where: str) -> None:
    """Check the properties of a feature against a record; what is missing or of the wrong type is named.

    Raises
    ------
    DataError
        Naming the property that is missing or of the wrong type.
    """
    try:
        msgspec.convert(properties, record)
    except msgspec.ValidationError as error:
        raise DataError(_plain(str(error)), where=where) from None


def _plain(message: str) -> str:
    """Turn msgspec's ``… - at `$.layer[3].id``` into a key path a person can follow."""
    what, separator, place = message.partition(" - at ")
    return f"{place.strip('`').removeprefix('$.')}: {what}" if separator else what
