#!/usr/bin/env bash
# Clicks through the web app in a real browser: tests/pages/app.sh PROGRAM SCENARIO [FOLDER FOR SCREENSHOTS]
set -euo pipefail

if [ $# -lt 2 ] || [ ! -x "$1" ]; then
  echo "usage: $0 PROGRAM SCENARIO [FOLDER FOR SCREENSHOTS]" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
browser=${ARMISTICE_CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [ -z "$browser" ]; then
  echo "no Chromium found: install it, or set ARMISTICE_CHROMIUM to its path" >&2
  exit 2
fi
if [ ! -d "$here/node_modules/axe-core" ]; then
  (cd "$here" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent >&2)
fi
exec env ARMISTICE_CHROMIUM="$browser" node "$here/app.js" "$@"
