"""What the atlas got wrong once, each held against a fact from elsewhere, typed in here with its source in words."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from corridormap.geojson import split_list
from corridormap.measure.geodesic import distances_m, lengths_km

GEODATA = Path(__file__).parent.parent / "geodata"


def metres(atlas, node, lon, lat):
    """Distance from a node to a position."""
    return float(distances_m(np.array(atlas.nodes.geometry[node].coords), np.array([[lon, lat]]))[0])


def test_corridor_6_leaves_at_zhibek_zholy(atlas):
    """GeoNames has the village Zhibek Zholy at 69.36497, 41.4759; Kazygurt, by which trucks went meanwhile, lies 30 km north."""
    crossing = "x-road-zhibek-zholy-gisht-kuprik"
    assert metres(atlas, crossing, 69.36497, 41.4759) < 1000
    row = atlas.layer("crossings").set_index("id").loc[crossing]
    assert (row["name_en"], row["name_ru"], row["name_kk"]) == (
        "Zhibek Zholy – Gisht Kuprik",
        "Жибек Жолы – Гишт-Куприк",
        "Жібек Жолы – Гишт-Куприк",
    )
    assert "road-6-tashkent-khorgos" in split_list(row["corridors"])
    # The closing: trans.ru, 5 February 2025; the reopening announced for 31 July 2026: Kazinform.
    note = atlas.itineraries["road-6-tashkent-khorgos"].note
    assert "5 February 2025" in note["en"]
    assert "31 июля 2026" in note["ru"]


def test_taraz_tulkibas_runs_through_kyrgyzstan(atlas):
    """OpenStreetMap has the station Maimak at 71.20999, 42.67744, in Kyrgyzstan; 15.3 km of the track are there."""
    assert metres(atlas, "maimak", 71.20999, 42.67744) < 100
    assert atlas.nodes.loc["maimak", "country"] == "KG"
    corridors = atlas.layer("corridors").set_index("id")
    for corridor in ("rail-2-southern", "rail-5-traceca"):
        assert corridors.loc[corridor, "length_abroad_km"] == pytest.approx(15.3, abs=0.3)
        assert "Maimak" in corridors.loc[corridor, "route_en"]
    links = atlas.links
    abroad = links.loc[["rail:x-rail-sholdala-zhoon-dobo-maimak", "rail:maimak-x-rail-kurkireusu-maimak"], "country"]
    assert set(abroad) == {"KG"}
    # The loop comes back by Zhoon-Dobo, 71.26215, 42.71375 (OpenStreetMap): a straight line from Taraz passes 3 km from it.
    line = links.geometry["rail:x-rail-sholdala-zhoon-dobo-maimak"]
    assert line.distance(shapely.Point(71.26215, 42.71375)) < 0.01


def test_the_sea_leg_stays_at_sea(atlas):
    """Cape Peschany reaches to 51.31, 43.17 and Behshahr lies 22 km inland; the port's station is at 53.3208, 36.8452 (OpenStreetMap)."""
    assert metres(atlas, "amirabad", 53.3208, 36.8452) < 200
    line = atlas.links.geometry["sea:aktau-port-amirabad"]
    cape = shapely.box(51.31, 43.17, 51.38, 43.34)
    assert not line.intersects(cape)
    land = atlas.facts("context/land.geojson").union_all()
    # What is left are the two ports, which the coast at 1:10,000,000 has inland.
    assert lengths_km([line.intersection(land)])[0] < 3
