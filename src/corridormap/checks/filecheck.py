"""Check one file: take what its reader reads, run the rules on it, and keep what they find."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.ledger import Ledger, rule
from corridormap.checks.reading import decode as fast
from corridormap.checks.reading import slow
from corridormap.checks.reading.batch import Batch, Place
from corridormap.checks.reading.chunks import Lines, space
from corridormap.checks.reading.document import TEXT_CODES
from corridormap.checks.reading.scanner import Scan
from corridormap.checks.reading.survey import pointer, printable, survey
from corridormap.checks.rule import RULES, BatchRule, ObjectRule, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import msgspec

    from corridormap.checks.reading.survey import Path
    from corridormap.checks.rule import Rule

_GUARDED = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RuntimeError)
_MOST_SLOW = 128 << 20
"""A feature of more bytes than this is not taken apart in the slow way, which needs many times the memory."""
_LARGE = 32 << 20
"""In a feature of more bytes than this, line and column are those of the feature."""


class FileCheck(Ledger):
    """Takes what is read of a file and keeps what is wrong with it.

    Parameters
    ----------
    file : str
        The file as it was named.
    codes : frozenset of str
        The rules to run.
    most : int
        So many findings are kept.
    """

    def __init__(self, file: str, codes: frozenset[str], most: int) -> None:
        super().__init__(file, codes, most)
        self.features = 0
        self.vertices = 0
        self.failed = False
        self._root: Callable[[int], Path | None] = lambda index: ("features", index)
        self._places: dict[str, tuple[int, int]] = {}
        self._memory: dict[str, dict[str, Any]] = {}
        self._shared: dict[str, Any] = {}

    @cached_property
    def batch_rules(self) -> list[BatchRule]:
        """The rules about features that run."""
        return [known for known in RULES if isinstance(known, BatchRule) and known.code in self.codes]

    @cached_property
    def object_rules(self) -> dict[str, list[ObjectRule]]:
        """The rules about objects that run, by the kind of object."""
        table: dict[str, list[ObjectRule]] = {}
        for known in RULES:
            if isinstance(known, ObjectRule) and known.code in self.codes:
                for kind in sorted(known.kinds):
                    table.setdefault(kind, []).append(known)
        return table

    def elements(self, text: bytes, place: tuple[int, int]) -> bool:
        """Check features with commas between them; False if they are not JSON."""
        decoded = fast.decode(text)
        if decoded is not None and decoded.ids:
            if len(decoded.ids) == 1:  # it may be large: nothing is copied
                begin = Lines(text[: space(text, 0)], *place).place(space(text, 0))
                self._features(decoded, lambda _: (text.strip(b" \t\r\n"), *begin))
            else:
                self._features(decoded, _Split(text, place).text)
            return True
        return self._one_by_one(text, place)

    def _one_by_one(self, text: bytes, place: tuple[int, int]) -> bool:
        """Look at each value between the commas by itself, up to the first that is not JSON."""
        scan = Scan()
        scan.run(text)
        lines = Lines(text, *place)
        begin = 0
        for end in [*scan.ends, len(text)]:
            begin = space(text, begin)
            piece = text[begin:end].rstrip(b" \t\r\n")
            where = lines.place(min(begin, len(text)))
            if not piece:
                self.fault("CM004", "a value is expected here", where, path=("features",), index=self.features)
                return False
            decoded = fast.decode(piece) if b"," in piece[:1] or len(piece) > 1 else None
            if decoded is None or len(decoded.ids) != 1:
                decoded = fast.Decoded(ids=[None], properties=[None], odd=[0])
            self._features(decoded, lambda _, piece=piece, where=where: (piece, *where))  # type: ignore[misc]
            if self.failed:
                return False
            if self.full:
                break
            begin = end + 1
        return True

    def records(self, texts: list[bytes], places: list[tuple[int, int]]) -> None:
        """Check the texts of a sequence."""
        self._root = lambda _: ()
        decoded = fast.decode(b",".join(texts))
        if decoded is None or len(decoded.ids) != len(texts):
            for text, place in zip(texts, places, strict=True):
                decoded = fast.Decoded(ids=[None], properties=[None], odd=[0])
                self._features(decoded, lambda _, text=text, place=place: (text, *place), expected=None)  # type: ignore[misc]
        else:
            self._features(decoded, lambda row: (texts[row], *places[row]), expected=None)

    def document(self, text: bytes, place: tuple[int, int]) -> bool:
        """Check an object by itself: a Feature, a geometry, or a collection without features."""
        self._root = lambda _: ()
        decoded = fast.decode_geometry(text) or fast.decode(text)
        if decoded is None or len(decoded.ids) != 1:
            decoded = fast.Decoded(ids=[None], properties=[None], odd=[0])
        self._features(decoded, lambda _: (text, *place), expected=None)
        return not self.failed

    def collection(self, members: dict[str, bytes], places: dict[str, tuple[int, int]]) -> None:
        """Check the members of the object whose features were taken."""
        self._places = places
        value: dict[str, Any] = {"features": []}
        for name, text in members.items():
            walk = survey(text)
            lines = Lines(text, *places[name])
            for trouble in walk.troubles:
                self.fault(TEXT_CODES[trouble.kind], trouble.message, lines.place(trouble.offset), path=(name, *trouble.path))
            if walk.fatal is not None:
                self.failed = True
                return
            value[name] = slow.load(text)
        self._memory.setdefault("", {})["collection"] = value

        def visit(kind: str, found: Any, path: Path) -> None:
            for known in self.object_rules.get(kind, ()):
                for inner, message in known.check(found):
                    self._collection_finding(known, message, (*path, *inner))

        slow.walk(value, visit, expected="FeatureCollection")

    def _collection_finding(self, known: Rule, message: str, path: Path) -> None:
        if known.code == "CM133" and self.told(known.code, message):
            return
        line, column = self._places.get(str(path[0]), (None, None)) if path else (None, None)
        self.keep(known.finding(message, file=self.file, pointer=pointer(path), line=line, column=column))

    def _features(self, decoded: fast.Decoded, text: Callable[[int], tuple[bytes, int, int]], *, expected: str | None = "Feature") -> None:
        found: list[tuple[Rule, Place]] = []
        bare = decoded.bare
        for row in decoded.odd:
            bare |= self._odd(decoded, row, text(row), found, expected)
            if self.failed or self.full:
                break
            found = self._enough(found)
        for name, row in decoded.foreign.items():
            known = rule("CM133")
            message = known.message(name)  # type: ignore[attr-defined]
            if known.code in self.codes and not self.told(known.code, message):
                found.append((known, Place(message, row=row, path=(name,))))
        batch = Batch(
            first=self.features,
            ids=decoded.ids,
            properties=decoded.properties,
            boxes=decoded.boxes,
            shapes=decoded.builder.shapes(),
            text=text,
            root=self._root,
            bare=bare,
        )
        self.batch(batch, found)

    def _enough(self, found: list[tuple[Rule, Place]]) -> list[tuple[Rule, Place]]:
        """Of what was found, as much as may be kept; the rest is counted now and then, so that it does not pile up."""
        if len(found) < 4 * self.most + 1000:
            return found
        kept: list[tuple[Rule, Place]] = []
        room = {severity: self.room(severity) for severity in Severity}
        for known, place in found:
            if room[known.severity]:
                room[known.severity] -= 1
                kept.append((known, place))
            elif known.code in self.codes:
                self.skip(known.severity)
        return kept

    def _odd(
        self,
        decoded: fast.Decoded,
        row: int,
        where: tuple[bytes, int, int],
        found: list[tuple[Rule, Place]],
        expected: str | None,
    ) -> bool:
        """Look at a feature that the fast way did not take; whether it is a bare geometry."""
        decoded.ids[row] = decoded.properties[row] = None
        if not self._walk(row, where, expected):
            return False
        if len(where[0]) > _MOST_SLOW:
            self.fault("CM013", "is out of the ordinary and too large to be looked at closely", where[1:], index=self.features + row)
            return False
        value = slow.load(where[0])
        if expected is not None:
            for known in self.object_rules.get("Element", ()):
                found += [(known, Place(message, row=row, path=inner)) for inner, message in known.check(value)]
        elif not isinstance(value, dict):
            self.fault("CM103", "is no object", where[1:], path=(), index=self.features + row)
        slow.walk(value, lambda kind, item, path: self._visit(decoded, row, found, kind, item, path), expected=expected)
        kind = slow.kind_of(value, expected) if isinstance(value, dict) else None
        if kind == "Feature":
            name, properties = value.get("id"), value.get("properties")
            decoded.ids[row] = name if isinstance(name, str) or slow.is_number(name) else None
            decoded.properties[row] = properties if isinstance(properties, dict) else None
        return kind == "Geometry"

    def _visit(  # noqa: PLR0917  what is visited comes last
        self, decoded: fast.Decoded, row: int, found: list[tuple[Rule, Place]], kind: str, item: Any, path: Path
    ) -> None:
        """Run the rules on an object within a feature, and lay out its geometry."""
        for known in self.object_rules.get(kind, ()):
            for inner, message in known.check(item):
                if known.code != "CM133" or not self.told(known.code, message):
                    found.append((known, Place(message, row=row, path=(*path, *inner))))
        if kind == "Geometry":
            slow.lay(item, row, path, decoded.builder)
        if kind in {"Feature", "Geometry"} and path in {(), ("geometry",)} and slow.is_box(item.get("bbox")):
            decoded.boxes.append((row, (*path, "bbox"), item["bbox"]))

    def _walk(self, row: int, where: tuple[bytes, int, int], expected: str | None) -> bool:
        """Walk over the text of a feature and tell what is amiss in it; False if it is not JSON, and reading must end."""
        text, index = where[0], self.features + row
        walk = survey(text)
        for trouble in walk.troubles:
            message = trouble.message
            if expected is not None:  # what ends here is not the whole text but an element of an array
                message = message.replace("nothing more is expected", "a comma or ] is expected")
            place = Lines(text[: trouble.offset], *where[1:]).place(trouble.offset)
            path = (*(self._root(index) or ()), *trouble.path)
            self.fault(TEXT_CODES[trouble.kind], message, place, path=path, index=index)
        self.failed |= walk.fatal is not None
        return walk.fatal is None

    def batch(self, batch: Batch, found: list[tuple[Rule, Place]] | None = None) -> None:
        """Run the rules on a batch of features."""
        found = found or []
        for known in self.batch_rules:
            memory = self._remember(known)
            # Coordinates may be as large as doubles get; what overflows is found by the rules about coordinates.
            with np.errstate(all="ignore"):
                found += [(known, place) for place in self._guarded(known, known.check(batch, memory))]
        self.features += batch.rows
        self.vertices += len(batch.shapes.xy)
        if found:
            self._keep_all(batch, found)

    def _remember(self, known: Rule) -> dict[str, Any]:
        """What a rule keeps from one batch of this file to the next."""
        return self._memory.setdefault(known.code, {"shared": self._shared})

    def _guarded(self, known: Rule, places: Iterable[Place]) -> Iterator[Place]:
        """Data that a rule cannot even look at is a finding of that rule, not an end to the check."""
        try:
            yield from places
        except _GUARDED as error:
            if not self.told(known.code, "cannot be checked"):
                yield Place(f"cannot be checked: {type(error).__name__}: {error}", hint="Mend the other findings first.")

    def _keep_all(self, batch: Batch, found: list[tuple[Rule, Place]]) -> None:
        """Keep findings in the order of features, with lines and columns for those that are kept."""
        found.sort(key=lambda item: (-1 if item[1].row is None else item[1].row, item[0].code))
        room = {severity: self.room(severity) for severity in Severity}
        kept: dict[int | None, list[tuple[Rule, Place]]] = {}
        for known, place in found:
            if room[known.severity]:
                room[known.severity] -= 1
                kept.setdefault(place.row, []).append((known, place))
            elif known.code in self.codes:
                self.skip(known.severity)
        for row, together in kept.items():
            self._keep_row(batch, row, together)

    def _keep_row(self, batch: Batch, row: int | None, found: list[tuple[Rule, Place]]) -> None:
        places: dict[Path, tuple[int, int]] = {}
        begin: tuple[int, int] | None = None
        spot = None if row is None else batch.spot(row)
        if row is not None and batch.text is not None:
            text, line, column = batch.text(row)
            begin = (line, column)
            wanted = {place.path for _, place in found if place.path}
            if wanted and len(text) <= _LARGE:
                offsets = survey(text, wanted).places
                lines = Lines(text, line, column)
                places = {path: lines.place(offset) for path, offset in offsets.items()}
        for known, place in found:
            index = place.index if row is None else batch.first + row
            root = None if row is None or index is None else batch.root(index)
            path = place.path if row is None else None if root is None or place.path is None else (*root, *place.path)
            line_column = places.get(place.path, begin) if place.path else begin
            feature = place.feature if row is None else batch.ids[row]
            self.keep(
                known.finding(
                    place.message,
                    file=self.file,
                    feature=None if feature is None else printable(str(feature)),
                    index=index,
                    pointer=None if path is None else pointer(path),
                    line=line_column[0] if line_column else None,
                    column=line_column[1] if line_column else None,
                    # What is said of a feature as a whole is shown where it begins.
                    at=place.at or spot,
                    hint=place.hint,
                )
            )

    def conclude(self) -> None:
        """Let the rules say what is wrong with the file as a whole."""
        if self.full:
            self.fault("CM013", f"so many errors were found that the file was not read on after feature {self.features}")
            return
        if self.failed and not self.features:
            return
        collection = self._memory.get("", {}).get("collection", {})
        for known in self.batch_rules:
            memory = self._remember(known)
            memory["collection"] = collection
            for place in self._guarded(known, known.conclude(memory)):
                line, column = self._places.get(str(place.path[0]), (None, None)) if place.path else (None, None)
                self.keep(
                    known.finding(
                        place.message,
                        file=self.file,
                        feature=None if place.feature is None else printable(str(place.feature)),
                        index=place.index,
                        pointer=None if place.path is None else pointer(place.path),
                        line=line if place.index is None else None,
                        column=column if place.index is None else None,
                        at=place.at,
                        hint=place.hint,
                    )
                )


class _Split:
    """Features of one text: the bytes and the place of each, found when first asked for."""

    def __init__(self, text: bytes, place: tuple[int, int]) -> None:
        self.whole = text
        self.place = place

    @cached_property
    def raws(self) -> Sequence[msgspec.Raw]:
        return fast.split(self.whole) or []

    @cached_property
    def starts(self) -> list[int]:
        starts, at = [], 0
        for raw in self.raws:
            at = space(self.whole, at)
            starts.append(at)
            at = space(self.whole, at + len(bytes(raw))) + 1
        return starts

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.whole, *self.place)

    def text(self, row: int) -> tuple[bytes, int, int]:
        start = self.starts[row]
        return (bytes(self.raws[row]), *self.lines.place(start))
