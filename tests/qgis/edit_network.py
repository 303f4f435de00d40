"""Run by QGIS's own Python: work through the project for editing as an editor would, save, and say as JSON what was found and done.

The job, JSON on standard input: ``project``, ``prefix`` of the layers' ids, ``node`` (``at``, ``values``), ``link`` (``from``, ``through``,
``values``), ``move`` (``node``, ``to``), ``change`` (``link``, ``column``, ``label``), ``write`` (``layer``, ``feature``, ``column``, ``text``).
"""

import json
import os
import sys

from qgis.core import QgsApplication, QgsGeometry, QgsMapSettings, QgsPointXY, QgsProject, QgsRectangle, QgsSnappingUtils, QgsVectorLayer
from qgis.core import QgsVectorLayerUtils as Utils
from qgis.gui import QgsAttributeDialog, QgsAttributeEditorContext, QgsGui
from qgis.PyQt.QtCore import QEventLoop, QSize, QTimer
from qgis.PyQt.QtWidgets import QTabWidget

messages = []


def described(layer):
    fields = layer.fields()
    return {
        "valid": layer.isValid(),
        "read_only": layer.readOnly(),
        "features": layer.featureCount(),
        "source": layer.source(),
        "widgets": {field.name(): layer.editorWidgetSetup(fields.indexOf(field.name())).type() for field in fields},
    }


def wait(milliseconds):
    # Lists of features to refer to are filled beside.
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec_()


def faults(layer):
    """What of the features in the file a form would not accept."""
    columns = range(len(layer.fields()))
    return [
        [feature["id"], layer.fields()[column].name(), *found]
        for feature in layer.getFeatures()
        for column in columns
        for good, found in [Utils.validateAttribute(layer, feature, column)]
        if not good
    ]


def filled_in(layer, geometry, values):
    """Add a feature by the form, as a click on the map opens it: what it proposes, what it refuses, and what was saved."""
    feature = Utils.createFeature(layer, geometry, {}, layer.createExpressionContext())
    dialog = QgsAttributeDialog(layer, feature, False, None, True)
    form = dialog.attributeForm()
    form.setMode(QgsAttributeEditorContext.AddFeatureMode)
    dialog.show()
    wait(1500)
    names = layer.fields().names()
    proposed = {name: str(feature[name]) for name in names if feature[name]}
    columns = range(len(names))
    refused = [names[column] for column in columns if not Utils.validateAttribute(layer, feature, column)[0]]
    for name, value in values.items():
        form.changeAttribute(name, value)
    wait(500)
    tabs = form.findChild(QTabWidget)
    done = {"tabs": [tabs.tabText(index) for index in range(tabs.count())], "proposed": proposed, "refused": refused, "saved": form.save()}
    done["feature"] = {name: feature[name] or None for feature in layer.getFeatures() if feature.id() < 0 for name in names}
    dialog.close()
    return done


def snapped(project, at):
    """Where a click near a place lands, with the project's snapping."""
    settings = QgsMapSettings()
    settings.setDestinationCrs(project.crs())
    settings.setLayers([layer for layer in project.mapLayers().values() if isinstance(layer, QgsVectorLayer)])
    settings.setOutputSize(QSize(800, 800))
    settings.setExtent(QgsRectangle(at[0] - 0.1, at[1] - 0.1, at[0] + 0.1, at[1] + 0.1))
    utils = QgsSnappingUtils()
    utils.setMapSettings(settings)
    utils.setConfig(project.snappingConfig())
    match = utils.snapToMap(QgsPointXY(*at))
    return match.layer().id() if match.isValid() else None, [match.point().x(), match.point().y()]


def moved(nodes, links, node, to):
    """Move a node and the ends that lie on it, as the vertex tool does where what meets is edited together."""
    feature = next(nodes.getFeatures(f"id = '{node}'"))
    old, new = feature.geometry().asPoint(), QgsPointXY(*to)
    nodes.changeGeometry(feature.id(), QgsGeometry.fromPointXY(new))
    followed = []
    for link in links.getFeatures():
        line = link.geometry().asPolyline()
        if old in {line[0], line[-1]}:
            links.changeGeometry(link.id(), QgsGeometry.fromPolylineXY([new if point == old else point for point in line]))
            followed.append(link["id"])
    return followed


def chosen(links, link, column, label):
    """Change a value by the list of the form: by what it is called there."""
    index = links.fields().indexOf(column)
    values = {name: value for entry in links.editorWidgetSetup(index).config()["map"] for name, value in entry.items()}
    links.changeAttributeValue(next(links.getFeatures(f"id = '{link}'")).id(), index, values[label])
    return values


def written(layer, feature, column, text):
    """Write a text into a feature of another file of facts, and save."""
    started = layer.isEditable() or layer.startEditing()
    fid = next(layer.getFeatures(f"id = '{feature}'")).id()
    return started and layer.changeAttributeValue(fid, layer.fields().indexOf(column), text) and layer.commitChanges()


def main(job):
    project = QgsProject.instance()
    read = project.read(job["project"])
    layers = {name: described(layer) for name, layer in project.mapLayers().items() if isinstance(layer, QgsVectorLayer)}
    nodes, links = (project.mapLayer(f"{job['prefix']}_edit_{name}") for name in ("nodes", "links"))
    result = {
        "read": read,
        "layers": layers,
        "same_crs": project.crs() == nodes.crs() == links.crs(),
        "topological": project.topologicalEditing(),
        "relations": {name: relation.isValid() for name, relation in project.relationManager().relations().items()},
        "faults": faults(nodes) + faults(links),
        "started": [layer.startEditing() or layer.isEditable() for layer in (nodes, links)],
    }
    result["node"] = filled_in(nodes, QgsGeometry.fromPointXY(QgsPointXY(*job["node"]["at"])), job["node"]["values"])
    start = next(nodes.getFeatures(f"id = '{job['link']['from']}'")).geometry().asPoint()
    result["snapped"] = snapped(project, [start.x() + 0.001, start.y() - 0.001])
    line = [start, *(QgsPointXY(*place) for place in job["link"]["through"]), QgsPointXY(*job["node"]["at"])]
    result["link"] = filled_in(links, QgsGeometry.fromPolylineXY(line), job["link"]["values"])
    result["followed"] = moved(nodes, links, **job["move"])
    result["values"] = chosen(links, **job["change"])
    name = job["write"].pop("layer")
    result["written"] = written(project.mapLayer(f"{job['prefix']}_edit_{name}"), **job["write"])
    # Newer versions save all at once.
    result["saved"] = [not layer.isEditable() or layer.commitChanges() or layer.commitErrors() for layer in (nodes, links)]
    result["left"] = [layer.isModified() for layer in (nodes, links)]
    return {**result, "messages": messages}


os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
application = QgsApplication([], True)
application.initQgis()
QgsGui.editorWidgetRegistry().initEditors()
application.messageLog().messageReceived.connect(lambda text, tag, level: messages.append([tag, text]))
print(json.dumps(main(json.load(sys.stdin)), ensure_ascii=False, default=str))
application.exitQgis()
