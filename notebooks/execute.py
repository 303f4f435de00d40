"""Run the notebooks and write them back with their outputs, and nothing in them that the next run would change.

python notebooks/execute.py                 # all of them
python notebooks/execute.py 02_how_long_is_the_border.ipynb
"""

from __future__ import annotations

import sys
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from PIL import Image

HERE = Path(__file__).parent
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def run(path: Path, folder: Path) -> nbformat.NotebookNode:
    """Execute a notebook in a folder, from the top.

    Raises
    ------
    CellExecutionError
        If a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=40"],
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        # Of a cell's metadata only the tags are kept: those with which the site folds the code of a figure.
        cell.metadata = nbformat.from_dict({"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {})
        for output in cell.get("outputs", []):
            # "<Figure size 960x820 with 12 Axes>" says less than the figure beside it.
            if "image/png" in output.get("data", {}):
                output.data = nbformat.from_dict({"image/png": thinned(output.data["image/png"])})
                output.metadata = nbformat.from_dict({})
    return notebook


def thinned(picture: str) -> str:
    """Give a picture with 256 colours, which is enough for maps and charts and a third of the size."""
    stream = BytesIO()
    image = Image.open(BytesIO(b64decode(picture))).convert("RGB")
    image.quantize(256, kmeans=3, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return b64encode(stream.getvalue()).decode("ascii")


def main() -> None:
    names = sys.argv[1:] or sorted(path.name for path in HERE.glob("*.ipynb"))
    for name in names:
        with TemporaryDirectory() as folder:
            notebook = run(HERE / name, Path(folder))
        nbformat.write(notebook, HERE / name)
        print(f"{name}: {(HERE / name).stat().st_size / 1000:,.0f} kB")


if __name__ == "__main__":
    main()
