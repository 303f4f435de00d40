import doctest
import importlib
import pkgutil

import pytest

from corridormap import measure

MODULES = ["corridormap.measure", *(f"corridormap.measure.{module.name}" for module in pkgutil.iter_modules(measure.__path__))]
WITH_EXAMPLES = {
    "corridormap.measure",
    *(f"corridormap.measure.{name}" for name in ("buffers", "ellipsoid", "network", "overlap", "referencing")),
}


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    assert (result.attempted > 0) == (name in WITH_EXAMPLES)


def test_every_name_is_there_and_documented():
    for name in measure.__all__:
        assert (getattr(measure, name).__doc__ or "").strip()
    with pytest.raises(AttributeError, match="no attribute 'length'"):
        measure.length  # noqa: B018
