"""Edit the text of corridors.toml and statements.toml in place: comments and layout stay.

tomlkit is what keeps them; what it wrote is read again and compared with what was meant.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import tomli

from corridormap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


def put_between(text: str, way: Sequence[str], *, mode: str, where: Path) -> tuple[str, list[str]]:
    """Put the nodes between the first and the last of a way into the itineraries of a mode that go from one to the other, either way round.

    Returns
    -------
    str, list of str
        The text, and the ids of the itineraries that were changed.

    Raises
    ------
    DataError
        If the text cannot be edited so that nothing else changes.
    """

    def edit(document: Any) -> list[str]:
        changed = []
        for itinerary in document.get("itinerary", []):
            if itinerary.get("mode") == mode:
                touched = [_insert(run.get("nodes") or [], way) for run in itinerary.get("ways", [])]
                changed += [str(itinerary.get("id"))] if any(touched) else []
        return changed

    return _edited(text, edit, where)


def _insert(nodes: Any, way: Sequence[str]) -> bool:
    """Insert into a list of nodes, from its end, so that what is before keeps its place."""
    steps = list(enumerate(pairwise([str(node) for node in nodes])))
    found = False
    for place, pair in reversed(steps):
        for one in (list(way), list(way)[::-1]):
            if pair == (one[0], one[-1]):
                for node in one[-2:0:-1]:
                    nodes.insert(place + 1, node)
                found = True
                break
    return found


def rename_features(text: str, old: str, new: Sequence[str], *, where: Path) -> tuple[str, list[str]]:
    """Put features in the place of one in the statements about it.

    Returns
    -------
    str, list of str
        The text, and the ids of the statements that were changed.

    Raises
    ------
    DataError
        If the text cannot be edited so that nothing else changes.
    """

    def edit(document: Any) -> list[str]:
        changed = []
        for statement in document.get("statement", []):
            features = statement.get("features") or []
            if old in features:
                place = [str(feature) for feature in features].index(old)
                features[place] = new[0]
                for name in list(new)[:0:-1]:
                    features.insert(place + 1, name)
                changed.append(str(statement.get("id")))
        return changed

    return _edited(text, edit, where)


def _edited(text: str, edit: Callable[[Any], list[str]], where: Path) -> tuple[str, list[str]]:
    """Edit a document without harm to its layout; give its text, and the ids that the edit says it changed."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    meant = tomli.loads(text)
    try:
        changed = edit(meant)
    except (AttributeError, TypeError):
        hint = "Run `corridormap validate`: it tells what is wrong."
        raise DataError("is not as the records of the facts have it", where=where, hint=hint) from None
    if meant == tomli.loads(text):
        return text, changed
    try:
        document = tomlkit.parse(text)
        edit(document)
        result = tomlkit.dumps(document)
        same = tomli.loads(result) == meant
    except (TOMLKitError, tomli.TOMLDecodeError, IndexError, TypeError):
        same = False
    if not same:
        hint = "Write its lists plainly, one value after another, then try again."
        raise DataError("cannot be edited without harm", where=where, hint=hint)
    return result, changed
