"""Hand the atlas to other programs.

Each format is a `Format`, registered by one line in `FORMATS`; heavy libraries are imported where they are used, so that the registry costs
nothing.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from corridormap.errors import UsageError
from corridormap.export import gpkg, kml, layer_files, maps, qgis, shapefile, topojson
from corridormap.export.bundle import LONLAT, Bundle, ExportLayer
from corridormap.export.format import Format, Written, zipped
from corridormap.export.target import place
from corridormap.files import uncollected
from corridormap.phrases import meant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridormap.atlas import Atlas

__all__ = ["FORMATS", "Bundle", "Export", "ExportLayer", "Format", "Written", "export", "find_format"]

FORMATS: dict[str, Format] = {
    known.name: known
    for known in (
        gpkg.FORMAT,
        qgis.FORMAT,
        layer_files.GEOJSON,
        layer_files.GEOJSONL,
        kml.FORMAT,
        kml.KMZ,
        layer_files.FLATGEOBUF,
        layer_files.GEOPARQUET,
        shapefile.FORMAT,
        layer_files.CSV,
        topojson.FORMAT,
        maps.SVG,
        maps.MVT,
    )
}
"""Name → format, in the order they are listed to readers."""

FILE_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,9}")
"""The end of a name that is surely meant for a file."""

SAME_AS_LONLAT = frozenset({LONLAT, "OGC:CRS84", "WGS84"})


@dataclass(frozen=True)
class Export:
    """What an export made.

    Parameters
    ----------
    format : str
        The format's name.
    target : Path
        The file or folder.
    files : dict of Path to int
        File → its size in bytes, sorted.
    features : dict of str to int
        Layer id → number of features written.
    losses : list of str
        What the result does not keep, a sentence each.
    notes : list of str
        How coordinates were transformed, and which side files of an old file went with it.
    """

    format: str
    target: Path
    files: dict[Path, int]
    features: dict[str, int]
    losses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find_format(name: str) -> Format:
    """Return a format by its name.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    if name not in FORMATS:
        raise UsageError(f"no format {name!r}", hint=meant(name, FORMATS, f"Formats are: {', '.join(FORMATS)}."))
    return FORMATS[name]


@uncollected()
def export(
    atlas: Atlas,
    target: str | Path,
    *,
    format: str,  # noqa: A002  the option's name on the command line
    layers: Sequence[str] | None = None,
    lang: str | None = None,
    crs: str = LONLAT,
    simplify: float | None = None,
    force: bool = False,
    edit: bool = False,
) -> Export:
    """Write layers of an atlas in a format that other programs read.

    Parameters
    ----------
    atlas : Atlas
        An atlas whose layers are built.
    target : str or Path
        The file or folder to write.
    format : str
        One of `FORMATS`.
    layers : sequence of str, optional
        Ids of the layers, by default all.
    lang : str, optional
        Language of titles, labels and descriptions; by default the atlas's first. Names in every language are kept as properties.
    crs : str
        CRS of the coordinates.
    simplify : float, optional
        Simplify lines by so many metres, after measuring.
    force : bool
        Replace what stands at the target, with the indexes, styles and logs beside it.
    edit : bool
        Of the format "qgis": a project alone, through which the atlas's own facts are edited where they lie.

    Returns
    -------
    Export
        Files, numbers of features and losses. The same atlas always gives the same bytes.

    Raises
    ------
    UsageError
        If the format, a layer, the language or the CRS does not exist, the target does not suit the format, or there is nothing to edit
        with these options, or no right to.
    WriteError
        If the target exists and ``force`` is not given, or it cannot be written; what stood there before is untouched.
    CorridorMapError
        If a library that the format needs is not installed.
    """
    chosen = _editing(format, layers=layers, simplify=simplify) if edit else find_format(format)
    path = Path(target)
    crs = LONLAT if crs.strip().upper() in SAME_AS_LONLAT else crs
    if crs != LONLAT and not chosen.any_crs:
        raise UsageError(f"{chosen.name} is always in {chosen.coordinates}, not in {crs}", hint="Leave out --crs.")
    folder = _check_target(chosen, path)
    bundle = Bundle.of(atlas, layers=layers, lang=lang, crs=crs, simplify=simplify)
    if chosen.kind == "layers" and not folder and len(bundle.layers) != 1:
        raise UsageError(
            f"{path}: a {chosen.suffix} file holds one layer, not {len(bundle.layers)}",
            hint="Name a folder, or one layer with --layers.",
        )
    with place(path, folder=folder, force=force) as draft:
        written = _write(chosen, bundle, draft.path, folder=folder)
    files = {file: file.stat().st_size for file in draft.files}
    gone = [f"removed with the old file: {', '.join(file.name for file in draft.removed)}"] if draft.removed else []
    return Export(chosen.name, path, files, written.features, [*bundle.losses, *written.losses], [*bundle.notes, *gone])


def _editing(form: str, **options: object) -> Format:
    """Give the format of a project to edit with, if everything else that was asked for goes with it: facts are edited as they are."""
    from corridormap.export.qgis import editing

    if form != qgis.FORMAT.name:
        raise UsageError(f"--edit goes with {qgis.FORMAT.name} alone, not with {form}", hint="Only QGIS edits the atlas's files in place.")
    for option, given in options.items():
        if given is not None:
            raise UsageError(f"--{option} does not go with --edit: the facts are edited whole, as they are", hint=f"Leave out --{option}.")
    return editing.FORMAT


def _write(chosen: Format, bundle: Bundle, target: Path, *, folder: bool) -> Written:
    """Write the layers, and into a folder or a zip what goes with them."""
    if not folder and chosen.kind != "either":
        return chosen.write(bundle, target)
    from corridormap.export.accompany import accompany

    with TemporaryDirectory(prefix="whole.", dir=target.parent) as beside:
        inner = target if folder else Path(beside)
        written = chosen.write(bundle, inner)
        accompany(bundle, inner, form=chosen, written=written)
        if not folder:
            target.write_bytes(zipped({file.name: file.read_bytes() for file in sorted(inner.iterdir())}))
    return written


def _check_target(chosen: Format, path: Path) -> bool:
    """Tell whether the target is to be a folder."""
    # Unlike Path.is_dir, it has no errors of its own; `place` reports what is wrong with a path.
    stands = os.path.isdir(path)  # noqa: PTH112
    if chosen.kind != "folder" and path.name.lower().endswith(chosen.suffix) and (chosen.kind == "file" or not stands):
        return False
    if chosen.kind == "file":
        raise UsageError(f"{path}: {chosen.name} writes one file", hint=f"End its name in {chosen.suffix}.")
    if FILE_ENDING.fullmatch(path.suffix) and not stands:
        ending = f", or a file whose name ends in {chosen.suffix}" if chosen.suffix else ""
        raise UsageError(f"{path}: {chosen.name} writes a folder{ending}", hint="Give a folder's name without such an ending.")
    return True
