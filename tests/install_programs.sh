#!/usr/bin/env bash
# Install Chromium, Firefox, QGIS, GDAL's tools, R's sf and poppler (to read printed PDFs) where apt can be used, and beside them, in .venv, what is of no use
# to the machine: PDOK's GeoPackage validator, a newer QGIS, PostGIS, and DuckDB with its extension. The tests that lack any of it say that they are skipped.
set -u
cd "$(dirname "$0")/.."

# PDOK's validator wants Debian's GDAL, which only Debian's Python sees: a virtual environment of its own.
validator() {
  local home=.venv/pdok
  [ -x "$home/bin/geopackage-validator" ] && return
  /usr/bin/python3 -c 'import osgeo.ogr' 2>/dev/null || { echo "no python3-gdal: not installing PDOK's GeoPackage validator" >&2; return; }
  /usr/bin/python3 -m venv --system-site-packages "$home" &&
    "$home/bin/pip" install --quiet --disable-pip-version-check 'pdok-geopackage-validator>=0.14' ||
    echo "could not install PDOK's GeoPackage validator" >&2
}

# DuckDB's extension is published for one version of it.
duckdb() {
  [ -x .venv/duckdb/bin/python ] && return
  /usr/bin/python3 -m venv .venv/duckdb &&
    .venv/duckdb/bin/pip install --quiet --disable-pip-version-check 'duckdb==1.4.4' 'duckdb-ext-spatial==1.4.4.20260205' ||
    { echo "could not install DuckDB with its extension" >&2; rm -rf .venv/duckdb; }
}

# unpack NAME SUITE PACKAGE…: Debian's packages, with what they want and the machine has not, unpacked into .venv/NAME. Lists and downloads are apt's for this
# once, from where the machine has its packages, so that nothing is installed, no service is started, and what the machine takes its packages from stays as it is.
unpack() {
  local home=.venv/$1 suite=$2 work key=/usr/share/keyrings/debian-archive-keyring.gpg sources
  shift 2
  [ -d "$home" ] && return
  sources=$(apt-get indextargets --format "deb [signed-by=$key] \$(SITE) \$(CODENAME) main" 'Origin: Debian' 'Created-By: Packages' 2>/dev/null |
    sed -n '/ bookworm\(-security\|-updates\)\? /p; s/ bookworm main$/ bookworm-backports main/p' | sort -u)
  if [ -z "$sources" ] || [ ! -e "$key" ]; then
    echo "not Debian 12: not unpacking $*" >&2
    return
  fi
  work=$(mktemp -d)
  mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/root"
  echo "$sources" >"$work/sources.list"
  local own=(-qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
    -o "Dir::Cache=$work" -o APT::Sandbox::User= -o Debug::NoLocking=1)
  apt-get "${own[@]}" update &&
    apt-get "${own[@]}" install -y --download-only --reinstall --no-install-recommends -t "$suite" "$@" >/dev/null &&
    printf '%s\0' "$work"/archives/*.deb | xargs -0 -I{} dpkg-deb -x {} "$work/root" &&
    mv "$work/root" "$home" || echo "could not download and unpack $*" >&2
  rm -rf "$work"
}

beside() {
  validator
  duckdb
  unpack qgis340 bookworm-backports python3-qgis
  unpack postgis bookworm postgresql-15 postgresql-client-15 postgresql-15-postgis-3 postgresql-15-postgis-3-scripts postgis
  # What an installation would link.
  [ ! -d .venv/postgis ] || ln -sf postgis-3.control .venv/postgis/usr/share/postgresql/15/extension/postgis.control
}
trap beside EXIT

missing=()
command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
command -v firefox-esr >/dev/null || missing+=(firefox-esr)
/usr/bin/python3 -c 'import qgis.core' 2>/dev/null || missing+=(python3-qgis)
/usr/bin/Rscript -e 'library(sf); library(jsonlite)' >/dev/null 2>&1 || missing+=(r-cran-sf r-cran-jsonlite)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
command -v ogrinfo >/dev/null || missing+=(gdal-bin)
/usr/bin/python3 -c 'import osgeo.ogr' 2>/dev/null || missing+=(python3-gdal)
/usr/bin/python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null; then
  echo "no apt-get here: not installing ${missing[*]}" >&2
  exit 0
fi
run=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    run=(sudo -n)
  else
    echo "not root and no password-less sudo: not installing ${missing[*]}" >&2
    exit 0
  fi
fi
export DEBIAN_FRONTEND=noninteractive
"${run[@]}" apt-get update -qq && "${run[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
  echo "apt-get could not install ${missing[*]}" >&2
exit 0
