"""The tests in C: every function, every refusal, in memory whose end is guarded."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from library import HERE, STRICT, run, tool

PROGRAMS = sorted((HERE / "c").glob("*.c"))
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]


def build(prefix, program, target, *flags):
    """Compile a program as a user does."""
    language = ["-std=c11", "-D_GNU_SOURCE", "-g", *STRICT]
    libraries = [*prefix.flags("--libs"), "-lm", "-pthread"]
    run("cc", *language, *flags, *prefix.flags("--cflags"), program, *libraries, "-o", target)
    return target


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_program(prefix, program, tmp_path):
    run(build(prefix, program, tmp_path / "test"), env=prefix.environment(), timeout=120)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_program_under_address_sanitizer(prefix, program, tmp_path):
    test = build(prefix, program, tmp_path / "test", *SANITIZE)
    # What a callback leaves behind when it is left is lost, as the header says.
    leaks = "0" if program.stem == "callbacks" else "1"
    run(test, env=prefix.environment(ASAN_OPTIONS=f"detect_leaks={leaks}"), timeout=120)


def test_a_failing_check_fails_the_program(prefix, tmp_path):
    source = tmp_path / "wrong.c"
    source.write_text('#include "check.h"\nint main(void) { CHECK(1 == 2); return outcome(); }\n')
    test = build(prefix, source, tmp_path / "test", f"-I{HERE / 'c'}")
    done = subprocess.run([test], env=prefix.environment(), capture_output=True, text=True)
    assert done.returncode == 1
    assert "wrong.c:2: 1 == 2" in done.stdout


def test_static_library(prefix, tmp_path):
    libraries = [part for part in prefix.flags("--static", "--libs") if part != "-lferrotran"]
    flags = ["-std=c11", "-D_GNU_SOURCE", *prefix.flags("--cflags")]
    sources = [HERE / "c" / "special.c", prefix.archive]
    run("cc", *flags, *sources, *libraries, "-pthread", "-o", tmp_path / "test")
    assert "libferrotran" not in run("ldd", tmp_path / "test")
    run(tmp_path / "test", timeout=120)


def test_a_header_of_another_version_is_told(prefix, tmp_path):
    include = tmp_path / "include"
    shutil.copytree(prefix.path / "include", include)
    header = include / "ferrotran.h"
    text = re.sub(r"(FT_VERSION_MINOR) \d+", r"\1 77", header.read_text())
    header.write_text(text)
    source = tmp_path / "old.c"
    source.write_text(
        "#include <ferrotran.h>\n#include <stdio.h>\n"
        "int main(void) {\n"
        "    int status = ft_check_header();\n"
        '    printf("%s: %s", ft_status_message(status), ft_last_error_message());\n'
        "    return status == FT_VERSION_MISMATCH ? 0 : 1;\n}\n"
    )
    libraries = prefix.flags("--libs")
    run("cc", "-std=c11", *STRICT, f"-I{include}", source, *libraries, "-o", tmp_path / "test")
    output = run(tmp_path / "test", env=prefix.environment())
    assert "the header is of version 0.77." in output
    assert f"the library of {prefix.flags('--modversion')[0]}" in output


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_program_under_valgrind(prefix, program, tmp_path):
    valgrind = tool("valgrind")
    if program.stem in ("callbacks", "processes"):
        pytest.skip("longjmp out of a callback, and many threads: not for valgrind")
    test = build(prefix, program, tmp_path / "test")
    # valgrind knows no AVX-512.
    env = prefix.environment(FERROTRAN_ISA="baseline", FERROTRAN_NUM_THREADS="2")
    run(valgrind, "--quiet", "--error-exitcode=9", test, env=env)
