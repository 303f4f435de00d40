"""Make the pictures of the pages anew, by the examples that stand above them: ``python docs/pictures.py``."""

from __future__ import annotations

import doctest
import shutil
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl

FOLDER = Path(__file__).parent / "how-to"


def make(folder: Path) -> list[Path]:
    """Run the examples of the page on figures in a folder, and give the pictures that they wrote there."""
    mpl.use("Agg")
    with mpl.rc_context(), chdir(folder):
        failed, _ = doctest.testfile(str(FOLDER / "figures.md"), module_relative=False, encoding="utf-8")
    if failed:
        raise SystemExit(1)
    return sorted(folder.glob("*.png"))


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        for path in make(Path(name)):
            shutil.copy2(path, FOLDER)
            print(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB")
