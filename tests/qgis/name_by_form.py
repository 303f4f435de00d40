"""Run by QGIS's own Python: give a feature of each kind another name by the form that stands beside a file, and say what it has become.

Arguments: what QGIS opens, and a column of truth values. Prints, as JSON, its values before → after, of the features that were changed.
"""

import json
import os
import sys

from qgis.core import QgsApplication, QgsVectorLayer
from qgis.gui import QgsAttributeDialog, QgsGui
from qgis.PyQt.QtWidgets import QDialogButtonBox


def values(place, column):
    """Feature → its value."""
    found = {feature["id"]: feature[column] for feature in QgsVectorLayer(place, "read", "ogr").getFeatures()}
    return {name: None if value in (None, "") or str(value) == "NULL" else int(value) for name, value in found.items()}


def main(place, column):
    before = values(place, column)
    layer = QgsVectorLayer(place, "edited", "ogr")
    layer.startEditing()
    chosen = {value: name for name, value in before.items()}
    for name in chosen.values():
        dialog = QgsAttributeDialog(layer, next(layer.getFeatures(f"id = '{name}'")), False, None, True)
        dialog.show()
        dialog.attributeForm().changeAttribute("name_en", "Renamed")
        next(filter(None, (box.button(QDialogButtonBox.Ok) for box in dialog.findChildren(QDialogButtonBox)))).click()
        dialog.close()
    assert layer.commitChanges(), layer.commitErrors()
    after = values(place, column)
    return [[before[name], after[name]] for name in chosen.values()]


os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
application = QgsApplication([], True)
application.initQgis()
QgsGui.editorWidgetRegistry().initEditors()
print(json.dumps(main(*sys.argv[1:])))
sys.stdout.flush()
os._exit(0)  # a form that was open may take QGIS down with it
