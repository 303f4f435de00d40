"""Run by QGIS's own Python: say of what types it takes the fields of each file to be."""

import json
import sys

from qgis.core import QgsApplication, QgsVectorLayer


def types(path):
    return {field.name(): field.typeName() for field in QgsVectorLayer(path, "layer", "ogr").fields()}


# Layers must be gone before QGIS shuts down, or it crashes on the way out: they live in the function.
application = QgsApplication([], False)
application.initQgis()
print(json.dumps([types(path) for path in sys.argv[1:]]))
application.exitQgis()
