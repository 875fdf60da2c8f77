"""The installed files: by cargo-c and by a plain build, which lays them out alike."""

from __future__ import annotations

import re
import subprocess

import pytest
from library import CAPI, ROOT, Prefix, run

SCRIPT = ROOT / "scripts" / "install_c.sh"


def names(path):
    """Return the names of the installed files."""
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if not file.is_dir())


def test_plain_install_has_every_file(prefix):
    found = names(prefix.path)
    headers = [str(p.relative_to(CAPI / "include")) for p in (CAPI / "include").rglob("*.h")]
    fortran = [str(p.relative_to(CAPI / "fortran")) for p in (CAPI / "fortran").rglob("*.*")]
    installed = [name.removeprefix("include/") for name in found if name.startswith("include/")]
    assert installed == sorted(headers + fortran)
    version = prefix.flags("--modversion")[0]
    libraries = [name for name in found if name.startswith("lib/lib")]
    line = re.match(r"0\.\d+|\d+", version)[0]
    assert libraries == [
        "lib/libferrotran.a",
        "lib/libferrotran.so",
        f"lib/libferrotran.so.{line}",
        f"lib/libferrotran.so.{version}",
    ]


def test_example_of_the_readme(prefix, tmp_path):
    text = (CAPI / "README.md").read_text()
    (tmp_path / "gauss.c").write_text(re.search(r"```c\n(.*?)```", text, flags=re.S)[1])
    flags = prefix.flags("--cflags", "--libs")
    run("cc", "-std=c11", "gauss.c", *flags, "-lm", "-o", "gauss", cwd=tmp_path)
    output = run(tmp_path / "gauss", env=prefix.environment())
    assert output.startswith("1.77245385090552 +- ")


@pytest.mark.parametrize("arguments", [[], [""], ["--odd", "/tmp"], ["--plain"], ["a", "b"]])
def test_wrong_usage_is_refused(arguments):
    done = subprocess.run([SCRIPT, *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert "usage" in done.stderr


@pytest.mark.slow
def test_cargo_c_installs_the_same(prefix, tmp_path):
    asked = subprocess.run(["cargo", "cinstall", "--version"], capture_output=True, text=True)
    usable = re.match(r"cargo-c (0\.[1-9]\d|[1-9])", asked.stdout)
    if not usable and not (ROOT / "build" / "cargo-c" / "bin").is_dir():
        pytest.skip("cargo-c 0.10 is not installed: scripts/install_c.sh builds it, in minutes")
    path = tmp_path / "cargo-c"
    run(SCRIPT, path, timeout=1800)
    assert names(path) == names(prefix.path)
    installed = Prefix(path)
    for what in ("--modversion", "--libs", "--cflags"):
        other = " ".join(prefix.flags(what)).replace(str(prefix.path), str(path))
        assert " ".join(installed.flags(what)) == other
    pattern = r"soname: \[.*\]"
    sonames = [re.search(pattern, run("readelf", "-d", p.library))[0] for p in (prefix, installed)]
    assert sonames[0] == sonames[1]
    exported = [run("nm", "-D", "--defined-only", p.library) for p in (prefix, installed)]
    symbols = [sorted(line.split()[-1] for line in text.splitlines()) for text in exported]
    assert symbols[0] == symbols[1]
    test_example_of_the_readme(installed, tmp_path)
    staged = tmp_path / "stage"
    run("env", f"DESTDIR={staged}", SCRIPT, "/usr/local", timeout=1800)
    assert names(staged / "usr" / "local") == names(path)
