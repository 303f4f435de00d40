"""The run over a document: each feature is mended and proven on its own, then what surrounds the features."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from corridormap.checks.fix.bounds import Bounds, box_edits
from corridormap.checks.fix.geometry import LEVELS, repair
from corridormap.checks.fix.proof import prove
from corridormap.checks.fix.result import Edit, Repair, apply
from corridormap.checks.fix.scan import Node, Unfixable, place, scalar, scan
from corridormap.checks.members import names_wgs84

if TYPE_CHECKING:
    from collections.abc import Collection

_DEGREES_ONLY = frozenset({"winding", "closing", "precision"})


@dataclass
class _Part:
    """What was found in a feature, or around the features."""

    index: int | None = None
    feature: str | None = None
    edits: list[Edit] = field(default_factory=list)
    done: list[Repair] = field(default_factory=list)
    left: list[Repair] = field(default_factory=list)

    def add(self, kind: str, message: str, pointer: str, *, count: int = 1, left: bool = False) -> None:
        repair_ = Repair(kind, message, pointer, self.index, self.feature, count)
        (self.left if left else self.done).append(repair_)


def mend(text: bytes, *, kinds: Collection[str], decimals: int) -> Run:
    """Run over a document; once more with less to mend if what follows its features says that they may not be in degrees.

    Raises
    ------
    Unfixable
        If the document cannot be mended, or a repair cannot be proven.
    """
    run = Run(text, kinds=kinds, decimals=decimals)
    run.run()
    if run.foreign and any(repair_.kind in _DEGREES_ONLY for repair_ in (*run.done, *run.left)):
        run = Run(text, kinds=frozenset(kinds) - _DEGREES_ONLY, decimals=decimals)
        run.run()
        run.left.append(Repair("crs", "Winding, open rings and precision are left: the coordinates may not be degrees.", "/crs"))
    return run


class Run:
    """One pass over a document.

    Parameters
    ----------
    text : bytes
        The document, UTF-8 without a byte order mark.
    kinds : collection of str
        What to mend.
    decimals : int
        To how many decimals to round.
    """

    def __init__(self, text: bytes, *, kinds: Collection[str], decimals: int) -> None:
        self.text = text
        self.kinds = frozenset(kinds)
        self.decimals = decimals
        self.edits: list[Edit] = []
        self.done: list[Repair] = []
        self.left: list[Repair] = []
        self.foreign = False
        self._spans: list[tuple[int, int]] = []
        self._before, self._after = Bounds(), Bounds()

    def run(self) -> None:
        """Find and prove all edits.

        Raises
        ------
        Unfixable
            If the document cannot be mended, or a repair cannot be proven.
        """
        root = scan(self.text, self._feature)
        if root.members is None:
            raise Unfixable("is not a GeoJSON object")
        kind = scalar(self.text, root.get("type"))
        collection = kind == "FeatureCollection"
        if not collection and self._spans:
            # What was called "features" is not what the name says.
            self.edits, self.done, self.left, self._spans = [], [], [], []
            self._before, self._after = Bounds(), Bounds()
        self.foreign = collection and self._foreign(root)
        part = _Part()
        if collection:
            self._crs(root, part, "", self._after)
            self._box(root, part, "", self._before, self._after)
        elif kind in LEVELS or kind in {"Feature", "GeometryCollection"}:
            part.feature = _name(self.text, root) if kind == "Feature" else None
            self._before, self._after = self._object(root, part, "")
        else:
            raise Unfixable("is not a GeoJSON object of a known type")
        part.edits.sort(key=lambda edit: edit.start)
        self._prove_shell(part)
        self.edits = sorted([*self.edits, *part.edits], key=lambda edit: edit.start)
        self.done += part.done
        self.left += part.left

    def _feature(self, index: int, node: Node) -> None:
        """Mend and prove one feature."""
        self._spans.append((node.start, node.end))
        part = _Part(index)
        if scalar(self.text, node.get("type")) == "Feature":
            before, after = self._object(node, part, f"/features/{index}")
            self._before.merge(before)
            self._after.merge(after)
        else:
            self._before.unknown = self._after.unknown = True
        if not part.edits and not part.left:
            return
        name = _name(self.text, node)
        self.left += [Repair(r.kind, r.message, r.pointer, index, name, r.count) for r in part.left]
        if part.edits:
            part.edits.sort(key=lambda edit: edit.start)
            new = apply(self.text, part.edits, start=node.start, end=node.end)
            prove(self.text[node.start : node.end], new, part.done, prefix=f"/features/{index}", decimals=self.decimals)
            self.edits += part.edits
            self.done += [Repair(r.kind, r.message, r.pointer, index, name, r.count) for r in part.done]

    def _prove_shell(self, part: _Part) -> None:
        """Prove what surrounds the features: they are a null each, so that the proofs of both together are one of the whole."""
        text = self.text
        if not self._spans:
            prove(text, apply(text, part.edits), part.done, prefix="", decimals=self.decimals)
            return
        first, last = self._spans[0][0], self._spans[-1][1]
        middle = b"null".join([b"", *(text[a:b] for (_, a), (b, _) in pairwise(self._spans)), b""])
        head = [edit for edit in part.edits if edit.end <= first]
        tail = [edit for edit in part.edits if edit.start >= last]
        assert len(head) + len(tail) == len(part.edits)
        prove(
            text[:first] + middle + text[last:],
            apply(text, head, end=first) + middle + apply(text, tail, start=last),
            part.done,
            prefix="",
            decimals=self.decimals,
            features=len(self._spans),
        )

    def _object(self, node: Node, part: _Part, pointer: str, *, foreign: bool = False) -> tuple[Bounds, Bounds]:
        """Mend a feature or geometry and what is in it; its box before and after."""
        kind = scalar(self.text, node.get("type"))
        foreign = foreign or self._foreign(node)
        before, after = Bounds(), Bounds()
        inner: list[tuple[Node, str]] = []
        if kind == "Feature":
            geometry = node.get("geometry")
            if geometry is not None and geometry.members is not None:
                inner = [(geometry, f"{pointer}/geometry")]
        elif kind == "GeometryCollection":
            geometries = node.get("geometries")
            if geometries is not None and geometries.items is not None:
                inner = [(item, f"{pointer}/geometries/{index}") for index, item in enumerate(geometries.items)]
        elif isinstance(kind, str) and kind in LEVELS:
            before, after = self._coordinates(node, kind, part, pointer, foreign=foreign)
        else:
            before.unknown = after.unknown = True
        for child, child_pointer in inner:
            was, now = self._object(child, part, child_pointer, foreign=foreign)
            if len(inner) == 1:
                before, after = was, now
            else:
                before.merge(was)
                after.merge(now)
        self._crs(node, part, pointer, after)
        self._box(node, part, pointer, before, after)
        return before, after

    def _coordinates(self, node: Node, kind: str, part: _Part, pointer: str, *, foreign: bool) -> tuple[Bounds, Bounds]:
        coordinates = node.get("coordinates")
        if coordinates is None or coordinates.numbers is None:
            return Bounds(unknown=True), Bounds(unknown=True)
        if kind == "Point" and not coordinates.numbers:
            return Bounds(), Bounds()  # An empty point.
        outcome = repair(self.text, coordinates, kind, self.kinds - (_DEGREES_ONLY if foreign else frozenset()), self.decimals)
        part.edits += outcome.edits
        for what, where, message, count in outcome.done:
            part.add(what, message, f"{pointer}/coordinates{where}", count=count)
        for what, where, message, count in outcome.left:
            part.add(what, message, f"{pointer}/coordinates{where}", count=count, left=True)
        return outcome.before, outcome.after

    def _crs_name(self, node: Node) -> str | None:
        """The name in a `crs` member; None if there is no such member, empty if it is not just a name."""
        crs = node.get("crs")
        if crs is None:
            return None
        properties = crs.get("properties")
        name = scalar(self.text, properties.get("name")) if properties is not None else None
        plain = crs.members is not None and set(crs.members) == {"type", "properties"} and scalar(self.text, crs.get("type")) == "name"
        if not plain or properties is None or set(properties.members or ()) != {"name"} or not isinstance(name, str):
            return ""
        return name

    def _foreign(self, node: Node) -> bool:
        name = self._crs_name(node)
        return name is not None and names_wgs84(name) is None

    def _crs(self, node: Node, part: _Part, pointer: str, bounds: Bounds) -> None:
        """Remove a `crs` member that says what is so without it."""
        name = self._crs_name(node)
        if name is None or "crs" not in self.kinds:
            return
        where = f"{pointer}/crs"
        order = names_wgs84(name)
        if order == "lon/lat" or (order == "lat/lon" and bounds.lonlat):
            part.edits.append(_without(node, "crs"))
            part.add("crs", "Removed the retired crs member: GeoJSON is in longitude and latitude on WGS 84 anyway.", where)
        elif order == "lat/lon":
            part.add("crs", "The crs member is left: not all coordinates are known to be longitude and latitude.", where, left=True)
        else:
            part.add("crs", "The crs member is left: it names another system, to be reprojected first.", where, left=True)

    def _box(self, node: Node, part: _Part, pointer: str, before: Bounds, after: Bounds) -> None:
        """Mend a `bbox` member that is there and wrong."""
        box = node.get("bbox")
        if box is None:
            return
        where = f"{pointer}/bbox"
        if box.numbers is None and box.items is None:
            if "bbox" in self.kinds:
                part.add("bbox", "The bbox is left: it is no list.", where, left=True)
            return
        edits = box_edits(self.text, box, before, after, wanted="bbox" in self.kinds)
        if isinstance(edits, str):
            part.add("bbox", f"The bbox is left: {edits}.", where, left=True)
        elif edits:
            part.edits += edits
            part.add("bbox", "Recomputed the bbox, which did not fit the coordinates.", where)


def _name(text: bytes, feature: Node) -> str | None:
    """A feature's id, or the property of that name."""
    properties = feature.get("properties")
    for node in (feature.get("id"), properties.get("id") if properties is not None else None):
        value: Any = scalar(text, node)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value).encode("utf-8", "replace").decode("utf-8")
    return None


def _without(node: Node, key: str) -> Edit:
    """Take a member out, with the comma that goes with it."""
    assert node.members is not None
    keys = list(node.members)
    at = keys.index(key)
    member = node.members[key]
    if at:
        return Edit(node.members[keys[at - 1]].value.end, member.value.end, b"")
    return Edit(member.start, node.members[keys[1]].start, b"")


def where_text(text: bytes, error: Unfixable) -> str:
    """Why a document is left alone, with the place."""
    return error.why if error.at is None else f"{error.why} ({place(text, error.at)})"
