#!/usr/bin/env bash
# Builds the Python extension in release mode and shows .venv the package in python/.
set -euo pipefail
cd "$(dirname "$0")/.."
printf '\033[1m== build: the Python extension, release\033[0m\n'
cargo build --quiet --release -p ferrotran-python
built="${CARGO_TARGET_DIR:-target}/release/lib_ferrotran.so"
placed=python/ferrotran/_ferrotran.abi3.so
if ! cmp --quiet "$built" "$placed"; then
   cp "$built" "$placed.new"
   mv "$placed.new" "$placed" # a process that has the old file mapped keeps it
fi
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$PWD/python" >"$site/ferrotran.pth"
# What pip would make of [project.scripts].
printf '#!%s\n%s\n' "$PWD/.venv/bin/python" \
   'import sys
from ferrotran.__main__ import main

sys.exit(main())' >.venv/bin/ferrotran
chmod +x .venv/bin/ferrotran
