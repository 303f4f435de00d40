import pytest

from corridormap.atlas import Atlas
from corridormap.search import find, fold, like


@pytest.mark.parametrize(
    ("text", "layer", "feature"),
    [
        ("Uralsk", "places", "oral"),
        ("уральск", "places", "oral"),
        ("ОРАЛ", "places", "oral"),
        ("Petropavlovsk", "places", "petropavl"),
        ("Saryaghash", "places", "saryagash"),
        ("kzyl orda", "places", "kyzylorda"),
        ("Traceca", "corridors", "rail-5-traceca"),
        ("middle corridor", "middle_corridor", "middle-corridor-sea"),
        ("ТМТМ", "middle_corridor", "middle-corridor-rail"),
        ("11", "corridors", "road-11-astana-yekaterinburg"),
        ("Хоргос", "crossings", "x-road-nur-zholy-khorgos"),
    ],
)
def test_known_by_any_name(atlas, text, layer, feature):
    assert (layer, feature) in {(record["layer"], record["id"]) for record in find(atlas, text=text)}


def test_whole_names_come_first(tiny):
    found = find(Atlas.open(tiny), text="gate")
    assert [record["id"] for record in found][:1] == ["gate"]
    assert "lost" in {record["id"] for record in found}
    lost = next(record for record in found if record["id"] == "lost")
    assert lost["lon"] is None


def test_nothing_found(tiny):
    assert find(Atlas.open(tiny), text="atlantis") == []
    assert find(Atlas.open(tiny), text="  ") == []


def test_folding():
    assert fold("Семей – Ақтөбе’s  Ёлка") == "семеи актобеs елка"
    assert fold("Gəncə, AĞSTAFA, İmişli, Yalısahə") == "gence, agstafa, imisli, yalisahe"


def test_a_name_that_is_spelt_alike(atlas):
    assert like(atlas, "Шимкент") == "Шымкент"
    assert like(atlas, "Altinkol") == "Altynkol"
    assert like(atlas, "Semipalatinks") == "Semipalatinsk"
    assert like(atlas, "atlantis") is None
