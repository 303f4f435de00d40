"""Handle the text of JSON: scan it, exactly as RFC 8259 has it, split it without decoding, and find places in it."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


_SPACE = re.compile(rb"[ \t\n\r]*+")
_NAME = re.compile(rb'"(?:[^"\\]|\\.)*+"\s*+:\s*+\Z', re.DOTALL)
_SUSPECT = re.compile(rb"NaN|nan|Inf|inf|\\u[dD][89a-fA-F]")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"|[+-]?(?:NaN|nan|Infinity|Inf|inf)', re.DOTALL)
_ESCAPE = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)|\\.", re.DOTALL)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def decoded(decode: Callable[[bytes | msgspec.Raw], Any], text: bytes | msgspec.Raw) -> Any:
    """Decode a text with msgspec; None if it is not what is asked for, or nested too deeply."""
    try:
        return decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def split(text: bytes | msgspec.Raw) -> list[msgspec.Raw] | None:
    """Split an array into the texts of its values; None if it is not one."""
    return decoded(_raws.decode, text)  # type: ignore[no-any-return]


def split_object(text: bytes | msgspec.Raw) -> dict[str, msgspec.Raw] | None:
    """Split an object into the texts of its members, of those with the same name the last; None if it is not one."""
    return decoded(_members.decode, text)  # type: ignore[no-any-return]


def load(text: bytes) -> Any:
    """Load a JSON text that was scanned; numbers too large become infinite, NaN and Infinity in any spelling NaN."""
    spelled = _changed(text, lambda found: found if found[:1] == b"\\" else b"NaN".ljust(len(found)))
    return json.loads(spelled.decode("utf-8", "replace"), parse_int=lambda digits: int(digits) if len(digits) < 300 else float(digits))


def plain(text: bytes) -> bytes:
    """Put numbers for NaN and Infinity and blanks for halves of surrogate pairs, which msgspec does not take; the length stays."""
    return _changed(text, lambda found: b"\\u0020" if found[:1] == b"\\" else b"1.".ljust(len(found), b"0"))


def _changed(text: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change what is not quite JSON in a text: NaN and Infinity outside strings, and halves of surrogate pairs within."""
    if not _SUSPECT.search(text):
        return text
    return _STRING.sub(lambda match: _within(match[0], change) if match[0][:1] == b'"' else change(match[0]), text)


def _within(string: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return _ESCAPE.sub(lambda match: match[0] if match[1] is None else change(match[0]), string) if b"\\u" in string else string


class Lines:
    """Give the line and the column of places in a text, which begins at those of its file, from 1; counted on from the last place."""

    def __init__(self, text: bytes, line: int = 1, column: int = 1) -> None:
        self._text = text
        self._begin = (0, line, column)
        self._last = self._begin

    def place(self, offset: int) -> tuple[int, int]:
        """Give the line and the column, in characters, of a byte."""
        at, line, column = self._last if offset >= self._last[0] else self._begin
        breaks = self._text.count(b"\n", at, offset)
        if breaks:
            at, line, column = self._text.rfind(b"\n", at, offset) + 1, line + breaks, 1
        piece = self._text[at:offset]
        self._last = (offset, line, column + len(piece if piece.isascii() else piece.decode("utf-8", "replace")))
        return self._last[1:]


def offset(raw: msgspec.Raw, text: bytes) -> int:
    """Find the byte of a text at which a value that was decoded from it stands: both are the same memory."""
    here = np.frombuffer(memoryview(raw), dtype=np.uint8).ctypes.data
    return int(here - np.frombuffer(text, dtype=np.uint8).ctypes.data)


def space(text: bytes, offset: int) -> int:
    """Find the first byte from here on that is no white space."""
    return _SPACE.match(text, offset).end()  # type: ignore[union-attr]  # it always matches


def places(text: bytes, wanted: Iterable[Path]) -> dict[Path, int]:
    """Find the bytes at which values of a text begin, if they are there; a member of an object begins where its name does."""
    body = plain(text)

    def value(path: Path) -> Any:
        """Give the text of a value; None if it is not there."""
        try:
            return inside(path[:-1])[path[-1]] if path else body
        except (LookupError, TypeError):
            return None

    @cache
    def inside(path: Path) -> Any:
        """Give the texts of the values within a value, by name or in their order."""
        text = value(path)
        return () if text is None else split_object(text) or split(text) or ()

    found = {}
    for path in wanted:
        raw = value(path)
        if raw is not None:
            at = offset(raw, body)
            name = _NAME.search(body, max(0, at - 4000), at) if path and isinstance(path[-1], str) else None
            found[path] = name.start() if name else at
    return found


Path = tuple[str | int, ...]
"""The tokens of a JSON pointer."""

MAX_DEPTH = 200
"""Arrays and objects may be nested so deeply; a GeoJSON geometry needs seven levels, properties seldom more than ten."""

_TOKEN = re.compile(
    rb"""[ \t\n\r]*+(?:
    (?P<open>[\[{]) | (?P<close>[\]}]) | (?P<comma>,) | (?P<colon>:)
    | (?P<string>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")
    | (?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)(?![.\w])
    | (?P<word>true|false|null)(?!\w)
    | (?P<nan>[+-]?(?:NaN|nan|Infinity|Inf|inf))(?!\w)
    )""",
    re.VERBOSE,
)
_NUMBER = rb"-?(?:0|[1-9][0-9]{0,250}+)(?:\.[0-9]++)?"
_NUMBERS = re.compile(rb"(?:[ \t\n\r]*+" + _NUMBER + rb"[ \t\n\r]*+,)++")
_POSITIONS = re.compile(
    rb"(?:[ \t\n\r]*+\[(?:[ \t\n\r]*+" + _NUMBER + rb"[ \t\n\r]*+,)*+[ \t\n\r]*+" + _NUMBER + rb"[ \t\n\r]*+\][ \t\n\r]*+,)++"
)
_STRING_BEGUN = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_LONG_NUMBER = 300
_CLOSES = {b"{": b"}", b"[": b"]"}
_STRAY = (
    (b"/#", "comments are not JSON"),
    (b"'", "a text stands in double quotes, not single ones"),
    (b"0123456789+-.", "this is no number as JSON writes it"),
    (b"\x00", "a NUL byte is not JSON"),
)

Kind = Literal["syntax", "depth", "number", "surrogate", "nan", "duplicate"]


@dataclass(frozen=True)
class Trouble:
    """Something amiss in the text: what kind, what exactly, at which byte and in which value."""

    kind: Kind
    message: str
    offset: int
    path: Path

    @property
    def fatal(self) -> bool:
        """Whether the scan ended here."""
        return self.kind in {"syntax", "depth"}


def scan(text: bytes, *, depth: int = 0) -> list[Trouble]:
    """Find what is wrong in a JSON text, so deeply nested in another, in its order, up to the first fatal trouble."""
    return _Scan(text, MAX_DEPTH - depth).troubles


class _Open:
    """An array or object that is open: the number or name of the value that the scan is at, and the names so far."""

    __slots__ = ("key", "names", "opener")

    def __init__(self, opener: bytes) -> None:
        self.opener = opener
        self.key: int | str = 0 if opener == b"[" else ""
        self.names: set[str] = set()


class _Scan:
    """One pass over a text."""

    def __init__(self, text: bytes, most: int) -> None:
        self.text = text
        self.most = most
        self.troubles: list[Trouble] = []
        self.stack: list[_Open] = []
        self.awaits = "value"  # value, first (value or end), name, first name (name or end), colon, comma, nothing
        position = 0
        while True:
            if self.stack and self.stack[-1].opener == b"[" and self.awaits in {"value", "first"}:
                position = self._skip(position)
            match = _TOKEN.match(text, position)
            if match is None:
                self._no_token(position)
                break
            kind = match.lastgroup or ""
            if not self._take(kind, match[kind], match.start(kind)):
                break
            position = match.end()

    def _skip(self, position: int) -> int:
        """Pass over numbers and positions in an array, of which there may be millions."""
        top = self.stack[-1]
        for pattern, mark in ((_NUMBERS, b","), (_POSITIONS, b"]")):
            match = pattern.match(self.text, position)
            if match is not None and isinstance(top.key, int) and (mark == b"," or len(self.stack) < self.most):
                top.key += match[0].count(mark)
                self.awaits = "value"
                return match.end()
        return position

    def _take(self, kind: str, token: bytes, start: int) -> bool:
        awaits, top = self.awaits, self.stack[-1] if self.stack else None
        if awaits in {"value", "first"} and kind in {"string", "number", "word", "nan"}:
            self._scalar(kind, token, start)
            self.awaits = "comma" if top else "nothing"
        elif awaits in {"value", "first"} and kind == "open":
            if len(self.stack) >= self.most:
                return self._trouble("depth", f"is nested more than {MAX_DEPTH} levels deep", start)
            self.stack.append(_Open(token))
            self.awaits = "first name" if token == b"{" else "first"
        elif kind == "close" and top and awaits in {"first", "first name", "comma"} and token == _CLOSES[top.opener]:
            self.stack.pop()
            self.awaits = "comma" if self.stack else "nothing"
        elif top and kind == awaits == "comma":
            self.awaits = "name"
            if isinstance(top.key, int):
                top.key += 1
                self.awaits = "value"
        elif top and kind == "string" and awaits in {"name", "first name"}:
            top.key = name = _string(token)
            if name in top.names:
                self._trouble("duplicate", f"the name {shown(name)} is given twice in one object", start)
            top.names.add(name)
            self._surrogates(token, start)
            self.awaits = "colon"
        elif kind == awaits == "colon":
            self.awaits = "value"
        else:
            return self._unexpected(kind, token, start)
        return True

    def _scalar(self, kind: str, token: bytes, start: int) -> None:
        if kind == "string":
            self._surrogates(token, start)
        elif kind == "nan":
            self._trouble("nan", f"{token.decode()} is not JSON", start)
        elif kind == "number" and (b"e" in token or b"E" in token or len(token) > _LONG_NUMBER) and not math.isfinite(float(token)):
            self._trouble("number", f"the number {shown(token.decode())} is beyond what a double can hold", start)

    def _surrogates(self, token: bytes, start: int) -> None:
        if b"\\u" in token and any(0xD800 <= ord(letter) <= 0xDFFF for letter in _string(token)):
            self._trouble("surrogate", "a text holds half of a surrogate pair", start)

    def _trouble(self, kind: Kind, message: str, offset: int) -> bool:
        self.troubles.append(Trouble(kind, message, offset, tuple(inner.key for inner in self.stack)))
        return False

    def _unexpected(self, kind: str, token: bytes, start: int) -> bool:
        awaited = {
            "value": "a value",
            "first": "a value or ]",
            "name": "a name in double quotes",
            "first name": "a name in double quotes or }",
            "colon": "a colon",
            "comma": f"a comma or {_CLOSES[self.stack[-1].opener].decode() if self.stack else ''}",
            "nothing": "nothing more",
        }[self.awaits]
        found = {"string": "a text", "number": "a number"}.get(kind) or shown(token[:20].decode("utf-8", "replace"))
        return self._trouble("syntax", f"{awaited} is expected here, not {found}", start)

    def _no_token(self, position: int) -> None:
        """Explain why no token follows, unless the text ends where it may."""
        start = space(self.text, position)
        first = self.text[start : start + 1]
        string = _STRING_BEGUN.match(self.text, start)
        if not first:
            if self.awaits != "nothing":
                self._trouble("syntax", "the text ends too early", start)
        elif string is not None:
            self._trouble("syntax", self._in_string(string.end()), string.end())
        else:
            letter = self.text[start : start + 4].decode("utf-8", "replace")[:1]
            known = (message for letters, message in _STRAY if first in letters)
            self._trouble("syntax", next(known, f"unexpected character {shown(letter)}"), start)

    def _in_string(self, end: int) -> str:
        """Say why a string does not go on at a byte."""
        rest = self.text[end : end + 2]
        if rest in {b"", b"\\"}:
            return "the text ends too early, within a string"
        if rest[:1] == b"\\":
            return f"no such escape: {shown(rest.decode('latin-1'))}"
        return f"the control character U+{rest[0]:04X} must be escaped in a string"


def _string(token: bytes) -> str:
    """Give the text that a string token stands for; bytes that are not UTF-8 become the replacement character."""
    text = token[1:-1].decode("utf-8", "replace")
    return str(json.loads(f'"{text}"')) if "\\" in text else text


def shown(value: object, *, limit: int = 60) -> str:
    """Spell a value that a stranger wrote for a message: short, and in quotes if it is a text."""
    text = str(value)
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return f'"{text}"' if isinstance(value, str) else text


def pointer(path: Path) -> str:
    """Spell tokens as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in path)
