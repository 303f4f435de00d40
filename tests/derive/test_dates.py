from datetime import date

import pytest

from corridormap.atlas import Atlas
from corridormap.checks import check_atlas
from corridormap.derive import write_layers
from corridormap.derive.dates import as_of, stale
from corridormap.errors import DataError


def ids(rows):
    return [(row["kind"], row["id"]) for row in rows]


def dated(folder, source="2025-03", statement=None):
    """Give the source, and the statement, a date."""
    for name, old, day in (("sources.toml", 'publisher = "corridormap"', source), ("statements.toml", 'kind = "freight"', statement)):
        if day is not None:
            text = (folder / name).read_text(encoding="utf-8")
            assert text.count(old) == 1
            (folder / name).write_text(text.replace(old, f'{old}\ndate = "{day}"'), encoding="utf-8")
    return Atlas.open(folder)


def test_each_link_statement_and_figure_is_listed(tiny):
    rows = as_of(Atlas.open(tiny))
    assert ids(rows) == [
        *(("link", link) for link in ("road:west-middle", "road:middle-gate", "road:gate-east", "road:middle-south")),
        ("statement", "claim"),
        ("figure", "south"),
        ("figure", "coast"),
    ]
    assert {row["date"] for row in rows} == {None}
    assert rows[4]["what"] == "1.5 Mt"
    assert rows[5]["what"] == "98 km, west – middle"


def test_a_fact_has_the_date_of_its_source_unless_it_carries_its_own(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as links:
        links["features"][1]["properties"]["as_of"] = "2026-05-01"
    rows = {(row["kind"], row["id"]): row for row in as_of(dated(tiny, statement="2024-01-02"))}
    assert (rows["link", "road:west-middle"]["date"], rows["link", "road:west-middle"]["own"]) == ("2025-03", False)
    assert (rows["link", "road:middle-gate"]["date"], rows["link", "road:middle-gate"]["own"]) == ("2026-05-01", True)
    assert (rows["statement", "claim"]["date"], rows["statement", "claim"]["own"]) == ("2024-01-02", True)
    assert rows["figure", "south"]["titles"] == "Made up for tests"


def test_of_several_sources_the_latest_counts(tiny):
    more = "".join(
        f'[[source]]\nid = "{name}"\ntitle = "{name}"\npublisher = "x"\ndate = "{day}"\n' for name, day in (("a", 2020), ("b", 2023))
    )
    (tiny / "sources.toml").write_text((tiny / "sources.toml").read_text(encoding="utf-8") + more, encoding="utf-8")
    text = (tiny / "statements.toml").read_text(encoding="utf-8").replace('sources = ["made-up"]', 'sources = ["a", "made-up", "b"]')
    (tiny / "statements.toml").write_text(text, encoding="utf-8")
    (row,) = (row for row in as_of(Atlas.open(tiny)) if row["kind"] == "statement")
    assert (row["date"], row["sources"]) == ("2023", "b")


@pytest.mark.parametrize(
    ("source", "on", "months", "old"),
    [
        ("2025-03-15", date(2026, 3, 15), 12, False),
        ("2025-03-14", date(2026, 3, 15), 12, True),
        ("2025-03", date(2026, 3, 15), 12, True),  # it may be of the first
        ("2025-03", date(2026, 3, 1), 12, False),
        ("2025", date(2026, 1, 1), 12, False),
        ("2025", date(2026, 1, 2), 12, True),
        ("2025-02-28", date(2025, 3, 31), 1, False),  # February has no 31st
        ("2025-02-27", date(2025, 3, 31), 1, True),
        ("2030", date(2026, 1, 1), 0, False),
        ("0001", date(2026, 1, 1), 1_000_000, False),
    ],
)
def test_what_is_older_than_the_months(tiny, source, on, months, old):
    atlas = dated(tiny, source=source, statement="2040")
    assert bool(stale(atlas, months=months, on=on)) is old


def test_what_has_no_date_comes_first_then_the_oldest(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as links:
        for feature, day in zip(links["features"], ("2021", "2019-07", None, "2020-01-01"), strict=True):
            feature["properties"]["as_of"] = day
    rows = stale(Atlas.open(tiny), months=12, on=date(2026, 1, 1))
    assert [row["date"] for row in rows] == [None, None, None, None, "2019-07", "2020-01-01", "2021"]
    assert rows[0]["id"] == "road:gate-east"


def test_a_date_that_is_none_is_named(tiny):
    with pytest.raises(DataError, match=r'statements.toml, line \d+, column 1, claim: `date` must be a date .*, not "spring"'):
        stale(dated(tiny, statement="spring"), months=12, on=date(2026, 1, 1))


def test_a_date_copied_from_its_source_would_be_a_second_place_for_it(atlas):
    """No link of the atlas carries a date that its source tells already."""
    if "as_of" in atlas.links.columns:
        for day, source in zip(atlas.links["as_of"], atlas.links["source"], strict=True):
            assert day is None or day != atlas.sources[source].date


def test_the_figures_of_the_border_are_dated_too(atlas):
    rows = {(row["id"], row["what"]): row for row in as_of(atlas) if row["kind"] == "figure"}
    assert rows["border:land", "7591 km"]["date"] == "2025-10-10"


def test_a_date_of_its_own_is_shown_with_the_link(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as links:
        links["features"][0]["properties"]["as_of"] = "2026-05-01"
    write_layers(Atlas.open(tiny))
    shown = Atlas.open(tiny).layer("links").set_index("id")["as_of"]
    assert shown["road:west-middle"] == "2026-05-01"
    assert shown.drop("road:west-middle").isna().all()
    assert check_atlas(Atlas.open(tiny), severity="warning").findings == []
