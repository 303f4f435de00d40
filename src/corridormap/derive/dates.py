"""As of: the day each link, statement and figure was true on, and what is older than some months."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from corridormap import geojson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from corridormap.atlas import Atlas

Row = dict[str, Any]


def as_of(atlas: Atlas) -> list[Row]:
    """List each link, statement and published figure with the date it was true on.

    That is the date it carries itself, or else its source's: the latest, if it has several sources.

    Returns
    -------
    list of dict
        ``kind`` ("link", "statement" or "figure"), ``id``, ``what`` (the figure; None for a link), ``date`` (None if neither it nor any
        of its sources has one), ``own`` (whether the date is its own), ``sources`` and ``titles`` (those the date comes from).
    """
    rows = []
    for kind, owner, what, own, sources in _facts(atlas):
        known = {name: atlas.sources[name].date for name in sources if name in atlas.sources}
        latest = max((day for day in known.values() if day), default=None)
        told = sources if own else [name for name, day in known.items() if day == latest]
        titles = [atlas.sources[name].title for name in told if name in atlas.sources]
        row = {"kind": kind, "id": owner, "what": what, "date": own or latest, "own": own is not None}
        rows.append({**row, "sources": geojson.join_list(told), "titles": geojson.join_list(titles)})
    return rows


def stale(atlas: Atlas, *, months: int, on: date) -> list[Row]:
    """List what was true longer ago than some calendar months before a day, as `as_of` does: without a date first, then the oldest first.

    What is dated on the very day that lies so far back is not older. A year or month counts from its first day: it may be as old.
    """
    limit = _months_before(on, months)
    days = [(None if row["date"] is None else _first_day(row["date"]), row) for row in as_of(atlas)]
    old = [(day or date.min, row) for day, row in days if day is None or day < limit]
    return [row for _, row in sorted(old, key=lambda pair: (pair[1]["date"] is not None, pair[0]))]


def _facts(atlas: Atlas) -> Iterator[tuple[str, str, str | None, str | None, Sequence[str]]]:
    """Yield every fact: its kind, its id, its figure, its own date, its sources."""
    links = atlas.links
    own = links["as_of"] if "as_of" in links.columns else [None] * len(links)
    for link, day, source in zip(links["id"], own, links["source"], strict=True):
        yield "link", link, None, day, geojson.split_list(source)
    for statement in atlas.statements.values():
        figure = None if statement.figure is None else " ".join(filter(None, [f"{statement.figure:g}", statement.unit]))
        yield "statement", statement.id, figure, statement.date, statement.sources
    for itinerary in atlas.itineraries.values():
        for length in itinerary.lengths:
            span = "" if length.start is None else f", {length.start} – {length.end}"
            yield "figure", itinerary.id, f"{length.km:g} km{span}", length.date, [length.source]
    for layer in atlas.layers:
        if layer.build == "lines" and layer.input is not None:
            yield from _figures(atlas.facts(layer.input).drop(columns="geometry").to_dict("records"))


def _figures(features: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str, str, None, Sequence[str]]]:
    """Yield the lengths that features themselves say were published."""
    for properties in features:
        km, source = properties.get("length_published_km"), properties.get("length_published_source")
        if isinstance(km, int | float) and isinstance(source, str):
            yield "figure", str(properties["id"]), f"{km:g} km", None, [source]


def _first_day(day: str) -> date:
    return date.fromisoformat("-".join([*day.split("-"), "01", "01"][:3]))


def _months_before(day: date, months: int) -> date:
    """Return the same day of the month some months earlier, or the last of that month if it is shorter; no earlier than there are dates."""
    import calendar

    year, month = divmod(12 * day.year + day.month - 1 - months, 12)
    if year < date.min.year:
        return date.min
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
