#!/usr/bin/env bash
# Compares `armistice sweep` with the EMA Workbench (Python) on one design: see compare.py.
# usage: benches/ema/run.sh [--points N] [--seed N]
# ARMISTICE names another program than target/release/armistice, EMA_VENV another place for what is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=${EMA_VENV:-target/ema-venv}
if ! "$venv/bin/python" -c "import ema_workbench, pyarrow" 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet ema_workbench==2.5.3 pyarrow
fi
if [ -z "${ARMISTICE:-}" ]; then
  cargo build --release --locked --quiet
  ARMISTICE=target/release/armistice
fi
OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 exec "$venv/bin/python" benches/ema/compare.py "$(realpath "$ARMISTICE")" "$@"
