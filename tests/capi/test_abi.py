"""The binary interface is the recorded one, and changes that break programs are found."""

from __future__ import annotations

import os
import re
import shutil
import sys

import pytest
from library import CAPI, ROOT, run, tool

sys.path.insert(0, str(ROOT / "scripts"))

import capi_abi

pytestmark = pytest.mark.skipif(os.uname().machine != "x86_64", reason="recorded on x86-64")


@pytest.fixture(autouse=True)
def tools():
    for name in ("abidw", "abidiff"):
        tool(name)


@pytest.fixture
def changed(tmp_path):
    """Returns a function that compares the record with a changed copy of the header."""

    def compare(name, old, new, *arguments):
        include = tmp_path / "include"
        shutil.rmtree(include, ignore_errors=True)
        shutil.copytree(CAPI / "include", include)
        path = include / (f"ferrotran/{name}.h" if name else "ferrotran.h")
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        record = tmp_path / "record.abi"
        shutil.copy(capi_abi.RECORD, record)
        return capi_abi.main(["--include", str(include), "--record", str(record), *arguments])

    return compare


def test_interface_is_the_recorded_one():
    assert capi_abi.main([]) == 0


def test_library_has_the_recorded_symbols(prefix):
    recorded = re.findall(
        r"<elf-symbol name='(ft_\w+)' type='func-type'", capi_abi.RECORD.read_text()
    )
    listed = run(tool("nm"), "--dynamic", "--defined-only", prefix.library).splitlines()
    assert sorted(recorded) == sorted(line.split()[-1] for line in listed)
    assert f"soname: [{capi_abi.recorded_soname(capi_abi.RECORD)}]" in run(
        tool("readelf"), "--dynamic", prefix.library
    )


BREAKING = {
    "type of an argument": ("special", "int ft_erf(ptrdiff_t n,", "int ft_erf(int n,"),
    "type behind a pointer": ("linalg", "const double *d,", "const float *d,"),
    "number of arguments": ("linalg", "int pivoting, double *x,", "double *x,"),
    "function that is gone": ("", "int ft_get_num_threads(void);", ""),
    "number of a status": ("", "FT_SINGULAR = 1,", "FT_SINGULAR = 101,"),
    "number of an option": ("stencil", "FT_EDGES_NEUMANN = 1,", "FT_EDGES_NEUMANN = 3,"),
    "type of a field": ("integrate", "double value; ", "float value; "),
    "field more in a result": ("integrate", "int status; ", "int status; double later; "),
    "option in front": ("integrate", "double epsabs; ", "double first; double epsabs; "),
    "type of an option": ("stencil", "double dx; ", "float dx; "),
    "arguments of a callback": ("integrate", "void *ctx, double x,", "double x, void *ctx,"),
}
ADDITIONS = {
    "function": ("", "int ft_set_num_threads(", "int ft_added(int n);\nint ft_set_num_threads("),
    "status": ("", "};\n\n/** The version", "    FT_NEW = 99,\n};\n\n/** The version"),
    "option": ("stencil", "    int mean; ", "    int mean; double later; "),
}


@pytest.mark.parametrize("change", BREAKING)
def test_a_change_that_breaks_programs_is_found(changed, capsys, change):
    assert changed(*BREAKING[change]) == 1
    assert "would break" in capsys.readouterr().out
    assert changed(*BREAKING[change], "--write") == 1


def test_a_new_soname_lets_a_change_be_recorded(changed):
    change = ("", "#define FT_VERSION_MAJOR 0", "#define FT_VERSION_MAJOR 1")
    assert changed(*change) == 1
    assert changed(*change, "--write") == 0


@pytest.mark.parametrize("addition", ADDITIONS)
def test_an_addition_can_be_recorded(changed, capsys, addition):
    found = changed(*ADDITIONS[addition])
    assert found == 0 or "the record is old" in capsys.readouterr().out
    assert found == 1 or addition == "status"  # libabigail counts a new enumerator as none
    assert changed(*ADDITIONS[addition], "--write") == 0
