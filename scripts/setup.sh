#!/usr/bin/env bash
# Checks the tools, installs what is missing when it may, and makes .venv.
# Debian and Ubuntu: as root or with passwordless sudo it installs; else it prints the command.
# Words on the command line name what some tests need beside that: `browser`, for the report page
# (without one they are skipped), `mpi`, `abi`, `slurm`, `hadoop`, `storage`; `cargo-c`, what
# `make install-c` is built with.
set -euo pipefail
cd "$(dirname "$0")/.."

rust_at_least=1.88
requirements=requirements-dev.txt
mkdir -p build
log=build/setup.log

say() { printf '\033[1m== %s\033[0m\n' "$*"; }

have() { command -v "$1" >/dev/null 2>&1; }

# libclang-cpp, which clang-format brings along, is another library.
have_libclang() {
   [ -n "${LIBCLANG_PATH:-}" ] && return 0
   compgen -G '/usr/lib/llvm-*/lib/libclang[.-]*' | grep -qv cpp && return 0
   ldconfig -p 2>/dev/null | grep 'libclang[-.]' | grep -qv cpp && return 0
   have llvm-config && compgen -G "$(llvm-config --libdir)/libclang.*" >/dev/null
}

# The first Python from 3.11 on; PYTHON names one.
find_python() {
   local name
   for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
      if have "$name" && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
         echo "$name"
         return 0
      fi
   done
   return 1
}

# The missing system tools, one "tool:apt package" a line.
missing_tools() {
   have "${CC:-cc}" || echo "gcc:gcc"
   have "${CXX:-c++}" || echo "c++:g++"
   have "${FC:-gfortran}" || echo "gfortran:gfortran"
   have objcopy || echo "objcopy:binutils"
   have_libclang || echo "libclang:libclang-dev"
   have clang-format || echo "clang-format:clang-format"
   local python
   if python=$(find_python); then
      "$python" -c 'import ensurepip, venv' 2>/dev/null || echo "python venv:python3-venv"
   elif ! have python3; then
      echo "python3:python3 python3-venv"
   fi
}

# What one of the words stands for, a "tool:apt package" a line where it is missing.
missing_for() {
   case $1 in
   browser) # the report page of a comparison is tested in it
      { have chromium || have chromium-browser || have google-chrome; } && have chromedriver ||
         echo "chromium and chromedriver:chromium chromium-driver"
      ;;
   mpi)
      have mpirun || echo "mpirun:openmpi-bin"
      have mpicc || echo "mpicc:libopenmpi-dev"
      ;;
   abi)
      have pkg-config || echo "pkg-config:pkg-config"
      have abidiff || echo "abidiff:abigail-tools"
      ;;
   cargo-c) # is compiled with them if it is not there
      have pkg-config || echo "pkg-config:pkg-config"
      have cargo-cinstall || pkg-config --exists openssl 2>/dev/null ||
         echo "the headers of OpenSSL:libssl-dev"
      ;;
   slurm)
      have slurmctld || echo "slurmctld:slurmctld slurm-wlm-basic-plugins"
      have slurmd || echo "slurmd:slurmd"
      have sbatch || echo "sbatch:slurm-client"
      have slurmdbd || echo "slurmdbd:slurmdbd"
      have munged || echo "munged:munge"
      have mariadbd || echo "mariadbd:mariadb-server"
      ;;
   hadoop)
      have java || echo "java:openjdk-17-jre-headless"
      have mvn || echo "mvn:maven"
      ;;
   storage)
      have xrootd || echo "xrootd:xrootd-server"
      have nginx || echo "nginx:nginx-light libnginx-mod-http-dav-ext"
      ;;
   *)
      echo "setup.sh: no such word: $1" >&2
      exit 2
      ;;
   esac
}

# Ubuntu's chromium is a snap: it sees no file in /tmp, and its installation waits for snapd.
install_browser() {
   if grep -qs '^ID=ubuntu' /etc/os-release; then
      echo "missing: google-chrome and chromedriver; install Chrome's own package and its driver" >&2
      return 1
   fi
   (install_tools "$1")
}

# The command that installs packages on this system.
install_command() {
   if have apt-get; then
      echo "sudo apt-get install --yes $*"
   elif have dnf; then
      echo "sudo dnf install gcc gcc-c++ gcc-gfortran binutils clang-devel clang-tools-extra python3 chromium chromedriver"
   elif have pacman; then
      echo "sudo pacman -S gcc gcc-fortran binutils clang python chromium"
   elif have brew; then
      echo "brew install gcc binutils llvm clang-format python chromium chromedriver"
   else
      echo "the package manager of this system, for: $*"
   fi
}

install_tools() {
   local missing=$1 packages sudo=""
   packages=$(cut -d: -f2 <<<"$missing" | tr '\n' ' ')
   packages=${packages% }
   if have apt-get; then
      [ "$(id -u)" -eq 0 ] || sudo="sudo -n"
      if [ -z "$sudo" ] || sudo -n true 2>/dev/null; then
         say "installing $packages"
         # shellcheck disable=SC2086
         if $sudo apt-get update >"$log" 2>&1 &&
            $sudo env DEBIAN_FRONTEND=noninteractive \
               apt-get install --yes --no-install-recommends $packages >>"$log" 2>&1; then
            return 0
         fi
         tail -n 5 "$log" >&2
      fi
   fi
   cut -d: -f1 <<<"$missing" | sed 's/^/missing: /' >&2
   echo "install with: $(install_command "$packages")" >&2
   exit 1
}

check_rust() {
   if ! have cargo || ! have rustc; then
      echo "missing: cargo and rustc, $rust_at_least or later" >&2
      echo "install with: rustup, see https://rustup.rs" >&2
      exit 1
   fi
   local found
   found=$(rustc --version | cut -d' ' -f2)
   if [ "$(printf '%s\n' "$rust_at_least" "$found" | sort -V | head -n 1)" != "$rust_at_least" ]; then
      echo "rustc is $found, ferrotran needs $rust_at_least or later" >&2
      echo "install with: rustup update stable" >&2
      exit 1
   fi
   if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
      if ! rustup component add rustfmt clippy >"$log" 2>&1; then
         echo "missing: rustfmt and clippy" >&2
         echo "install with: rustup component add rustfmt clippy" >&2
         exit 1
      fi
   fi
}

make_venv() {
   local python stamp=.venv/.installed state
   if ! python=$(find_python); then
      echo "missing: Python 3.11 or later; python3 is $(python3 --version 2>&1)" >&2
      echo "install one, and name it: make PYTHON=/path/to/python3.11 ..." >&2
      exit 1
   fi
   state="$("$python" -c 'import sys; print(sys.version)') $(cksum <"$requirements")"
   if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null &&
      [ "$(cat $stamp 2>/dev/null)" = "$state" ]; then
      return 0
   fi
   say "python environment: .venv from $requirements ($("$python" --version))"
   rm -rf .venv
   if ! { "$python" -m venv .venv &&
      .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$requirements"; } >"$log" 2>&1; then
      tail -n 20 "$log" >&2
      echo "the python environment could not be made; the whole log is $log" >&2
      exit 1
   fi
   echo "$state" >"$stamp"
}

# The missing tools, those of the words too: each run of apt-get takes seconds.
missing() {
   missing_tools
   local word
   for word in "$@"; do
      [ "$word" = browser ] || missing_for "$word"
   done
}

# What runs on Slurm, Spark and HDFS is large: only `make scale-test` needs it.
add_requirements() {
   .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$1" >"$log" 2>&1 && return
   tail -n 20 "$log" >&2
   echo "the packages of $1 could not be installed; the whole log is $log" >&2
   exit 1
}

lacking=$(missing "$@")
if [ -n "$lacking" ]; then
   install_tools "$lacking"
   lacking=$(missing "$@")
   if [ -n "$lacking" ]; then
      cut -d: -f1 <<<"$lacking" | sed 's/^/still missing after the install: /' >&2
      echo "CC is '${CC:-cc}', FC is '${FC:-gfortran}', PYTHON is '${PYTHON:-unset}'" >&2
      exit 1
   fi
fi
if [[ " $* " == *" browser "* ]]; then
   lacking=$(missing_for browser)
   if [ -n "$lacking" ]; then
      install_browser "$lacking" || echo "without it, \`make test\` does not try the report page" >&2
   fi
fi
check_rust
make_venv
if [[ " $* " =~ \ (slurm|hadoop|storage)\  ]]; then
   add_requirements requirements-scale.txt
fi
