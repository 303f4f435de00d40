"""A network that is asked: what lies near, what is carried, what would change."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from corridormap import measure
from corridormap.errors import DataError, UsageError
from corridormap.geodesic import lengths_km
from corridormap.measure import Network


@pytest.fixture(scope="module")
def rail(atlas):
    return Network(atlas=atlas, mode="rail")


def test_the_network_of_the_atlas_is_that_of_routes(atlas, rail):
    way, other = rail.route("Almaty-1", end="Маңғыстау"), measure.route("almaty-1", end="mangystau", mode="rail", atlas=atlas)
    assert way.drop(columns="geometry").equals(other.drop(columns="geometry"))
    assert way.attrs == other.attrs
    assert repr(rail) == f"Network of {len(rail.links)} links and {len(rail.nodes)} nodes, by km"
    assert rail.links["length_km"].to_numpy() == pytest.approx(lengths_km(rail.links.geometry.to_numpy()))
    assert "ends at its edges" in way.attrs["note"]


def test_time_over_several_modes(atlas):
    speeds = {"rail": 45, "road": {"default": 65, "works": 50}, "sea": 25, "transfer": 10}
    network = Network(atlas=atlas, weight="time", speeds=speeds, by=["mode", "status"], transfer=12, border=6)
    way = network.route("dostyk", end="petropavl-town")
    assert way.attrs["hours"] == pytest.approx(way["hours"].sum() + way["added_hours"].sum())
    assert (way.loc[way["mode"] == "transfer", "hours"] > 12).all()
    assert "modes change only at a common node" in way.attrs["note"]
    with pytest.raises(UsageError, match="mode 'sea' is lacking"):
        Network(atlas=atlas, weight="time", speeds={"rail": 45, "road": 65, "transfer": 10})


def test_a_matrix_names_its_places(rail):
    table = rail.matrix(["Достык", (71.4, 51.2)], ["Aktau port", "petropavl"])
    assert table.index.tolist() == ["Достык", "71.4, 51.2"]
    assert table.columns.tolist() == ["Aktau port", "petropavl"]
    assert table.attrs["unit"] == "km"
    assert "points lie up to" in table.attrs["note"]
    for origin, start in zip(table.index, ["dostyk", (71.4, 51.2)], strict=True):
        for end in table.columns:
            assert table.loc[origin, end] == pytest.approx(rail.route(start, end=end).attrs["length_km"])
    points = gpd.GeoSeries([Point(71.4, 51.2), Point(82.5, 45.2)], index=["x", "y"], crs="EPSG:4326")
    assert np.diag(rail.matrix(points)).tolist() == [0, 0]
    # However many there are, it is the same from either side.
    assert rail.matrix(["dostyk"], rail.nodes.index[:9].tolist()).to_numpy() == pytest.approx(
        rail.matrix(rail.nodes.index[:9].tolist(), ["dostyk"]).to_numpy().T, nan_ok=True
    )


def test_a_matrix_says_what_no_way_joins(rail):
    cut = rail.without(links="rail:dostyk-beskol")
    table = cut.matrix(["dostyk", "almaty-1"])
    assert np.isnan(table.loc["dostyk", "almaty-1"])
    assert "NaN where no way leads: 2 of 4" in table.attrs["note"]
    assert "closed: rail:dostyk-beskol" in table.attrs["note"]


def test_loads_of_a_table_and_of_a_matrix(rail):
    od = pd.DataFrame({"origin": ["Dostyk", "Dostyk", "oral"], "destination": ["Aktau port", "oral", "dostyk"], "tonnes": [5, 2.5, 1]})
    load = rail.load(od)
    km = {pair: rail.route(pair[0], end=pair[1]).attrs["length_km"] for pair in od[["origin", "destination"]].itertuples(index=False)}
    assert load.attrs["tonne_km"] == pytest.approx(load["tonne_km"].sum())
    assert load["tonne_km"].sum() == pytest.approx(sum(t * d for t, d in zip(od["tonnes"], km.values(), strict=True)))
    assert len(load) == len(rail.links)
    first = load.set_index("link").loc["rail:dostyk-beskol"]
    assert (first["tonnes_forward"], first["tonnes_backward"], first["tonnes"]) == (7.5, 1, 8.5)
    wide = od.pivot_table(index="origin", columns="destination", values="tonnes")
    assert rail.load(wide)["tonnes"].tolist() == load["tonnes"].tolist()
    assert rail.load(od[::-1])["tonnes"].tolist() == load["tonnes"].tolist()
    assert load.attrs["unserved"] == []
    assert "no link is ever full" in load.attrs["note"]


def test_tonnes_that_no_way_serves_are_named(rail):
    od = pd.DataFrame({"origin": ["dostyk", "oral", "oral"], "destination": ["oral", "oral", "aktobe-1"], "tonnes": [7, 2, 1]})
    load = rail.without(links="rail:dostyk-beskol").load(od)
    assert load.attrs["unserved"] == [["dostyk", "oral", 7.0]]
    assert (load.attrs["tonnes"], load.attrs["served"]) == (10, 3)
    assert "no way serves dostyk – oral (7 t); 2 t stay at one node" in load.attrs["note"]


@pytest.mark.parametrize(
    ("od", "error", "message"),
    [
        ([1], UsageError, "must be a DataFrame, not list"),
        (pd.DataFrame({"origin": ["oral"], "tonnes": [1]}), DataError, "the tonnes: have no column destination"),
        (
            pd.DataFrame({"origin": ["oral"], "destination": ["dostyk"], "tonnes": [np.nan]}),
            DataError,
            r"nan are no tonnes \(oral – dostyk\)",
        ),
        (pd.DataFrame({"origin": ["oral"], "destination": ["dostyk"], "tonnes": [-1]}), DataError, "-1 are no tonnes"),
        (pd.DataFrame({"dostyk": ["much"]}, index=["oral"]), DataError, "'much' are no tonnes"),
        (pd.DataFrame({"atlantis": [1]}, index=["oral"]), UsageError, "no place 'atlantis'"),
        (pd.DataFrame([["oral", "dostyk", 1, 2]], columns=["origin", "destination", "tonnes", "tonnes"]), UsageError, "several columns"),
    ],
)
def test_tonnes_that_are_none(rail, od, error, message):
    with pytest.raises(error, match=message):
        rail.load(od)


def test_tonnes_between_points_as_lists(rail):
    points = pd.DataFrame({"origin": [[82.5, 45.2], (51.4, 51.2)], "destination": [(51.4, 51.2)] * 2, "tonnes": [3, 12_345_678]})
    load = rail.load(points)
    assert load.attrs["served"] == 12_345_681
    assert "12345678 t stay at one node" in load.attrs["note"]


def test_an_empty_table_loads_nothing(rail):
    load = rail.load(pd.DataFrame({"origin": [], "destination": [], "tonnes": []}))
    assert load["tonnes"].eq(0).all()


def test_links_are_cut_where_the_limit_is(rail):
    found = rail.isochrone("Dostyk", limits=[400, 100])
    assert found["limit"].is_monotonic_increasing
    assert found["limit"].unique().tolist() == [100, 400]
    assert lengths_km(found.geometry.to_numpy()) == pytest.approx(found["length_km"].to_numpy(), abs=1e-6)
    near = found[found["limit"] == 100]
    # Dostyk lies on a single line: 100 km of it inland, and what there is to the border.
    border = rail.links["length_km"]["rail:dostyk-x-rail-dostyk-alashankou"]
    assert near["length_km"].sum() == pytest.approx(100 + border)
    place = near.geometry.iloc[near["length_km"].argmax()]
    assert {round(Point(xy).distance(rail.nodes.geometry["dostyk"]), 9) for xy in (place.coords[0], place.coords[-1])} >= {0.0}
    both = rail.isochrone(["Dostyk", "oral"], limits=100)
    assert both["length_km"].sum() == pytest.approx(near["length_km"].sum() + rail.isochrone("oral", limits=100)["length_km"].sum())


@pytest.mark.parametrize("limits", [0, [], [100, -1], float("inf"), float("nan"), "far", None])
def test_limits_that_are_none(rail, limits):
    with pytest.raises(UsageError, match="limits are"):
        rail.isochrone("Dostyk", limits=limits)


def test_the_nearest_by_the_network(rail):
    points = gpd.GeoSeries([Point(71.4, 51.2), None, Point(60.5, 46.8)], index=[7, 8, 9], crs="EPSG:4326")
    ports = ["Aktau port", "Dostyk", "Kuryk port"] if "kuryk-port" in rail.nodes.index else ["Aktau port", "Dostyk"]
    found = rail.nearest(points, to=ports)
    assert found.index.tolist() == [7, 8, 9]
    assert found["nearest"].isna().tolist() == [False, True, False]
    table = rail.matrix(found["node"].dropna().tolist(), ports)
    assert found["km"].dropna().tolist() == pytest.approx(table.min(axis=1).tolist())
    assert found["nearest"].dropna().tolist() == table.idxmin(axis=1).tolist()
    cut = rail.without(links="rail:dostyk-beskol").nearest(points[:1], to="Dostyk")
    assert cut["nearest"].isna().all()
    assert len(rail.nearest(points[:0], to="Dostyk")) == 0
    with pytest.raises(DataError, match="the points, row 0: is no point"):
        rail.nearest([LineString([(0, 0), (1, 1)])], to="Dostyk")


def test_the_nearest_by_the_network_to_one_place(rail):
    found = rail.nearest((76.95, 43.33), to=["Dostyk", "Altynkol"])
    assert found[["node", "nearest"]].to_numpy().tolist() == [["almaty-1", "Altynkol"]]


def test_what_is_closed_stays_open_in_the_first(rail):
    links = len(rail.links)
    closed = rail.without(nodes="Aktobe-1", borders=["x-rail-zhaisan-iletsk"], countries="KG")
    assert len(rail.links) == links
    assert "KG" not in set(closed.links["country"])
    ends = {*closed.links["from"], *closed.links["to"]}
    assert ends.isdisjoint({"aktobe-1", "x-rail-zhaisan-iletsk"})
    way = closed.route("almaty-1", end="mangystau")
    assert "KG" not in set(way["country"])
    assert way.attrs["length_km"] > rail.route("almaty-1", end="mangystau").attrs["length_km"]
    assert "closed: aktobe-1, x-rail-zhaisan-iletsk, KG" in way.attrs["note"]
    for what in ({"links": "rail:x"}, {"nodes": "atlantis"}, {"borders": "dostyk"}, {"countries": "DE"}):
        with pytest.raises(UsageError, match=r"no link|no place|no border|no links in 'DE'"):
            rail.without(**what)


def test_without_all_links_nothing_runs(rail):
    with pytest.raises(UsageError, match="nothing runs to 'dostyk'"):
        rail.without(links=rail.links.index).route("dostyk", end="oral")


def test_a_line_that_is_not_there_yet(rail):
    """A railway straight from the border at Bakhty to Aktogay, as a what-if."""
    line = LineString([(82.72, 46.67), (80.44, 47.96)])
    new = gpd.GeoDataFrame({"id": ["bakhty"], "to": ["Aktogay"]}, geometry=[line], crs="EPSG:4326")
    grown = rail.with_links(new, mode="rail")
    assert len(grown.links) == len(rail.links) + 1
    start = grown.links["from"]["bakhty"]
    assert start not in rail.nodes.index
    way = grown.route(start, end="Aktogay")
    assert way["link"].tolist() == ["bakhty"]
    assert way["mode"].tolist() == ["rail"]
    assert way.attrs["length_km"] == pytest.approx(lengths_km([line]).item())
    assert "added: bakhty" in way.attrs["note"]
    assert "from their node, which no length counts" in way.attrs["note"]
    # By snapping it is the same, where the line ends on the station.
    station = rail.nodes.geometry["aktogay"]
    snapped = rail.with_links(
        gpd.GeoDataFrame(geometry=[LineString([(82.72, 46.67), (station.x + 0.001, station.y)])], crs=4326), mode="rail"
    )
    assert snapped.links.iloc[-1]["to"] == "aktogay"
    assert snapped.links.index[-1] == "added:1"
    assert snapped.with_links(new, mode="rail").route((82.72, 46.67), end="aktogay").attrs["length_km"] > 0


BAKHTY = LineString([(82.72, 46.67), (80.44, 47.96)])


def test_a_line_that_ends_on_a_link_cuts_it(rail, atlas):
    """Bakhty – Ayagoz, as a what-if: the atlas's railway passes Ayagoz without a node there."""
    link = "rail:charskaya-preduzlovaya"
    new = gpd.GeoDataFrame({"id": ["bakhty"]}, geometry=[BAKHTY], crs="EPSG:4326")
    grown = rail.with_links(new, mode="rail")
    assert set(grown.links.index) - set(rail.links.index) == {"bakhty", f"{link}#1", f"{link}#2"}
    parts = grown.links.loc[[f"{link}#1", f"{link}#2"]]
    assert parts["length_km"].sum() == pytest.approx(rail.links["length_km"][link])
    assert parts["length_km"].to_numpy() == pytest.approx(lengths_km(parts.geometry.to_numpy()))
    assert parts["to"].iloc[0] == parts["from"].iloc[1] == grown.links["to"]["bakhty"]
    way = grown.route((82.72, 46.67), end="Semey")
    assert way["link"].tolist()[0] == "bakhty"
    part = way.set_index("link").loc[f"{link}#1"]
    assert part["corridors"] == measure.route("charskaya", end="preduzlovaya", mode="rail", atlas=atlas)["corridors"].iloc[0]
    assert f"cut where added lines end: {link}" in way.attrs["note"]
    # What went over the link goes over both its parts, and closing it closes both.
    assert grown.route("charskaya", end="preduzlovaya").attrs["length_km"] == pytest.approx(rail.links["length_km"][link])
    assert not {f"{link}#1", f"{link}#2"} & set(grown.without(links=link).links.index)
    # Nearer than the distance asked for nothing is joined.
    assert "cut" not in rail.with_links(new, mode="rail", snap_m=10).matrix(["dostyk"]).attrs["note"]
    # A second line may end on a part.
    again = grown.with_links(new.assign(id="beside").set_geometry([LineString([(86, 48), (80.3, 49)])]), mode="rail", snap_m=50_000)
    assert set(again.links["cut_from"].dropna()) == {link}
    assert again.links["cut_share"].sum() == pytest.approx(1)


def test_a_link_across_the_180th_meridian_is_cut():
    base = gpd.GeoDataFrame({"mode": ["rail"]}, geometry=[LineString([(179, 50), (-179, 50)])], crs="EPSG:4326")
    line = measure.alignment(base)
    ends = line.places(np.array([40.0, 110.0]))
    new = gpd.GeoDataFrame({"mode": ["rail"] * 2}, geometry=[LineString([end, (end[0], 51)]) for end in ends], crs="EPSG:4326")
    links = Network(base).with_links(new).links
    assert links.loc[links["cut_from"].notna(), "length_km"].tolist() == pytest.approx([40, 70, line.length_km - 110])


def test_figures_of_a_link_that_is_cut_are_shared_by_length():
    lines = gpd.GeoDataFrame({"id": ["a"], "w": [10.0]}, geometry=[LineString([(60, 0), (64, 0)])], crs="EPSG:4326")
    new = gpd.GeoDataFrame({"id": ["b"], "w": [1.0]}, geometry=[LineString([(61, 0.001), (61, 1)])], crs="EPSG:4326")
    for weight in ("w", {"a": 10.0, "b": 1.0}):
        grown = Network(lines, weight=weight).with_links(new)
        assert grown.links[grown.unit].to_dict() == pytest.approx({"b": 1, "a#1": 2.5, "a#2": 7.5})
    by_function = Network(lines, weight=lambda links: 2 * links["length_km"]).with_links(new)
    assert by_function.links["weight"].to_numpy() == pytest.approx(2 * by_function.links["length_km"].to_numpy())


def test_a_line_ends_on_nodes_of_its_own_mode(atlas):
    network, town = Network(atlas=atlas), atlas.nodes.geometry["semey-town"]
    line = LineString([(town.x, town.y), (town.x, town.y + 1)])
    ends = {
        mode: network.with_links(gpd.GeoDataFrame(geometry=[line], crs=4326), mode=mode, snap_m=20_000).links.iloc[-1]["from"]
        for mode in ("rail", "road")
    }
    assert ends == {"rail": "semey", "road": "semey-town"}


@pytest.mark.parametrize(
    ("columns", "how", "message"),
    [
        ({}, {}, "the new lines have no mode"),
        ({"id": ["rail:dostyk-beskol"]}, {"mode": "rail"}, "there is a link 'rail:dostyk-beskol' already"),
        ({"from": ["Bakhtty"]}, {"mode": "rail"}, "no place 'Bakhtty'"),
    ],
)
def test_lines_that_cannot_be_added(rail, columns, how, message):
    new = gpd.GeoDataFrame(columns, geometry=[LineString([(82.72, 46.67), (80.44, 47.96)])], crs="EPSG:4326")
    with pytest.raises(UsageError, match=message):
        rail.with_links(new, **how)


def test_added_lines_that_are_no_frame(rail):
    for wrong in (None, [LineString([(60, 50), (61, 50)])]):
        with pytest.raises(UsageError, match="the lines must be a GeoDataFrame"):
            rail.with_links(wrong, mode="rail")


def test_added_lines_weigh_what_the_others_do(rail, atlas):
    new = gpd.GeoDataFrame({"id": ["x"], "mode": ["tram"]}, geometry=[LineString([(82.72, 46.67), (80.44, 47.96)])], crs="EPSG:4326")
    timed = Network(atlas=atlas, mode="rail", weight="time", speeds={"rail": 50})
    with pytest.raises(UsageError, match="the figure for mode 'tram' is lacking"):
        timed.with_links(new)
    assert timed.with_links(new.assign(mode="rail")).links["hours"]["x"] == pytest.approx(lengths_km(new.geometry.to_numpy()).item() / 50)


def test_transfers_only_where_they_are_asked_for():
    rows = {"id": ["r", "s"], "from": ["a", "c"], "to": ["b", "d"], "mode": ["rail", "road"]}
    lines = [LineString([(60, 50), (61, 50)]), LineString([(61.02, 50), (62, 50)])]
    frame = gpd.GeoDataFrame(rows, geometry=lines, crs="EPSG:4326")
    with pytest.raises(DataError, match="a is on rail, d on road"):
        Network(frame).route("a", end="d")
    for transfers in (2, [("c", "b")], pd.DataFrame({"from": ["b"], "to": ["c"]})):
        way = Network(frame, transfers=transfers, transfer=10).route("a", end="d")
        assert way["mode"].tolist() == ["rail", "transfer", "road"]
        assert way.attrs["weight_km"] == pytest.approx(way.attrs["length_km"] + 10)
        assert "transfers added, straight between nodes: 1" in way.attrs["note"]
    assert "no transfers were added" in Network(frame, transfers=1).matrix(["a"]).attrs["note"]
    for wrong, message in (
        (0, "transfers within 0 km"),
        ("bc", "the transfers are no pairs of nodes"),
        ([("b", "c", "d")], "the transfers are no pairs of nodes"),
        (object(), "the transfers are no pairs of nodes"),
        ([("a", "x")], "no place 'x'"),
        (pd.DataFrame({"a": []}), "no columns from and to"),
    ):
        with pytest.raises((UsageError, DataError), match=message):
            Network(frame, transfers=wrong)


def test_the_atlas_joins_its_towns_itself(atlas):
    """Station and street of a town are two nodes: what joins them is a link of mode transfer; more are found by distance."""
    plain, more = Network(atlas=atlas), Network(atlas=atlas, transfers=15)
    drawn = plain.links[plain.links["mode"] == "transfer"]
    assert set(drawn["from"]).isdisjoint(drawn["to"])
    added = more.links[~more.links.index.isin(plain.links.index)]
    assert len(added) > 0
    assert (added["length_km"] <= 15).all()
    assert set(added["mode"]) == {"transfer"}
    assert not {frozenset(pair) for pair in zip(added["from"], added["to"], strict=True)} & {
        frozenset(pair) for pair in zip(drawn["from"], drawn["to"], strict=True)
    }


@pytest.mark.parametrize("place", [None, 1.5, "atlantis", (200, 95), LineString([(0, 0), (1, 1)]), 7])
def test_places_that_are_none(rail, place):
    with pytest.raises((UsageError, DataError), match=r"no place|is no point|no longitude and latitude"):
        rail.route("dostyk", end=place)


def test_no_places(rail):
    assert rail.route("dostyk", end="oral", via=None).attrs == rail.route("dostyk", end="oral").attrs
    with pytest.raises(UsageError, match="no place to go"):
        rail.matrix([])
    with pytest.raises(UsageError, match="no place to go to"):
        rail.nearest([Point(60, 50)], to=gpd.GeoSeries([], crs="EPSG:4326"))
    with pytest.raises(UsageError, match="no place to start"):
        rail.isochrone([], limits=1)


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("Актау порт", "aktau-port"),
        ("almaty 1", "almaty-1"),
        (" Достык ", "dostyk"),
        ("Кокшетау 1", "kokshetau-1"),
        ("Maqat", "makat"),
        ("ALAT", "alat"),
    ],
)
def test_names_are_found_as_one_types_them(atlas, name, node):
    assert Network(mode=["rail", "sea"], atlas=atlas).route(name, end=node).attrs["length_km"] == 0


def test_all_names_that_are_not_there_are_told_at_once(rail):
    wanted = pd.DataFrame({"origin": ["Достик", "Dostyk", "Достик"], "destination": ["Almaty-1", "Atlantis", "Актобе"], "tonnes": 1.0})
    with pytest.raises(UsageError) as caught:
        rail.load(wanted)
    # As they come in the table: its origins, then its destinations.
    assert str(caught.value) == (
        "3 places are not found\n  no place 'Достик' in the network – Did you mean dostyk?; no place 'Atlantis' in the network; "
        "nothing runs to 'Актобе' by rail – Did you mean aktobe-1?; `corridormap find` looks for names in every language."
    )
    with pytest.raises(UsageError, match="2 places are not found"):
        rail.matrix(["Достик", "Atlantis"], ["Dostyk"])
    many = wanted.loc[[0] * 30].assign(origin=[f"Atlantis {number}" for number in range(30)], destination="Dostyk")
    with pytest.raises(UsageError, match=r"30 places are not found\n.*Atlantis 19.*; and 10 more"):
        rail.load(many)


def test_a_table_of_other_columns_is_not_a_matrix(rail):
    wanted = pd.DataFrame({"откуда": ["Достык"], "куда": ["Алматы-1"], "тонн": [1]})
    with pytest.raises(DataError, match="Of a matrix all cells are figures; a table has the columns origin, destination, tonnes"):
        rail.load(wanted)


def test_lines_of_a_file_and_ends_that_meet_nothing(rail, tmp_path):
    lines = [LineString([(82.72, 46.67), (80.44, 47.96)]), LineString([(69.0, 41.0), (68.3, 40.9)])]
    new = gpd.GeoDataFrame({"name": ["one", "other"]}, geometry=lines, crs="EPSG:4326")
    new.to_crs(32643).to_file(tmp_path / "new.gpkg")
    grown = rail.with_links(tmp_path / "new.gpkg", mode="rail")
    note = grown.route("dostyk", end="Almaty-1").attrs["note"]
    assert "added lines meet nothing within 1000 m at 82.7200000,46.6700000, 69.0000000,41.0000000, 68.3000000,40.9000000" in note
    assert repr(Network(tmp_path / "new.gpkg")) == "Network of 2 links and 4 nodes, by km"
    joined = gpd.GeoDataFrame({"from": ["dostyk"], "to": ["almaty-1"]}, geometry=[LineString([(82, 45), (77, 43)])], crs="EPSG:4326")
    assert "meet nothing" not in rail.with_links(joined, mode="rail").route("dostyk", end="Almaty-1").attrs["note"]
