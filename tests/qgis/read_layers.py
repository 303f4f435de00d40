"""Run by QGIS's own Python: say what QGIS makes of each file."""

import json
import sys

from qgis.core import QgsApplication, QgsVectorLayer


def describe(path):
    layer = QgsVectorLayer(path, "layer", "ogr")
    extent = layer.extent()
    return {
        "valid": layer.isValid(),
        "features": layer.featureCount(),
        "crs": layer.crs().authid(),
        "box": [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
        "fields": {field.name(): field.typeName() for field in layer.fields()},
    }


# Layers must be gone before QGIS shuts down, or it crashes on the way out: they live in the function.
application = QgsApplication([], False)
application.initQgis()
print(json.dumps({path: describe(path) for path in sys.argv[1:]}))
application.exitQgis()
