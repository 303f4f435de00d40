"""A GeoJSON file of facts, changed feature by feature: what is not touched stays to the byte."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

import msgspec

from corridormap import geojson
from corridormap.antimeridian import wrapped_box
from corridormap.errors import DataError
from corridormap.files import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_.:-]*")
"""What may be an id of a node or a link."""
MEMBERS = {"type", "id", "geometry", "properties"}
DECIMALS = 7
"""More decimals of a degree than these, a centimetre, were drawn, not measured (CM136)."""


def network_files(folder: Path) -> tuple[FactsFile, FactsFile]:
    """Read the nodes and the links of a network; both may lack, but not the nodes of links.

    Raises
    ------
    DataError
        If either cannot be read, or the file of nodes is not there.
    """
    nodes, links = FactsFile(folder / "nodes.geojson"), FactsFile(folder / "links.geojson")
    if links.features and not nodes.path.exists():
        raise DataError("no such file", where=nodes.path, hint=f"Restore the nodes of {links.path.name}, or delete that as well.")
    return nodes, links


class FactsFile:
    """The features of a file by id, in its order; of a file that is not there yet, none.

    Parameters
    ----------
    path : Path
        A GeoJSON file.

    Raises
    ------
    DataError
        If the file is no GeoJSON FeatureCollection, or a geometry is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.features: dict[str, dict[str, Any]] = {}
        self._members: dict[str, str] = {"bbox": "", "features": "", "name": json.dumps(path.stem), "type": '"FeatureCollection"'}
        self._texts: dict[str, str] = {}
        if path.exists():
            text = read_text(path)
            document = geojson.read(path)
            geojson.to_frame(document, where=path)  # which refuses coordinates that are none
            try:
                raw_members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
                self._members = {name: bytes(raw).decode() for name, raw in raw_members.items()}
                raws = msgspec.json.decode(self._members["features"], type=list[msgspec.Raw])
            except msgspec.DecodeError as error:  # half a character, which Python alone lets pass
                raise DataError(
                    f"is not JSON as other programs read it: {error}", where=path, hint="`corridormap validate` names it."
                ) from None
            for number, (feature, raw) in enumerate(zip(document["features"], raws, strict=True)):
                name = feature["properties"].get("id")
                # What has no id, or another's, is kept as well: to say so is the checks' business.
                key = name if isinstance(name, str) and name not in self.features else f"\0{number}"
                self.features[key], self._texts[key] = feature, bytes(raw).decode()
        self._sorted = list(self.features) == sorted(self.features)

    def add(self, properties: Mapping[str, Any], geometry: Mapping[str, Any]) -> None:
        """Add a feature; its properties hold its id."""
        feature = {"type": "Feature", "geometry": geometry, "properties": dict(properties)}
        self.features[properties["id"]], self._texts[properties["id"]] = feature, geojson.feature_text(properties, geometry)

    def remove(self, name: str) -> None:
        """Take a feature out."""
        del self.features[name], self._texts[name]

    def tidy(self) -> None:
        """Let the file be as the project writes one, in order of ids: the layout of another program is gone, what is said stays.

        An id that was edited is the property: beside it programs keep the old one.

        Positions that were drawn by hand, finer than anyone can know, are rounded; the same one in nodes and links to the same.
        """
        self._sorted = True
        self._members = dict(sorted(({"bbox": "", "name": json.dumps(self.path.stem)} | self._members).items()))
        for name, feature in self.features.items():
            said, path = feature["properties"], feature["geometry"]
            # What has more to it than the four members every feature has is left as it is.
            if said.get("id") == name and not feature.keys() - MEMBERS:
                if path is not None and "coordinates" in path:
                    path["coordinates"] = _rounded(path["coordinates"])
                self._texts[name] = geojson.feature_text(said, path)

    def text(self) -> str:
        """Give the whole text: in order of ids where the file was, otherwise with what was added at its end."""
        names = sorted(self._texts) if self._sorted else list(self._texts)
        members = dict(self._members)
        members["features"] = "[\n" + ",\n".join(self._texts[name] for name in names) + "\n]"
        if "bbox" in members:
            frame = geojson.to_frame({"features": list(self.features.values())}, where=self.path)
            west, south, east, north = frame.total_bounds.tolist()
            if math.isfinite(west):
                members["bbox"] = json.dumps(wrapped_box((west, south, east, north)))
            else:  # nothing has a position
                del members["bbox"]
        return "{" + ",\n".join(f"{json.dumps(name)}:{value}" for name, value in members.items()) + "}\n"


def _rounded(coordinates: Any) -> Any:
    """Round the positions that have more than `DECIMALS`; the others stay digit for digit."""
    if coordinates and isinstance(coordinates[0], list):
        return [_rounded(inner) for inner in coordinates]
    fine = any(round(value, DECIMALS) != value for value in coordinates)
    return [round(value, geojson.LINE_DECIMALS) for value in coordinates] if fine else coordinates
