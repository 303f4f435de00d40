"""Run by Debian's Python: what its GDAL reads, by the jobs on standard input."""

import json
import sys

from osgeo import gdal, ogr

gdal.UseExceptions()
ogr.UseExceptions()
OPTIONS = {"csv": ["EMPTY_STRING_AS_NULL=YES"]}
DATES = {ogr.OFTDate, ogr.OFTDateTime}


def value(feature, number):
    if not feature.IsFieldSetAndNotNull(number):
        return None
    definition = feature.GetFieldDefnRef(number)
    if definition.GetType() in DATES:
        return feature.GetFieldAsString(number).replace("/", "-")
    found = feature.GetField(number)
    return bool(found) if definition.GetSubType() == ogr.OFSTBoolean else found


def read(job):
    source = gdal.OpenEx(job["path"], gdal.OF_VECTOR, open_options=OPTIONS.get(job["format"], []))
    layer = source.GetLayerByName(job["inner"]) if job["inner"] else source.GetLayer(0)
    names = [field.GetName() for field in layer.schema]
    features = []
    for feature in layer:
        shape = feature.GetGeometryRef()
        features.append(
            {
                "properties": {name: value(feature, number) for number, name in enumerate(names)},
                "geometry": None if shape is None else bytes(shape.ExportToWkb()).hex(),
            }
        )
    where = layer.GetSpatialRef()
    return {"features": features, "crs": where.GetName() if where else None}


print(json.dumps({"version": gdal.__version__, "layers": [read(job) for job in json.load(sys.stdin)]}))
