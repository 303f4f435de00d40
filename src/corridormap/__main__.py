"""Run the command line as ``python -m corridormap``."""

from corridormap.cli import main

main(prog_name="corridormap")
