"""Find features by any of their names, in any language, and by alternative names."""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from corridormap.geojson import split_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from corridormap.atlas import Atlas

Record = dict[str, Any]
ALSO = "names_alt"
"""The column of alternative names, a list."""
MARKS = str.maketrans("–-əıәғқңөұүһі", "  eiагкноуухи", "'’ʼ`")
"""Dashes are spaces, letters that a Russian or an English keyboard lacks are those it has, apostrophes nothing."""


def fold(text: str) -> str:
    """Reduce a name to what a searcher types: lower case, no accents, no apostrophes, dashes as spaces."""
    # Й and ё decompose into a letter and a mark; a searcher who types и or е finds them all the same.
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))
    return " ".join(plain.translate(MARKS).split())


def called(names: Mapping[str, Iterable[object]], *, of: Iterable[str]) -> dict[str, list[str]]:
    """Give the features (n ids) of each name, as a searcher types it.

    Parameters
    ----------
    names : mapping of str to iterable, each of n
        Names by their columns; of ``names_alt`` each holds several. Whatever is no text is no name.
    of : iterable of str, n
        The features' ids.
    """
    ids, found = list(of), dict[str, list[str]]()
    for column, values in names.items():
        for feature, value in zip(ids, values, strict=True):
            for name in map(fold, (split_list(value) if column == ALSO else [value]) if isinstance(value, str) else ()):
                if feature not in found.setdefault(name, []):
                    found[name].append(feature)
    return found


def find(atlas: Atlas, *, text: str) -> list[Record]:
    """Find features whose name, in any language, or alternative name holds a text.

    Parameters
    ----------
    atlas : Atlas
        An atlas whose layers are built.
    text : str
        Part of a name, a corridor's number, or an id; case and accents do not matter.

    Returns
    -------
    list of dict
        ``layer, id``, the names in every language, ``match`` (the name that matched), and ``lon, lat`` of a point on it, None if it
        has no position. Whole-name matches come first, then names that begin with the text, then the rest; within that the order is
        that of the layers.
    """
    wanted = fold(text)
    if not wanted:
        return []
    hits: list[tuple[int, Record]] = []
    for layer in atlas.layers:
        frame = atlas.features(layer.id)
        columns = [column for column in (*(f"name_{lang}" for lang in atlas.languages), "number") if column in frame.columns]
        alternatives = frame["names_alt"] if "names_alt" in frame.columns else [None] * len(frame)
        for position, (feature, also) in enumerate(zip(frame["id"], alternatives, strict=True)):
            row = frame.iloc[position]
            names = [str(row[column]) for column in columns if row[column] is not None] + [feature, *split_list(also)]
            ranked = sorted((rank, name) for name in names if (rank := _rank(fold(name), wanted)) is not None)
            if ranked:
                rank, match = ranked[0]
                point = None if row.geometry is None else row.geometry.representative_point()
                record = {"layer": layer.id, "id": feature, **{f"name_{lang}": row[f"name_{lang}"] for lang in atlas.languages}}
                record |= {"match": match, "lon": point and round(point.x, 5), "lat": point and round(point.y, 5)}
                hits.append((rank, record))
    return [record for _, record in sorted(hits, key=lambda hit: hit[0])]


def like(atlas: Atlas, text: str) -> str | None:
    """Give the name, in any language or an alternative one, that is spelt most like a text; None if none is."""
    known: dict[str, str] = {}
    for layer in atlas.layers:
        frame = atlas.features(layer.id)
        columns = [frame[column] for column in (*(f"name_{lang}" for lang in atlas.languages), "names_alt") if column in frame.columns]
        for name in (name for column in columns for names in column for name in split_list(names)):
            known.setdefault(fold(name), name)
    near = get_close_matches(fold(text), known, n=1, cutoff=0.75)
    return known[near[0]] if near else None


def _rank(name: str, wanted: str) -> int | None:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    # A bare number is a corridor's number, not a digit in some id.
    return 2 if wanted in name and not wanted.isdigit() else None
