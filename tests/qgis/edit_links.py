"""Run by QGIS's own Python: move one vertex of a link in links.geojson with QGIS's editing, save, and say what was done."""

import json
import os
import sys

from qgis.core import QgsApplication, QgsPointXY, QgsVectorLayer


def edit(path, link, vertex, lon, lat):
    layer = QgsVectorLayer(path, "links", "ogr")
    feature = next(item for item in layer.getFeatures() if item["id"] == link)
    before = feature.geometry().vertexAt(vertex)
    started = layer.startEditing()
    geometry = feature.geometry()
    geometry.moveVertex(lon, lat, vertex)
    changed = layer.changeGeometry(feature.id(), geometry)
    saved = layer.commitChanges()
    return {
        "started": started,
        "changed": changed,
        "saved": saved,
        "errors": layer.commitErrors(),
        "before": [before.x(), before.y()],
        "moved_to": QgsPointXY(lon, lat).toString(6),
    }


os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
application = QgsApplication([], False)
application.initQgis()
print(json.dumps(edit(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5]))))
application.exitQgis()
