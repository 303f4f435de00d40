"""The notebooks run offline from the top, and their committed outputs are what they give."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from base64 import b64decode
from io import BytesIO
from itertools import groupby, zip_longest
from pathlib import Path

import nbformat
import pytest
from PIL import Image

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# Whatever would differ on another machine, or on the next run.
MACHINE = re.compile(r"/(?:home|root|tmp|usr|var|opt|Users|private)/|[A-Z]:\\|0x[0-9a-f]{6,}|site-packages|\d\d:\d\d:\d\d")

NO_NETWORK = """
import socket

def _refuse(name):
    real = getattr(socket.socket, name)
    def connect(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"offline: {address}")
        return real(self, address)
    return connect

for _name in ("connect", "connect_ex"):
    setattr(socket.socket, _name, _refuse(_name))
"""


@pytest.fixture(scope="module")
def execute():
    spec = importlib.util.spec_from_file_location("execute_notebooks", FOLDER / "execute.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(notebook):
    """What each cell printed or showed as text, cell by cell."""
    for cell in notebook.cells:
        # On a busy machine what one loop prints comes in several pieces.
        for printed, outputs in groupby(cell.get("outputs", []), key=lambda output: output.get("name")):
            texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs]
            yield from ["".join(texts)] if printed else texts


def pictures(notebook):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                yield Image.open(BytesIO(b64decode(output["data"]["image/png"])))


def same(committed, fresh):
    """Whether two texts have the same words, and numbers that differ by no more than the last digit shown."""
    if NUMBER.sub("#", committed).split() != NUMBER.sub("#", fresh).split():
        return False
    for one, other in zip(NUMBER.findall(committed), NUMBER.findall(fresh), strict=True):
        digits = len(one.partition(".")[2])
        if abs(float(one.replace(",", "")) - float(other.replace(",", ""))) > 1.001 * 10**-digits:
            return False
    return True


def test_there_are_seven():
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06", "07"]
    assert sum(path.stat().st_size for path in NOTEBOOKS) < 3_000_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_offline_and_gives_what_is_committed(path, execute, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    fresh = execute.run(path, work)
    committed = nbformat.read(path, as_version=4)
    for number, (one, other) in enumerate(zip_longest(texts(committed), texts(fresh))):
        assert same(one or "", other or ""), f"output {number}: {one!r} is committed, {other!r} is new"
    assert [picture.size for picture in pictures(committed)] == [picture.size for picture in pictures(fresh)]
    assert list(work.iterdir()) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_outputs(path, execute):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata == execute.METADATA
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    shown = "".join(str(output) for cell in code for output in cell.outputs if "image/png" not in output.get("data", {}))
    assert not MACHINE.search(shown)
    assert "<script" not in shown
    assert "<iframe" not in shown
    for cell in code:
        assert not any(output.output_type == "error" or output.get("name") == "stderr" for output in cell.outputs)
    assert len(list(pictures(notebook))) >= 2
    for picture in pictures(notebook):
        # A figure that lost its data is nearly all of one colour.
        assert len(picture.convert("L").resize((64, 64)).getcolors()) > 20


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_begins_with_one_import_and_draws_no_map_of_its_own(path):
    code = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert re.fullmatch(r"from corridormap import [\w, ]+", code[0])
    assert not re.search(r"LineCollection|patch_from_polygon|record\.backdrop|rcParams", "\n".join(code))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_texts(path):
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    assert cells[0].startswith(f"# {int(path.name[:2])} ")
    assert any("### Кратко по-русски" in text and len(re.findall("[а-яё]", text)) > 200 for text in cells)
    assert any("not known" in text or "made up" in text for text in cells)


def test_binder_installs_what_the_project_names():
    folder = FOLDER.parent / "binder"
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (extra,) = re.findall(r"^-e \.\[(\w+)\]$", (folder / "requirements.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert extra in project["optional-dependencies"]
    python = (folder / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert f"Programming Language :: Python :: {python}" in project["classifiers"]


def test_guard_refuses_the_network(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    # An address kept for documentation (RFC 5737): nobody is there.
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "OSError: offline: ('192.0.2.1', 80)" in result.stderr


def test_comparison_can_fail():
    assert same("7,589.8 km", "7,589.9 km")
    assert not same("7,589.8 km", "7,590.0 km")
    assert not same("7,589.8 km", "7,589.8 miles")
    assert not same("a 1", "a 1\nb 2")
