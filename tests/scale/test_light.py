"""The package stays light: nothing optional is imported before it is used."""

import pytest

OPTIONAL = ("zarr", "fsspec", "dask", "distributed", "mpi4py", "pyspark", "pyarrow", "httpx")


@pytest.mark.parametrize(
    "code",
    [
        "import ferrotran",
        "import ferrotran as ft; ft.scale.map_chunks",
        "import numpy as np, ferrotran as ft; ft.scale.map_chunks(np.sqrt, np.ones(4), None)",
        "from ferrotran.scale import *",
    ],
)
def test_nothing_optional_is_imported(code, script):
    code += "\nimport sys; print([m for m in sys.argv[1:] if m in sys.modules])"
    assert script(code, *OPTIONAL).strip() == "[]"


def test_scale_is_imported_when_it_is_used(script):
    code = "import sys, ferrotran\nassert 'ferrotran.scale' not in sys.modules\n"
    code += "assert 'scale' in dir(ferrotran)\nferrotran.scale\n"
    code += "print('ferrotran.scale' in sys.modules)"
    assert script(code).strip() == "True"
    script("import ferrotran; ferrotran.no_such_name", status=1)
