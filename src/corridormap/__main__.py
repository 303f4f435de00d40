"""Run the command line as ``python -m corridormap``."""

from corridormap.cli import main

if __name__ == "__main__":
    main(prog_name="corridormap")
