import csv
import io

import pytest

from corridormap.atlas import Atlas
from corridormap.derive.tables import lengths_table, statements_table, to_csv
from corridormap.measure.itineraries import published_km


def test_measured_stands_beside_published(tiny):
    rows = [row for row in lengths_table(Atlas.open(tiny)) if row["kind"] == "official"]
    south, coast = rows
    assert (south["from"], south["to"], south["published_km"], south["source"]) == ("west", "middle", 98.0, "made-up")
    assert south["difference_percent"] == pytest.approx(100 * (south["measured_km"] / 98.0 - 1), abs=0.1)
    assert coast["reason_ru"] == "Посчитано без ветви."


def test_sections_and_countries_add_up(tiny):
    rows = [row for row in lengths_table(Atlas.open(tiny)) if row["itinerary"] == "south"]
    whole = {row["country"]: row["measured_km"] for row in rows if row["kind"] == "whole"}
    sections = [row for row in rows if row["kind"] == "section"]
    assert [(row["from"], row["to"]) for row in sections] == [("west", "middle"), ("middle", "gate"), ("gate", "east")]
    assert set(whole) == {"IS", "FO"}
    assert sum(whole.values()) == pytest.approx(sum(row["measured_km"] for row in sections), abs=0.2)


def test_a_node_passed_twice_is_taken_where_it_is_nearest(atlas):
    # Trains reverse in Aktogay: the way passes Preduzlovaya on the way in and on the way out.
    northern = atlas.itineraries["rail-1-northern"]
    link = atlas.layer("network_links").set_index("id")["length_km"]
    assert published_km(atlas, northern, "preduzlovaya", "sayak") == pytest.approx(link["rail:preduzlovaya-sayak"], abs=0.01)
    assert published_km(atlas, northern, "beskol", "preduzlovaya") == pytest.approx(link["rail:beskol-preduzlovaya"], abs=0.01)


def test_sections_follow_the_direction_of_travel(tiny):
    rows = [row for row in lengths_table(Atlas.open(tiny)) if row["itinerary"] == "coast" and row["kind"] == "section"]
    assert (rows[0]["from"], rows[0]["to"]) == ("south", "middle")


def test_statements_join_to_features(tiny):
    (row,) = statements_table(Atlas.open(tiny))
    assert row["about"] == "south"
    assert row["figure"] == 1.5


def test_csv_reads_back(tiny):
    rows = statements_table(Atlas.open(tiny))
    (read,) = csv.DictReader(io.StringIO(to_csv(rows)))
    assert read["text_ru"] == rows[0]["text_ru"]
    assert read["note_en"] == ""
    assert to_csv([]) == ""
