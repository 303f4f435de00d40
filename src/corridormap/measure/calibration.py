"""Calibrating a line: its kilometres become those of the posts along it, or of its M values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely

from corridormap.errors import DataError, UsageError
from corridormap.measure.alignments import Alignment, alignment, alignments, is_name
from corridormap.measure.marks import UNITS, marked
from corridormap.measure.nearest_points import as_points
from corridormap.measure.tables import TABLES, numbers, points_of, read_table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from corridormap.atlas import Atlas


def calibrate(
    line: object,
    *,
    posts: pd.DataFrame | str | Path | None = None,
    m: Literal["km", "m"] | None = None,
    km: str = "km",
    chainage: str | None = None,
    extrapolate: bool = False,
    within_m: float = 1000.0,
    atlas: Atlas | None = None,
    way: int = 0,
) -> Alignment:
    """Give a line the official kilometres of the posts along it, or those of its M values.

    Between two posts kilometres go on evenly with the measured length. What is made can be handed to `locate`, `chainage`, `cut`, `events`
    and `spans`, which then take and give official kilometres; lengths stay measured.

    Parameters
    ----------
    line : str or line
        A corridor's id or number, or a line; see `alignment`.
    posts : DataFrame, GeoDataFrame or file, k rows
        One row a post, in any order: its kilometre, and where it stands: as a point, or as the chainage of the line.
    m : {"km", "m"}, optional
        In place of posts: what the M values of the line are. `alignment` uses M by itself where its unit is plain.
    km : str
        The column with the kilometres of the posts.
    chainage : str, optional
        The column with the measured chainage of the posts, in kilometres; by default their points count.
    extrapolate : bool
        Whether kilometres go on beyond the first and the last post, at the mean of all between; otherwise there are none.
    within_m : float
        Posts farther from the line are refused.
    atlas, way : Atlas and int, optional
        The atlas, by default the one that comes with the package; which of the corridor's ways, by default the main one.

    Returns
    -------
    Alignment
        Its ``posts`` has a row for each post, in order along the line: ``row, km, chainage_km, offset_m`` (from the line) and
        ``residual_m``: how far its kilometre is from what its two neighbours alone would say. Its ``note`` tells the largest of them,
        places with two kilometres (chainage equations), kilometres a quarter longer or shorter than they measure (broken chainage), and
        what lies beyond the posts. Posts that descend along the line turn it.

    Raises
    ------
    UsageError
        If neither or both of posts and M are given, there are too few posts, or a column is missing or holds no numbers.
    DataError
        If kilometres do not increase along the line, or posts lie too far from it; each is named with its row and place. Or the line
        has no M.

    Notes
    -----
    ISO 19148:2021, linear referencing method of the kind *interpolative* with referents; what PostGIS does with ST_AddMeasure between two
    ends, and ArcGIS with Calibrate Routes.

    Examples
    --------
    >>> import pandas as pd
    >>> from shapely import LineString
    >>> posts = pd.DataFrame({"km": [100, 150, 171], "at": [0.0, 50.2, 71.4]})
    >>> line = calibrate(LineString([(66, 50), (67, 50)]), posts=posts, chainage="at")
    >>> line.ends_km, round(line.posts.residual_m[1])
    ((100.0, 171.0), 81)
    """
    if (posts is None) == (m is None):
        raise UsageError("give either posts or m", hint="Posts are a table; m='km' or m='m' says what the line's M values are.")
    if m is not None:
        return _by_own_m(line, m)
    import pandas as pd

    base = alignment(line, atlas=atlas, way=way)
    if base.marks is not None:
        raise UsageError(f"{base.name} speaks in kilometres of posts or of M already", hint="Give the line itself; of M make force_2d.")
    table, points = _posts(posts, chainage)
    said = numbers(table, km, what="the posts")
    rows = [f"row {label}" for label in table.index]
    if points is None:
        assert chainage is not None
        at, offset = numbers(table, chainage, what="the posts"), np.zeros(len(table))
        base.check(at, rows=table.index)
    else:
        _, found = base.nearest.of_points(points)
        at, offset = found.km, found.offset_m
        _check_near(points, offset, within_m, rows)
    note = f"calibrated on {len(table)} posts" + ("" if points is None else f", at most {offset.max(initial=0):.0f} m from the line")
    known = pd.DataFrame({"row": table.index, "km": said, "chainage_km": at, "offset_m": offset})
    return marked(base, at, km=said, rows=rows, note=note, extrapolate=extrapolate, posts=known)


def _posts(posts: object, chainage: str | None) -> tuple[pd.DataFrame, NDArray[np.object_] | None]:
    """Read the table of posts, and unless they have a chainage their points."""
    import pandas as pd

    if chainage is not None and isinstance(posts, str | Path) and Path(posts).suffix.lower() in TABLES:
        posts = read_table(posts)
    if chainage is not None and isinstance(posts, pd.DataFrame):
        return posts, None
    if (
        isinstance(posts, pd.DataFrame)
        and "geometry" not in posts
        and not hasattr(posts, "crs")
        and points_of(posts, what="the posts") is None
    ):
        hint = "Give a GeoDataFrame of points, or name the column with the measured kilometres: chainage=…."
        raise UsageError("the posts have neither points nor a chainage", hint=hint)
    read = as_points(posts)
    if read.frame is None:
        raise UsageError(f"the posts must be a table, not {type(posts).__name__}", hint="Its columns are the kilometre and the point.")
    return read.frame, None if chainage is not None else read.geometries


def _by_own_m(line: object, unit: Literal["km", "m"]) -> Alignment:
    if unit not in UNITS:
        raise UsageError(f"m must be 'km' or 'm', not {unit!r}")
    if is_name(line) or isinstance(line, Alignment):
        raise UsageError("only a line of yours has M values", hint="Give the line, or the path of its file; for a corridor give posts.")
    lines = alignments(line, m=unit)
    if len(lines) > 1:
        raise DataError(f"{len(lines)} lines where one is wanted", where="the line", hint="Choose one row.")
    return lines[0]


def _check_near(points: NDArray[np.object_], offset_m: NDArray[np.float64], within_m: float, rows: list[str]) -> None:
    bad = np.flatnonzero(~(offset_m <= within_m))
    if len(bad):
        row = bad[0]
        if np.isnan(offset_m[row]):
            raise DataError("has no point", where="the posts", feature=rows[row], hint="Leave it out, or name its chainage.")
        x, y = shapely.get_coordinates(points[row])[0]
        hint = f"Mend it, or allow more than within_m={within_m:g}."
        raise DataError(f"{x:.5f}, {y:.5f} lies {offset_m[row]:.0f} m from the line", where="the posts", feature=rows[row], hint=hint)
