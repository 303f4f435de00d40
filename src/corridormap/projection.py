"""The plane that an atlas is worked on: what may serve as one is said here, once."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from corridormap.antimeridian import continuous
from corridormap.errors import UsageError

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

    from corridormap.model import Box


@lru_cache(maxsize=64)
def from_degrees(crs: str) -> Transformer:
    """Give what turns longitude and latitude into a CRS, and back; making one takes longer than most of what is asked of it."""
    from pyproj import Transformer

    return Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def in_metres(crs: str, *, reaching: Box | None = None) -> CRS:
    """Read the name of a CRS for planar work.

    Parameters
    ----------
    crs : str
        As EPSG or PROJ has it.
    reaching : tuple of float, optional
        West, south, east, north in degrees: what it must reach.

    Raises
    ------
    UsageError
        If there is none of that name, it is not projected in metres, is not of the Earth, or has no place for what it must reach.
    """
    found = _plane(crs, reaching)
    if isinstance(found, UsageError):
        raise UsageError(found.what, hint=found.hint)
    return found


@lru_cache(maxsize=64)
def _plane(crs: str, reaching: Box | None) -> CRS | UsageError:
    """Read a name, or say what is wrong with it, once: for a name that it does not know PROJ searches all that it knows."""
    import numpy as np
    from pyproj import CRS, Transformer
    from pyproj.exceptions import ProjError

    try:
        found = CRS.from_user_input(crs)
    except ProjError:
        return UsageError(f"no CRS {crs!r}", hint="For instance EPSG:32642, or a PROJ string.")
    if not found.is_projected or any(axis.unit_name != "metre" for axis in found.axis_info):
        return UsageError(f"{crs} is not projected in metres", hint="Give one for the region, such as EPSG:32642.")
    try:
        to_plane = Transformer.from_crs("EPSG:4326", found, always_xy=True)
    except ProjError:
        return UsageError(f"nothing on Earth can be projected to {crs}", hint="For instance EPSG:32642, or a PROJ string.")
    if reaching is not None:
        west, south, east, north = continuous(reaching)
        lon, lat = np.array(list(product((west, (west + east) / 2, east), (south, (south + north) / 2, north)))).T
        flat = np.array(to_plane.transform(lon, lat))
        if not np.isfinite(flat).all():
            row = int(np.argmin(np.isfinite(flat).all(axis=0)))
            return UsageError(f"{crs} does not reach {lon[row]:g}, {lat[row]:g}", hint="Give one for the region of `view`.")
    return found
