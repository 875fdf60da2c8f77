"""Arguments by chance crash nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from library import HERE, ROOT, run

sys.path.insert(0, str(ROOT / "scripts"))

import capi_header


def callbacks() -> str:
    """Return a C file with a callback of each type, which stops with the number at `ctx`."""
    lines = ["#include <ferrotran.h>"]
    for name, arguments in capi_header.Header().callbacks.items():
        listed = ", ".join(f"{ctype} {argument}" for ctype, argument in arguments)
        outputs = [a for ctype, a in arguments if "*" in ctype and "const" not in ctype]
        fill = " ".join(f"if ({a}) *{a} = 0.5;" for a in outputs if a != "ctx")
        lines.append(f"int call_{name}({listed}) {{ {fill} return ctx ? *(int *)ctx : 0; }}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(2))
def test_arguments_by_chance(prefix, tmp_path, seed):
    source, shared = tmp_path / "callbacks.c", tmp_path / "callbacks.so"
    source.write_text(callbacks())
    run("cc", "-shared", "-fPIC", *prefix.flags("--cflags"), source, "-o", shared)
    command = [sys.executable, HERE / "chance.py", prefix.library, shared, str(seed), "300"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    last = done.stderr.splitlines()[-1]
    where = f"exit status {done.returncode} at {last}"
    assert done.returncode == 0, f"{where}\n{done.stdout}"
