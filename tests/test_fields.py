"""The page of the facts' files, and that it says what the reader does."""

import json

import jsonschema
import msgspec

from corridormap import fields, model


def test_the_page_is_up_to_date(request):
    path = request.config.rootpath / "docs" / "reference" / "facts.md"
    assert path.read_text(encoding="utf-8") == fields.markdown(), "run: corridormap fields --markdown > docs/reference/facts.md"


def test_every_record_of_the_model_is_on_the_page():
    records = [value for value in vars(model).values() if isinstance(value, type) and issubclass(value, msgspec.Struct)]
    of_page = {row["record"] for row in fields.records()}
    assert {record.__name__ for record in records} - {"Record"} == of_page


def test_every_field_says_what_it_means():
    """Those whose kind says it all apart."""
    silent = {row["field"] for row in fields.records() if not row["means"]}
    assert silent == {"id", "colour"}


def test_the_schemas_take_the_atlas_and_refuse_what_it_may_not_hold(atlas, run):
    schemas = json.loads(run("fields", "--json").stdout)
    links = json.loads((atlas.folder / "network" / "links.geojson").read_text(encoding="utf-8"))["features"]
    properties = links[0]["properties"]
    schema = schemas["network/links.geojson"]
    jsonschema.validate(properties, schema)
    assert not jsonschema.Draft202012Validator(schema).is_valid(properties | {"mode": "tram"})


def test_the_list_and_what_does_not_go_together(run):
    assert "accuracy_m" in run("fields").stdout
    assert run("fields", "--json", "--markdown").exit_code == 2
