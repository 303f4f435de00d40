"""Figures are drawn without a screen, and closed."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _closed():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("Agg")
    yield
    pyplot.close("all")
