"""The site builds without a warning and asks for nothing over the network."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import html5lib
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
# Elements that fetch something by themselves; a link waits for the reader.
FETCHING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}
XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-d",
        str(folder / "trees"),
        str(ROOT / "docs"),
        str(folder / "html"),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return folder / "html"


def test_every_page_is_there(site):
    assert (site / "index.html").exists()
    for kind in ("how-to", "reference"):
        pages = {path.stem for path in (ROOT / "docs" / kind).glob("*.md")}
        assert pages
        assert pages == {path.stem for path in (site / kind).glob("*.html")}
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == {path.stem for path in (site / "notebooks").glob("*.html")}


def test_nothing_is_fetched(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        tree = html5lib.parse(page.read_text(encoding="utf-8"))
        for element, attribute in FETCHING.items():
            for found in tree.iter(XHTML + element):
                address = found.get(attribute) or ""
                if found.get("rel") in {"canonical", "next", "prev"}:
                    continue
                assert not re.match(r"(?:https?:)?//", address), f"{page.name}: {element} {address}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")), sheet.name


def test_no_machine_paths(site):
    for page in site.rglob("*.html"):
        assert str(ROOT) not in page.read_text(encoding="utf-8"), page.name
