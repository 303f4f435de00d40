"""The documentation site: `make docs`, or ``sphinx-build -W docs output/site``."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import corridormap

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent

project = "corridormap"
author = "corridormap contributors"
copyright = "corridormap contributors; code MIT, data mostly ODbL"  # noqa: A001  Sphinx's own name
version = release = corridormap.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click", "sphinx_copybutton"]

# Single backticks in docstrings name things of this package where they can.
default_role = "py:obj"
add_module_names = False
smartquotes = False  # two hyphens are an option, not a dash
autodoc_typehints = "none"  # the docstrings say it, in words
napoleon_google_docstring = False

myst_enable_extensions = []
myst_heading_anchors = 3
# The notebooks are committed with their outputs, which a test compares.
nb_execution_mode = "off"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = "corridormap"
# Nothing is asked for over the network: no fonts, no scripts of others.
html_theme_options = {"sidebar_hide_name": False}
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None


def _bring_notebooks(app: Sphinx, _: object) -> None:
    """Sphinx reads nothing outside its folder: the notebooks are copied into it, where git ignores them."""
    folder = Path(app.srcdir) / "notebooks"
    folder.mkdir(exist_ok=True)
    for path in (HERE.parent / "notebooks").glob("*.ipynb"):
        shutil.copy2(path, folder)


def _to_copies(_: Sphinx, __: str, source: list[str]) -> None:
    """Links to notebooks are written as they hold in the repository."""
    source[0] = source[0].replace("](../../notebooks/", "](/notebooks/")


def _plain(_: Sphinx, __: object, lines: list[str]) -> None:
    """The help is plain text: a star in it, as in ``*.geojson``, begins no emphasis, and examples stay as they are typed."""
    if not lines:
        return
    text = re.sub(r"(?<![*\\])\*(?!\*)", r"\*", "\n".join(lines))
    text = re.sub(r"^\| (\w+:)\n((?:\|.*\n?)+)", _examples, text, flags=re.MULTILINE)
    lines[:] = text.split("\n")


def _examples(found: re.Match[str]) -> str:
    commands = [line[2:].replace("\\*", "*").strip() for line in found[2].splitlines()]
    return "\n".join([found[1], "", ".. code-block:: none", "", *(f"   {command}" for command in commands), "", ""])


def setup(app: Sphinx) -> None:
    """Register what is done before reading."""
    app.connect("config-inited", _bring_notebooks)
    app.connect("source-read", _to_copies)
    for part in ("description", "options", "arguments", "epilog"):
        app.connect(f"sphinx-click-process-{part}", _plain)
