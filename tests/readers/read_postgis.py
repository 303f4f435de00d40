"""What PostGIS holds of files loaded by shp2pgsql (shapefiles) and GDAL's ogr2ogr (all others), by the jobs on standard input.

A server of its own, in a temporary folder, on a socket there: ``read_postgis.py FOLDER``, which Debian's packages were unpacked into.
"""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

HOME = Path(sys.argv[1]).resolve() / "usr"
LIBRARIES = f"lib/{os.uname().machine}-linux-gnu"
ENVIRONMENT = {**os.environ, "LD_LIBRARY_PATH": str(HOME / LIBRARIES), "PGUSER": "reader", "PGDATABASE": "postgres"}
ROWS = """
SELECT coalesce(json_agg(json_build_object('properties', to_jsonb(t) - 'geometry', 'geometry', encode(ST_AsBinary(geometry), 'hex')) ORDER BY {key}), '[]'),
       (SELECT split_part(srtext, '"', 2) FROM spatial_ref_sys WHERE srid = (SELECT max(ST_SRID(geometry)) FROM {table}))
FROM {table} t
"""


def run(*command, **options):
    return subprocess.run([*map(str, command)], check=True, stdout=subprocess.PIPE, env=ENVIRONMENT, **options).stdout


@contextmanager
def server():
    """PostgreSQL refuses to be root: it is nobody then, who may not look into root's folders."""
    with tempfile.TemporaryDirectory(prefix="postgis.") as folder:
        programs, who = HOME, {"cwd": folder}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            who |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            programs = Path(folder) / "usr"
            for part in ("lib", "share/postgresql"):
                shutil.copytree(HOME / part, programs / part, symlinks=True)
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            ENVIRONMENT["LD_LIBRARY_PATH"] = str(programs / LIBRARIES)
        programs, data = programs / "lib/postgresql/15/bin", f"{folder}/data"
        run(programs / "initdb", "--no-sync", "--username=reader", "--auth=trust", "--encoding=UTF8", "--no-locale", data, **who)
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        run(programs / "pg_ctl", "start", "-w", "-D", data, "-l", f"{folder}/log", "-o", options, **who)
        try:
            ENVIRONMENT["PGHOST"] = folder
            yield
        finally:
            run(programs / "pg_ctl", "stop", "-m", "immediate", "-D", data, **who)


def ask(text):
    command = [HOME / "lib/postgresql/15/bin/psql", "-X", "-q", "-t", "-A", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
    return run(*command, input=text.encode()).decode()


def read(job, table):
    if job["format"] == "shapefile":
        key = "gid"
        ask(run(HOME / "bin/shp2pgsql", "-s", job["epsg"], "-g", "geometry", job["path"], table).decode())
    else:
        key = "ogc_fid"
        options = ["-lco", "GEOMETRY_NAME=geometry", "-lco", "FID=ogc_fid", "-lco", "LAUNDER=NO", "-nln", table]
        run("ogr2ogr", "-f", "PostgreSQL", "PG:", job["path"], *([job["inner"]] if job["inner"] else []), *options)
    rows, where = ask(ROWS.format(table=table, key=key)).rstrip("\n").split("\t")
    return {"features": json.loads(rows), "crs": where}


with server():
    ask("SET client_min_messages = warning; CREATE EXTENSION postgis;")
    version = ask("SELECT postgis_lib_version()").strip()
    print(json.dumps({"version": version, "layers": [read(job, f"t{number}") for number, job in enumerate(json.load(sys.stdin))]}))
