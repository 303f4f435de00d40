"""Run by the Python of a QGIS, of any version: what it reads, by the jobs on standard input; of a project, the layer within."""

import json
import os
import sys

from qgis.core import Qgis, QgsApplication, QgsFields, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QVariant

application = QgsApplication([], False)
application.initQgis()


def plain(value):
    if value is None or (isinstance(value, QVariant) and value.isNull()):
        return None
    return value.toString(Qt.ISODate) if isinstance(value, (QDate, QDateTime)) else value


def opened(job):
    path = job["path"]
    if job["format"] in {"qgis", "gpkg"}:
        if job["format"] == "gpkg":
            storage = QgsApplication.projectStorageRegistry().projectStorageFromType("geopackage")
            (name,) = storage.listProjects(f"geopackage:{path}")
            path = f"geopackage:{path}?projectName={name}"
        project = QgsProject.instance()
        if project.fileName() != path:
            assert project.read(path), project.error()
        return next(layer for layer in project.mapLayers().values() if layer.id().endswith("_" + job["inner"]))
    return QgsVectorLayer(path + (f"|layername={job['inner']}" if job["inner"] else ""), job["layer"], "ogr")


def read(job):
    layer = opened(job)
    assert layer.isValid(), job
    # What the style lets QGIS make of other columns is not in the file.
    fields = layer.fields()
    names = [field.name() for index, field in enumerate(fields) if fields.fieldOrigin(index) == QgsFields.OriginProvider]
    features = [
        {
            "properties": {name: plain(feature[name]) for name in names},
            "geometry": bytes(feature.geometry().asWkb()).hex() if feature.hasGeometry() else None,
        }
        for feature in layer.getFeatures()
    ]
    return {"features": features, "crs": layer.crs().description()}


print(json.dumps({"version": Qgis.QGIS_VERSION, "layers": [read(job) for job in json.load(sys.stdin)]}))
sys.stdout.flush()
# Some versions crash while they close.
os._exit(0)
