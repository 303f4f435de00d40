"""CM0xx: the file and its text. The reader proves these while it reads."""

from __future__ import annotations

from corridormap.checks.rule import Severity, TextRule


class CanBeRead(TextRule):
    """A file can be read: it is a regular file, there are the rights to it, and no circle of links leads to it."""

    code = "CM001"
    hint = "Check the path and the rights."


class Utf8(TextRule):
    """The text is UTF-8 (RFC 8259, 8.1: MUST)."""

    code = "CM002"
    hint = "Save the file as UTF-8."


class NoMark(TextRule):
    """The text does not begin with a byte order mark (RFC 8259, 8.1: MUST NOT). A warning, since readers MAY ignore it."""

    code = "CM003"
    severity = Severity.WARNING
    repair = "bom"
    hint = "Save the file as UTF-8 without BOM."


class Json(TextRule):
    """The text is JSON to the letter (RFC 8259): nothing missing at its end, nothing after it, no comments, no comma too many."""

    code = "CM004"


class NoNan(TextRule):
    """No number is NaN or Infinity, which JSON does not have (RFC 8259, 6)."""

    code = "CM005"
    hint = "A figure that is unknown is null; a position that is unknown has no place in a geometry."


class UniqueNames(TextRule):
    """No object gives a name twice: readers disagree which counts, and one is lost (RFC 8259, 4: SHOULD; I-JSON, RFC 7493: MUST)."""

    code = "CM006"
    hint = "Delete one of the two."


class Depth(TextRule):
    """Arrays and objects are nested no more than 200 levels deep."""

    code = "CM007"
    hint = "A geometry needs at most a handful of levels; look for brackets that were never closed."


class DoubleRange(TextRule):
    """Every number fits a double (RFC 8259, 6; I-JSON): one like 1e999 becomes infinite or stops the reader."""

    code = "CM008"
    severity = Severity.WARNING


class WholeCharacters(TextRule):
    r"""No text holds half of a surrogate pair, such as "\\ud800" alone (RFC 8259, 8.2): it stands for no character."""

    code = "CM009"
    severity = Severity.WARNING
    hint = "Look where the text was cut in the middle of a character."


class NotBlank(TextRule):
    """A file is not empty."""

    code = "CM010"
    hint = 'A collection of nothing is {"type":"FeatureCollection","features":[]}.'


class RightFormat(TextRule):
    """A file is what its name says: no archive, database, image or web page under the name of GeoJSON."""

    code = "CM011"


class SequenceFraming(TextRule):
    """Each text of a sequence with record separators ends with a line feed (RFC 8142, 2.1, and RFC 7464, 2.1)."""

    code = "CM012"
    severity = Severity.WARNING
    hint = "End each text with a line feed; without it a reader cannot tell whether the text was cut off."


class ReadToTheEnd(TextRule):
    """A file was looked at to its end. Not so where thousands of errors made it pointless, or one object is too large to hold."""

    code = "CM013"
    hint = "Mend what was found and check again."


class ForeignReadable(TextRule):
    """A file of another format (GeoPackage, FlatGeobuf, Shapefile, KML) can be opened and read."""

    code = "CM014"
    hint = "Open it in QGIS or with ogrinfo; a Shapefile needs its .shx and .dbf beside it."
