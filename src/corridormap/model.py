"""The records of the facts: atlas.toml, sources.toml, corridors.toml, statements.toml, and the features of the GeoJSON files.

Everything an atlas may say is written down here, once, with what it means: `corridormap.facts` reads by it and says what is wrong in its
words, and the reference page of the facts is made of it.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal

import msgspec

from corridormap.antimeridian import is_box
from corridormap.phrases import meant


def _is(text: str, **limits: Any) -> msgspec.Meta:
    """Say what a value is, for messages and for the reference page of the facts."""
    return msgspec.Meta(description=text, **limits)


_END = r"$(?!\n)"
"""The end of a pattern: to Python a line's end after the text is one as well."""

Text = Annotated[dict[str, str], msgspec.Meta(title="a text in each language")]
"""A text for readers: language code → text."""

Mode = Literal["rail", "road", "sea", "transfer"]
Status = Literal["open", "works", "planned"]
LengthKind = Literal["official", "press", "survey", "derived"]
Identifier = Annotated[
    str, msgspec.Meta(title="an id of small letters, digits and _ . : -", pattern=rf"^[a-z0-9][a-z0-9_.:-]*{_END}", max_length=120)
]
Colour = Annotated[str, msgspec.Meta(title='a colour such as "#0b5fa5"', pattern="^#[0-9a-f]{6}" + _END)]
Country = Annotated[str, msgspec.Meta(title='a country\'s two letters, such as "KZ"', pattern="^[A-Z]{2}" + _END)]
"""ISO 3166-1 alpha-2; XZ is the high seas (UN/LOCODE)."""
Countries = Annotated[list[Country], msgspec.Meta(title='a list of such, as ["AZ", "GE"]', min_length=1)]
LANGUAGE = "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?" + _END
Language = Annotated[str, msgspec.Meta(title='a language code, such as "az" or "sr-Latn"', pattern=LANGUAGE)]
"""A language, with a script or a region if need be, as browsers know it (BCP 47): az, sr-Latn."""
Metres = Annotated[float, msgspec.Meta(title="a number of metres above 0", gt=0)]
Limit = Annotated[float, msgspec.Meta(title="a number of 0 or more", ge=0)]
Count = Annotated[int, msgspec.Meta(title="a whole number of 0 or more", ge=0)]
Number = Annotated[int, msgspec.Meta(title="a whole number of 1 or more", ge=1)]
Kilometres = Annotated[float, msgspec.Meta(title="a number of kilometres above 0", gt=0)]
Pixels = Annotated[float, msgspec.Meta(title="a number of pixels above 0 and up to 100", gt=0, le=100)]
Dash = Annotated[
    str,
    msgspec.Meta(
        title='lengths such as "6 3", not all 0',
        pattern=r"^(?=.*[1-9]) *\d{1,3}(\.\d{1,3})?([ ,]+\d{1,3}(\.\d{1,3})?)* *" + _END,
        max_length=60,
    ),
]
Box = Annotated[tuple[float, float, float, float], msgspec.Meta(title="west, south, east, north in degrees; west above east across 180°")]
Identifiers = Annotated[list[Identifier], msgspec.Meta(title="a list of ids")]
Sources = Annotated[list[Identifier], msgspec.Meta(title="a list of one or more ids of sources.toml", min_length=1)]
GeoJson = Annotated[
    str, msgspec.Meta(title='the path of a GeoJSON file in the folder, such as "border/outline.geojson"', pattern=r"\.(geo)?json" + _END)
]
LEAP_YEAR = "[0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00"
DAY = "(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
Date = Annotated[
    str,
    msgspec.Meta(
        title='a date such as "2026-11", in quotation marks', pattern=f"^(?!0000)([0-9]{{4}}(-({DAY}))?|({LEAP_YEAR})-02-29){_END}"
    ),
]
"""A year, a month or a day that there was, as ISO 8601 has them."""
Words = Annotated[str, msgspec.Meta(title="a text", pattern=r"\S")]
"""A text that is not empty."""


class Record(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Base of all records: a key that is not listed is refused."""


class Source(Record, frozen=True):
    """Where a fact comes from."""

    id: Identifier
    title: Annotated[Words, _is("what it is called")]
    publisher: Annotated[Words, _is("who published it")]
    url: Annotated[str | None, _is("its address")] = None
    date: Annotated[Date | None, _is("when it was published, or what day it shows")] = None
    licence: Annotated[str | None, _is("the licence it may be used under, SPDX where there is one")] = None
    words: Annotated[str | None, _is("the words relied on, as they stand there")] = None
    confidence: Annotated[Literal["H", "M", "L"] | None, _is("how far it is to be trusted: high, medium, low")] = None


class Way(Record, frozen=True, rename={"start": "from", "end": "to"}):
    """A run of nodes: all of them as `nodes`, or its termini as `from` and `to`, between which it is the shortest way."""

    nodes: Annotated[
        Annotated[list[Identifier], msgspec.Meta(title="a list of two or more ids of nodes", min_length=2)] | None,
        _is("the nodes it passes, in order, each joined to the next by one link"),
    ] = None
    start: Annotated[Identifier | None, _is("the node where it starts, in place of `nodes`; goes with `to`")] = None
    end: Annotated[Identifier | None, _is("the node where it ends; goes with `from`")] = None
    via: Annotated[Identifiers, _is("nodes between, in order, that tell it from another way", title="a list of ids of nodes")] = []
    role: Annotated[Literal["main", "branch"], _is("whether it is the main way")] = "main"
    reverses_at: Annotated[
        Identifiers, _is("where it goes back over the link it came by, as a train does in a terminus", title="a list of ids of nodes")
    ] = []

    @property
    def named(self) -> list[str]:
        """The nodes that are named, in order."""
        return self.nodes or [node for node in (self.start, *self.via, self.end) if node is not None]

    def __post_init__(self) -> None:
        """Refuse what says the way twice, or by half."""
        if (self.nodes is None) == (self.start is None and self.end is None and not self.via):
            raise ValueError("a way has `nodes`, a list of two or more ids of nodes, or `from` and `to`, its termini, and not both")
        if self.nodes is None:
            if self.start is None or self.end is None:
                raise ValueError("a way without `nodes` has both `from` and `to`, the ids of the nodes where it starts and ends")
            doubled = [node for node, count in Counter(self.named).items() if count > 1]
            if doubled:
                raise ValueError(f"{doubled[0]!r} is named twice in `from`, `via` and `to`; name all `nodes` of a way that comes back")


class PublishedLength(Record, frozen=True, rename={"start": "from", "end": "to"}):
    """A length somebody published, kept beside the measured one."""

    km: Annotated[Kilometres, _is("the length")]
    source: Annotated[Identifier, _is("the source that says so")]
    kind: Annotated[
        LengthKind,
        _is(
            "whose it is: of the authority in charge (official), of the press, measured along a map by others (survey), "
            "or our sum or difference of published figures, such as kilometre posts (derived)"
        ),
    ]
    start: Annotated[Identifier | None, _is("the node it is counted from; without, it is the whole within the atlas's country")] = None
    end: Annotated[Identifier | None, _is("the node it is counted to; goes with `from`")] = None
    date: Annotated[Date | None, _is("when it was true, where the source does not tell")] = None
    reason: Annotated[Text | None, _is("why the measured length differs from it")] = None

    def __post_init__(self) -> None:
        """Refuse half an interval."""
        if (self.start is None) != (self.end is None):
            raise ValueError("a length has both `from` and `to`, or neither")


class Itinerary(Record, frozen=True):
    """A corridor, route or works: its ways over the network, its names, and what others say of its length."""

    id: Identifier
    layer: Annotated[Identifier, _is('the layer it is shown in; one of `build = "itineraries"`')]
    name: Annotated[Text, _is("what it is called")]
    mode: Annotated[Mode, _is("what travels it; its links are of this mode")]
    sources: Annotated[Sources, _is("where its course and properties come from")]
    ways: Annotated[
        list[Way],
        _is(
            "each with `nodes`, or with `from` and `to`; `ways = []` where the way is not known, in a layer that is `unlocated`",
            title="one or more tables `ways`",
        ),
    ]
    status: Annotated[Status | None, _is("how it stands where its links do not tell: works on a line in use")] = None
    number: Annotated[int | None, _is("its number")] = None
    note: Annotated[Text | None, _is("a remark for readers")] = None
    lengths: Annotated[list[PublishedLength], _is("what others say of its length", title="tables `lengths`")] = []
    properties: Annotated[
        dict[str, str | int | float | bool], _is("further properties of its feature", title="a table of texts, numbers and truth values")
    ] = {}


class Statement(Record, frozen=True):
    """A claim with its figure and how it stands; never our own measurement."""

    id: Identifier
    about: Annotated[Identifier, _is("the layer or itinerary it is shown with")]
    kind: Annotated[Literal["freight", "capacity", "length", "count", "plan", "share", "place"], _is("what it is about")]
    standing: Annotated[
        Literal["confirmed", "measured", "contradicted", "unverified", "wrong"], _is("how it stands against what else is known")
    ]
    text: Annotated[Text, _is("the claim, put for readers")]
    sources: Annotated[Sources, _is("who claims it")]
    figure: Annotated[float | None, _is("its figure")] = None
    unit: Annotated[str | None, _is("the unit of the figure")] = None
    date: Annotated[Date | None, _is("when it was made")] = None
    period: Annotated[str | None, _is("the time it is about")] = None
    words: Annotated[str | None, _is("the claim as it was made")] = None
    features: Annotated[Identifiers, _is("the single features it is about")] = []
    note: Annotated[Text | None, _is("a remark for readers")] = None


class Symbol(Record, frozen=True):
    """How one class of features is drawn; sizes in CSS pixels on screen."""

    colour: Colour
    label: Annotated[Text | None, _is("what the legend calls it")] = None
    width: Annotated[Pixels | None, _is("of a line")] = None
    dash: Annotated[Dash | None, _is("of a line: lengths of strokes and gaps by turns")] = None
    shape: Annotated[Literal["circle", "square", "diamond", "triangle", "star"] | None, _is("of a point")] = None
    size: Annotated[Pixels | None, _is("of a point")] = None


class Style(Record, frozen=True):
    """The style of a layer: one symbol, or one for each value of a property."""

    symbol: Annotated[Symbol, _is("how features are drawn that no value below is of")]
    by: Annotated[str | None, _is("the property whose values tell symbols apart")] = None
    values: Annotated[dict[str, Symbol], _is("a symbol for each value of the property", title="a table of symbols")] = {}
    casing: Annotated[Colour | None, _is("the colour of the rim of lines")] = None
    dash_over_m: Annotated[Limit | None, _is("lines of a coarser `accuracy_m`, and those only planned, are drawn dashed")] = None


class Group(Record, frozen=True):
    """A heading in the map's panel."""

    id: Identifier
    name: Annotated[Text, _is("what it is called")]


class Layer(Record, frozen=True):
    """One layer of the atlas: how it is built, named, licensed and drawn."""

    id: Identifier
    build: Annotated[
        Literal["itineraries", "links", "places", "crossings", "points", "lines"],
        _is("what it is made of: corridors.toml, the network's links or nodes, or the file `input`"),
    ]
    geometry: Annotated[Literal["Point", "LineString", "MultiLineString"], _is("the type of its geometries")]
    name: Annotated[Text, _is("what it is called")]
    summary: Annotated[Text, _is("what it holds, in a sentence or two")]
    group: Annotated[Identifier, _is("the heading it stands under")]
    licence: Annotated[Words, _is("the licence of its data, SPDX where there is one")]
    sources: Annotated[Sources, _is("where its data come from")]
    style: Annotated[Style, _is("how it is drawn")]
    input: Annotated[GeoJson | None, _is("the GeoJSON file of its facts, for crossings, points and lines")] = None
    visible: Annotated[bool, _is("whether the map opens with it")] = True
    unlocated: Annotated[bool, _is("whether its features may have no known position")] = False
    required: Annotated[list[str], _is("properties that every feature has, if only as null", title="a list of properties")] = []
    expect: Annotated[dict[str, int], _is("how many features it has of each kind", title="a table of numbers")] = {}
    expect_by: Annotated[str | None, _is("the property that tells the kinds of `expect`")] = None


class Backdrop(Record, frozen=True):
    """A layer of context drawn under the map, never measured."""

    id: Identifier
    path: Annotated[GeoJson, _is("its GeoJSON file")]
    kind: Annotated[Literal["land", "country", "boundary", "water", "river", "town", "label"], _is("what it shows")]
    licence: Annotated[Words, _is("the licence of its data, SPDX where there is one")]
    source: Annotated[Identifier, _is("where its data come from")]


class Tolerance(Record, frozen=True):
    """The limits the checks use."""

    junction_m: Annotated[Limit, _is("metres that a link may end off its node")] = 1.0
    length_percent: Annotated[Limit, _is("percent that a measured length may differ from a published one without a `reason`")] = 3.0
    containment_m: Annotated[Limit, _is("metres that a link may lie beyond its country's outline")] = 500.0
    crossing_m: Annotated[Limit, _is("metres that a crossing may lie off the outline")] = 500.0
    detour_percent: Annotated[
        Limit, _is("how far aside of a straight line a way runs, in percent of its length: of 100 stretches measured, 95 keep within")
    ] = 20.0


class AtlasRecord(Record, frozen=True):
    """The atlas as a whole: names, languages, extent, and its layers."""

    id: Identifier
    title: Annotated[Text, _is("the title of the map")]
    description: Annotated[Text, _is("what it shows, in a sentence or two")]
    country: Annotated[
        Country | Countries, _is("the atlas's country, or its members where it has several: lengths are told within them and abroad")
    ]
    country_name: Annotated[Text, _is("what the country, or the members together, are called")]
    languages: Annotated[
        list[Language],
        _is("the languages every text exists in, the default one first", title='a list of language codes, such as "en"', min_length=1),
    ]
    extent: Annotated[Box, _is("what the data may reach")]
    view: Annotated[Box, _is("what the map shows at first")]
    planar_crs: Annotated[str, _is("a projected CRS in metres for planar work and print, as PROJ or EPSG has it")]
    attribution: Annotated[Text, _is("whom the map credits")]
    groups: Annotated[list[Group], _is("the headings of the panel", title="one or more tables `groups`", min_length=1)]
    layers: Annotated[list[Layer], _is("the layers, in the order readers see them", title="one or more tables `layers`", min_length=1)]
    outline: Annotated[
        GeoJson | None, _is("the GeoJSON file of the country's outline, or of each member's, which the checks measure against")
    ] = None
    checkpoints: Annotated[
        GeoJson | None, _is("the GeoJSON file of stations and settlements from another source, which the checks compare with the network")
    ] = None
    backdrop: Annotated[list[Backdrop], _is("what is drawn under the map", title="tables `backdrop`")] = []
    tolerance: Annotated[Tolerance, _is("the limits the checks use")] = Tolerance()
    validate: Annotated[dict[str, Any], _is("what `corridormap validate` looks for and tells", title="a table")] = {}

    @property
    def members(self) -> list[str]:
        """The atlas's country, or its countries, in the order of the file."""
        return [self.country] if isinstance(self.country, str) else self.country

    def __post_init__(self) -> None:
        """Check what the keys say of each other; each fault is a line of the error."""
        faults = []
        for what, names in (
            ("country", self.members),
            ("languages", self.languages),
            ("group", [group.id for group in self.groups]),
            ("layer", [layer.id for layer in self.layers]),
            ("input", [layer.input for layer in self.layers if layer.input is not None]),
            ("backdrop", [backdrop.id for backdrop in self.backdrop]),
        ):
            faults += [f"{what}: {name!r} is given twice" for name, count in Counter(names).items() if count > 1]
        groups = [group.id for group in self.groups]
        for layer in self.layers:
            if layer.group not in groups:
                hint = meant(layer.group, groups, f"Groups are: {', '.join(groups)}.")
                faults.append(f"layer {layer.id!r} names no group: {layer.group!r}. {hint}")
        for name, box in (("extent", self.extent), ("view", self.view)):
            if not is_box(box):
                faults.append(f"{name}: must be west, south, east, north in degrees within ±180 and ±90; west above east is across 180°")
        if faults:
            raise ValueError("\n".join(faults))


class FeatureProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What every feature of a layer of points says of itself, besides `name_en`, `name_ru` … in each language of the atlas."""

    id: Identifier
    sources: Annotated[Words, _is("the ids of the sources of its position and properties, divided by semicolons")]
    accuracy_m: Annotated[Metres | None, _is("the distance within which it lies; must be there where it has a position")] = None
    kind: Annotated[Words | None, _is("what it is; must be there where the layer tells features apart by it")] = None


class CrossingProperties(FeatureProperties, frozen=True, kw_only=True):
    """What every crossing says of itself, besides `name_en`, `name_ru` … in each language of the atlas."""

    mode: Annotated[Mode, _is("what travels it")]
    country: Annotated[Country | None, _is("the country it belongs to, if the atlas has several and no link tells")] = None
    neighbour: Annotated[Country | None, _is("the country beyond; must be there in an atlas of one country")] = None


class NodeProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What every node of the network says of itself, besides its name in each language; further properties pass."""

    id: Identifier
    kind: Annotated[Words, _is("what it is; a border crossing is a `crossing`, others as the styles of the atlas tell apart")]
    country: Annotated[Country, _is("the country it lies in, XZ on the high seas; that of a crossing is one of the two")]
    accuracy_m: Annotated[Metres, _is("the distance within which it lies")]
    source: Annotated[Words, _is("the id of the source of its position")]
    population: Annotated[Count | None, _is("how many people live there")] = None


class LinkProperties(msgspec.Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """What every link of the network says of itself; further properties pass."""

    id: Identifier
    start: Annotated[Identifier, _is("the node where its line starts")]
    end: Annotated[Identifier, _is("the node where its line ends")]
    mode: Annotated[Mode, _is("what travels it")]
    country: Annotated[Country, _is("the country it lies in, XZ on the high seas; a link ends at the border")]
    status: Annotated[Status, _is("how it stands")]
    accuracy_m: Annotated[Metres, _is("the distance within which 95 % of it lies")]
    source: Annotated[Words, _is("the id of the source of its line")]
    as_of: Annotated[Date | None, _is("the day it was true on, where the source does not tell")] = None
    tracks: Annotated[Number | None, _is("how many tracks a railway has")] = None
    pinned: Annotated[bool | None, _is("whether `corridormap trace` leaves it alone")] = None

    def __post_init__(self) -> None:
        """Refuse a link that comes back: itineraries name their way by nodes."""
        if self.start == self.end:
            raise ValueError(f"`from` and `to` are both {self.start!r}: put nodes on its line, and make a link of each part")


class OutlineProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What every feature of the outline says of itself where the atlas has several members; further properties pass."""

    country: Annotated[Country, _is("the member whose outline it is, or a part of it")]


class LabelProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What every label of the backdrop says of itself, besides its name in each language."""

    id: Annotated[Words, _is("an id of its own")]
    kind: Annotated[Words, _is("what it names: that of a `country` is set larger, what else lies on water")]


class LineProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What every feature of a layer of lines says of itself, besides `name_en`, `name_ru` … in each language of the atlas."""

    id: Identifier
    source: Annotated[Words, _is("the id of the source of its line")]
    accuracy_m: Annotated[Metres | None, _is("the distance within which it lies; must be there where it is drawn")] = None
    kind: Annotated[Words | None, _is("what it is; must be there where the layer tells features apart by it")] = None


class CheckpointProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What every check point says of itself; the id of a station is that of its node."""

    id: Identifier
    kind: Annotated[Literal["station", "settlement"], _is("what it is")]
    names: Annotated[Words, _is("its names, divided by semicolons")]
    accuracy_m: Annotated[Metres, _is("the distance within which it lies")]
    source: Annotated[Words, _is("the id of the source of its position")]
