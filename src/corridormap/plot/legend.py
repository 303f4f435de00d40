"""The legend: every corridor shown with number, name and length, then a row for every other symbol on the map."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from corridormap.cartography import legend as key
from corridormap.cartography.symbols import number_of, strokes
from corridormap.plot.canvas import INK, PAPER, RULE, SOFT, text_width, wrap
from corridormap.words import number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corridormap.model import Layer
    from corridormap.plot.canvas import Canvas
    from corridormap.plot.scene import Scene

SAMPLE = 20.0
"""Length of a line's sample in points."""


@dataclass(frozen=True)
class Row:
    """One line of the legend; a heading has no sample."""

    text: str
    sample: Callable[[float, float], None] | None = None
    number: int | None = None
    mode: str | None = None
    colour: str = INK
    figure: str = ""
    heading: bool = False
    last: bool = False


def shield(canvas: Canvas, x: float, y: float, number: int, *, mode: str | None, colour: str, z: float, kind: str) -> None:
    """Draw a corridor's number around a point: square for rail, round for road."""
    font = canvas.font(6.2, bold=True)
    wide, high = shield_size(canvas, number)
    box = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    canvas.rectangle(box, colour=PAPER, edge=colour, width=1.1 * canvas.grow, z=z, round_by=0 if mode == "rail" else high / 2 - 0.1)
    text = str(number)
    canvas.text(x - canvas.text_width(text, font) / 2, y - font.size * 0.365, text, font, z=z + 0.01, kind=kind)


def shield_size(canvas: Canvas, number: int) -> tuple[float, float]:
    """Width and height of a shield in points."""
    font = canvas.font(6.2, bold=True)
    high = 9.6 * canvas.grow
    return max(high, canvas.text_width(str(number), font) + 5.2 * canvas.grow), high


class Legend:
    """The legend's rows, to be set in columns of any width."""

    def __init__(self, canvas: Canvas, rows: Sequence[Row]) -> None:
        self.canvas = canvas
        self.rows = rows
        self.font = canvas.font(6.4)
        self.head = canvas.font(6.8, bold=True)
        self.figures = canvas.font(6.4, colour=SOFT)
        self.leading = 8.2 * canvas.grow
        self.gap = 3.0 * canvas.grow
        self.sample = SAMPLE * canvas.grow
        self.indent = self.sample + 5 * canvas.grow
        self.badge = max([shield_size(canvas, row.number)[0] for row in rows if row.number is not None], default=0) + 4 * canvas.grow

    def _lines(self, row: Row, width: float) -> list[str]:
        if row.heading:
            figure = text_width(row.figure, self.figures)
            lines = wrap(row.text, self.head, width)
            # What the figures mean stands in the heading's own line if there is room, else in the next.
            return lines if text_width(lines[-1], self.head) + figure + 6 <= width or not figure else [*lines, ""]
        room = width - self._text_at(row) - (text_width(row.figure, self.figures) + 8 * self.canvas.grow if row.figure else 0)
        return wrap(row.text, self.font, max(room, 20))

    def _text_at(self, row: Row) -> float:
        return self.indent + (self.badge if row.number is not None else 0)

    def row_height(self, row: Row, width: float) -> float:
        """Height of a row in a column of this width."""
        lines = len(self._lines(row, width)) * self.leading
        least = 0 if row.number is None else shield_size(self.canvas, row.number)[1]
        return max(lines, least) + self.gap + (2.5 * self.canvas.grow if row.heading else 0)

    def columns(self, width: float, count: int) -> tuple[float, list[list[Row]]]:
        """Share the rows out among columns: the lowest height that holds them, no heading left alone at a foot."""
        heights = [self.row_height(row, width) for row in self.rows]
        # Which heights are possible is known: the sums of rows that follow each other.
        sums = np.cumsum([0.0, *heights])
        tries = sorted({float(b - a) for i, a in enumerate(sums) for b in sums[i + 1 :]})
        limit = tries[bisect_left(tries, 1, key=lambda height: int(len(self._filled(heights, height)) <= count))]
        return limit, self._filled(heights, limit)

    def _filled(self, heights: Sequence[float], limit: float) -> list[list[Row]]:
        columns: list[list[Row]] = [[]]
        used = 0.0
        for i, row in enumerate(self.rows):
            need = heights[i] + (heights[i + 1] if row.heading and i + 1 < len(heights) else 0)
            if columns[-1] and used + need > limit + 1e-6:
                columns.append([])
                used = 0.0
            columns[-1].append(row)
            used += heights[i]
        return columns

    def draw(self, x: float, top: float, width: float, rows: Sequence[Row]) -> None:
        """Set one column down from its top left corner."""
        canvas = self.canvas
        y = top
        for row in rows:
            lines = self._lines(row, width)
            font, left = (self.head, x) if row.heading else (self.font, x + self._text_at(row))
            first = y - self.leading * 0.78
            for i, line in enumerate(lines):
                if line:
                    canvas.text(left, first - i * self.leading, line, font, z=31, kind="legend")
            if row.figure:
                at = first - (len(lines) - 1) * self.leading if row.heading else first
                canvas.text(x + width - text_width(row.figure, self.figures), at, row.figure, self.figures, z=31, kind="legend")
            middle = first + font.size * 0.36
            if row.sample:
                row.sample(x, middle)
            if row.number is not None:
                place = x + self.indent + (self.badge - 4 * canvas.grow) / 2
                shield(canvas, place, middle, row.number, mode=row.mode, colour=row.colour, z=31, kind="legend")
            y -= self.row_height(row, width)
            if row.heading:
                rule = np.array([(x, y + self.gap), (x + width, y + self.gap)])
                canvas.lines([rule], colour=RULE, width=0.5 * canvas.grow, z=30, cap="round", clip=False)


def rows(scene: Scene) -> list[Row]:
    """Gather the legend's rows: itineraries with their lengths, then the other layers' symbols, then how lines are drawn."""
    found: list[Row] = []
    others: list[Row] = []
    for record in scene.records:
        if record.build == "itineraries":
            found += _itineraries(scene, record)
        elif not (located := scene.located(record.id)).empty:
            made = key.rows(scene.atlas, record, located)
            # The only one of its kind is not known by its kind alone.
            alone = [row for row in made if row.count] if len(located) == sum(row.count is not None for row in made) else []
            others += [_row(scene, row, record, before=f"{scene.text(record.name)} · " if row in alone else "") for row in made]
    drawn: dict[str, Row] = {}
    for record in scene.records:
        for row in key.drawing_rows(scene.atlas, record, scene.frames[record.id]) if record.build == "itineraries" else ():
            drawn.setdefault(scene.text(row.text), _row(scene, row, record))
    others += sorted(drawn.values(), key=lambda row: row.last)
    return [*found, Row(scene.say("print.symbols"), heading=True), *others] if others else found


def _itineraries(scene: Scene, record: Layer) -> list[Row]:
    frame = scene.frames[record.id]
    facts = {row["id"]: row for row in frame.to_dict("records")}
    abroad = "length_abroad_km" in frame and (frame["length_abroad_km"].fillna(0) > 0).any()
    figures = scene.say("print.lengths_abroad" if abroad else "print.lengths", country=scene.text(scene.atlas.record.country_name))
    found = [Row(scene.text(record.name), heading=True, figure=figures)]
    for row in key.rows(scene.atlas, record, frame):
        corridor, *lengths = (number_of(facts[row.feature].get(name)) for name in ("number", "length_km", "length_abroad_km"))
        home, away = ("" if length is None else number(length, lang=scene.lang) for length in lengths)
        figure = f"{home} + {away}" if lengths[1] else home
        shown = {"number": None if corridor is None else int(corridor), "mode": row.mode, "colour": row.symbol.colour, "figure": figure}
        found.append(replace(_row(scene, row, record), **shown))
    return found


def _row(scene: Scene, row: key.Row, record: Layer, before: str = "") -> Row:
    """Give a row with its sample; lines have no casing here."""
    canvas = scene.canvas

    def draw(x: float, y: float) -> None:
        if record.geometry == "Point":
            canvas.points([(x + SAMPLE * canvas.grow / 2, y)], row.symbol, z=31, clip=False)
            return
        run = np.array([(x + 1, y), (x + SAMPLE * canvas.grow, y)])
        for stroke in strokes(row.symbol, mode=row.mode, doubt=row.doubt):
            canvas.stroke([run], stroke, z=31, clip=False)

    return Row(before + scene.text(row.text), draw, last=row.doubt)
