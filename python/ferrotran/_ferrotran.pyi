from typing import Final, TypedDict

import numpy as np

class _Config(TypedDict):
    version: str
    c_compiler: str
    c_flags: str
    fortran_compiler: str
    fortran_flags: str
    instruction_sets: list[str]
    instruction_set: str

__version__: Final[str]

def _config() -> _Config: ...
def _set_threads_here(n: int, /) -> int | None: ...
def _restore_threads_here(n: int | None, /) -> None: ...
def get_num_threads() -> int: ...
def set_num_threads(n: int, /) -> None: ...

erf: Final[np.ufunc]
erfc: Final[np.ufunc]
erfcx: Final[np.ufunc]
gamma: Final[np.ufunc]
gammaln: Final[np.ufunc]
solve_tridiagonal: Final[np.ufunc]
solve_tridiagonal_dominant: Final[np.ufunc]
