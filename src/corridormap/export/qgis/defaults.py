"""What QGIS proposes for a new node or link, as expressions: what is drawn and named tells ids, ends and country; no source is made up."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from corridormap.export.qgis.qxml import literal, quoted
from corridormap.geodesic import METRES_PER_DEGREE

if TYPE_CHECKING:
    from collections.abc import Sequence

NEAR_DEGREES = 0.01
"""An end that lies no nearer to any node, about a kilometre, is at none."""
"""Of longitude on the equator; for distances so small that a metre more or less is none."""

CYRILLIC = (
    "а=a б=b в=v г=g д=d е=e ё=yo ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e "
    "ю=yu я=ya є=ye і=i ї=yi ў=u ґ=g ғ=g қ=k ң=n ү=u ұ=u һ=h ҳ=h ҷ=j ә=a ө=o ӣ=i ӯ=u"
)
OTHERS = "ß=ss æ=ae ð=d ø=o þ=th đ=d ı=i ł=l œ=oe ə=a"
LATIN = {chr(code): unicodedata.normalize("NFD", chr(code))[0] for code in range(0xDF, 0x180) if chr(code).islower()}
LETTERS = dict(pair.split("=") for pair in f"{CYRILLIC} {OTHERS}".split()) | {
    letter: bare for letter, bare in LATIN.items() if bare.isascii()
}
"""Small letter → what ids have in its place: Cyrillic as English maps spell it, Latin ones without their marks."""


def plain(name: str) -> str:
    """Write a name in small Latin letters, digits and hyphens; of a script that `LETTERS` lacks nothing is left."""
    spelt = ",".join(f"{literal(letter)},{literal(latin)}" for letter, latin in LETTERS.items())
    return f"regexp_replace(regexp_replace(replace(lower({name}), map({spelt})), '[^a-z0-9]+', '-'), '^-+|-+$', '')"


def node_id(nodes: str, *, names: Sequence[str]) -> str:
    """Propose a node's id by its name, as the atlas's are: small letters, digits, hyphens; where it is taken, with the kind behind."""
    slug = plain(quoted("name_en" if "name_en" in names else names[0]))
    taken = f"get_feature({literal(nodes)}, 'id', @slug) IS NOT NULL"
    chosen = f"if({taken}, @slug || coalesce('-' || {quoted('kind')}, ''), @slug)"
    return _until_added(nodes, f"with_variable('slug', {slug}, nullif({chosen}, ''))")


def link_id(links: str) -> str:
    """Propose a link's id by its mode and ends."""
    return _until_added(links, f"{quoted('mode')} || ':' || {quoted('from')} || '-' || {quoted('to')}")


def _until_added(layer: str, proposed: str) -> str:
    """Propose an id as long as a form is being filled in; a feature of the layer keeps its own, whatever else of it is edited.

    A feature that is new to the layer has no number yet; to QGIS 3.22 that is the first one's, which lies elsewhere.
    """
    same = "geom_to_wkt(geometry(@kept)) = geom_to_wkt($geometry)"
    return f"with_variable('kept', get_feature_by_id({literal(layer)}, $id), if({same}, attribute(@kept, 'id'), {proposed}))"


def nearest_node(nodes: str, end: str) -> str:
    """Propose the node at an end of a link: ``start_point`` or ``end_point``."""
    apart = f"distance($geometry, {end}(geometry(@parent)))"
    found = f"aggregate({literal(nodes)}, 'array_agg', {quoted('id')}, filter:={apart} < {NEAR_DEGREES}, order_by:={apart})"
    return f"array_first({found})"


def country_of(outline: str, *, codes: Sequence[str], line: bool = False) -> str:
    """Propose the country whose outline holds a place, or the middle of a line; of an atlas without outlines none."""
    if not codes:
        return ""
    place = "geometry(@parent)"
    place = f"line_interpolate_point({place}, length({place}) / 2)" if line else place
    code = quoted("country") if len(codes) > 1 else literal(codes[0])
    return f"array_first(aggregate({literal(outline)}, 'array_agg', {code}, filter:=intersects($geometry, {place})))"


def fits(nodes: str, column: str, *, metres: float) -> str:
    """Tell whether a link's end lies at the node that `column` names."""
    end = "start_point($geometry)" if column == "from" else "end_point($geometry)"
    node = f"geometry(get_feature({literal(nodes)}, 'id', {quoted(column)}))"
    # The 180th meridian has two longitudes.
    across = f"abs(x({end}) - x({node}))"
    east = f"min({across}, 360 - {across}) * cos(radians(y({node})))"
    apart = f"{METRES_PER_DEGREE} * sqrt(({east})^2 + (y({end}) - y({node}))^2)"
    return f"{apart} <= {metres:g}"
