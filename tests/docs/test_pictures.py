"""The pictures of the pages are those that the examples above them draw."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.slow
pytest.importorskip("matplotlib")

DOCS = Path(__file__).parents[2] / "docs"


def test_the_examples_draw_the_pictures_that_are_committed(tmp_path):
    spec = importlib.util.spec_from_file_location("pictures", DOCS / "pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.make(tmp_path)
    page = (DOCS / "how-to" / "figures.md").read_text(encoding="utf-8")
    assert len(made) == 3
    for path in made:
        committed = DOCS / "how-to" / path.name
        assert f"]({path.name})" in page
        assert committed.stat().st_size < 150_000
        with Image.open(committed) as before, Image.open(path) as now:
            assert before.size == now.size
            # A picture that lost its data is nearly all of one colour.
            assert len(now.convert("L").resize((64, 64)).getcolors()) > 20
