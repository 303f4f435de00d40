"""Check one file: take what its reader reads, run the rules on it, and keep what they find."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache, cached_property
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.reading import objects
from corridormap.checks.reading.batch import Batch, LayerSubject, Place
from corridormap.checks.reading.text import Lines, Path, load, places, pointer, scan
from corridormap.checks.rule import RULES, BatchRule, Finding, LayerRule, ObjectRule, Rule, Severity
from corridormap.checks.structure import ALL, foreign
from corridormap.errors import DataError, InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from corridormap.checks.drawing import Drawing

    Found = list[tuple[Rule, Place]]
    Stretch = tuple[bytes, Callable[[int], tuple[int, int]]]
    """Some bytes of a file, and what gives the line and the column of one of them."""

_GIVE_UP = 20
_ALWAYS = "CM013"
"""That a file was not read to its end is always reported."""


@cache
def rule(code: str) -> Rule:
    """Find the rule of a code."""
    return next(known for known in RULES if known.code == code)


def gravest(findings: Iterable[Finding], most: int) -> list[Finding]:
    """Choose at most this many findings, errors before warnings before notes, and leave them in their order."""
    order = list(Severity)
    ranked = sorted(enumerate(findings), key=lambda item: (item[1].code != _ALWAYS, order.index(item[1].severity), item[0]))
    return [finding for _, finding in sorted(ranked[:most], key=itemgetter(0))]


class Collector:
    """Keep the findings of a file by these rules, at most so many of each severity, and count the others."""

    def __init__(self, file: str, codes: frozenset[str], most: int) -> None:
        self.file = file
        self.codes = codes
        self.most = most
        self.counts: Counter[str] = Counter()
        self.errors = 0
        self._kept: dict[Severity, list[Finding]] = {severity: [] for severity in Severity}
        self._once: set[tuple[str, str]] = set()

    @property
    def full(self) -> bool:
        """Whether there are so many errors that reading on is of no use."""
        return self.errors > (_GIVE_UP + 1) * self.most

    def room(self, severity: Severity) -> int:
        """Return how many more findings of a severity can be kept."""
        return max(0, self.most - len(self._kept[severity]))

    def count(self, code: str, severity: Severity) -> None:
        """Count a finding, kept or not."""
        self.counts[code] += 1
        self.errors += severity is Severity.ERROR

    def keep(self, finding: Finding) -> None:
        """Keep a finding, or count it if there are too many."""
        if finding.code in self.codes:
            self.count(finding.code, finding.severity)
            if self.room(finding.severity) or finding.code == _ALWAYS:
                self._kept[finding.severity].append(finding)

    def told(self, code: str, message: str) -> bool:
        """Return whether this message of a rule was reported before, and remember that it is reported now."""
        before = (code, message) in self._once
        self._once.add((code, message))
        return before

    def fault(
        self,
        code: str,
        message: str,
        where: tuple[int, int] | None = None,
        *,
        path: Path | None = None,
        index: int | None = None,
        hint: str | None = None,
    ) -> None:
        """Keep what the reader found in the text, at a line and column; text that is not UTF-8 is reported once."""
        if code == "CM002" and self.told(code, ""):
            return
        line, column = where or (None, None)
        within = None if path is None else pointer(path)
        self.keep(rule(code).finding(message, file=self.file, index=index, pointer=within, line=line, column=column, hint=hint))

    def findings(self) -> list[Finding]:
        """Return the gravest findings in the order of the file, those of the file as a whole first."""

        def order(finding: Finding) -> tuple[int, int, int, str, str, str]:
            index = -1 if finding.index is None else finding.index
            return index, finding.line or 0, finding.column or 0, finding.code, finding.pointer or "", finding.message

        return gravest(sorted(chain.from_iterable(self._kept.values()), key=order), self.most)


TEXT_CODES = {"syntax": "CM004", "nan": "CM005", "duplicate": "CM006", "depth": "CM007", "number": "CM008", "surrogate": "CM009"}
"""The rules that a scan of a text proves, by the kind of trouble."""
_MORE = 1000
"""So many findings beyond those that are told are held for a while, of a rule or of the features of a batch."""


class FileCheck(Collector):
    """Takes the text and the features that are read of a file, runs the rules on them and keeps what is wrong."""

    def __init__(
        self,
        file: str,
        codes: frozenset[str],
        most: int,
        *,
        layer: LayerSubject | None = None,
        drawing: Drawing | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        super().__init__(file, codes, most)
        self.layer = layer
        """The layer of an atlas that the file is, whose rules run too."""
        self.drawing = drawing
        """Takes the shapes of all features."""
        self.progress = progress or (lambda _: None)
        """Is told by the reader, again and again, how many more bytes were checked."""
        self.features = 0
        self.vertices = 0
        self.failed = False
        self.scanned = False
        """Whether the text was scanned as a whole, so that its parts need no scan."""
        self.batches: list[Batch] = []
        """What was read of a layer of an atlas."""
        self.text: Callable[[int | None], Stretch] | None = None
        """Gives the text of a feature, by its position in the file, or around the features; of one no more held, only where it was."""
        self._root: Callable[[int], Path] = lambda index: ("features", index)
        self._starts = array("q")
        self._collection: dict[str, Any] = {}
        shared: dict[str, Any] = {}
        self._memory: dict[str, dict[str, Any]] = defaultdict(lambda: {"shared": shared})
        """What each rule keeps from one batch of this file to the next."""

    @cached_property
    def batch_rules(self) -> list[BatchRule]:
        """The rules about features that run."""
        rules = [known for known in RULES if isinstance(known, BatchRule) and known.code in self.codes]
        if self.layer is None:
            return [known for known in rules if not isinstance(known, LayerRule)]
        joined = self.layer.record.build == "itineraries"
        return [known for known in rules if not (joined and known.of_drawn_lines)]

    @cached_property
    def object_rules(self) -> dict[str, list[ObjectRule]]:
        """The rules about objects that run, by the kind of object."""
        rules = [known for known in RULES if isinstance(known, ObjectRule) and known.code in self.codes]
        return {kind: [known for known in rules if kind in known.kinds] for kind in (*ALL, "Element")}

    def scan(self, text: bytes, place: Callable[[int], tuple[int, int]], *, index: int | None = None, root: Path = ()) -> bool:
        """Tell what is wrong in a JSON text, of a feature or not; False if it cannot be read."""
        for trouble in scan(text, depth=len(root)):
            message, hint, feature = trouble.message, None, index
            if trouble.kind == "syntax" and message.startswith("nothing more") and index is None:
                message = "something follows the end of the JSON text"
                hint = "If these are several GeoJSON texts, one a line, name the file .geojsonl."
            path = (*root, *trouble.path)
            if index is None and len(path) > 1 and path[0] == "features" and isinstance(path[1], int):
                feature = path[1]
            self.fault(TEXT_CODES[trouble.kind], message, place(trouble.offset), path=path, index=feature, hint=hint)
            if trouble.fatal:
                self.failed = True
                return False
        return True

    def collection(self, shell: bytes, place: Callable[[int], tuple[int, int]], feature: Callable[[int], Stretch]) -> bool:
        """Check the object around the features, which are cut out of its text; False if it cannot be read."""
        if not self.scanned and not self.scan(shell, place):
            return False
        self.text = lambda index: (shell, place) if index is None else feature(index)
        self._collection = load(shell)
        found: Found = []
        objects.walk(self._collection, lambda kind, item, path: found.extend(self._look(kind, item, path)), expected="FeatureCollection")
        self._keep_all(found, None)
        return True

    def elements(self, text: bytes, pieces: Sequence[Any]) -> None:
        """Check features with commas between them."""
        self._features(objects.decode(text, pieces), expected="Feature")

    def records(self, texts: list[bytes], places: list[tuple[int, int]]) -> None:
        """Check the texts of a sequence."""
        first = self.features

        def text(index: int | None) -> Stretch:
            if index is None:
                return b"", lambda _: (1, 1)
            return texts[index - first], Lines(texts[index - first], *places[index - first]).place

        self.text, self._root = text, lambda _: ()
        self._features(objects.decode(None, texts))
        # Texts are not held; what is found in the end is shown where its text begins.
        self._starts.extend(chain.from_iterable(places))
        self.text = lambda index: (b"", lambda _: (1, 1) if index is None else (self._starts[2 * index], self._starts[2 * index + 1]))

    def document(self, text: bytes, place: Callable[[int], tuple[int, int]]) -> None:
        """Check an object by itself: a Feature, a geometry, or a collection without features."""
        self.text, self._root = lambda _: (text, place), lambda _: ()
        self._features(objects.decode_geometry(text) or objects.decode(text, [text]))

    def _features(self, decoded: objects.Decoded, *, expected: str | None = None) -> None:
        """Look at the features that are odd, then run the rules on all."""
        found: Found = []
        bare = decoded.bare
        for row in decoded.odd:
            bare |= self._odd(decoded, row, found, expected)
            if self.full:
                break
            if len(found) > 4 * self.most + _MORE:  # what the report only counts must not pile up
                found = self._fitting(found)
        if "CM133" in self.codes:
            found += [(rule("CM133"), Place(foreign(name), row=row, path=(name,))) for row, name in decoded.foreign]
        shapes = decoded.builder.shapes()
        batch = Batch(self.features, decoded.ids, decoded.properties, decoded.boxes, shapes, root=self._root, bare=bare, layer=self.layer)
        if not decoded.odd:
            batch.columns = decoded.columns
        self.batch(batch, found)

    def _look(self, kind: str, item: Any, path: Path, row: int | None = None) -> Iterator[tuple[Rule, Place]]:
        for known in self.object_rules[kind]:
            for inner, message in self._run(known, known.check, item):
                yield known, Place(message, row=row, path=(*path, *inner))

    def _first(self, known: Rule, places: Iterable[Place]) -> Iterator[tuple[Rule, Place]]:
        """Yield of what a rule finds in a batch as much as could ever be kept; count what is beyond, perhaps millions."""
        for number, place in enumerate(places):
            if number < self.most + _MORE:
                yield known, place
            elif not known.once:
                self.count(known.code, known.weight(layer=self.layer is not None))

    def _fitting(self, found: Found) -> Found:
        """Pick of what was found as much as may be kept; count the rest."""
        kept: Found = []
        room = {severity: self.room(severity) for severity in Severity}
        for known, place in found:
            severity = known.weight(layer=self.layer is not None)
            if room[severity]:
                room[severity] -= 1
                kept.append((known, place))
            else:
                self.count(known.code, severity)
        return kept

    def _odd(self, decoded: objects.Decoded, row: int, found: Found, expected: str | None) -> bool:
        """Look at a feature that was not decoded as it should be; True if it is a bare geometry."""
        decoded.ids[row] = decoded.properties[row] = None
        assert self.text is not None
        index = self.features + row
        text, at = self.text(index)
        if objects.is_large(text):
            limits = f"{objects.LARGEST >> 20} MiB or {objects.ARRAYS:,} arrays and objects"
            self.fault("CM013", f"has more than {limits}, too many for one feature to be looked at", at(0), index=index)
            return False
        if not self.scanned and not self.scan(text, at, index=index, root=self._root(index)):
            return False

        def visit(kind: str, item: Any, path: Path) -> None:
            """Run the rules on an object within the feature, and lay out its geometry."""
            found.extend(self._look(kind, item, path, row))
            if kind == "Geometry":
                objects.lay(item, row, path, decoded.builder)
            if kind in {"Feature", "Geometry"} and path in {(), ("geometry",)} and objects.is_box(item.get("bbox")):
                decoded.boxes.append((row, (*path, "bbox"), item["bbox"]))

        value = load(text)
        if expected is not None:
            found += self._look("Element", value, (), row)
        elif not isinstance(value, dict):
            self.fault("CM103", "is no object", at(0), path=(), index=index)
        objects.walk(value, visit, expected=expected)
        kind = objects.kind_of(value, expected) if isinstance(value, dict) else None
        if kind == "Feature":
            name, properties = value.get("id"), value.get("properties")
            decoded.ids[row] = name if isinstance(name, str) or objects.is_number(name) else None
            decoded.properties[row] = properties if isinstance(properties, dict) else None
        return kind == "Geometry"

    def batch(self, batch: Batch, found: Found | None = None) -> None:
        """Run the rules on a batch of features."""
        found = found or []
        for known in self.batch_rules:
            # Coordinates may be as large as doubles get; what overflows is found by the rules about coordinates.
            with np.errstate(all="ignore"):
                found += self._first(known, self._run(known, known.check, batch, self._memory[known.code]))
        if self.layer is not None:
            self.batches.append(batch)
        if self.drawing is not None:
            self.drawing.add(batch.shapes)
        self.features += batch.rows
        self.vertices += len(batch.shapes.xy)
        self._keep_all(found, batch)

    def conclude(self) -> None:
        """Let the rules say what is wrong with the file as a whole."""
        if self.full:
            self.fault("CM013", f"so many errors were found that the file was not read on after feature {self.features}", (1, 1))
            return
        if self.failed and not self.features:
            return
        found: Found = []
        for known in self.batch_rules:
            memory = self._memory[known.code]
            memory["collection"] = self._collection
            with np.errstate(all="ignore"):
                found += [(known, place) for place in self._run(known, known.conclude, memory)]
        self._keep_all(found, None)

    def _run(self, known: Rule, look: Callable[..., Iterable[Any]], *what: Any) -> Iterator[Any]:
        """Yield what a rule finds; a fault of the rule itself is ours and not the file's."""
        try:
            yield from look(*what)
        except DataError as error:  # facts of the atlas that a layer is held against
            self.fault(known.code, f"cannot be looked at: {error.message.splitlines()[0]}", hint="Mend that file first.")
        except Exception as error:
            raise failure(known, error, where=self.file) from error

    def _keep_all(self, found: Found, batch: Batch | None) -> None:
        """Keep findings in the order of features, with lines and columns for those that are kept."""
        found.sort(key=lambda item: (-1 if item[1].row is None else item[1].row, item[0].code))
        kept: dict[int | None, Found] = {}
        told = [item for item in found if item[0].code in self.codes and not (item[0].once and self.told(item[0].code, item[1].message))]
        for known, place in self._fitting(told):
            if batch is not None and place.row is not None:
                place = batch.lasting(replace(place, at=place.at or batch.spot(place.row)))  # noqa: PLW2901
            kept.setdefault(place.index, []).append((known, place))
        for index, together in kept.items():
            self._keep_together(index, together)

    def _keep_together(self, index: int | None, found: Found) -> None:
        """Keep what was found in one feature, or in the file as a whole."""
        inner = [(place.path or ())[0 if index is None else len(self._root(index)) :] for _, place in found]
        spots: dict[Path, tuple[int, int]] = {}
        if self.text is not None:
            text, at = self.text(index)
            spots[()] = at(0)
            spots.update({path: at(offset) for path, offset in sorted(places(text, set(inner)).items(), key=itemgetter(1))})
        for (known, place), path in zip(found, inner, strict=True):
            # What is said of a feature as a whole is shown where it begins.
            line, column = spots.get(path) or spots.get(()) or (None, None)
            where: dict[str, Any] = {"index": place.index, "line": line, "column": column}
            where["feature"] = None if place.feature is None else str(place.feature)
            where["pointer"] = None if place.path is None else pointer(place.path)
            self.keep(known.finding(place.message, file=self.file, layer=self.layer is not None, at=place.at, hint=place.hint, **where))


def failure(known: Rule, error: Exception, *, where: str) -> InternalError:
    """Say that a rule failed, which is a fault of ours and not of what it looked at."""
    what = f"rule {known.code} failed: {type(error).__name__}: {error}"
    return InternalError(what, where=where, hint="This is a fault of corridormap, not of the file. Please report it.")
