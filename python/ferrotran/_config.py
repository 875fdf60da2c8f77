"""What the build is and what it uses here."""

from __future__ import annotations

import platform
import sys
from typing import Literal, TypeAlias, overload

import numpy as np

from ferrotran._ferrotran import _config, get_num_threads

Config: TypeAlias = dict[str, dict[str, str | int | list[str]]]


@overload
def show_config(mode: Literal["stdout"] = "stdout") -> None: ...
@overload
def show_config(mode: Literal["dicts"]) -> Config: ...
def show_config(mode: Literal["stdout", "dicts"] = "stdout") -> Config | None:
    """Show how ferrotran was compiled and what it uses on this machine.

    Parameters
    ----------
    mode : {'stdout', 'dicts'}, optional
        Print, or return the same as dictionaries.

    Returns
    -------
    dict or None
        By section: versions, compilers with their flags, instruction sets, threads.

    Raises
    ------
    ValueError
        If `mode` is neither.

    Examples
    --------
    >>> import ferrotran as ft
    >>> config = ft.show_config(mode="dicts")
    >>> config["Threads"]["count"] == ft.get_num_threads()
    True
    """
    build = _config()
    config: Config = {
        "Versions": {
            "ferrotran": build["version"],
            "NumPy": np.__version__,
            "Python": platform.python_version(),
        },
        "C": {"compiler": build["c_compiler"], "flags": build["c_flags"]},
        "Fortran": {"compiler": build["fortran_compiler"], "flags": build["fortran_flags"]},
        "Instruction sets": {
            "compiled": build["instruction_sets"],
            "in use": build["instruction_set"],
        },
        "Threads": {"count": get_num_threads()},
    }
    if mode == "dicts":
        return config
    if mode != "stdout":
        raise ValueError(f"`mode` is {mode!r}, expected 'stdout' or 'dicts'")
    for section, items in config.items():
        sys.stdout.write(f"{section}:\n")
        for name, value in items.items():
            text = " ".join(value) if isinstance(value, list) else value
            sys.stdout.write(f"  {name}: {text}\n")
    return None


show_config.__module__ = "ferrotran"
