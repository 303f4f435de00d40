"""Read a GeoJSON text: its features in bounded memory if it is a collection, itself whole if it is anything else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn, Protocol

from corridormap.checks.reading.chunks import Lines, TooLargeError, mask
from corridormap.checks.reading.scanner import Scan, cut
from corridormap.checks.reading.sniff import sniff
from corridormap.checks.reading.survey import Path, Trouble, string_value, survey

if TYPE_CHECKING:
    from corridormap.checks.reading.chunks import Chunks

TEXT_CODES = {"syntax": "CM004", "nan": "CM005", "duplicate": "CM006", "depth": "CM007", "number": "CM008", "surrogate": "CM009"}
"""The rules that a walk over a text proves, by the kind of trouble."""

_WHOLE = frozenset({b'"coordinates"', b'"geometry"', b'"geometries"', b'"properties"'})
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,\]}\[{\"]+")
_MEMBERS_AT_ONCE = 64
_SMALL = 1 << 16
_KEPT = 8 << 20
_STAND_INS = {ord("{"): b"{}", ord("["): b"[]", ord('"'): b'""'}
"""What stands for a member of a collection that is too large to be kept beside the features."""


class Sink(Protocol):
    """Who takes what is read."""

    @property
    def full(self) -> bool:
        """Whether so much was found that reading on is of no use."""

    def fault(
        self,
        code: str,
        message: str,
        place: tuple[int, int] | None = None,
        *,
        path: Path | None = None,
        index: int | None = None,
        hint: str | None = None,
    ) -> None:
        """Take something amiss in the text."""

    def elements(self, text: bytes, place: tuple[int, int]) -> bool:
        """Take features with commas between them; False if the reading must end."""

    def records(self, texts: list[bytes], places: list[tuple[int, int]]) -> None:
        """Take the texts of a sequence."""

    def document(self, text: bytes, place: tuple[int, int]) -> bool:
        """Take an object by itself; False if the reading must end."""

    def collection(self, members: dict[str, bytes], places: dict[str, tuple[int, int]]) -> None:
        """Take the other members of the object whose features were taken."""


class _StopError(Exception):
    """Reading cannot go on; the reason was told."""


class DocumentReader:
    """Reads one GeoJSON text."""

    def __init__(self, chunks: Chunks, sink: Sink) -> None:
        self.chunks = chunks
        self.sink = sink
        self.members: dict[str, bytes] = {}
        self.places: dict[str, tuple[int, int]] = {}
        self.streamed = False

    def run(self) -> None:
        """Read the text to its end, or to where it is no longer one."""
        try:
            self._run()
        except _StopError:
            return
        except TooLargeError:
            self.sink.fault("CM013", "one object is larger than 1.5 GB, which is more than can be checked")

    def _run(self) -> None:
        chunks, sink = self.chunks, self.sink
        chunks.more()
        start = sniff(chunks, sink)
        if start is None:
            return
        chunks.skip(start)
        chunks.column = 1
        start = chunks.blank(0)
        if start >= len(chunks.buffer):
            sink.fault("CM010", "is empty")
            return
        chunks.skip(start)
        if chunks.buffer[:1] != b"{":
            self._no_object()
            return
        end = self._object()
        if self.streamed:
            sink.collection(self.members, self.places)
        elif not sink.document(self._clean(chunks.buffer[:end], (chunks.line, chunks.column)), (chunks.line, chunks.column)):
            return
        chunks.skip(end)
        self._tail()

    def _tail(self) -> None:
        """Nothing but white space may follow."""
        chunks = self.chunks
        at = chunks.blank(0)
        if at < len(chunks.buffer):
            again = chunks.buffer[at : at + 1] in b"{\x1e"
            hint = "If these are several GeoJSON texts, one a line, name the file .geojsonl." if again else None
            self.sink.fault("CM004", "something follows the end of the JSON text", chunks.place(at), hint=hint)

    def _no_object(self) -> None:
        """The text is an array or a scalar, or no JSON at all; a small one is proved to the end."""
        chunks, sink = self.chunks, self.sink
        while len(chunks.buffer) < _SMALL and chunks.more():
            pass
        text = self._clean(chunks.buffer, (chunks.line, chunks.column))
        found = survey(text)
        fatal = found.fatal
        cut_off = fatal is not None and fatal.kind == "syntax" and not chunks.ended and fatal.offset > len(text) - 4096
        if fatal is not None and not cut_off:
            self._tell(fatal)
            return
        for trouble in found.troubles:
            if trouble is not fatal:
                self._tell(trouble)
        kind = {"[": "an array", '"': "a text"}.get(text[:1].decode("latin-1"), "a single value")
        sink.fault("CM103", f"is {kind}, not an object", (chunks.line, chunks.column), path=())

    def _tell(self, trouble: Trouble) -> None:
        self.sink.fault(TEXT_CODES[trouble.kind], trouble.message, self.chunks.place(trouble.offset), path=trouble.path)

    def _object(self) -> int:
        """Walk the members of the outermost object; the place after its end in the window."""
        chunks = self.chunks
        at, first = 1, True
        while True:
            at = chunks.blank(at)
            letter = chunks.buffer[at : at + 1]
            if letter == b"}" and first:
                return at + 1
            if letter != b'"':
                self._broken()
            at = self._member(at)
            at = chunks.blank(at)
            letter = chunks.buffer[at : at + 1]
            if letter == b"}":
                return at + 1
            if letter != b",":
                self._broken()
            at, first = at + 1, False

    def _member(self, at: int) -> int:
        """Walk a member that begins here; the place after it."""
        chunks = self.chunks
        end = self._string(at)
        name = chunks.buffer[at:end]
        place = chunks.place(at)
        value = chunks.blank(end)
        if chunks.buffer[value : value + 1] != b":":
            self._broken()
        value = chunks.blank(value + 1)
        key = self._name(name, place)
        if key == "features" and chunks.buffer[value : value + 1] == b"[":
            chunks.skip(value + 1)
            self.streamed = True
            self._features()
            return 0
        end = self._value(value, whole=name in _WHOLE and not self.streamed)
        if key not in self.members and len(self.members) < _MEMBERS_AT_ONCE:
            self.members[key] = (
                self._clean(chunks.buffer[value:end], chunks.place(value))
                if end - value <= _KEPT
                else _STAND_INS.get(chunks.buffer[value], b"0")
            )
        return end

    def _name(self, name: bytes, place: tuple[int, int]) -> str:
        found = survey(name)
        if found.fatal is not None:
            self._broken()
        key = string_value(name)
        if key in self.places and self.streamed:
            self.sink.fault("CM006", f"the name {name.decode('utf-8', 'replace')} is given twice in one object", place, path=(key,))
        self.places.setdefault(key, place)
        return key

    def _string(self, at: int) -> int:
        while True:
            match = _STRING.match(self.chunks.buffer, at)
            if match is not None:
                return match.end()
            if not self.chunks.more():
                self._broken()

    def _value(self, at: int, *, whole: bool) -> int:
        """The place after the value that begins here."""
        chunks = self.chunks
        letter = chunks.buffer[at : at + 1]
        if letter == b'"':
            return self._string(at)
        if letter in {b"{", b"["}:
            return self._container(at, whole=whole)
        while True:
            match = _SCALAR.match(chunks.buffer, at)
            if match is None:
                self._broken()
            if match.end() < len(chunks.buffer) or not chunks.more():
                return match.end()

    def _container(self, at: int, *, whole: bool) -> int:
        """The place after the array or object that begins here: that of the comma or bracket which follows."""
        chunks, scan = self.chunks, Scan(position=at)
        while True:
            scan.run(chunks.buffer, most=1)
            if scan.too_deep is not None or scan.closed is not None or scan.ends or not chunks.more():
                break
            while whole and chunks.more():
                pass
        end = scan.ends[0] if scan.ends else scan.closed
        if end is None:
            self._broken()
        return end

    def _features(self) -> None:
        """Walk the features; the window begins after the bracket, and afterwards after the one that ends them."""
        chunks, sink = self.chunks, self.sink
        after_comma = False
        while True:
            chunks.skip(chunks.blank(0))
            if chunks.buffer[:1] == b"]" and not after_comma:
                chunks.skip(1)
                return
            if sink.full:
                raise _StopError
            comma = cut(chunks.buffer)
            if comma is not None:
                self._hand_over(comma)
                after_comma = True
                if len(chunks.buffer) < chunks.chunk // 2:
                    chunks.more()
                continue
            if self._exactly():
                return
            after_comma = True

    def _exactly(self) -> bool:
        """Find the ends of some features by walking over them; whether the last one was among them."""
        chunks = self.chunks
        scan = Scan()
        while True:
            scan.run(chunks.buffer)
            if scan.ends or scan.closed is not None or scan.too_deep is not None or not chunks.more():
                break
        if scan.closed is not None:
            end = scan.closed
            bracket = chunks.buffer[end : end + 1]
            self._hand_over(end, last=True)
            if bracket != b"]":
                self.sink.fault("CM004", "a comma or ] is expected here, not }", (chunks.line, chunks.column), path=("features",))
                raise _StopError
            chunks.skip(1)
            return True
        if scan.ends:
            self._hand_over(scan.ends[-1])
            return False
        self._hand_over(len(chunks.buffer), last=True)
        self.sink.fault("CM004", "the text ends too early, within the features", (chunks.line, chunks.column))
        raise _StopError

    def _hand_over(self, end: int, *, last: bool = False) -> None:
        """Give the features before this place to the sink and let go of them and, unless they are the last, of the comma after them."""
        chunks = self.chunks
        place = (chunks.line, chunks.column)
        text = self._clean(chunks.take(end), place)
        if not self.sink.elements(text, place):
            raise _StopError
        if not last:
            chunks.skip(1)

    def _clean(self, text: bytes, place: tuple[int, int]) -> bytes:
        """The text with what is not UTF-8 masked; tells once that there is such a thing."""
        clean, wrong = mask(text)
        if wrong is not None:
            self.sink.fault("CM002", f"byte 0x{text[wrong]:02X} is not UTF-8", Lines(text, *place).place(wrong))
        return clean

    def _broken(self) -> NoReturn:
        """The outermost object is not JSON: say where and why, and stop."""
        chunks = self.chunks
        # Once the features are behind, the window begins after them.
        prefix = b'{"features":0' if self.streamed else b""
        text = prefix + mask(chunks.buffer)[0]
        fatal = survey(text).fatal
        if fatal is None:
            fatal = Trouble("syntax", "is not a JSON object", len(prefix), ())
        self.sink.fault(TEXT_CODES[fatal.kind], fatal.message, chunks.place(max(0, fatal.offset - len(prefix))), path=fatal.path)
        raise _StopError
