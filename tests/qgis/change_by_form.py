"""Run by QGIS's own Python: change features by the forms of the project for editing, save, and say as JSON what each form took.

The job, JSON on standard input: ``project``, ``prefix`` of the layers' ids, and a list of ``changes`` (``layer``, ``feature``, ``values``),
each by a form of its own; a value that the form refuses is not saved.
"""

import json
import os
import sys

from qgis.core import QgsApplication, QgsProject
from qgis.core import QgsVectorLayerUtils as Utils
from qgis.gui import QgsAttributeDialog, QgsGui, QgsRelationReferenceWidget
from qgis.PyQt.QtCore import QEventLoop, QTimer
from qgis.PyQt.QtWidgets import QDialogButtonBox


def wait(milliseconds):
    # Lists of features to refer to are filled beside.
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec_()


def changed(project, prefix, change):
    """Change values in a feature's form; press OK if it may be pressed, and say whether it may."""
    layer = project.mapLayer(f"{prefix}_edit_{change['layer']}")
    if not layer.isEditable():
        layer.startEditing()
    dialog = QgsAttributeDialog(layer, next(layer.getFeatures(f"id = '{change['feature']}'")), False, None, True)
    dialog.show()
    wait(1000)
    form = dialog.attributeForm()
    references = {next(iter(widget.relation().fieldPairs())): widget for widget in dialog.findChildren(QgsRelationReferenceWidget)}
    for name, value in change["values"].items():
        if name in references:
            references[name].setForeignKeys([value])
        else:
            form.changeAttribute(name, value)
    wait(300)
    (ok,) = [box.button(QDialogButtonBox.Ok) for box in dialog.findChildren(QDialogButtonBox) if box.button(QDialogButtonBox.Ok)]
    enabled = ok.isEnabled()
    columns = {name: layer.fields().indexOf(name) for name in change["values"]}
    feature = form.currentFormFeature()
    told = [name for name, column in columns.items() if not Utils.validateAttribute(layer, feature, column)[0]]
    if enabled:
        ok.click()
    dialog.close()
    return {"ok": enabled, "told": told}


def main(job):
    project = QgsProject.instance()
    project.read(job["project"])
    done = [changed(project, job["prefix"], change) for change in job["changes"]]
    layers = {project.mapLayer(f"{job['prefix']}_edit_{change['layer']}") for change in job["changes"]}
    # Newer versions save all at once.
    return {"done": done, "saved": all(not layer.isEditable() or layer.commitChanges() for layer in layers)}


os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
application = QgsApplication([], True)
application.initQgis()
QgsGui.editorWidgetRegistry().initEditors()
print(json.dumps(main(json.load(sys.stdin)), ensure_ascii=False))
sys.stdout.flush()
os._exit(0)  # a form that was open may take QGIS down with it
