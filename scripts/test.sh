#!/usr/bin/env bash
# Every test, from a clean clone. Installs what it needs (Chromium, npm packages, the web target) where it may, then runs:
# tests of all crates, examples in documentation, documentation without warnings, tests of the chart runtime and the web app's page, the Python
# package, a sweep over Slurm, and a real report and the web app in a real browser.
set -euo pipefail
cd "$(dirname "$0")/.."

started=$SECONDS
step() { printf '\n== %s  [%d s]\n' "$*" "$((SECONDS - started))"; }

for tool in cargo node npm; do
  if ! command -v "$tool" >/dev/null; then
    echo "$tool is needed and was not found" >&2
    exit 2
  fi
done

step "Preparing"
if [ -z "${ARMISTICE_CHROMIUM:-}" ] && ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "installing Chromium"
    apt-get update -qq >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
  else
    echo "Chromium is needed for the page test: install it, or set ARMISTICE_CHROMIUM to its path" >&2
    exit 2
  fi
fi
if command -v rustup >/dev/null; then
  rustup target add wasm32-unknown-unknown >/dev/null 2>&1 ||
    echo "SKIPPED: the target wasm32-unknown-unknown cannot be installed; the test that needs it will say so too"
fi
cargo fetch --locked --quiet

step "Tests of all crates, and examples in documentation"
cargo test --workspace --locked

step "Documentation of all crates"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
echo "documentation: no warnings"

step "Chart runtime and the page of the web app"
for part in charts app; do
  if [ ! -d "web/$part/node_modules" ]; then
    (cd "web/$part" && npm ci --silent)
  fi
  (cd "web/$part" && npm test --silent)
done

step "Python package"
python=${ARMISTICE_PYTHON:-python3}
if ! "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv >/dev/null
  else
    echo "Python 3.11 or newer with venv is needed: install it, or set ARMISTICE_PYTHON to its path" >&2
    exit 2
  fi
fi
venv=$PWD/target/python
[ -x "$venv/bin/pip" ] || "$python" -m venv "$venv"
"$venv/bin/pip" install -q --disable-pip-version-check 'maturin>=1.9,<2' numpy pandas pyarrow tomli-w distributed \
  pytest mypy ruff nbclient nbformat ipykernel
(
  cd python
  export VIRTUAL_ENV=$venv PATH=$venv/bin:$PATH
  maturin develop --quiet --locked --profile dev >/dev/null
  ruff format --quiet --check . && ruff check --quiet .
  mypy
  python -m mypy.stubtest armistice._core
  python -m pytest -q -p no:cacheprovider
)
bash tests/slurm/run.sh target/debug/armistice

step "A real report in a real browser"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo run --release --locked --quiet -- run scenarios/russia-ukraine --audit-cases 8 --out "$work/run"
bash tests/pages/run.sh "$work/run/report.html"

step "The web app in a real browser"
bash tests/pages/app.sh "${CARGO_TARGET_DIR:-target}/release/armistice" scenarios/tutorial

step "All tests passed"
