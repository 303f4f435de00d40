"""What is not installed is asked for by a command that runs."""

import tomllib

import pytest

from corridormap import extras
from corridormap.errors import CorridorMapError


def test_the_command_names_the_libraries_of_the_extra(request):
    project = tomllib.loads((request.config.rootpath / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name in ("plot", "export", "pmtiles", "trace", "tiles", "dask"):
        command = extras.install(name)
        assert command.startswith("pip install '")
        # Metadata orders the bounds of a version as it likes.
        assert {part.partition(">")[0].strip("' ") for part in command.removeprefix("pip install ").split("' '")} == {
            line.partition(">")[0] for line in project["optional-dependencies"][name]
        }


def test_a_library_that_is_missing_is_asked_for():
    assert extras.require("json", extra="plot", needed_for="this").__name__ == "json"
    with pytest.raises(CorridorMapError, match=r"this needs nowhere_to_be_had, which is not installed\n  pip install 'matplotlib"):
        extras.require("nowhere_to_be_had.part", extra="plot", needed_for="this")
