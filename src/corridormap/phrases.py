"""Phrases that messages share: counted things, and what was probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Write a number with its noun: 1 node, 2,000 nodes."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def meant(name: object, known: Iterable[object], otherwise: str = "") -> str:
    """Say which of the names that there are is spelt like one that there is not, before what else there is to say."""
    near = get_close_matches(str(name), sorted(set(map(str, known))), n=1, cutoff=0.75)
    return " ".join(filter(None, [f"Did you mean {near[0]!r}?" if near else "", otherwise]))


def some(names: Iterable[object], *, most: int = 5) -> str:
    """Name a few, and say how many more there are."""
    listed = [str(name) for name in names]
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")


def other_way_round(lon: float, lat: float) -> str:
    """Ask whether latitude was given before longitude."""
    return f"longitude comes first: is {lat:g}, {lon:g} meant?"


class Hints(dict[str, str]):
    """What to say of each name that there is not, as `meant` does; looked for once, and of so many only as it is not the spelling else."""

    MOST = 25

    def __init__(self, known: Iterable[object], otherwise: str = "") -> None:
        super().__init__()
        self._known, self._otherwise = list(known), otherwise

    def __missing__(self, name: str) -> str:
        self[name] = meant(name, self._known if len(self) < self.MOST else (), self._otherwise)
        return self[name]
