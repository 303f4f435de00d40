#!/usr/bin/env bash
# Install Chromium, Firefox, QGIS, GDAL's tools and poppler (to read printed PDFs) where apt can be used, and PDOK's GeoPackage validator beside them;
# otherwise the tests that need them say that they are skipped.
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
trap validator EXIT

missing=()
command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
command -v firefox-esr >/dev/null || missing+=(firefox-esr)
/usr/bin/python3 -c 'import qgis.core' 2>/dev/null || missing+=(python3-qgis)
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
