"""Small OpenStreetMap files, drawn in kilometres east and north of 60° E 50° N."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

import geopandas as gpd
import pytest
from shapely import Point

from corridormap.trace import Wanted, read_extract, trace

MAIN = {"railway": "rail", "usage": "main"}


def lonlat(east, north, lon=60.0):
    return round((lon + east / 71.696 + 180) % 360 - 180, 7), round(50.0 + north / 111.229, 7)


def xml(points, ways, *, named=None, lon=60.0, date="2026-11-01"):
    """Write an .osm file: points by id in kilometres, ways as (ids, tags), tags of points by id."""

    def tags(of):
        return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in of.items())

    lines = ['<osm version="0.6">']
    for number, (east, north) in sorted(points.items()):
        at = lonlat(east, north, lon)
        lines.append(f'<node id="{number}" version="1" lon="{at[0]:.7f}" lat="{at[1]:.7f}">{tags((named or {}).get(number, {}))}</node>')
    for number, (refs, of) in sorted(ways.items()):
        nodes = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{number}" version="1" timestamp="{date}T00:00:00Z">{nodes}{tags(of)}</way>')
    return "\n".join([*lines, "</osm>"])


def places(at, *, lon=60.0, **more):
    """Make a frame of nodes at kilometres."""
    rows = [{"id": name, "kind": "station", "accuracy_m": 100.0, "name_en": name.title(), "names_alt": None} | more for name in at]
    return gpd.GeoDataFrame(rows, geometry=[Point(*lonlat(*place, lon)) for place in at.values()], crs="EPSG:4326").set_index(
        "id", drop=False
    )


@pytest.fixture
def traced(tmp_path):
    """Trace from one place to another over a small file; give the result, its doubts by kind, and the length in kilometres."""

    def run(points, ways, at, *, mode="rail", named=None, lon=60.0, refs=(), locked=(), nodes=None):
        path = tmp_path / "region.osm"
        path.write_text(xml(points, ways, named=named, lon=lon))
        extract = read_extract([path], mode=mode)
        nodes = places(at, lon=lon) if nodes is None else nodes
        (one,) = trace(extract, links=[Wanted("link", *at, refs=refs, locked=locked)], nodes=nodes)
        return one, {doubt.kind: doubt for doubt in one.doubts}, one.metres / 1000.0

    return run
