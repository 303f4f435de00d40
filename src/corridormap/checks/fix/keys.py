"""The order of members: that of the project's own writer, by name.

Only GeoJSON objects (collection, feature, geometry) are ordered; the order of properties is their author's.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from corridormap.checks.fix.proof import prove
from corridormap.checks.fix.result import Edit, Repair, apply
from corridormap.checks.fix.scan import Node, scalar, scan

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPES = frozenset({"Feature", "GeometryCollection", "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})


class KeyOrder:
    """One pass over a document that orders the members of its objects.

    Parameters
    ----------
    text : bytes
        The document, UTF-8 without a byte order mark.
    decimals : int
        Handed to the proof.
    """

    def __init__(self, text: bytes, *, decimals: int) -> None:
        self.text = text
        self.decimals = decimals
        self.edits: list[Edit] = []
        self.done: list[Repair] = []
        self._spans: list[tuple[int, int]] = []

    def run(self) -> None:
        """Find and prove all edits.

        Raises
        ------
        Unfixable
            If the document cannot be read, or the order cannot be proven to be all that changes.
        """
        root = scan(self.text, self._feature)
        if scalar(self.text, root.get("type")) != "FeatureCollection":
            self.edits, self.done, self._spans = [], [], []
            self.edits += self._proven(root, "", self.done, None)
        elif root.members is not None and not _ordered(root):
            self._root(root)

    def _feature(self, index: int, node: Node) -> None:
        self._spans.append((node.start, node.end))
        done: list[Repair] = []
        self.edits += self._proven(node, f"/features/{index}", done, index)
        self.done += done

    def _proven(self, node: Node, pointer: str, done: list[Repair], index: int | None) -> list[Edit]:
        new = self._object(node, pointer, done, index)
        if not done:
            return []
        prove(self.text[node.start : node.end], new, done, prefix=pointer, decimals=self.decimals)
        return [Edit(node.start, node.end, new)]

    def _object(self, node: Node, pointer: str, done: list[Repair], index: int | None) -> bytes:
        """The text of an object with its members and those of the geometries within it in order."""
        kind = scalar(self.text, node.get("type"))
        if node.members is None or not isinstance(kind, str) or kind not in _TYPES:
            return self.text[node.start : node.end]
        inner: dict[str, bytes] = {}
        geometry, geometries = node.get("geometry"), node.get("geometries")
        if kind == "Feature" and geometry is not None:
            inner["geometry"] = self._object(geometry, f"{pointer}/geometry", done, index)
        elif kind == "GeometryCollection" and geometries is not None and geometries.items:
            items = [
                Edit(item.start, item.end, self._object(item, f"{pointer}/geometries/{number}", done, index))
                for number, item in enumerate(geometries.items)
            ]
            inner["geometries"] = apply(self.text, items, start=geometries.start, end=geometries.end)
        if not _ordered(node):
            done.append(_record(pointer, index))
        return _sorted(self.text, node, inner)

    def _root(self, root: Node) -> None:
        """Order the members of a collection; in the proof each feature is a null."""
        features = root.get("features")
        value = b""
        shell_text, shell = self.text, root
        if features is not None and self._spans:
            value = apply(self.text, self.edits, start=features.start, end=features.end)
            first, last = self._spans[0][0], self._spans[-1][1]
            middle = b"null".join([b"", *(self.text[a:b] for (_, a), (b, _) in pairwise(self._spans)), b""])
            shell_text = self.text[:first] + middle + self.text[last:]
            shell = scan(shell_text)
        record = _record("", None)
        new_shell = shell_text[: shell.start] + _sorted(shell_text, shell, {}) + shell_text[shell.end :]
        prove(shell_text, new_shell, [record], prefix="", decimals=self.decimals, features=len(self._spans) or None)
        self.edits = [Edit(root.start, root.end, _sorted(self.text, root, {"features": value} if value else {}))]
        self.done.append(record)


def _record(pointer: str, index: int | None) -> Repair:
    return Repair("keys", "Put the members in order, by name.", pointer, index)


def _ordered(node: Node) -> bool:
    keys = list(node.members or ())
    return keys == sorted(keys)


def _sorted(text: bytes, node: Node, values: Mapping[str, bytes]) -> bytes:
    """An object's text with its members by name; what stands between them stays where it is."""
    assert node.members is not None
    if not node.members:
        return text[node.start : node.end]
    members = list(node.members.items())
    texts = {
        key: text[member.start : member.value.start] + values[key] if key in values else text[member.start : member.value.end]
        for key, member in members
    }
    gaps = [text[one.value.end : other.start] for (_, one), (_, other) in pairwise(members)]
    parts = [text[node.start : members[0][1].start]]
    for key, gap in zip(sorted(texts), [*gaps, b""], strict=True):
        parts += [texts[key], gap]
    parts.append(text[members[-1][1].value.end : node.end])
    return b"".join(parts)
