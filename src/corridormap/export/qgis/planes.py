"""The planes of a QGIS project: its own, which QGIS knows by a code if any such is true enough, and the atlas's, for sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS, Proj, Transformer

from corridormap.antimeridian import continuous, wrapped
from corridormap.export.qgis.qxml import authority
from corridormap.words import number, say

if TYPE_CHECKING:
    from corridormap.atlas import Atlas

FALSE_BY = 0.05
"""By what share of a length a plane may be false anywhere in the view, for a project to be opened in it rather than in the atlas's own."""
METHODS = {"Albers Equal Area": "albers", "Lambert Azimuthal Equal Area": "azimuthal", "Transverse Mercator": "mercator"}


def plane(atlas: Atlas) -> CRS:
    """Give the atlas's own plane, for sheets; one that has no name is given that of its method."""
    crs = CRS.from_user_input(atlas.planar_crs)
    if crs.name != "unknown":
        return crs
    return CRS.from_json_dict(crs.to_json_dict() | {"name": plane_name(crs, lang="en")})


def project_plane(atlas: Atlas) -> CRS:
    """Give the plane of a project: the atlas's if it has a code, else the zone of UTM about its middle, if that is true enough.

    What has no code QGIS calls unknown. Lengths are measured on the ellipsoid whatever the plane.
    """
    own = plane(atlas)
    if authority(own) is not None:
        return own
    west, south, east, north = continuous(atlas.record.view)
    zone = int((wrapped((west + east) / 2) + 180) % 360 // 6) + 1
    known = CRS.from_epsg((32600 if south + north > 0 else 32700) + zone)
    lon, lat = np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9))
    scales = Proj(known).get_factors(lon, lat).meridional_scale
    return known if np.all(np.abs(scales - 1) <= FALSE_BY) else own


def plane_name(crs: CRS, *, lang: str) -> str:
    """Name a plane to readers: by its code, or its method and where it is true."""
    if (code := authority(crs)) is not None:
        return f"{crs.name} ({':'.join(code)})"
    operation = crs.coordinate_operation
    if operation is None:
        return str(crs.name)
    method = METHODS.get(operation.method_name)
    named = say(f"gis.{method}", lang=lang) if method else operation.method_name
    angles = [(one.name, f"{number(float(one.value), lang=lang, digits=4)}°") for one in operation.params if one.unit_name == "degree"]
    parallels = [text for name, text in angles if "standard parallel" in name]
    parallels = parallels or [text for name, text in angles if name.startswith("Latitude of")]
    meridians = [text for name, text in angles if name.startswith("Longitude of")]
    return ", ".join([named, *(f"{letter} {' / '.join(texts)}" for letter, texts in (("φ", parallels), ("λ", meridians)) if texts)])


def view(atlas: Atlas, crs: CRS, *, aspect: float | None = None) -> dict[str, int]:
    """Give the atlas's view in a plane, grown to the shape of a map's frame if it has one."""
    west, south, east, north = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform_bounds(*continuous(atlas.record.view))
    width, height = east - west, north - south
    if aspect is not None:
        width, height = max(width, height * aspect), max(height, width / aspect)
    x, y = (west + east) / 2, (south + north) / 2
    return {"xmin": round(x - width / 2), "ymin": round(y - height / 2), "xmax": round(x + width / 2), "ymax": round(y + height / 2)}
