#!/usr/bin/env bash
# Install Chromium, QGIS and poppler (to read printed PDFs) where apt can be used; otherwise the tests that need them say that they are skipped.
set -u
missing=()
command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
/usr/bin/python3 -c 'import qgis.core' 2>/dev/null || missing+=(python3-qgis)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
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
