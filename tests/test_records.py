"""Walk over every record of the real atlas and check what it claims against the files."""

import json
import re
import runpy
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from corridormap.checks.ground import REFERENCE
from corridormap.geodesic import lengths_km
from corridormap.geojson import split_list
from corridormap.measure.accuracy import fingerprint
from corridormap.measure.itineraries import published_km
from corridormap.trace.lock import read_lock

GEODATA = Path(__file__).parent.parent / "geodata"
LANGUAGES = ("en", "ru", "kk")
CYRILLIC = re.compile("[а-яёәғқңөұүһі]", re.IGNORECASE)
PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def test_every_source_is_whole(atlas):
    for source in atlas.sources.values():
        assert source.title.strip(), source.id
        assert source.publisher.strip(), source.id
        assert source.url is None or re.fullmatch(r"https?://[^\s<>\"]+", source.url), source.id
        if source.date is not None:
            assert PARTIAL_DATE.fullmatch(source.date), source.id
            assert source.date <= date(2026, 12, 31).isoformat(), source.id


def test_every_source_is_used(atlas):
    used = set()
    for layer in atlas.layers:
        used |= set(layer.sources)
        frame = atlas.layer(layer.id)
        for column in ("sources", "length_official_source"):
            if column in frame.columns:
                used |= {name for value in frame[column] for name in split_list(value)}
    for itinerary in atlas.itineraries.values():
        used |= {*itinerary.sources, *(figure.source for figure in itinerary.lengths)}
    for statement in atlas.statements.values():
        used |= set(statement.sources)
    for backdrop in atlas.record.backdrop:
        used |= {backdrop.source, *atlas.facts(backdrop.path)["source"]}
    used |= set(atlas.facts(atlas.record.checkpoints)["source"])
    unused = set(atlas.sources) - used
    # Kept because they were read and contradict or repeat what is used; each must say what it was read for.
    assert {name for name in unused if not atlas.sources[name].words} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_name_is_in_its_script(atlas, lang):
    for layer in atlas.layers:
        frame = atlas.layer(layer.id)
        for feature, name in zip(frame["id"], frame[f"name_{lang}"], strict=True):
            cyrillic = bool(CYRILLIC.search(name))
            assert cyrillic == (lang != "en"), (layer.id, feature, name)


def test_every_statement_is_whole(atlas):
    features = {feature for layer in atlas.layers for feature in atlas.layer(layer.id)["id"]}
    for statement in atlas.statements.values():
        for lang in LANGUAGES:
            assert statement.text[lang].endswith((".", "»", "!")), (statement.id, lang)
            assert statement.note is None or statement.note.get(lang), (statement.id, lang)
        assert (statement.figure is None) == (statement.unit is None) or statement.kind in {"count", "share"}, statement.id
        assert set(statement.features) <= features, (statement.id, set(statement.features) - features)
        for day in (statement.date, statement.period):
            assert day is None or re.match(r"\d{4}", day), (statement.id, day)


def test_counts_that_are_claimed_are_counted(atlas):
    corridors = atlas.layer("corridors")
    assert atlas.statements["corridors-11-2025"].figure == len(corridors)
    crossings = atlas.layer("crossings")
    with_russia = crossings[(crossings["neighbour"] == "RU") & (crossings["mode"] == "road")]
    claimed = {s.figure for s in atlas.statements.values() if s.about == "crossings" and s.kind == "count"}
    assert len(with_russia) in claimed


def test_the_border_claim_stands_beside_the_measured_line(atlas):
    border = atlas.layer("border").set_index("id")
    claims = {s.figure for s in atlas.statements.values() if s.about == "border"}
    assert border.loc["border:land", "length_official_km"] in claims
    assert border.loc["border:land", "length_km"] == pytest.approx(lengths_km([border.geometry["border:land"]])[0], abs=0.06)
    ends = atlas.layer("border_points").set_index("id").geometry
    land, sea = border.geometry["border:land"], border.geometry["border:caspian"]
    assert ends["border:tripoint-china"].coords[0] == land.coords[0]
    assert ends["border:shore"].coords[0] == land.coords[-1] == sea.coords[0]


def test_every_published_length_over_two_percent_is_explained(atlas):
    assert atlas.record.tolerance.length_percent <= 2.0
    for itinerary in atlas.itineraries.values():
        for figure in itinerary.lengths if itinerary.ways else ():
            measured = published_km(atlas, itinerary, figure.start, figure.end)
            assert measured is not None, itinerary.id
            if abs(measured / figure.km - 1) > 0.02:
                assert figure.reason, (itinerary.id, figure.km, measured)
            assert figure.km > 0


# Borders that are not of the atlas's country.
BORDERS_ABROAD = {"border-turkmenistan-iran": {"TM", "IR"}, "border-turkmenistan-uzbekistan": {"TM", "UZ"}}


def test_links_change_country_at_crossings_only(atlas):
    nodes, links = atlas.nodes, atlas.links
    for node in nodes.index:
        countries = set(links.loc[(links["from"] == node) | (links["to"] == node), "country"]) - {"XZ"}
        if node in BORDERS_ABROAD:
            assert countries == BORDERS_ABROAD[node]
        elif nodes.loc[node, "kind"] != "crossing":
            assert len(countries) <= 1, node


def test_every_corridor_crossing_is_in_the_crossings_layer(atlas):
    crossings = atlas.layer("crossings").set_index("id")
    for itinerary in atlas.itineraries.values():
        if itinerary.layer != "corridors":
            continue
        for way in itinerary.ways:
            for node in way.nodes:
                if atlas.nodes.loc[node, "kind"] == "crossing":
                    assert itinerary.id in split_list(crossings.loc[node, "corridors"])
                    assert crossings.loc[node, "mode"] == itinerary.mode


def test_the_summits(atlas):
    venues = atlas.layer("venues")
    summits = venues[venues["kind"] == "summit"].set_index("date")
    assert {"2022-10-14", "2025-10-09", "2025-10-10"} <= set(summits.index)
    assert summits.loc["2025-10-09", "city_en"] == "Dushanbe"
    for day, building in zip(summits.index, summits["building_en"], strict=True):
        date.fromisoformat(day)
        assert building is None or building.strip()


def test_a_section_under_works_says_so(atlas):
    for row in atlas.layer("we_wc_segment").itertuples():
        begun = row.works_start is not None and not pd.isna(row.works_start) and row.works_start <= 2026
        assert (row.status == "works") == begun, row.id


def test_official_figures_stand_in_their_source(atlas):
    for itinerary in atlas.itineraries.values():
        for figure in itinerary.lengths:
            words = atlas.sources[figure.source].words
            if figure.kind == "official" and words:
                digits = re.sub(r"(?<=\d)[\s,](?=\d{3}\b)", "", words)
                assert re.search(rf"(?<!\d){figure.km:g}(?!\d)", digits), (itinerary.id, figure.km, words)


def test_works_sections_follow_each_other(atlas):
    sections = atlas.layer("we_wc_segment").sort_values("section")
    ends = [(line.coords[0], line.coords[-1]) for line in sections.geometry]
    assert [end for _, end in ends[:-1]] == [start for start, _ in ends[1:]]
    assert (sections["lanes_planned"] == 4).all()


ACCURACY = json.loads((GEODATA / "accuracy.json").read_text(encoding="utf-8"))


def test_every_link_was_measured_as_it_is_now(atlas):
    """Against a line, or by its gaps, or there is a reason why not; the finest class against a line alone."""
    links, lock = atlas.layer("network_links").set_index("id"), read_lock(atlas)
    assert set(ACCURACY["links"]) == set(links.index)
    for link, row in ACCURACY["links"].items():
        # A line that was edited since must be measured anew with the reference files: python geodata/accuracy.py --rail … --road …
        assert row["shape"] == fingerprint(links.geometry[link]), link
        assert row["shape"] == fingerprint(atlas.links.geometry[link]), link
        assert ("p95_m" in row) != ("why" in row), link
        if links.loc[link, "accuracy_m"] <= 300:
            assert row.get("against") == REFERENCE or link in lock, link
        if row.get("against") == REFERENCE:
            assert row["p95_m"] <= links.loc[link, "accuracy_m"], link


def test_the_tolerance_for_straight_lines_is_the_measured_one(atlas):
    for mode, share in ACCURACY["detours"].items():
        assert 100 * share == pytest.approx(atlas.record.tolerance.detour_percent, abs=1.5), mode


def test_the_readme_tells_the_measured_distances_from_track():
    readme = (GEODATA / "README.md").read_text(encoding="utf-8")
    medians, p95s, lengths = ([row[key] for row in ACCURACY["track"]] for key in ("median_m", "p95_m", "length_km"))
    assert f"{min(medians):.0f}–{max(medians):.0f} m (median) and {min(p95s):.0f}–{max(p95s):.0f} m (95 %), stretch by stretch" in readme
    assert f"{sum(lengths) / 10:.0f}0 km:" in readme.replace(",", "")


def test_the_accuracy_statement_is_the_measured_one(atlas):
    readme = (GEODATA / "README.md").read_text(encoding="utf-8")
    # Run, not imported: that would write a compiled file into the atlas, which other tests copy meanwhile.
    assert runpy.run_path(str(GEODATA / "accuracy.py"))["table"](atlas, ACCURACY) in readme


def test_what_is_coarse_is_dashed_and_explained(atlas):
    links = atlas.layer("network_links")
    coarse = links[links["accuracy_m"] > 300]
    for lang in LANGUAGES:
        assert coarse[f"remark_{lang}"].notna().all()
    for layer in ("corridors", "north_south", "we_wc_segment", "network_links"):
        assert atlas.layer_record(layer).style.dash_over_m <= 2000
