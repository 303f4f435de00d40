"""What the GDAL of pyogrio's wheel reads, by the jobs on standard input."""

import json
import sys

import pyogrio

OPTIONS = {"csv": {"EMPTY_STRING_AS_NULL": "YES"}}


def read(job):
    about, table = pyogrio.read_arrow(job["path"], layer=job["inner"] or 0, **OPTIONS.get(job["format"], {}))
    geometry = about["geometry_name"] or "wkb_geometry"
    shapes = table[geometry].to_pylist()
    rows = table.drop([geometry]).to_pylist()
    features = [{"properties": row, "geometry": wkb.hex() if wkb else None} for row, wkb in zip(rows, shapes, strict=True)]
    return {"features": features, "crs": about["crs"]}


print(json.dumps({"version": pyogrio.__gdal_version_string__, "layers": [read(job) for job in json.load(sys.stdin)]}, default=str))
