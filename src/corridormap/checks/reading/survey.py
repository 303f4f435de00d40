"""Walk a JSON text exactly as RFC 8259 has it, without recursion, and say where in it things stand.

This is the slow, explaining reader. Texts go through `corridormap.checks.reading.decode`; what that refuses comes here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal

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
_SPACE = re.compile(rb"[ \t\n\r]*+")
_LONG_NUMBER = 300
_OPENS = {b"}": b"{", b"]": b"["}

Kind = Literal["syntax", "depth", "number", "surrogate", "nan", "duplicate"]


@dataclass(frozen=True)
class Trouble:
    """Something amiss in the text: what kind, what exactly, at which byte and in which value."""

    kind: Kind
    message: str
    offset: int
    path: Path


@dataclass
class Survey:
    """What a walk over a text found.

    Attributes
    ----------
    troubles : list of Trouble
        In the order of the text; the walk ends at the first of the kinds "syntax" and "depth".
    """

    troubles: list[Trouble] = field(default_factory=list)

    @property
    def fatal(self) -> Trouble | None:
        """The trouble that ended the walk early."""
        last = self.troubles[-1] if self.troubles else None
        return last if last is not None and last.kind in {"syntax", "depth"} else None


def survey(text: bytes, *, depth: int = 0) -> Survey:
    """Walk a JSON text, in UTF-8 or at least in something that agrees with it on ASCII, nested so deeply in another."""
    walk = _Walk(text, MAX_DEPTH - depth)
    walk.run()
    return walk.result


class _Frame:
    """An array or object that is open."""

    __slots__ = ("key", "names", "opener", "position")

    def __init__(self, opener: bytes) -> None:
        self.opener = opener
        self.position = 0
        self.key = ""
        self.names: set[str] | None = set() if opener == b"{" else None


class _Walk:
    def __init__(self, text: bytes, most: int) -> None:
        self.text = text
        self.most = most
        self.result = Survey()
        self.stack: list[_Frame] = []
        self.awaits = "value"  # value, first (value or end), name, first name (name or end), colon, comma, nothing

    def run(self) -> None:
        text, position = self.text, 0
        while True:
            if self.stack and self.stack[-1].opener == b"[" and self.awaits in {"value", "first"}:
                position = self._skip(position)
            match = _TOKEN.match(text, position)
            if match is None:
                self._no_token(position)
                break
            kind = match.lastgroup or ""
            start = match.start(kind)
            if not self._step(kind, match[kind], start):
                break
            position = match.end()

    def _skip(self, position: int) -> int:
        """Pass over numbers and positions in an array, of which there may be millions."""
        for pattern, mark in ((_NUMBERS, b","), (_POSITIONS, b"]")):
            match = pattern.match(self.text, position)
            if match is None or (mark == b"]" and len(self.stack) >= self.most):
                continue
            self.stack[-1].position += match[0].count(mark)
            self.awaits = "value"
            return match.end()
        return position

    def _step(self, kind: str, token: bytes, start: int) -> bool:  # noqa: PLR0911  one return for each kind of token
        """Take one token; False if the walk ends here."""
        awaits = self.awaits
        if awaits in {"value", "first"} and kind in {"string", "number", "word", "nan"}:
            self._scalar(kind, token, start)
            self._value_ends()
            return True
        if kind == "open" and awaits in {"value", "first"}:
            return self._opens(token, start)
        if kind == "close":
            return self._closes(token, start)
        if kind == "comma" and awaits == "comma":
            frame = self.stack[-1]
            frame.position += 1
            self.awaits = "name" if frame.opener == b"{" else "value"
            return True
        if kind == "string" and awaits in {"name", "first name"}:
            self._name(token, start)
            self.awaits = "colon"
            return True
        if kind == "colon" and awaits == "colon":
            self.awaits = "value"
            return True
        return self._unexpected(kind, token, start)

    def _opens(self, token: bytes, start: int) -> bool:
        if len(self.stack) >= self.most:
            return self._trouble("depth", f"is nested more than {MAX_DEPTH} levels deep", start)
        self.stack.append(_Frame(token))
        self.awaits = "first name" if token == b"{" else "first"
        return True

    def _closes(self, token: bytes, start: int) -> bool:
        if not self.stack or self.awaits not in {"first", "first name", "comma"} or self.stack[-1].opener != _OPENS[token]:
            return self._unexpected("close", token, start)
        self.stack.pop()
        self._value_ends()
        return True

    def _value_ends(self) -> None:
        self.awaits = "comma" if self.stack else "nothing"

    def _name(self, token: bytes, start: int) -> None:
        frame = self.stack[-1]
        name = string_value(token)
        frame.key = name
        assert frame.names is not None
        if name in frame.names:
            self._trouble("duplicate", f"the name {shown(name)} is given twice in one object", start)
        frame.names.add(name)
        self._surrogates(token, start)

    def _scalar(self, kind: str, token: bytes, start: int) -> None:
        if kind == "string":
            self._surrogates(token, start)
        elif kind == "nan":
            self._trouble("nan", f"{token.decode()} is not JSON", start)
        elif kind == "number" and (b"e" in token or b"E" in token or len(token) > _LONG_NUMBER) and not math.isfinite(float(token)):
            self._trouble("number", f"the number {shown(token.decode())} is beyond what a double can hold", start)

    def _surrogates(self, token: bytes, start: int) -> None:
        if b"\\u" in token and any(0xD800 <= ord(letter) <= 0xDFFF for letter in string_value(token)):
            self._trouble("surrogate", "a text holds half of a surrogate pair", start)

    def _path(self) -> Path:
        return tuple(frame.key if frame.opener == b"{" else frame.position for frame in self.stack)

    def _trouble(self, kind: Kind, message: str, offset: int) -> bool:
        self.result.troubles.append(Trouble(kind, message, offset, self._path()))
        return False

    def _unexpected(self, kind: str, token: bytes, start: int) -> bool:
        awaited = {
            "value": "a value",
            "first": "a value or ]",
            "name": "a name in double quotes",
            "first name": "a name in double quotes or }",
            "colon": "a colon",
            "comma": f"a comma or {']' if self.stack and self.stack[-1].opener == b'[' else '}'}",
            "nothing": "nothing more",
        }[self.awaits]
        found = {"string": "a text", "number": "a number"}.get(kind) or shown(token[:20].decode("utf-8", "replace"))
        return self._trouble("syntax", f"{awaited} is expected here, not {found}", start)

    def _no_token(self, position: int) -> None:
        start = _SPACE.match(self.text, position).end()  # type: ignore[union-attr]  # it always matches
        rest = self.text[start : start + 40]
        if not rest:
            if self.awaits != "nothing":
                self._trouble("syntax", "the text ends too early", start)
            return
        self._trouble("syntax", *self._explain(rest, start))

    def _explain(self, rest: bytes, start: int) -> tuple[str, int]:
        if rest[:1] == b'"':
            return self._explain_string(start)
        if rest[:1] in b"/#":
            return "comments are not JSON", start
        if rest[:1] == b"'":
            return "a text stands in double quotes, not single ones", start
        if rest[:1] in b"0123456789+-.":
            return "this is no number as JSON writes it", start
        if rest[:1] == b"\x00":
            return "a NUL byte is not JSON", start
        letter = self.text[start : start + 4].decode("utf-8", "replace")[:1]
        return f"unexpected character {shown(letter)}", start

    def _explain_string(self, start: int) -> tuple[str, int]:
        good = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+').match(self.text, start)
        end = good.end() if good else start
        rest = self.text[end : end + 6]
        if not rest:
            return "the text ends too early, within a string", end
        if rest[:1] == b"\\":
            return (
                ("the text ends too early, within a string", end)
                if len(rest) == 1
                else (f"no such escape: {shown(rest.decode('latin-1')[:2])}", end)
            )
        return f"the control character U+{rest[0]:04X} must be escaped in a string", end


def string_value(token: bytes) -> str:
    """The text that a string token stands for; bytes that are not UTF-8 become the replacement character."""
    text = token[1:-1].decode("utf-8", "replace")
    if "\\" not in text:
        return text
    import json

    value = json.loads(f'"{text}"')
    assert isinstance(value, str)
    return value


def shown(value: object, *, limit: int = 60) -> str:
    """A value that a stranger wrote, for a message: short, and in quotes if it is a text."""
    text = str(value)
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return f'"{text}"' if isinstance(value, str) else text


def pointer(path: Path) -> str:
    """A JSON pointer (RFC 6901) of tokens."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in path)
