"""The rules described, and the page made of them."""

from __future__ import annotations

import inspect
import re

from corridormap.checks import RULES
from corridormap.checks.report import catalogue


def test_the_page_is_up_to_date(request):
    path = request.config.rootpath / "docs" / "rules.md"
    assert path.read_text(encoding="utf-8") == catalogue.markdown(), "run: corridormap rules --markdown > docs/rules.md"


def test_the_page_has_every_rule_once():
    page = catalogue.markdown()
    assert re.findall(r"^### (CM\d+)$", page, re.MULTILINE) == sorted(rule.code for rule in RULES)
    for line in page.splitlines():
        if line.startswith("| [CM"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 4, line


def test_every_rule_is_described():
    for rule in RULES:
        record = catalogue.find(rule.code)
        assert re.fullmatch(r"CM\d{3}", record["code"])
        text = inspect.getdoc(type(rule))
        assert text.endswith("."), rule.code
        assert text.splitlines()[0].endswith("."), rule.code
        assert not re.search(r"[<|]|``", f"{record['description']} {record['hint']}"), "the page would show it as something else"
        assert len(catalogue.first_sentence(record["description"])) > 15, rule.code
        assert record["family"] in {"text", "structure", "geometry", "coordinates", "attributes", "atlas", "topology"}
