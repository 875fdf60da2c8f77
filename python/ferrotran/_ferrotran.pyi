from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, TypeAlias, TypedDict, final, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ferrotran.integrate import QuadBatch
from ferrotran.integrate._ivp_arguments import Settings

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
j0: Final[np.ufunc]
j1: Final[np.ufunc]
y0: Final[np.ufunc]
y1: Final[np.ufunc]
solve_tridiagonal: Final[np.ufunc]
solve_tridiagonal_dominant: Final[np.ufunc]

class IntegrationWarning(UserWarning): ...

# Compiled integrands have no common type: LowLevelCallable, cfunc, ctypes function, capsule.
def quad(
    func: Callable[..., Any] | object,
    a: float,
    b: float,
    args: Any = (),
    full_output: int = 0,
    epsabs: float = 1.49e-08,
    epsrel: float = 1.49e-08,
    limit: int = 50,
    points: ArrayLike | None = None,
    weight: None = None,
    wvar: Any = None,
    wopts: Any = None,
    maxp1: int = 50,
    limlst: int = 50,
    complex_func: bool = False,
) -> tuple[Any, ...]: ...
def quad_batch(
    func: Callable[..., Any] | object,
    a: ArrayLike,
    b: ArrayLike,
    args: Any = (),
    *,
    epsabs: float = 1.49e-08,
    epsrel: float = 1.49e-08,
    limit: int = 50,
    points: ArrayLike | None = None,
    workers: int | None = None,
) -> QuadBatch: ...

@final
class _Interpolants:
    @property
    def ts(self) -> NDArray[np.float64]: ...
    def evaluate(self, t: NDArray[np.float64]) -> NDArray[np.float64]: ...

def _is_compiled_jac(object: object) -> bool: ...
def _ivp_one(
    fun: object,
    settings: Settings,
    y0: NDArray[np.float64],
    args: tuple[Any, ...],
) -> dict[str, Any]: ...
def _ivp_many(
    fun: object,
    settings: Settings,
    y0: NDArray[np.float64],
    params: NDArray[np.float64],
    workers: int | None,
    progress: bool | Callable[[int, int], Any],
) -> dict[str, Any]: ...

_Edges: TypeAlias = Literal["dirichlet", "neumann", "periodic"]
_Mean: TypeAlias = Literal["harmonic", "arithmetic"]
_Language: TypeAlias = Literal["fortran", "c"]

@overload
def heat2d(
    u: NDArray[np.float32],
    diffusivity: ArrayLike,
    dt: float,
    steps: int,
    *,
    dx: float = 1.0,
    dy: float = 1.0,
    edges: _Edges = "dirichlet",
    mean: _Mean = "harmonic",
    language: _Language = "fortran",
    out: NDArray[np.float32] | None = None,
    workers: int | None = None,
) -> NDArray[np.float32]: ...
@overload
def heat2d(
    u: ArrayLike,
    diffusivity: ArrayLike,
    dt: float,
    steps: int,
    *,
    dx: float = 1.0,
    dy: float = 1.0,
    edges: _Edges = "dirichlet",
    mean: _Mean = "harmonic",
    language: _Language = "fortran",
    out: NDArray[np.float64] | None = None,
    workers: int | None = None,
) -> NDArray[np.float64]: ...
def _least_squares(
    fun: Callable[[NDArray[np.float64]], Any],
    jac: Callable[[NDArray[np.float64]], Any] | None,
    x0: NDArray[np.float64],
    lower: Sequence[float] | NDArray[np.float64],
    upper: Sequence[float] | NDArray[np.float64],
    x_scale: Sequence[float] | NDArray[np.float64] | None,
    ftol: float,
    xtol: float,
    gtol: float,
    diff_step: float | None,
    factor: float,
    max_nfev: int | None,
    weights: NDArray[np.float64] | None = None,
) -> tuple[Any, ...]: ...
def _curve_fit(
    f: object,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    p0: NDArray[np.float64] | None,
    sigma: NDArray[np.float64] | None,
    cov: NDArray[np.float64] | None,
    absolute_sigma: bool,
    omit: bool,
    differences: bool,
    workers: int | None,
    progress: bool | Callable[[int, int], object] | None,
    lower: Sequence[float] | NDArray[np.float64],
    upper: Sequence[float] | NDArray[np.float64],
    x_scale: Sequence[float] | NDArray[np.float64] | None,
    ftol: float,
    xtol: float,
    gtol: float,
    diff_step: float | None,
    factor: float,
    max_nfev: int | None,
) -> tuple[Any, ...]: ...
def _guess(name: str, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]: ...
def _is_compiled(f: object) -> bool: ...
def _model_names(name: str) -> list[str]: ...
def _model_values(
    f: object, x: NDArray[np.float64], p: NDArray[np.float64], derivatives: bool
) -> tuple[NDArray[np.float64], Any]: ...
