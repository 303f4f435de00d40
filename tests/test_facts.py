"""What the atlas got wrong once, each held against a fact from elsewhere, typed in here with its source in words."""

from pathlib import Path

import numpy as np

from corridormap.geojson import split_list
from corridormap.measure.geodesic import distances_m

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
