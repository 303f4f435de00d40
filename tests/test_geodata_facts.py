"""What the atlas got wrong once, each held against a fact from elsewhere, typed in here with its source in words."""

import re
from pathlib import Path

import numpy as np
import pytest
import shapely

from corridormap.geodesic import distances_m, lengths_km
from corridormap.geojson import split_list

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
    # What is left are the two ports, which the coast drawn under the map has inland.
    assert lengths_km([line.intersection(land)])[0] < 3


# Stations as OpenStreetMap has them in 2026: id of the node, lon, lat.
STATIONS = {
    "orsk": (58.61939, 51.21365),
    "kartaly": (60.6427, 53.05323),
    "chelyabinsk": (61.41708, 55.14107),
    "akbulak": (55.61721, 50.99836),
    "iletsk-1": (54.98602, 51.17125),
    "ozinki": (49.73541, 51.19476),
    "bereket": (55.48976, 39.26748),  # Bereket 2, by which the trains from north to south go; the town's station lies off their track
    "etrek": (54.74089, 37.7052),
    "akyayla": (54.6298, 37.4636),
    "incheh-borun": (54.61438, 37.42981),
    "sabz-dasht": (54.21363, 36.88679),
    "gorgan": (54.42035, 36.85549),
    "garmsar": (52.30849, 35.23541),
    "qom": (50.87291, 34.64838),
    "yazd": (54.34463, 31.86447),
    "sirjan": (55.64919, 29.50857),
    "bandar-abbas": (56.25711, 27.21173),
    "zolotaya-sopka": (61.60966, 54.04595),
    "lokot": (81.10266, 51.28864),
    "utyak": (65.53483, 55.4079),
    "navoi": (65.3966, 40.07288),
}


@pytest.mark.parametrize("node", STATIONS)
def test_stations_abroad_stand_at_their_stations(atlas, node):
    assert metres(atlas, node, *STATIONS[node]) <= 100 == atlas.nodes.loc[node, "accuracy_m"]


# Stations that a line must pass, and the class its straight stretches allow: a straight line of so many kilometres strayed so far from
# known track in 5 % of its length (10 km 1.2, 20 km 2.5–3.0, 30 km 4.2–5.6, 60 km 8.7–13, 100 km 18–19 km).
CHAINS = {
    "rail:orsk-kartaly": [(59.50536, 51.59947), (60.34375, 52.41091)],  # Terensay, Bredy
    "rail:zolotaya-sopka-chelyabinsk": [(61.57022, 54.11346), (61.24462, 54.78311)],  # Troitsk, Yemanzhelinsk
    "rail:x-rail-boskol-tamerlan-x-rail-magnai-zolotaya-sopka": [(61.2594, 53.7251), (61.4055, 53.8884)],  # Boskol, Magnai
    "rail:x-rail-zhaisan-iletsk-akbulak": [(55.91286, 50.90641), (55.69422, 50.97785)],  # Sagarchin, Sholak-Su
    "rail:akbulak-iletsk-1": [(55.41795, 51.08492), (55.10102, 51.14928)],  # passing place 27, km 25
    "rail:iletsk-1-x-rail-shyngyrlau-iletsk": [(54.61046, 51.11616), (54.20018, 51.07765)],  # Tsvillinga, Uyutny
    "rail:kimpersai-x-rail-nikeltau-orsk": [(58.36902, 50.76545), (58.43419, 50.99262)],  # Ashchelisaiskaya, Kyrgylda
    "rail:x-rail-post-1177-ozinki-ozinki": [(49.81074, 51.21274)],  # km 220
    "rail:sari-gadok-loop": [(53.05624, 36.11511), (52.98577, 35.90665)],  # Pol-e Sefid, Veresk
    "rail:simindasht-garmsar": [(52.42852, 35.42652), (52.4279, 35.30496)],  # Kabutar Dareh, Bon-e Kuh
    "rail:mohammadieh-yazd": [(51.47152, 33.9872), (53.41631, 33.06967)],  # Kashan, Nain
    "rail:bafq-sirjan": [(55.51433, 30.74722), (55.54147, 29.91571)],  # Bayaz, Khatunabad
    "rail:sirjan-bandar-abbas": [(55.42415, 29.14011), (55.89916, 27.62086)],  # Gol Gohar, Fin
    "rail:tobol-x-rail-elimai-kartaly": [(62.0088, 52.8421), (61.1746, 52.9811)],  # Bataly, Elimai
    "rail:kostanay-x-rail-kairak-zolotaya-sopka": [(62.7136, 53.6395), (61.6964, 53.9921)],  # Dzharkul, Kairak
    "rail:arkalyk-shubarkol": [(67.2182, 49.9959), (68.1384, 49.1974)],  # Zhalgyztal, Nurdala
    "rail:semey-x-rail-aul-lokot": [(80.6647, 50.7626), (81.0399, 51.05)],  # Belagash, Aul
    "rail:lokot-x-rail-shemonaikha-tretyakovo": [(81.52132, 50.98255), (81.89347, 50.86381)],  # Neverovskaya, Tretyakovo
    "rail:x-rail-shemonaikha-tretyakovo-oskemen": [(81.8805, 50.6222), (82.3922, 50.132)],  # Shemonaikha, Glubochanka
    "rail:petropavl-x-rail-mamlyutka-petukhovo": [(68.5377, 54.9362)],  # Mamlyutka
    "rail:x-rail-mamlyutka-petukhovo-utyak": [(67.888, 55.07151), (66.2927, 55.29049)],  # Petukhovo, Kravtsevo
    "rail:x-rail-presnogorkovskaya-kurgan-utyak": [(65.95159, 54.78945), (65.62635, 55.29928)],  # Zauralye, Markovo
    "rail:utyak-chelyabinsk": [(65.31949, 55.4419), (63.91603, 55.33138)],  # Kurgan, Mishkino
    "rail:iletsk-1-orsk": [(55.0746, 51.7766), (57.34992, 51.47494)],  # Orenburg, Kuvandyk
    "rail:beineu-x-rail-oazis-karakalpakstan": [(55.7416, 45.0309), (55.9824, 44.8909)],  # Akzhigit, Oazis
    "rail:x-rail-oazis-karakalpakstan-navoi": [(58.84135, 43.04077), (63.65708, 42.1175)],  # Kungrad, Uchkuduk
    "rail:navoi-x-rail-saryagash-keles": [(66.92896, 39.68598), (69.28743, 41.29098)],  # Samarkand, Tashkent
    "rail:bereket-border-turkmenistan-uzbekistan": [(58.39612, 37.94317), (63.57017, 39.10261)],  # Ashgabat, Turkmenabat
    "rail:border-turkmenistan-uzbekistan-navoi": [(63.84672, 39.49625), (64.57674, 39.72503)],  # Karakul, Kagan
}


@pytest.mark.parametrize("link", CHAINS)
def test_lines_pass_the_stations_known(atlas, link):
    line = atlas.links.geometry[link]
    for lon, lat in CHAINS[link]:
        assert line.distance(shapely.Point(lon, lat)) < 0.002, (lon, lat)


def test_kartaly_chelyabinsk_passes_through_kazakhstan(atlas):
    """Boskol and Magnai are stations of Kazakhstan (OpenStreetMap): 54.5 km of the chain of stations lie inside the outline."""
    link = "rail:x-rail-boskol-tamerlan-x-rail-magnai-zolotaya-sopka"
    assert atlas.links.loc[link, "country"] == "KZ"
    assert lengths_km([atlas.links.geometry[link]])[0] == pytest.approx(54.5, abs=1)


# Classes that were better than the line, and what it was found to be, in metres.
AT_LEAST = {
    "road:zhaksy-town-ruzaevka-town": 21_000,
    "rail:borzhakty-uzen": 14_000,
    "rail:x-rail-kurkireusu-maimak-tulkibas": 2_000,
    "rail:tulkibas-shymkent": 2_000,
    "rail:garmsar-mohammadieh": 18_000,  # 113 km without a known station
    "rail:sirjan-bandar-abbas": 10_000,  # 103 and 63 km
    "rail:shubarkol-kyzylzhar": 20_000,  # 101 km without a known station
}


@pytest.mark.parametrize("link", AT_LEAST)
def test_no_class_better_than_the_line(atlas, link):
    assert atlas.links.loc[link, "accuracy_m"] >= AT_LEAST[link]


def test_kandyagash_zharyk_follows_the_track(atlas):
    """The trains run north to the fork at 57.422, 49.4916 and 57.4262, 49.5152 (OpenStreetMap); straight it is 11 km."""
    line = atlas.links.geometry["rail:kandyagash-zharyk"]
    assert line.distance(shapely.Point(57.4262, 49.5152)) < 0.003
    assert lengths_km([line])[0] > 13


def test_corridor_11_says_that_it_is_short(atlas):
    assert "too short" in atlas.itineraries["road-11-astana-yekaterinburg"].note["en"]


def test_the_way_south_leaves_gorgan_aside(atlas):
    """Along OpenStreetMap's track: 76.7 km from Incheh Borun to Sabz Dasht, 19.4 on to Gorgan, 293.6 from Gorgan to Firuzkuh."""
    main, *branches = atlas.itineraries["ns-east-iran"].ways
    assert "sabz-dasht" in main.nodes
    assert "gorgan" not in main.nodes
    assert any(way.nodes[-1] == "gorgan" for way in branches)
    km = atlas.layer("network_links").set_index("id")["length_km"]
    assert km["rail:incheh-borun-sabz-dasht"] == pytest.approx(76.7, rel=0.01)
    assert km["rail:sabz-dasht-gorgan"] == pytest.approx(19.4, rel=0.01)
    assert km[
        ["rail:sabz-dasht-gorgan", "rail:sabz-dasht-rostamkola", "rail:rostamkola-sari", "rail:sari-gadok-loop", "rail:gadok-loop-firuzkuh"]
    ].sum() == pytest.approx(293.6, rel=0.02)


def test_akyayla_stands_before_the_border(atlas):
    """The border meets the track at 54.61858, 37.44828 (OpenStreetMap's boundaries, 2024), 2 km south of Akyayla's station."""
    links = atlas.links
    assert links.loc["rail:akyayla-border-turkmenistan-iran", "country"] == "TM"
    assert links.loc["rail:border-turkmenistan-iran-incheh-borun", "country"] == "IR"
    assert metres(atlas, "border-turkmenistan-iran", 54.61858, 37.44828) < 300
    assert atlas.nodes.geometry["akyayla"].y > 37.44828 > atlas.nodes.geometry["incheh-borun"].y


def test_the_turkmen_branch_is_as_long_as_reported(atlas):
    """Four reports give 700 km from border to border; the doublings into Bereket and Etrek, 4.8 and 6.7 km, are no way of a train."""
    branch = atlas.layer("north_south").set_index("id").loc["ns-east-turkmenistan"]
    assert branch["length_abroad_km"] == pytest.approx(700, rel=0.015)
    # The switch before the town's station, 55.50869, 39.24755 (OpenStreetMap), lies 2 km east of the way.
    for link in ("rail:x-rail-bolashak-serhetyaka-bereket", "rail:bereket-etrek"):
        assert atlas.links.geometry[link].distance(shapely.Point(55.50869, 39.24755)) > 0.015


def test_altynkol_zhetygen_is_drawn(atlas):
    """KTZ gives 293 km from Zhetygen to the border; along OpenStreetMap's track it is 284.6 to the station Altynkol."""
    links = atlas.layer("network_links").set_index("id")
    station, border = links.loc["rail:altynkol-zhetygen"], links.loc["rail:x-rail-altynkol-khorgos-altynkol"]
    assert station["length_km"] == pytest.approx(284.6, rel=0.005)
    assert station["length_km"] + border["length_km"] == pytest.approx(293, rel=0.005)
    # Shelek's station, 78.3726, 43.6659 (OpenStreetMap), is on the way.
    assert station.geometry.distance(shapely.Point(78.3726, 43.6659)) < 0.003


@pytest.mark.parametrize("corridor", ["rail-1-northern", "rail-2-southern"])
def test_the_gates_from_china_are_two(atlas, corridor):
    """The Eurasian Rail Alliance Index has both corridors from “Dostyk/Khorgos”."""
    ways = atlas.itineraries[corridor].ways
    assert {way.nodes[0] for way in ways} >= {"x-rail-dostyk-alashankou", "x-rail-altynkol-khorgos"}
    assert atlas.itineraries[corridor].sources[0] == "index1520"


def test_the_trans_kazakhstan_corridor_has_a_way(atlas):
    """Mointy – Kyzylzhar: 366 km (Kazakhstanskaya Pravda, 22 August 2025), 329 km (Trend, 17 September 2025)."""
    statement = atlas.statements["trans-kazakhstan-corridor"]
    for note in statement.note.values():
        assert {"366", "329"} <= set(re.findall(r"\d+", note))
    assert {"kazpravda-2025-08-22", "trend-4091560"} <= set(statement.sources)


def test_234_km_were_out_to_tender(atlas):
    """BAQ.KZ: of the section Aktobe – Ulgaisyn's other 234 km the tender still ran on 4 March 2026."""
    section = atlas.itineraries["wewc-3-ulgaisyn-aktobe"]
    texts = {
        "en": [section.properties["state_en"], atlas.statements["wewc-aktobe-ulgaisyn-262"].note["en"]],
        "ru": [section.properties["state_ru"], atlas.statements["wewc-aktobe-ulgaisyn-262"].note["ru"]],
        "kk": [section.properties["state_kk"], atlas.statements["wewc-aktobe-ulgaisyn-262"].note["kk"]],
    }
    for lang, day, built in (
        ("en", "4 March 2026", "are built"),
        ("ru", "4 марта 2026", "строят"),
        ("kk", "2026 жылғы 4 наурыз", "салынуда"),
    ):
        for text in texts[lang]:
            assert day in text
            assert built not in text


def test_13_corridors_were_counted_in_2023(atlas):
    """The ministry in jjtv.kz 29797, March 2023: 13 corridors, five of them rail."""
    statement = atlas.statements["corridors-13-2023"]
    assert (statement.figure, statement.date) == (13, "2023-03")
    assert all("13" in text for text in statement.text.values())


def test_one_name_a_language(atlas):
    """OpenStreetMap has Жайсаң and Сексеуіл (ru Сексеул); Көксарай is “blue palace” already."""
    nodes = atlas.nodes
    assert nodes.loc["zhaisan", "name_kk"] == "Жайсаң"
    known = (GEODATA / "README.md").read_text(encoding="utf-8").partition("Kazakh names: no source")[2].partition("`names_source`")[0]
    assert "Zhaisan" not in known
    crossing = atlas.layer("crossings").set_index("id").loc["x-rail-post-1177-ozinki"]
    for lang in ("en", "ru", "kk"):
        assert nodes.loc["post-1177", f"name_{lang}"] == crossing[f"home_{lang}"]
    assert tuple(nodes.loc["saksaulskaya", [f"name_{lang}" for lang in ("en", "ru", "kk")]]) == ("Sekseul", "Сексеул", "Сексеуіл")
    assert atlas.layer("venues").set_index("id").loc["consultative-2-2019", "building_kk"] == "Көксарай"
