#!/usr/bin/env bash
# Times the structural fits beside the R package `games` (CRAN): see compare.py.
# usage: benches/games/run.sh [repetitions in R]
# Needs R with the package `games` installed (R_LIBS says where); GAME_FITS names another program than target/release/examples/game_fits.
set -euo pipefail
cd "$(dirname "$0")/../.."

Rscript -e 'stopifnot(requireNamespace("games"))'
if [ -z "${GAME_FITS:-}" ]; then
  cargo build --release --locked --quiet -p armistice-fit --example game_fits
  GAME_FITS=target/release/examples/game_fits
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 benches/games/compare.py "$(realpath "$GAME_FITS")" "$folder" "$@"
