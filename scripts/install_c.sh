#!/usr/bin/env bash
# Builds the C library and installs it: header, Fortran module, both libraries, pkg-config file.
#
#    scripts/install_c.sh PREFIX              by cargo-c, which is built into build/cargo-c if missing
#    scripts/install_c.sh --plain PREFIX      the same files from a plain `cargo build --release`
#    scripts/install_c.sh --debug PREFIX      the same files from a plain `cargo build`
#
# DESTDIR is put before PREFIX, as packagers expect.
set -euo pipefail
cargo_c=${CARGO_C_VERSION:-0.10.24+cargo-0.98.0} # the newest that rustc 1.95 builds

say() { printf '\033[1m== %s\033[0m\n' "$*"; }

usage() {
   echo "usage: scripts/install_c.sh [--plain | --debug] PREFIX" >&2
   exit 2
}

mode=cargo-c
case ${1:-} in
--plain | --debug)
   mode=${1#--}
   shift
   ;;
esac
[ $# -eq 1 ] && [ -n "$1" ] || usage
case $1 in
-*) usage ;;
/*) prefix=$1 ;;
*) prefix=$PWD/$1 ;;
esac
cd "$(dirname "$0")/.."

# The cargo-c that is installed, if it can read this workspace, else one of our own.
find_cargo_c() {
   cinstall=(cargo cinstall)
   # 0.9 cannot read a workspace of edition 2024.
   if cargo cinstall --version 2>/dev/null | grep -Eq '^cargo-c (0\.[1-9][0-9]|[1-9])'; then
      return
   fi
   cinstall=("$PWD/build/cargo-c/bin/cargo-cinstall" cinstall)
   [ ! -x "${cinstall[0]}" ] || return 0
   say "cargo-c $cargo_c, into build/cargo-c: some minutes, once"
   mkdir -p build
   # It only calls compilers: no need to optimise it.
   if ! CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$PWD/build/cargo-c/target cargo install --quiet \
      "cargo-c@$cargo_c" --locked --debug --bin cargo-cinstall --root build/cargo-c >build/cargo-c.log 2>&1; then
      tail -n 20 build/cargo-c.log >&2
      echo "cargo-c could not be built; the whole log is build/cargo-c.log" >&2
      echo "it needs the headers of OpenSSL: sudo apt-get install libssl-dev pkg-config" >&2
      echo "without it: scripts/install_c.sh --plain PREFIX" >&2
      exit 1
   fi
   rm -rf build/cargo-c/target
}

if [ "$mode" = cargo-c ]; then
   find_cargo_c
   "${cinstall[@]}" --release -p ferrotran-capi --prefix="$prefix" --libdir="$prefix/lib" \
      ${DESTDIR:+--destdir="$DESTDIR"}
   say "installed in $prefix"
   exit
fi

profile=debug release=
[ "$mode" = debug ] || { profile=release && release=--release; }
cargo build --quiet $release -p ferrotran-capi
built=${CARGO_TARGET_DIR:-target}/$profile
version=$(cargo pkgid -p ferrotran-capi | sed 's/.*[@#]//')
IFS=. read -r major minor _ <<<"$version"
soname=libferrotran.so.$major
[ "$major" -gt 0 ] || soname=$soname.$minor

to=${DESTDIR:-}$prefix
install -d "$to/lib/pkgconfig" "$to/include/ferrotran"
install -m 755 "$built/libferrotran_capi.so" "$to/lib/libferrotran.so.$version"
ln -sf "libferrotran.so.$version" "$to/lib/$soname"
ln -sf "libferrotran.so.$version" "$to/lib/libferrotran.so"
install -m 644 "$built/libferrotran_capi.a" "$to/lib/libferrotran.a"
install -m 644 crates/ferrotran-capi/include/ferrotran.h crates/ferrotran-capi/fortran/ferrotran.f90 \
   "$to/include"
install -m 644 crates/ferrotran-capi/include/ferrotran/*.h \
   crates/ferrotran-capi/fortran/ferrotran/*.inc "$to/include/ferrotran"
cat >"$to/lib/pkgconfig/ferrotran.pc" <<END
prefix=$prefix
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: ferrotran
Description: $(sed -n '/capi.pkg_config/,/^$/s/^description = "\(.*\)"/\1/p' crates/ferrotran-capi/Cargo.toml)
Version: $version
Libs: -L\${libdir} -lferrotran
Cflags: -I\${includedir}
Libs.private: -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc
END
say "installed in $to"
