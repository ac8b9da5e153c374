#!/usr/bin/env bash
# Checks a report in a real browser, offline: tests/pages/run.sh REPORT.html [FOLDER FOR SCREENSHOTS]
set -euo pipefail

if [ $# -lt 1 ] || [ ! -f "$1" ]; then
  echo "usage: $0 REPORT.html [FOLDER FOR SCREENSHOTS]" >&2
  exit 2
fi
report=$(realpath "$1")
shots=${2:-}
here=$(cd "$(dirname "$0")" && pwd)

browser=${ARMISTICE_CHROMIUM:-}
if [ -z "$browser" ]; then
  browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
fi
if [ -z "$browser" ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
  browser=$(command -v chromium)
fi
if [ -z "$browser" ]; then
  echo "no Chromium found: install it, or set ARMISTICE_CHROMIUM to its path" >&2
  exit 2
fi

if [ ! -d "$here/node_modules/playwright-core" ]; then
  (cd "$here" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent >&2)
fi
exec env ARMISTICE_CHROMIUM="$browser" node "$here/check.js" "$report" ${shots:+"$shots"}
