"""Run by a Python that has DuckDB and the file of its extension `spatial`: what it reads, by the jobs on standard input."""

import json
import sys
from pathlib import Path

import duckdb

(extension,) = Path(duckdb.__file__).parents[1].glob("duckdb_ext/extensions/*/*/spatial.duckdb_extension")
connection = duckdb.connect()
connection.execute(f"LOAD '{extension}'")


def source(job):
    """Give a layer's rows as a query, the geometry first."""
    path, inner = job["path"], f", layer = '{job['inner']}'" if job["inner"] else ""
    table, shape, gone = f"st_read('{path}'{inner})", "geom", "geom"
    if job["format"] == "geoparquet":
        table, shape, gone = f"read_parquet('{path}')", "geometry", "geometry, bbox"
    elif job["format"] == "csv":
        table = f"read_csv('{path}')"
        *_, x, y = connection.sql(f"FROM {table}").columns
        shape, gone = ("ST_GeomFromText(wkt)", "wkt") if y == "wkt" else (f"ST_Point({x}, {y})", f"{x}, {y}")
    return f"SELECT ST_AsHEXWKB({shape}) AS wkb, * EXCLUDE ({gone}) FROM {table}"  # noqa: S608


def read(job):
    found = connection.sql(source(job))
    names = found.columns[1:]
    return {"features": [{"properties": dict(zip(names, row, strict=True)), "geometry": wkb} for wkb, *row in found.fetchall()]}


print(json.dumps({"version": duckdb.__version__, "layers": [read(job) for job in json.load(sys.stdin)]}, default=str))
