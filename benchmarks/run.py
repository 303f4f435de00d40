"""Time the commands as a user meets them, each in a fresh process, and print the figures as a Markdown table.

make bench > benchmarks/results.md
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = [str(Path(sys.executable).parent / "corridormap")]


def seconds(arguments: list[str], *, runs: int) -> float:
    """Median wall-clock time of a command, after one run to warm the disk cache."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = str(Path(folder) / "page.html")
        bare = seconds([sys.executable, "-c", "import click"], runs=41)
        rows = [
            ("`import click`, the yardstick for --help", bare, ""),
            ("`corridormap --help`", seconds([*COMMAND, "--help"], runs=41), "≤ 1.5 × click"),
            ("`corridormap build --check`", seconds([*COMMAND, "build", "--check"], runs=5), "≤ 5 s"),
            ("`corridormap validate`", seconds([*COMMAND, "validate"], runs=5), "≤ 5 s"),
            ("`corridormap render`", seconds([*COMMAND, "render", "-o", page], runs=5), "≤ 5 s"),
        ]
    print(f"Python {platform.python_version()}, {platform.machine()}; median of several runs, each a fresh process.\n")
    print("| command | seconds | limit |\n|---|---|---|")
    for name, value, limit in rows:
        note = f"{limit} (here {value / bare:.2f} ×)" if "click" in limit else limit
        print(f"| {name} | {value:.3f} | {note} |")


if __name__ == "__main__":
    main()
