#!/usr/bin/env bash
# Builds the languages of ferrotran_compare in release mode and shows .venv the package in compare/.
# Fortran, C and Rust are compiled for x86-64-v3 where this processor has it; COMPARE_CPU names
# another one, in the words of gcc's -march and rustc's target-cpu.
set -euo pipefail
cd "$(dirname "$0")/.."

# The best level that both this processor and the comparison know; empty for the baseline.
cpu() {
   local flag
   [ "$(uname -m)" = x86_64 ] || return 0
   for flag in avx avx2 bmi1 bmi2 f16c fma abm movbe; do
      grep -qwm1 "$flag" /proc/cpuinfo 2>/dev/null || return 0
   done
   echo x86-64-v3
}

FERROTRAN_COMPARE_CPU=${COMPARE_CPU-$(cpu)}
export FERROTRAN_COMPARE_CPU
printf '\033[1m== build: the languages of the comparison, release, %s\033[0m\n' \
   "${FERROTRAN_COMPARE_CPU:-baseline}"
# `cargo rustc` gives the flag to this crate alone, so its dependencies are those of the extension.
cargo rustc --quiet --release -p ferrotran-compare -- \
   ${FERROTRAN_COMPARE_CPU:+-C "target-cpu=$FERROTRAN_COMPARE_CPU"}
built="${CARGO_TARGET_DIR:-target}/release/lib_native.so"
placed=compare/ferrotran_compare/_native.abi3.so
if ! cmp --quiet "$built" "$placed"; then
   cp "$built" "$placed.new"
   mv "$placed.new" "$placed" # a process that has the old file mapped keeps it
fi
scripts/compare_chapel.sh
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$PWD/compare" >"$site/ferrotran_compare.pth"
