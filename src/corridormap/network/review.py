"""What a person should look at after lines became a network, each with its place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

KINDS = {
    "left out": "What the file holds that is no line, or none of any length, and lines that run twice in one place.",
    "bridge": "A line passes over itself, and was left whole because crossings are not joined.",
    "near": "An end lies near another place, but farther than the tolerance: join them, or raise --snap.",
    "on a link": "A node lies on a link that was there before: split that with `corridormap network split`.",
    "loop": "A line comes back to where it began: two nodes were set on it, so that an itinerary can name its way.",
    "parallel": "Two links would join the same nodes: a node was set on each, so that an itinerary can name its way.",
    "border": "A line crosses a country's outline: split it there, at a node of the kind crossing.",
    "meridian": "A line crosses the 180th meridian: cut it there in the file, so that both parts end at 180 and -180 degrees.",
    "outside": "A line lies outside the `extent` of atlas.toml: it is not shown there, and may be in another CRS.",
    "country": "No outline tells in which country it lies: say it with --abroad, or in the file.",
    "names": "A node has no name in a language of the atlas: `corridormap validate` asks for it.",
    "id": "A place has an id that is none, or is taken: it was given one by its position.",
    "place": "A named place lies on no line, or where a node is already: it was left out.",
    "text": "A name held control characters, which were left out.",
}
"""The kinds, and what they mean."""


@dataclass(frozen=True)
class Doubt:
    """Something to look at."""

    kind: str
    message: str
    lon: float | None = None
    lat: float | None = None
    feature: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON has it, places to a metre."""
        place = {name: None if value is None else round(value, 5) for name, value in (("lon", self.lon), ("lat", self.lat))}
        return asdict(self) | place
