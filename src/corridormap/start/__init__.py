"""A new atlas: a folder that builds, validates and renders at once, with an example to replace.

Its texts are in the languages the package speaks, otherwise in English and marked.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib import resources
from string import Template
from typing import TYPE_CHECKING, Any, NamedTuple

from corridormap import geojson, words
from corridormap.errors import UsageError, WriteError
from corridormap.files import write_all
from corridormap.model import LANGUAGE
from corridormap.start.geography import find_code, region

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geopandas import GeoDataFrame

    from corridormap.start.geography import Region

__all__ = ["Untranslated", "check_languages", "find_code", "lay_out"]

ACCURACY_M = 5000.0
"""Natural Earth's 1:10m lines, thinned, against better ones: most lie within some 4 km."""
EXAMPLE_SHARE, EXAMPLE_KM = 0.5, 200.0
"""The example runs along this share of the country's width, but no farther than this."""
DETOUR_SHARE = 0.25
"""A straight line says of itself that the way strays from it by so much of its length."""
MODE = "road"


class Untranslated(NamedTuple):
    """Languages of an atlas in which its texts, or its country's name, are English for want of words."""

    texts: list[str]
    names: list[str]


def check_languages(languages: Sequence[str]) -> list[str]:
    """Return the languages as atlas.toml has them, if each is a code and is given once: EN is en, SR_latn is sr-Latn.

    Raises
    ------
    UsageError
        Naming the first that is not.
    """
    hint = "Give ISO 639 codes, with a script or a region if need be, such as en,ru,sr-Latn,pt-BR."
    found = [_as_written(lang) for lang in languages]
    for lang, count in Counter(found).items():
        if not re.search(LANGUAGE, lang):
            raise UsageError(f"not a language code: {lang!r}", hint=hint)
        if count > 1:
            raise UsageError(f"language {lang!r} is given twice")
    if not found:
        raise UsageError("no language", hint=hint)
    return found


def _as_written(lang: str) -> str:
    """Write a code with small letters, its script with a capital, its region in capitals (BCP 47, RFC 5646, 2.1.1)."""
    first, *more = lang.replace("_", "-").split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part.capitalize() for part in more)])


def lay_out(folder: Path, *, countries: Sequence[str], languages: Sequence[str]) -> tuple[list[Path], Untranslated]:
    """Write the facts of a new atlas into a folder: whole, or not at all.

    Parameters
    ----------
    folder : Path
        Where; made if it is not there.
    countries : sequence of str
        ISO 3166-1 alpha-2 codes, as `find_code` gives them.
    languages : sequence of str
        ISO 639 codes, the default language first.

    Returns
    -------
    tuple
        The files written, and in which languages texts are left to translate.

    Raises
    ------
    UsageError
        If a language is no code, a country is given twice, or the folder is a file or holds something.
    WriteError
        If the folder cannot be written.
    """
    languages = check_languages(languages)
    doubled = [code for code, count in Counter(countries).items() if count > 1]
    if doubled:
        raise UsageError(f"country {doubled[0]!r} is given twice")
    _check_empty(folder)
    words.bring(folder, [])  # it has none of its own yet, and those of an atlas opened before are not its
    foreign = Untranslated(
        [lang for lang in languages if not words.spoken(lang)], [lang for lang in languages if lang not in words.country_names()]
    )
    here = region(countries)
    files: dict[str, str] = {}
    for path, frame in _frames(here, languages).items():
        files[path] = geojson.dumps(frame, name=path.rsplit("/", 1)[-1].removesuffix(".geojson"))
    files["sources.toml"] = _template("sources.toml")
    files["corridors.toml"] = _corridors(languages, foreign.texts)
    backdrops = [name for name in ("land", "country", "boundaries", "lakes") if f"context/{name}.geojson" in files]
    files["atlas.toml"] = _atlas(here, countries, languages, foreign, backdrops)
    paths = {folder / name: text for name, text in sorted(files.items())}
    write_all(paths)
    return list(paths), foreign


def _check_empty(folder: Path) -> None:
    try:
        if folder.exists() and not folder.is_dir():
            raise UsageError("is a file, not a folder", where=folder, hint="Give the name of a new folder.")
        if folder.is_dir() and any(folder.iterdir()):
            raise UsageError("the folder is not empty", where=folder, hint="Give the name of a new folder, or empty this one.")
    except OSError as error:
        raise WriteError(f"cannot be read: {error.strerror or error}", where=folder) from None


def _frames(here: Region, languages: Sequence[str]) -> dict[str, GeoDataFrame]:
    """Gather the GeoJSON files by path; a kind of backdrop of which there is nothing has none."""
    import geopandas

    outline = [{"id": f"outline:{code}", "geometry": shape, "country": code, **_natural_earth()} for code, shape in here.outlines.items()]
    named = {code: country_names([code], languages) for code in here.outlines}
    country = [
        {"id": f"country:{code}", "geometry": shape, **_natural_earth(), **_in_languages(named[code]), "names_source": "cldr"}
        for code, shape in here.outlines.items()
    ]
    boundaries = [{"id": f"boundary:{pair}", "geometry": line, **_natural_earth()} for pair, line in here.boundaries.items()]
    lakes = [{"id": f"lake:{number}", "geometry": lake, **_natural_earth()} for number, lake in enumerate(here.lakes, start=1)]
    nodes, links = _example(here, languages)
    rows = {
        "border/outline.geojson": outline,
        "context/land.geojson": [{"id": "land", "geometry": here.land, **_natural_earth()}],
        "context/country.geojson": country,
        "context/boundaries.geojson": boundaries,
        "context/lakes.geojson": lakes,
        "network/nodes.geojson": nodes,
        "network/links.geojson": links,
    }
    return {path: geopandas.GeoDataFrame(features, geometry="geometry", crs="EPSG:4326") for path, features in rows.items() if features}


def _natural_earth() -> dict[str, Any]:
    return {"accuracy_m": ACCURACY_M, "source": "natural-earth"}


def _in_languages(text: dict[str, str]) -> dict[str, str]:
    return {f"name_{lang}": value for lang, value in text.items()}


def _example(here: Region, languages: Sequence[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Lay a straight line through the largest part of the first country; it says what it is in every language."""
    import shapely

    from corridormap.geodesic import lengths_km

    code, outline = next(iter(here.outlines.items()))
    parts = shapely.get_parts(outline)
    main = parts[shapely.area(parts).argmax()]
    middle = shapely.point_on_surface(main)
    west, _, east, _ = main.bounds
    across = shapely.intersection(shapely.linestrings([[west, middle.y], [east, middle.y]]), main)
    width = min(shapely.get_parts(across), key=middle.distance)
    whole = float(lengths_km([width])[0])
    share = min(EXAMPLE_SHARE, EXAMPLE_KM / whole) / 2
    ends = [width.interpolate(0.5 + side * share, normalized=True) for side in (-1, 1)]
    line = shapely.linestrings(shapely.get_coordinates(ends).round(geojson.LINE_DECIMALS))
    said = {"country": code, "source": "example"}
    accuracy = max(round(1000 * DETOUR_SHARE * float(lengths_km([line])[0])), 1)
    # In order of ids, as `corridormap network tidy` keeps them.
    nodes = [
        {"id": f"example-{side}", "geometry": shapely.get_point(line, index), "kind": "example", "accuracy_m": accuracy}
        | said
        | _in_languages(texts(f"node_{side}", languages))
        for side, index in (("end", -1), ("start", 0))
    ]
    link = {"id": f"{MODE}:example-start-example-end", "geometry": line, "from": "example-start", "to": "example-end", "mode": MODE}
    return nodes, [link | said | {"status": "planned", "accuracy_m": accuracy}]


def _template(name: str, /, **blanks: str) -> str:
    return Template((resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")).substitute(blanks)


def _corridors(languages: Sequence[str], foreign: Sequence[str]) -> str:
    return _template(
        "corridors.toml",
        name=inline("name", texts("example", languages), foreign),
        note=inline("note", texts("example_note", languages), foreign),
        nodes=quoted(["example-start", "example-end"]),
    )


def _atlas(here: Region, countries: Sequence[str], languages: Sequence[str], foreign: Untranslated, backdrops: Sequence[str]) -> str:
    country = country_names(countries, languages)
    kinds = {"boundaries": "boundary", "lakes": "water"}
    blanks = {name: quoted(value) for name, value in {
        "id": "-".join(countries).lower(),
        "country": countries[0] if len(countries) == 1 else countries,
        "languages": languages,
        "extent": here.extent,
        "view": here.view,
        "planar_crs": here.planar_crs,
        "accuracy": ACCURACY_M,
    }.items()}  # fmt: skip
    for name in ("title", "description"):
        blanks[name] = lines(texts(name, languages, country=country), foreign.texts)
    blanks["country_name"] = lines(country, foreign.names)
    blanks["attribution"] = lines(dict.fromkeys(languages, "Natural Earth"), [])
    for name in ("corridors", "network"):
        blanks[f"group_{name}"] = inline("name", texts(f"group_{name}", languages), foreign.texts)
    for name in ("corridors", "places", "links"):
        blanks[f"layer_{name}"] = inline("name", texts(f"layer_{name}", languages), foreign.texts)
        blanks[f"summary_{name}"] = inline("summary", texts(f"summary_{name}", languages), foreign.texts)
    blanks["backdrop"] = "\n".join(_template("backdrop.toml", id=name, kind=kinds.get(name, name)) for name in backdrops)
    return _template("atlas.toml", mode=MODE, **blanks)


def texts(key: str, languages: Sequence[str], **values: dict[str, str]) -> dict[str, str]:
    """Give a text of a new atlas in each language, with its blanks filled in; English where the package has no words."""
    filled = {lang: {blank: text[lang] for blank, text in values.items()} for lang in languages}
    return {lang: words.say(f"start.{key}", lang=lang, **filled[lang]) for lang in languages}


def country_names(codes: Sequence[str], languages: Sequence[str]) -> dict[str, str]:
    """Name one country or several in each language; in English where the CLDR's names are not at hand."""
    known = words.country_names()
    return {lang: ", ".join(known.get(lang, known[words.FALLBACK])[code] for code in codes) for lang in languages}


def lines(table: dict[str, str], foreign: Sequence[str]) -> str:
    """Write a text by language as lines of a TOML table; those in English for want of words are marked."""
    return "".join(f"{lang} = {quoted(text)}{'  # to translate' if lang in foreign else ''}\n" for lang, text in table.items())


def inline(key: str, table: dict[str, str], foreign: Sequence[str]) -> str:
    """Write a text by language as an inline TOML table; see `lines`."""
    marked = f"  # to translate: {', '.join(foreign)}" if foreign else ""
    return f"{key} = {{ {', '.join(f'{lang} = {quoted(text)}' for lang, text in table.items())} }}{marked}"


def quoted(value: object) -> str:
    """Write a text, a number or a list as TOML, whose texts are JSON's."""
    return json.dumps(value, ensure_ascii=False)
