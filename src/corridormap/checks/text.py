"""CM001 to CM014, CM103, CM316: a file and its text. The reader itself proves these while it reads."""

from __future__ import annotations

from corridormap.checks.rule import Severity, TextRule

TextRule.define(
    "CM001",
    "A file can be read: it is a regular file, there are the rights to it, and no circle of links leads to it.",
    hint="Check the path and the rights.",
)
TextRule.define("CM002", "The text is UTF-8 (RFC 8259, 8.1: MUST).", hint="Save the file as UTF-8.")
TextRule.define(
    "CM003",
    "The text does not begin with a byte order mark (RFC 8259, 8.1: MUST NOT). A warning, since readers MAY ignore it.",
    Severity.WARNING,
    repair="bom",
    hint="Save the file as UTF-8 without BOM.",
)
TextRule.define(
    "CM004", "The text is JSON to the letter (RFC 8259): nothing missing at its end, nothing after it, no comments, no comma too many."
)
TextRule.define(
    "CM005",
    "No number is NaN or Infinity, which JSON does not have (RFC 8259, 6).",
    hint="A figure that is unknown is null; a position that is unknown has no place in a geometry.",
)
TextRule.define(
    "CM006",
    "No object gives a name twice: readers disagree which counts, and one is lost (RFC 8259, 4: SHOULD; I-JSON, RFC 7493: MUST).",
    hint="Delete one of the two.",
)
TextRule.define(
    "CM007",
    "Arrays and objects are nested no more than 200 levels deep.",
    hint="A geometry needs at most a handful of levels; look for brackets that were never closed.",
)
TextRule.define(
    "CM008", "Every number fits a double (RFC 8259, 6; I-JSON): one like 1e999 becomes infinite or stops the reader.", Severity.WARNING
)
TextRule.define(
    "CM009",
    'No text holds half of a surrogate pair, such as "\\\\ud800" alone (RFC 8259, 8.2): it stands for no character.',
    Severity.WARNING,
    hint="Look where the text was cut in the middle of a character.",
)
TextRule.define("CM010", "A file is not empty.", hint='A collection of nothing is {"type":"FeatureCollection","features":[]}.')
TextRule.define("CM011", "A file is what its name says: no archive, database, image or web page under the name of GeoJSON.")
TextRule.define(
    "CM012",
    "Each text of a sequence with record separators ends with a line feed (RFC 8142, 2.1, and RFC 7464, 2.1).",
    Severity.WARNING,
    hint="End each text with a line feed; without it a reader cannot tell whether the text was cut off.",
)
TextRule.define(
    "CM013",
    "A file was looked at to its end. Not so where thousands of errors made it pointless, or one object is too large to hold.",
    hint="Mend what was found and check again.",
)
TextRule.define(
    "CM014",
    "A file of another format (GeoPackage, FlatGeobuf, Shapefile, KML) can be opened and read.",
    hint="Open it in QGIS or with ogrinfo; a Shapefile needs its .shx and .dbf beside it.",
)
TextRule.define(
    "CM103", "A GeoJSON text is one JSON object (RFC 7946, 2).", hint='Wrap features in {"type":"FeatureCollection","features":[…]}.'
)
TextRule.define(
    "CM316",
    "A file of another format than GeoJSON names its coordinate reference system.",
    Severity.WARNING,
    hint="A Shapefile does so in a .prj beside it; in QGIS, “Set layer CRS” and save it.",
)
