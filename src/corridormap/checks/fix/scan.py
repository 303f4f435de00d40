"""A JSON scanner that keeps the place of every value in the text, so that a repair can change its own bytes and no others.

It does not recurse, and hands over the features of a collection one by one, so that a large file needs little more than its own size.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 200
"""Levels of nesting above which a document is left alone; GeoJSON itself needs about ten."""

MAX_NUMBERS = 64 << 20
"""Bytes of one geometry's coordinates above which a document is left alone: they take some forty times that in memory."""

_SPACE = rb"[ \t\r\n]*+"
_STRING = rb'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*+"'
_space = re.compile(_SPACE).match
_key = re.compile(_SPACE + rb"(" + _STRING + rb")" + _SPACE + rb":" + _SPACE).match
_scalar = re.compile(_STRING + rb"|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null").match
_constant = re.compile(rb"NaN|-?Infinity").match
_numbers = re.compile(rb"\[[\[\]0-9eE+\-., \t\r\n]*+").match
_NUMERIC = frozenset({"coordinates", "bbox"})
_decoder = json.JSONDecoder()
_KNOWN_KEYS = 10_000

_BLANKS = frozenset({b" ", b"\t", b"\r", b"\n"})
_OBJECT, _ARRAY = ord("{"), ord("[")


class Unfixable(Exception):  # noqa: N818  it is what the document is
    """Why a document is left alone."""

    def __init__(self, why: str, *, at: int | None = None) -> None:
        self.why = why
        self.at = at
        super().__init__(why)


class Member(NamedTuple):
    """A member of an object: where its key begins, and its value."""

    start: int
    value: Node


class Node:
    """A value and its place in the text.

    Attributes
    ----------
    start, end : int
        The bytes it takes.
    members : dict or None
        The members of an object, by key.
    items : list or None
        The items of an array.
    numbers : list or None
        The value of an array under "coordinates" or "bbox" that holds numbers and arrays only; it has no `items` then.
    """

    __slots__ = ("end", "items", "key", "key_start", "members", "numbers", "start")

    def __init__(self, start: int, end: int = 0) -> None:
        self.start = start
        self.end = end
        self.members: dict[str, Member] | None = None
        self.items: list[Node] | None = None
        self.numbers: list[Any] | None = None
        self.key: str | None = None
        self.key_start = 0

    def get(self, key: str) -> Node | None:
        """The value of a member, if this is an object that has it."""
        if self.members is None:
            return None
        member = self.members.get(key)
        return None if member is None else member.value


def scalar(text: bytes, node: Node | None) -> Any:
    """The value of a text, number, truth value or null; None for anything else."""
    if node is None or node.members is not None or node.items is not None or node.numbers is not None:
        return None
    spelled = text[node.start : node.end]
    if spelled.startswith(b'"') and b"\\" not in spelled:
        return spelled[1:-1].decode("utf-8")
    try:
        return json.loads(spelled)
    except ValueError:  # An integer of thousands of digits.
        return None


def place(text: bytes, at: int) -> str:
    """A byte's line and column, from 1, in words."""
    line = text.count(b"\n", 0, at) + 1
    start = text.rfind(b"\n", 0, at) + 1
    return f"line {line}, column {len(text[start:at].decode('utf-8', 'replace')) + 1}"


def scan(  # noqa: C901, PLR0912, PLR0915  one loop, as calls would cost more than the work
    text: bytes, each: Callable[[int, Node], None] | None = None
) -> Node:
    """Read a JSON text into nodes.

    Parameters
    ----------
    text : bytes
        The document, UTF-8 without a byte order mark.
    each : callable, optional
        Called with the index and the node of each item of a list "features" of the outermost object as soon as it is read;
        the node's contents are let go afterwards.

    Raises
    ------
    Unfixable
        If it is not JSON, holds NaN or Infinity, gives a key twice in one object, is nested too deeply, or a geometry is too large.
    """
    known: dict[bytes, str] = {}
    stack: list[Node] = []
    key: str | None = None
    key_start = 0
    at = _space(text, 0).end()  # type: ignore[union-attr]
    while True:
        # A value begins at `at`.
        node = Node(at)
        node.key, node.key_start = key, key_start
        first = text[at] if at < len(text) else 0
        if first == _ARRAY and key in _NUMERIC and _read_numbers(text, node):
            pass
        elif first in (_OBJECT, _ARRAY):
            if len(stack) == MAX_DEPTH:
                raise Unfixable(f"is nested more than {MAX_DEPTH} levels deep", at=at)
            inside = _space(text, at + 1).end()  # type: ignore[union-attr]
            if first == _OBJECT:
                node.members = {}
            else:
                node.items = []
            if text[inside : inside + 1] != (b"}" if first == _OBJECT else b"]"):
                stack.append(node)
                key = None
                at = inside
                if first == _OBJECT:
                    key, key_start, at = _read_key(text, inside, node, known)
                continue
            node.end = inside + 1
        else:
            match = _scalar(text, at)
            node.end = _no_value(text, at) if match is None else match.end()
        # A value is complete; close what it completes.
        while stack:
            parent = stack[-1]
            if parent.members is not None:
                parent.members[node.key or ""] = Member(node.key_start, node)
            elif parent.items is not None:
                parent.items.append(node)
                if each is not None and len(stack) == 2 and parent.key == "features":
                    each(len(parent.items) - 1, node)
                    node.members = node.items = node.numbers = None
            at = node.end
            mark = text[at : at + 1]
            if mark in _BLANKS:
                at = _space(text, at).end()  # type: ignore[union-attr]
                mark = text[at : at + 1]
            if mark == b",":
                key = None
                if parent.members is not None:
                    key, key_start, at = _read_key(text, at + 1, parent, known)
                else:
                    at = _space(text, at + 1).end()  # type: ignore[union-attr]
                break
            if mark != (b"}" if parent.members is not None else b"]"):
                raise Unfixable("is not JSON: " + ("a comma or a closing bracket is missing" if mark else "it ends too early"), at=at)
            parent.end = at + 1
            node = stack.pop()
        else:
            at = _space(text, node.end).end()  # type: ignore[union-attr]
            if at != len(text):
                raise Unfixable("is not JSON: something follows the document", at=at)
            return node


def _read_key(text: bytes, at: int, parent: Node, known: dict[bytes, str]) -> tuple[str, int, int]:
    """The key at a place, where it begins, and where its value begins."""
    match = _key(text, at)
    if match is None:
        raise Unfixable("is not JSON: a key is missing or broken", at=_space(text, at).end())  # type: ignore[union-attr]
    raw = match[1]
    key = known.get(raw)
    if key is None:
        key = str(json.loads(raw))
        if len(known) < _KNOWN_KEYS:
            known[raw] = key
    if parent.members is not None and key in parent.members:
        raise Unfixable("gives a key twice in one object, and only its author knows which counts", at=match.start(1))
    return key, match.start(1), match.end()


def _no_value(text: bytes, at: int) -> NoReturn:
    constant = _constant(text, at)
    if constant:
        raise Unfixable(f"holds {constant[0].decode()}, which is not JSON", at=at)
    raise Unfixable("is not JSON: " + ("a value is missing or broken" if at < len(text) else "it ends too early"), at=at)


def _read_numbers(text: bytes, node: Node) -> bool:
    """Read an array of nothing but numbers and arrays at C speed; False leaves it to the scanner, which says what is wrong with it."""
    match = _numbers(text, node.start)
    assert match is not None
    if match.end() - match.start() > MAX_NUMBERS:
        raise Unfixable(f"holds coordinates of more than {MAX_NUMBERS >> 20} MiB in one geometry, too many to mend", at=node.start)
    try:
        node.numbers, length = _decoder.raw_decode(match[0].decode("ascii"))
    except (ValueError, RecursionError):
        return False
    node.end = node.start + length
    return True
