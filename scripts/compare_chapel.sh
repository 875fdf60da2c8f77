#!/usr/bin/env bash
# Builds the kernels of the comparison in Chapel, where a compiler is on PATH; called by compare.sh.
# Without one, what an earlier compiler has built goes, and the comparison has no such column.
set -euo pipefail
cd "$(dirname "$0")/.."

placed=compare/ferrotran_compare/_chapel_kernels.so
about=${placed%.so}.json
chpl=${CHPL:-chpl}
if ! command -v "$chpl" >/dev/null; then
   rm -f "$placed" "$about"
   exit
fi

version=$("$chpl" --version | sed -n 's/^chpl version //p')
cpu=${FERROTRAN_COMPARE_CPU:-}
flags="--fast --ieee-float --ccflags ${cpu:+-march=$cpu }-ffp-contract=off"
said=$(printf '{"compiler": "chpl %s", "flags": "%s"}' "$version" "$flags")
sources=$(find compare/chapel -name '*.chpl')
# shellcheck disable=SC2086
if [ -f "$placed" ] && [ "$(cat "$about" 2>/dev/null)" = "$said" ] &&
   ! find $sources -newer "$placed" | grep -q .; then
   exit
fi

printf '\033[1m== build: the comparison in Chapel %s\033[0m\n' "$version"
rm -f "$placed" "$about"
mkdir -p build/chapel
# The names that changed with 2.0 are in a folder for each side of it.
if ! (cd compare/chapel && "$chpl" --fast --ieee-float --ccflags "${cpu:+-march=$cpu }-ffp-contract=off" \
   -M "chapel-${version%%.*}" --library --dynamic --library-dir ../../build/chapel -o compare \
   Compare.chpl) >build/chapel/log 2>&1; then
   tail -n 5 build/chapel/log >&2
   echo "chapel: not compared, for $chpl made no library; its run time must be built with" \
      "CHPL_LIB_PIC=pic. The whole log is build/chapel/log" >&2
   exit
fi
cp build/chapel/libcompare.so "$placed.new"
mv "$placed.new" "$placed" # a process that has the old file mapped keeps it
printf '%s\n' "$said" >"$about"
