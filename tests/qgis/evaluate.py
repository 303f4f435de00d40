"""Run by QGIS's own Python: evaluate each expression of a list, JSON on standard input, and say as JSON what comes out."""

import json
import os
import sys

from qgis.core import QgsApplication, QgsExpression

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
application = QgsApplication([], False)
application.initQgis()
print(json.dumps([QgsExpression(text).evaluate() for text in json.load(sys.stdin)]))
application.exitQgis()
