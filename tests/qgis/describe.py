"""Run by QGIS's own Python: open what the job names, and say as JSON what QGIS makes of it.

The job, JSON on standard input: ``layers`` {name: uri}, ``slds`` {name: [uri, path]}, ``projects`` {name: {"path", "image", "labels", "pdf", "probes", "hide", "only"}}.
"""

import json
import os
import sys

from qgis.core import (
    QgsApplication,
    QgsAttributeEditorContainer,
    QgsAttributeEditorElement,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsDistanceArea,
    QgsExpression,
    QgsExpressionContextScope,
    QgsExpressionContextUtils,
    QgsGeometryGeneratorSymbolLayer,
    QgsLayerTreeGroup,
    QgsLayerTreeModel,
    QgsLayoutExporter,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize

messages = []


def strokes(symbol):
    """Colours of a symbol's layers, those of generated lines included."""
    found = []
    for part in symbol.symbolLayers():
        inner = part.subSymbol() if isinstance(part, QgsGeometryGeneratorSymbolLayer) else None
        found += strokes(inner) if inner else [{"kind": part.layerType(), "colour": part.color().name(), **widths(part)}]
    return found


def widths(part):
    if part.layerType() == "SimpleLine":
        return {"width": part.width(), "offset": part.offset(), "dashes": part.useCustomDashPattern()}
    return {"shape": part.shape(), "size": part.size()} if part.layerType() == "SimpleMarker" else {}


def renderer(layer):
    drawn = layer.renderer()
    if drawn is None or drawn.type() != "categorizedSymbol":
        return {"type": drawn.type() if drawn else None}
    categories = {item.value(): {"label": item.label(), "strokes": strokes(item.symbol())} for item in drawn.categories()}
    return {"type": drawn.type(), "by": drawn.classAttribute(), "categories": categories}


def said(layer, text, scale=5_000_000):
    """What the label of each feature is on a map of this layer alone."""
    context, expression, found = layer.createExpressionContext(), QgsExpression(text), []
    context.lastScope().setVariable("map_scale", scale)
    context.lastScope().setVariable("map_layer_ids", [layer.id()])
    for feature in layer.getFeatures():
        context.setFeature(feature)
        found.append(expression.evaluate(context))
    return found


def labels(layer):
    """Each rule of a layer's labels, of which most layers have one."""
    if not layer.labelsEnabled() or layer.labeling() is None:
        return []
    labeling, found = layer.labeling(), []
    for provider in labeling.subProviders():
        settings = labeling.settings(provider)
        text = settings.format()
        shape = text.background()
        found.append(
            {
                "text": settings.fieldName,
                "good": not QgsExpression(settings.fieldName).hasParserError(),
                "says": said(layer, settings.fieldName),
                "scaled": settings.scaleVisibility,
                "smallest": settings.minimumScale,
                "shield": shape.enabled(),
            }
        )
    return found


def tips(layer, count=3):
    found = []
    for feature in list(layer.getFeatures())[:count]:
        context = layer.createExpressionContext()
        context.setFeature(feature)
        found.append(QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context))
    return found


def tabs(layer):
    """Each tab of a layer's form with its fields and, by their validity, its relations."""
    found = []
    for tab in layer.editFormConfig().tabs():
        if isinstance(tab, QgsAttributeEditorContainer):
            parts = tab.children()
            lists = [part.relation().isValid() for part in parts if part.type() == QgsAttributeEditorElement.AeTypeRelation]
            fields = [part.name() for part in parts if part.type() == QgsAttributeEditorElement.AeTypeField]
            found.append({"name": tab.name(), "fields": fields, "relations": lists})
    return found


def titles(layer):
    """Feature → the titles that stand for each list of ids."""
    columns = [name for name in layer.fields().names() if name.endswith("_titles")]
    return {feature["id"]: {name: feature[name] for name in columns} for feature in layer.getFeatures()} if columns else {}


def shown(layer, count=20):
    """What forms and tables show of the first features: each column's value as its widget has it."""
    context, found = layer.createExpressionContext(), []
    columns = {name: QgsExpression(f'represent_value("{name}")') for name in layer.fields().names()}
    for feature in list(layer.getFeatures())[:count]:
        context.setFeature(feature)
        found.append({name: str(column.evaluate(context)) for name, column in columns.items()})
    return found


def themes(project):
    """Each theme applied: what it shows, layer by layer, with the labels of the legend's rows that are ticked."""
    root, found = project.layerTreeRoot(), {}
    model = QgsLayerTreeModel(root)
    for name in project.mapThemeCollection().mapThemes():
        project.mapThemeCollection().applyTheme(name, root, model)
        shown = [leaf for leaf in root.findLayers() if leaf.isVisible()]
        found[name] = {
            leaf.layerId(): [
                item.label()
                for item in leaf.layer().renderer().legendSymbolItems()
                if leaf.layer().renderer().legendSymbolItemChecked(item.ruleKey())
            ]
            for leaf in shown
            if isinstance(leaf.layer(), QgsVectorLayer) and leaf.layer().renderer()
        }
    return found


def bookmarks(project):
    """Each bookmark's group, name and box in degrees."""
    found = []
    for mark in project.bookmarkManager().bookmarks():
        extent = mark.extent()
        to_degrees = QgsCoordinateTransform(extent.crs(), QgsCoordinateReferenceSystem("EPSG:4326"), project.transformContext())
        box = to_degrees.transformBoundingBox(extent)
        found.append([mark.group(), mark.name(), [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()]])
    return found


def degrees(item):
    """How a map's grid names lines that meet its edge in the lower corners, and in the middle below and on the left."""
    box, grid = item.extent(), item.grids().grid(0)
    there = QgsCoordinateTransform(item.crs(), grid.crs(), QgsProject.instance())

    def named(axis, x, y):
        place = there.transform(QgsPointXY(x, y))
        context, scope = item.createExpressionContext(), QgsExpressionContextScope()
        scope.setVariable("grid_axis", axis)
        scope.setVariable("grid_number", place.x() if axis == "x" else place.y())
        context.appendScope(scope)
        return QgsExpression(grid.annotationExpression()).evaluate(context)

    low, left, right = box.yMinimum(), box.xMinimum(), box.xMaximum()
    return [*(named("x", x, low) for x in (left, right, box.center().x())), named("y", left, box.center().y())]


def printed(layout, pdf):
    """Describe a layout, and print it if there is a place to; of one with an atlas every page."""
    maps = [item for item in layout.items() if isinstance(item, QgsLayoutItemMap)]
    atlas = layout.atlas()
    found = {
        "items": sorted(item.id() for item in layout.items() if hasattr(item, "id") and item.id()),
        "scales": {item.id(): item.scale() for item in maps},
        "grids": {item.id(): item.grids().size() for item in maps},
        "degrees": [names for item in maps if item.grids().size() for names in degrees(item)],
        "pages": atlas.updateFeatures() if atlas.enabled() else 0,
    }
    if pdf:
        settings = QgsLayoutExporter.PdfExportSettings()
        path = f"{pdf}_{'pages' if atlas.enabled() else layout.name()}.pdf"
        if atlas.enabled():
            found["pdf"], found["error"] = QgsLayoutExporter.exportToPdf(atlas, path, settings)
        else:
            found["pdf"] = QgsLayoutExporter(layout).exportToPdf(path, settings)
    for item in layout.items():
        # How much room it takes, whatever it has.
        if isinstance(item, QgsLayoutItemLegend):
            item.setResizeToContents(True)
            item.adjustBoxSize()
    boxes = {item.id(): item.mapRectToScene(item.rect()) for item in layout.items() if hasattr(item, "id") and item.id()}
    found["boxes"] = {name: [box.left(), box.top(), box.right(), box.bottom()] for name, box in boxes.items()}
    return found


def describe(layer):
    if layer.source().endswith((".geojson", ".csv")):
        # As QGIS itself does when a layer is dragged into it.
        layer.loadDefaultMetadata()
    metadata = layer.metadata()
    extent = layer.extent()
    fields = layer.fields()
    widgets = {field.name(): layer.editorWidgetSetup(fields.indexOf(field.name())) for field in fields}
    return {
        "valid": layer.isValid(),
        "name": layer.name(),
        "source": layer.source(),
        "features": layer.featureCount(),
        "crs": layer.crs().authid(),
        "box": [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
        "fields": {field.name(): field.typeName() for field in fields},
        "aliases": {field.name(): layer.attributeAlias(fields.indexOf(field.name())) for field in fields},
        "hidden": sorted(column.name for column in layer.attributeTableConfig().columns() if column.hidden and column.name),
        "hidden_in_form": sorted(name for name, setup in widgets.items() if setup.type() == "Hidden"),
        "value_maps": {
            name: {label: value for entry in setup.config()["map"] for label, value in entry.items()}
            for name, setup in widgets.items()
            if setup.type() == "ValueMap"
        },
        "asks": [name for name, setup in widgets.items() if setup.type() == "ValueRelation"],
        "shown": shown(layer),
        "renderer": renderer(layer),
        "labels": labels(layer),
        "tips": tips(layer),
        "read_only": layer.readOnly(),
        "tabs": tabs(layer),
        "titles": titles(layer),
        "title": metadata.title(),
        "abstract": metadata.abstract(),
        "licences": metadata.licenses(),
        "rights": metadata.rights(),
        "links": [[link.name, link.url] for link in metadata.links()],
        "history": metadata.history(),
    }


def tree(group):
    found = []
    for child in group.children():
        node = {"name": child.name(), "shown": child.itemVisibilityChecked()}
        if isinstance(child, QgsLayerTreeGroup):
            node["children"] = tree(child)
        found.append(node)
    return found


def measured(project):
    """Length of each feature of the lines as QGIS measures it with the project's settings, in kilometres."""
    found = {}
    for layer in project.mapLayers().values():
        if not isinstance(layer, QgsVectorLayer) or "length_km" not in layer.fields().names():
            continue
        ruler = QgsDistanceArea()
        ruler.setEllipsoid(project.ellipsoid())
        ruler.setSourceCrs(layer.crs(), project.transformContext())
        found.update({feature["id"]: ruler.measureLength(feature.geometry()) / 1000 for feature in layer.getFeatures()})
    return found


def picture(project, path, probes, hide, only, view, size, *, labels):
    root = project.layerTreeRoot()
    shown = [
        layer
        for layer in root.layerOrder()
        if root.findLayer(layer.id()).isVisible() and not any(layer.id().endswith(name) for name in hide)
    ]
    if only:
        shown = [layer for layer in root.layerOrder() if any(layer.id().endswith(name) for name in only)]
    settings = QgsMapSettings()
    settings.setDestinationCrs(project.crs())
    settings.setLayers(shown)
    settings.setBackgroundColor(project.backgroundColor())
    settings.setOutputSize(QSize(*size))
    settings.setOutputDpi(96)
    settings.setExtent(QgsRectangle(*view) if view else project.viewSettings().defaultViewExtent())
    settings.setFlag(QgsMapSettings.Antialiasing, True)
    settings.setFlag(QgsMapSettings.DrawLabeling, labels)
    context = project.createExpressionContext()
    context.appendScope(QgsExpressionContextUtils.mapSettingsScope(settings))
    settings.setExpressionContext(context)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    if path:
        image.save(path)
    to_map = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), project.crs(), project.transformContext())
    seen = {}
    for name, places in probes.items():
        seen[name] = []
        for lon, lat, reach in places:
            pixel = settings.mapToPixel().transform(to_map.transform(QgsPointXY(lon, lat)))
            x, y = round(pixel.x()), round(pixel.y())
            inside = [(x + i, y + j) for i in range(-reach, reach + 1) for j in range(-reach, reach + 1)]
            seen[name].append(sorted({image.pixelColor(i, j).name() for i, j in inside if image.valid(i, j)}))
    return {"probes": seen, "errors": [error.message for error in job.errors()], "scale": settings.scale()}


def relations(project):
    found = {}
    for name, relation in project.relationManager().relations().items():
        parents = relation.referencedLayer().getFeatures() if relation.isValid() else []
        found[name] = {
            "name": relation.name(),
            "valid": relation.isValid(),
            "children": sum(len(list(relation.getRelatedFeatures(parent))) for parent in list(parents)[:5]),
        }
    return found


def open_project(job):
    project = QgsProject.instance()
    project.clear()
    result = {"read": project.read(job["path"]), "error": project.error()}
    layers = project.mapLayers()
    result |= {
        "title": project.title(),
        "abstract": project.metadata().abstract(),
        "crs": {"valid": project.crs().isValid(), "proj": project.crs().toProj(), "name": project.crs().userFriendlyIdentifier()},
        "ellipsoid": project.ellipsoid(),
        "unit": project.distanceUnits(),
        "custom_order": project.layerTreeRoot().hasCustomLayerOrder(),
        "tree": tree(project.layerTreeRoot()),
        "layers": {name: describe(layer) for name, layer in layers.items() if isinstance(layer, QgsVectorLayer)},
        "rasters": {name: [layer.isValid(), layer.source()] for name, layer in layers.items() if isinstance(layer, QgsRasterLayer)},
        "relations": relations(project),
        "measured": measured(project),
        "layouts": {},
    }
    for layout in project.layoutManager().printLayouts():
        result["layouts"][layout.name()] = printed(layout, job.get("pdf"))
    if "probes" in job or job.get("image"):
        size = job.get("size", [1600, 1000])
        result["picture"] = picture(
            project,
            job.get("image"),
            job.get("probes", {}),
            job.get("hide", []),
            job.get("only", []),
            job.get("view"),
            size,
            labels=job.get("labels", True),
        )
    result["bookmarks"] = bookmarks(project)
    # Last, since a theme changes what is shown.
    result["themes"] = themes(project)
    project.clear()
    return result


def read_sld(uri, path):
    layer = QgsVectorLayer(uri, "layer", "ogr")
    message, loaded = layer.loadSldStyle(path)
    rules = [rule for rule in layer.renderer().rootRule().descendants() if rule.symbol()]
    colours = [stroke["colour"] for rule in rules for stroke in strokes(rule.symbol())]
    return {"loaded": loaded, "message": message, "colours": colours, "filters": [rule.filterExpression() for rule in rules]}


def main(job):
    result = {
        "layers": {name: describe(QgsVectorLayer(uri, name, "ogr")) for name, uri in job.get("layers", {}).items()},
        "slds": {name: read_sld(*pair) for name, pair in job.get("slds", {}).items()},
        "projects": {name: open_project(project) for name, project in job.get("projects", {}).items()},
    }
    return result | {"messages": messages}


# Layers must be gone before QGIS shuts down, or it crashes on the way out: they live in the function.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
application = QgsApplication([], False)
application.initQgis()
application.messageLog().messageReceived.connect(lambda text, tag, level: messages.append([tag, text]))
print(json.dumps(main(json.load(sys.stdin)), ensure_ascii=False, default=str))
application.exitQgis()
