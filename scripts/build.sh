#!/usr/bin/env bash
# Builds the Python extension in release mode and links the package into .venv.
set -euo pipefail
cd "$(dirname "$0")/.."
printf '\033[1m== build: the Python extension, release\033[0m\n'
exec .venv/bin/maturin develop --quiet --release --skip-install --manifest-path python/Cargo.toml "$@"
