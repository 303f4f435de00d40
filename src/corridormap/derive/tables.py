"""Tables that join to the layers by id: lengths, measured beside published, and statements."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from corridormap import geojson
from corridormap.measure.itineraries import links_once, measured_links, published_km

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corridormap.atlas import Atlas
    from corridormap.model import Itinerary

Row = dict[str, Any]


def lengths_table(atlas: Atlas) -> list[Row]:
    """Table every published length beside the measured one, and every section measured for itself, in kilometres.

    Per itinerary first the whole, country by country (``kind`` "whole"), then each link of each way in order of travel (``kind``
    "section"), then each published figure, with ``difference_percent`` measured against published.
    """
    rows: list[Row] = []
    for itinerary in atlas.itineraries.values():
        rows += _totals(atlas, itinerary)
        rows += _sections(atlas, itinerary)
        for figure in itinerary.lengths:
            measured = published_km(atlas, itinerary, figure.start, figure.end)
            row = _row(atlas, itinerary, figure.kind, measured, start=figure.start, end=figure.end)
            source = atlas.sources.get(figure.source)  # one that is not there is told by CM506
            row |= {"published_km": figure.km, "source": figure.source, "date": figure.date or (source.date if source else None)}
            row["difference_percent"] = None if measured is None else round(100.0 * (measured / figure.km - 1.0), 1)
            row |= {f"reason_{lang}": (figure.reason or {}).get(lang) for lang in atlas.languages}
            rows.append(row)
    return rows


def _totals(atlas: Atlas, itinerary: Itinerary) -> list[Row]:
    """Measure the itinerary in each country it passes, the atlas's own first, in their order; each link once."""
    links = links_once(atlas, atlas.route(itinerary.id))
    totals = dict.fromkeys([*atlas.record.members, *(link.country for link in links)], 0.0)
    for link in links:
        totals[link.country] += link.km
    return [_row(atlas, itinerary, "whole", measured, country=country) for country, measured in totals.items() if measured > 0]


def _sections(atlas: Atlas, itinerary: Itinerary) -> list[Row]:
    rows = []
    for step in dict.fromkeys(step for way in atlas.route(itinerary.id) for step in way):
        link = measured_links(atlas)[step.id]
        start, end = (link.start, link.end) if step.forward else (link.end, link.start)
        rows.append(_row(atlas, itinerary, "section", link.km, start=start, end=end, country=link.country))
    return rows


def _row(atlas: Atlas, itinerary: Itinerary, kind: str, measured: float | None, **known: str | None) -> Row:
    """Make a row of the table of lengths, with null for what is not known; without ends `country` is the atlas's, or all it has."""
    row: Row = {"itinerary": itinerary.id, "kind": kind, "from": known.get("start"), "to": known.get("end")}
    row["country"] = known.get("country") or (geojson.join_list(atlas.record.members) if row["from"] is None else None)
    row["measured_km"] = None if measured is None else round(float(measured), 1)
    return row | dict.fromkeys(["published_km", "difference_percent", "source", "date", *(f"reason_{lang}" for lang in atlas.languages)])


def statements_table(atlas: Atlas) -> list[Row]:
    """Table every statement as a flat row; ``features`` joins it to features by id."""
    return [
        {
            "id": statement.id,
            "about": statement.about,
            "features": geojson.join_list(statement.features),
            "kind": statement.kind,
            "figure": statement.figure,
            "unit": statement.unit,
            "date": statement.date,
            "period": statement.period,
            "standing": statement.standing,
            **{f"text_{lang}": statement.text.get(lang) for lang in atlas.languages},
            **{f"note_{lang}": (statement.note or {}).get(lang) for lang in atlas.languages},
            "words": statement.words,
            "sources": geojson.join_list(statement.sources),
        }
        for statement in atlas.statements.values()
    ]


TABLES: dict[str, Callable[[Atlas], list[Row]]] = {"lengths": lengths_table, "statements": statements_table}


def to_csv(rows: Sequence[Row], *, columns: Sequence[str] = ()) -> str:
    """Write rows as CSV (RFC 4180, but with plain line feeds so that a diff reads well); null is an empty field.

    Without rows the columns, if there are any, are the heading.
    """
    names = list(rows[0]) if rows else list(columns)
    if not names:
        return ""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
