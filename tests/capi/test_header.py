"""The header, the exported symbols and the Fortran module fit together."""

from __future__ import annotations

import re
import shutil
import sys

import pytest
from library import CAPI, HERE, ROOT, STRICT, run, tool

sys.path.insert(0, str(ROOT / "scripts"))

import capi_fortran
import capi_header

HEADERS = capi_header.files()
LANGUAGES = ["gcc -std=c11", "gcc -std=c17", "g++ -std=c++17", "g++ -std=c++20"]
LANGUAGES += ["clang -std=c11", "clang++ -std=c++17"]


@pytest.fixture(scope="module")
def header():
    return capi_header.Header()


@pytest.mark.parametrize("language", LANGUAGES)
def test_header_is_clean(language, tmp_path):
    compiler, standard = language.split()
    source = tmp_path / ("test.cpp" if "++" in compiler else "test.c")
    calls = "int f(void);\nint f(void) { return ft_check_header(); }\n"
    twice = "#include <ferrotran.h>\n#include <ferrotran.h>\n"
    source.write_text(twice + calls)
    flags = [standard, *STRICT, f"-I{CAPI / 'include'}", "-fsyntax-only"]
    run(tool(compiler), *flags, source)


@pytest.mark.parametrize("path", HEADERS, ids=lambda path: path.name)
def test_declarations_are_documented(path):
    lines = path.read_text().splitlines()
    for before, line in zip(lines, lines[1:], strict=False):
        declares = re.match(r"(int|const char \*|struct \w+ \{|enum \w+ \{|typedef) ?", line)
        if declares:
            assert before.endswith("*/"), f"{path.name}: no comment above: {line}"
        if re.fullmatch(r"    [\w *]+ \*?\w+;", line):
            raise AssertionError(f"{path.name}: a field without a comment: {line}")


def test_library_exports_the_functions_of_the_header_alone(prefix, header):
    listed = run(tool("nm"), "--dynamic", "--defined-only", prefix.library).splitlines()
    assert {line.split()[-1] for line in listed} == set(header.functions)


def test_public_names_are_not_those_of_kernels(prefix, header):
    listed = run(tool("nm"), "--defined-only", prefix.archive).splitlines()
    symbols = [line.split()[-1] for line in listed if re.match(r"[0-9a-f]+ [TD] ft_", line)]
    kernels = {name for name in symbols if re.search(r"_f(64|32)(_v[34])?$", name)}
    assert len(kernels) > 50, "no kernels found: the check would be empty"
    assert sorted(set(symbols) - kernels) == sorted(header.functions)
    assert len(symbols) == len(set(symbols)), "a name is defined twice"


def test_soname_follows_the_version(prefix, header):
    major, minor, patch = (number for _, number in header.version)
    line = major if major != "0" else f"0.{minor}"
    dynamic = run(tool("readelf"), "--dynamic", prefix.library)
    assert f"soname: [libferrotran.so.{line}]" in dynamic
    assert "NODELETE" in dynamic
    assert prefix.library.resolve().name == f"libferrotran.so.{major}.{minor}.{patch}"
    assert prefix.flags("--modversion") == [f"{major}.{minor}.{patch}"]


def test_fortran_interfaces_are_those_of_the_header():
    run(sys.executable, ROOT / "scripts" / "capi_fortran.py", "--check")


def test_fortran_interfaces_follow_the_header(tmp_path):
    include = tmp_path / "include"
    shutil.copytree(CAPI / "include", include)
    path = include / "ferrotran" / "linalg.h"
    old = "int ft_solve_tridiagonal(ptrdiff_t n, const double *dl"
    assert old in path.read_text()
    new = "int ft_solve_tridiagonal(int n, const float *dl"
    path.write_text(path.read_text().replace(old, new, 1))
    assert capi_fortran.module() == capi_fortran.TARGET.read_text()
    text = capi_fortran.module(include)
    block = text[text.index("function ft_solve_tridiagonal(") :].split("end function")[0]
    assert "integer(c_int), value :: n" in block
    assert "real(c_float), intent(in), optional :: dl(*)" in block


def test_fortran_program(prefix, tmp_path):
    strict = ["-std=f2018", "-Wall", "-Wextra", "-Werror", f"-J{tmp_path}"]
    module = prefix.path / "include" / "ferrotran.f90"
    sources = [module, HERE / "fortran" / "program.f90"]
    flags = [*prefix.flags("--cflags"), *sources, *prefix.flags("--libs")]
    run(tool("gfortran"), *strict, *flags, "-o", tmp_path / "test")
    assert run(tmp_path / "test", env=prefix.environment()).split("\n")[-2] == "all checks passed"
