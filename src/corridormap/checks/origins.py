"""Where what is found in a built layer is mended: in the facts that the layer is made of, which a person edits."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from corridormap import geojson
from corridormap.atlas import LINKS, NODES
from corridormap.checks.reading.text import pointer
from corridormap.errors import DataError
from corridormap.faults import placed
from corridormap.files import read_text
from corridormap.model import Itinerary

if TYPE_CHECKING:
    from corridormap.atlas import Atlas
    from corridormap.checks.report import Report
    from corridormap.checks.rule import Finding
    from corridormap.checks.selection import Selection
    from corridormap.faults import Keys
    from corridormap.model import Layer

MADE_OF = {"itineraries": "corridors.toml", "links": LINKS, "places": NODES}
"""How a layer is built → the file of its facts; others have one of their own, their `input`."""
FIELDS = frozenset(field.encode_name for field in msgspec.structs.fields(Itinerary))


def tell_of_facts(report: Report, atlas: Atlas, selection: Selection) -> None:
    """Let what was found in built layers be told of the facts it stems from, each with its place there.

    What was found in a layer that is not what the facts give stays told of the layer: whether the facts have it too, nobody knows.
    """
    from corridormap.derive import stale_layers

    found = {finding.file for finding in report.findings}
    built = {file: layer for layer in atlas.layers if (file := str(atlas.layer_path(layer.id))) in found}
    if not built:
        return
    try:
        stale = set(map(str, stale_layers(atlas)))
    except DataError:
        return  # of these facts no layers are made
    built = {file: layer for file, layer in built.items() if file not in stale}
    of_file: dict[str, list[int]] = defaultdict(list)
    for number, finding in enumerate(report.findings):
        if finding.file in built:
            of_file[_file(atlas, built[finding.file], finding)].append(number)
    for file, numbers in of_file.items():
        told = _told(atlas, file, [report.findings[number] for number in numbers])
        for number, finding in zip(numbers, told, strict=True):
            report.findings[number] = finding
    codes = {str(atlas.folder / file): selection.codes(str(atlas.folder / file), layer=True) for file in of_file}
    report.findings = [finding for finding in report.findings if finding.code in codes.get(finding.file or "", {finding.code})]
    # What CM510 says of lengths in layers, of facts CM505 and CM506 do.
    said = {(one.file, one.feature, {"CM505": "", "CM506": one.message}.get(one.code)) for one in report.findings}

    def new(one: Finding) -> bool:
        return one.code != "CM510" or said.isdisjoint((one.file, one.feature, what) for what in ("", one.message.partition(" ")[2]))

    report.findings = list(filter(new, report.findings))
    names = {name: str(atlas.folder / _made_of(layer)) for name, layer in built.items()}
    more = Counter[tuple[str | None, str]]()
    for (name, code), count in report.more.items():
        more[names.get(name or "", name), code] += count
    report.more = more


def _made_of(layer: Layer) -> str:
    return MADE_OF.get(layer.build, layer.input or "")


def _file(atlas: Atlas, layer: Layer, finding: Finding) -> str:
    """Name the file of the fact that a finding stems from; a crossing of the network has its position from its node."""
    if layer.build == "crossings" and _within(finding)[:1] == ["geometry"] and finding.feature in atlas.nodes.index:
        return NODES
    return _made_of(layer)


def _told(atlas: Atlas, file: str, findings: list[Finding]) -> list[Finding]:
    """Tell findings of a file of facts in place of the layer: with line, column, position and pointer of the feature there."""
    path = atlas.folder / file
    text = read_text(path)
    of_toml = path.suffix == ".toml"
    owners = [] if of_toml else [row["properties"] for row in geojson.parse_collection(text, where=path)["features"]]
    # Layers can be made of the facts, so that each itinerary is whole, and in the file's order.
    ids = list(atlas.itineraries) if of_toml else [owner.get("id") for owner in owners]
    index_of = {name: index for index, name in enumerate(ids)}
    found: list[tuple[Keys, str, str | None]] = []
    told = []
    for number, finding in enumerate(findings):
        index = index_of.get(finding.feature)
        # Of the file as a whole it is told where it begins.
        keys: Keys = ()
        if index is not None:
            within = _within(finding)
            keys = ("itinerary", index, *_field(within)) if of_toml else ("features", index, *_member(within, owners[index]))
        found.append((keys, str(number), None))
        where = None if of_toml or finding.pointer is None else pointer(keys)
        told.append(replace(finding, file=str(path), index=None if of_toml else index, pointer=where))
    places = {int(fault.what): (fault.line, fault.column) for fault in placed(path, text, found)}
    return [replace(finding, line=places[number][0], column=places[number][1]) for number, finding in enumerate(told)]


def _within(finding: Finding) -> list[str]:
    """Give the tokens of a finding's pointer within its feature."""
    return [token.replace("~1", "/").replace("~0", "~") for token in (finding.pointer or "").split("/")[3:]]


def _member(within: list[str], properties: dict[str, object]) -> Keys:
    """Give the keys within a feature of the facts for the tokens within a built one, as far as the facts have it."""
    if within[:1] == ["properties"]:
        names = [within[-1], *(["source"] if within[-1] == "sources" else ())]
        return ("properties", *(name for name in names if name in properties))[:2]
    return tuple(int(token) if token.isdigit() else token for token in within) or ("properties", "id")


def _field(within: list[str]) -> Keys:
    """Give the keys within an itinerary for the tokens within the feature that is built of it."""
    if within[:1] != ["properties"]:
        return ("id",) if not within else ()
    column = within[-1]
    stem = column.rpartition("_")[0]
    if column.startswith(("length_official", "length_published")):
        return ("lengths",)
    return next(((name,) for name in (column, stem) if name in FIELDS), ("properties", column))
