# `make map` builds and renders the atlas, `make test` proves it. Both can be run again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The marks of tests that drive other programs.
PROGRAMS := browser or firefox or node or qgis or gdal or readers
# Tests that lie together share what they make: each worker takes a half, and whoever is done helps the other.
PYTEST := $(BIN)/python -m pytest --dist worksteal
# Tests that drive other programs wait for them: one more at a time than there are cores.
WORKERS := $(shell expr $$(nproc) + 1)
FRONT := src/corridormap/web/front
READERS := tests/readers
# Whatever the environment says, compiled modules are kept: tests start many processes, and compiling takes longer than what most do.
unexport PYTHONDONTWRITEBYTECODE
NODE := command -v npm >/dev/null && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 23 || (a == 22 && b > 12) || (a == 20 && b > 18) ? 0 : 1)'

.PHONY: help map examples test quick lint types front readers bundle docs bench clean

help:
	@echo "make map    virtual environment, install, build check, validate, render to output/"
	@echo "make examples  the example atlas: build check, validate, render in its languages, export to output/azerbaijan/"
	@echo "make test   all tests; installs Chromium and QGIS with apt where it can"
	@echo "make quick  lint, types and the fast tests, in about a minute"
	@echo "make front  the pages' own lint, types, unit tests and bundle, with Node 20.19 or newer;  make bundle  writes the bundle anew"
	@echo "make readers  what the tests read the exports with in Node"
	@echo "make lint   ruff;  make types  mypy;  make docs  the site, to output/site;  make bench  figures for benchmarks/"

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "corridormap needs Python 3.11 or newer; try make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/map.stamp: pyproject.toml $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/test.stamp: pyproject.toml $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	touch $@

map: $(VENV)/map.stamp
	$(BIN)/corridormap build --check
	$(BIN)/corridormap validate
	$(BIN)/corridormap render -o output/index.html
	$(BIN)/corridormap render --lang ru -o output/index.ru.html
	$(BIN)/corridormap render --lang kk -o output/index.kk.html

AZERBAIJAN := $(BIN)/corridormap --geodata examples/azerbaijan
examples: $(VENV)/map.stamp
	$(AZERBAIJAN) build --check
	$(AZERBAIJAN) validate --strict
	for lang in az en ru; do $(AZERBAIJAN) render --lang $$lang -o output/azerbaijan/index.$$lang.html || exit 1; done
	$(AZERBAIJAN) export gpkg --force -o output/azerbaijan/azerbaijan.gpkg
	$(AZERBAIJAN) export qgis --force -o output/azerbaijan/qgis
	$(AZERBAIJAN) export geojson --force -o output/azerbaijan/geojson

test: $(VENV)/test.stamp
	bash tests/install_programs.sh
	@if [ -n "$$CORRIDORMAP_REQUIRE_PROGRAMS" ] || $(NODE); then $(MAKE) front readers; else echo "no Node 20.19, 22.13, 24 or newer here: skipping lint, types and unit tests of $(FRONT), the proof of its bundle, and readers of exports that run in Node" >&2; fi
	$(PYTEST) -n $(WORKERS) -m "not timed"
	$(BIN)/python -m pytest -m timed

quick: lint types
	$(PYTEST) -n auto -q -m "not (slow or $(PROGRAMS))"

$(FRONT)/node_modules/stamp: $(FRONT)/package-lock.json
	cd $(FRONT) && npm ci --silent
	touch $@

front: $(FRONT)/node_modules/stamp
	cd $(FRONT) && npm run --silent lint && npm run --silent types && npm test --silent && npm run --silent prove

$(READERS)/node_modules/stamp: $(READERS)/package-lock.json
	cd $(READERS) && npm ci --silent
	touch $@

readers: $(READERS)/node_modules/stamp

bundle: $(FRONT)/node_modules/stamp
	cd $(FRONT) && npm run --silent build

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/test.stamp
	$(BIN)/mypy

$(VENV)/docs.stamp: pyproject.toml $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	touch $@

docs: $(VENV)/docs.stamp
	$(BIN)/python -m sphinx -q -W --keep-going -d $(VENV)/doctrees docs output/site

bench: $(VENV)/test.stamp
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/page.py
	$(BIN)/python benchmarks/validator.py
	$(BIN)/python benchmarks/exports.py
	$(BIN)/python benchmarks/measure.py
	$(BIN)/python benchmarks/network.py

clean:
	rm -rf $(VENV) output/*.html output/azerbaijan output/site output/jupyter_execute docs/notebooks
