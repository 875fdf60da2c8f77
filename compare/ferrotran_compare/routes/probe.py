"""Find what one route of examples/glue does: `python -I probe.py <route>`.

It runs by its path in the environment in which `build.py` has installed the route, and prints JSON:
`checks`, what every route must do ("ok" or what went wrong), and `properties`, what differs from
route to route. Each is found by an experiment on the installed module. NumPy is all it needs.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import json
import math
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np

EPS = np.finfo(float).eps
LONG = 2_000_000  # rows: some 30 ms, 16 MB for each array


def system(n: int) -> tuple[np.ndarray, ...]:
    """Return dl, d, du, b of a matrix that is dominated by its diagonal: condition below 5."""
    rng = np.random.default_rng(n)
    off = [rng.uniform(-1, 1, n - 1) for _ in range(2)]
    return off[0], rng.uniform(4, 5, n), off[1], rng.standard_normal(n)


def dense(dl: np.ndarray, d: np.ndarray, du: np.ndarray) -> np.ndarray:
    """Return the matrix as NumPy's own solver takes it."""
    return np.diag(dl, -1) + np.diag(d) + np.diag(du, 1)


def same(x: object, expected: np.ndarray, eps: float = EPS) -> bool:
    """Whether `x` is `expected` up to the rounding of two stable algorithms."""
    x = np.asarray(x)
    return x.shape == expected.shape and bool(
        np.abs(x - expected).max() <= 64 * eps * np.abs(expected).max()
    )


def raised(call: Callable[[], object]) -> Exception | None:
    """Return what `call` raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call()
    except Exception as error:
        return error
    return None


# What every route must do. -------------------------------------------------------------------


def check_erf(m: ModuleType) -> None:
    """Compare values on both sides of every branch with Python's."""
    for x in [*np.linspace(-7, 7, 141).tolist(), 0.0, 1e-300, math.inf]:
        y = m.erf(x)
        # Both are right to an ulp.
        assert abs(float(y) - math.erf(x)) <= 2 * math.ulp(math.erf(x)), f"erf({x}) is {y}"
    assert math.isnan(m.erf(math.nan)), "erf(nan)"
    assert isinstance(m.erf(0.5), float), f"erf(0.5) is a {type(m.erf(0.5))}"


def check_solve(m: ModuleType) -> None:
    """Compare solutions with NumPy's, and look whether the input stays."""
    for n in (1, 2, 3, 100):
        *matrix, b = system(n)
        before = b.copy()
        x = m.solve_tridiagonal(*matrix, b)
        assert isinstance(x, np.ndarray), type(x)
        assert same(x, np.linalg.solve(dense(*matrix), b)), f"n = {n}: {x}"
        assert (b == before).all(), "b was overwritten"


def check_singular(m: ModuleType) -> None:
    """Pass a matrix of zeros."""
    dl, d, du, b = system(4)
    error = raised(lambda: m.solve_tridiagonal(0 * dl, 0 * d, 0 * du, b))
    assert error is not None, "no exception for a singular matrix"


def check_lengths(m: ModuleType) -> None:
    """Pass arrays whose lengths do not belong together."""
    dl, d, du, b = system(8)
    for wrong in (
        (d, d, du, b),
        (dl, d, d, b),
        (dl, d, du, dl),
        (dl, dl, du, b),
        (dl, d, dl[:3], b),
    ):
        assert raised(lambda w=wrong: m.solve_tridiagonal(*w)), f"lengths {[len(a) for a in wrong]}"
    assert raised(lambda: m.solve_tridiagonal(dl, d, du, 1.0)), "a number for an array"


def check_records(m: ModuleType) -> None:
    """Pass a field of packed records: its stride of 12 bytes is no multiple of 8."""
    dl, d, du, b = system(9)
    records = np.zeros(9, dtype="f4, f8")["f1"]
    records[:] = d
    if not raised(lambda: m.solve_tridiagonal(dl, records, du, b)):  # refusing it is right, too
        x = m.solve_tridiagonal(dl, records, du, b)
        assert same(x, np.linalg.solve(dense(dl, d, du), b)), f"a field of records: {x}"


def check_integrate(m: ModuleType) -> None:
    """Integrate a smooth function, one with a pole, one over the whole line."""
    cases: list[tuple[Callable[[float], float], float, float, float]] = [
        (math.exp, 0.0, 1.0, math.e - 1),
        (lambda x: 1 / math.sqrt(x), 0.0, 1.0, 2.0),
        (lambda x: math.exp(-x * x), -math.inf, math.inf, math.sqrt(math.pi)),
    ]
    for f, a, b, expected in cases:
        value, error = m.integrate(f, a, b)
        # What was asked for, and the estimate is one.
        assert abs(value - expected) <= 1.5e-8 * max(1, expected), f"{value}, not {expected}"
        assert abs(value - expected) <= error + 4 * EPS * expected, f"error {error} of {value}"


def check_nested(m: ModuleType) -> None:
    """Integrate inside an integrand."""
    value, _ = m.integrate(lambda x: m.integrate(lambda y: x * y, 0.0, 1.0)[0], 0.0, 1.0)
    assert abs(value - 0.25) <= 1e-12, value


def check_callback_input(m: ModuleType) -> None:
    """Pass what is no function, and a function that gives no number."""
    assert raised(lambda: m.integrate(1.0, 0.0, 1.0)), "a number for a function"
    assert raised(lambda: m.integrate(lambda x: "text", 0.0, 1.0)), "a function that gives text"
    assert raised(lambda: m.erf("text")), "erf of text"


# What differs. -------------------------------------------------------------------------------


def probe_gil(m: ModuleType) -> str:
    """Look whether a thread that notes the time does so in the middle of a long call."""
    arrays = system(LONG)
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.wait(0.0005):
            ticks.append(time.perf_counter())

    thread = threading.Thread(target=tick)
    thread.start()
    released = False
    for _ in range(5):
        start = time.perf_counter()
        m.solve_tridiagonal(*arrays)
        quarter = (time.perf_counter() - start) / 4
        inside = [t for t in ticks if start + quarter < t < start + 3 * quarter]
        released = released or len(inside) >= 2
    done.set()
    thread.join()
    return "released" if released else "held"


def probe_broadcasting(m: ModuleType) -> str:
    """Pass a 2-D array, and one matrix with several right-hand sides."""
    x = np.linspace(-2, 2, 6).reshape(2, 3)
    *matrix, b = system(9)
    many = b * np.arange(1.0, 4.0)[:, None]

    def erf() -> None:
        y = m.erf(x)
        assert y.shape == x.shape
        assert same(y, np.vectorize(math.erf)(x))

    def solve() -> None:
        y = m.solve_tridiagonal(*matrix, many)
        assert same(y, np.linalg.solve(dense(*matrix), many.T).T)

    works = raised(erf) is None, raised(solve) is None
    return {(True, True): "both", (True, False): "erf", (False, True): "solve"}.get(works, "no")


def peak(call: Callable[[], object]) -> float:
    """Return by how many bytes the memory of the process rises during `call`."""
    status = Path("/proc/self/status")

    def read(name: str) -> int:
        line = next(x for x in status.read_text().splitlines() if x.startswith(name))
        return int(line.split()[1]) * 1024

    Path("/proc/self/clear_refs").write_text("5")  # forget the peak
    before = read("VmRSS")
    call()
    return read("VmHWM") - before


def probe_strided(m: ModuleType) -> str:
    """Pass every second element of larger arrays, and look at the memory of the call."""
    arrays = system(LONG)
    spread = [np.repeat(a, 2)[::2] for a in arrays]
    expected = m.solve_tridiagonal(*arrays)
    if raised(lambda: m.solve_tridiagonal(*spread)):
        return "refused"
    if not np.array_equal(m.solve_tridiagonal(*spread), expected):
        return "misread"
    try:
        plain = peak(lambda: m.solve_tridiagonal(*arrays))
        more = peak(lambda: m.solve_tridiagonal(*spread)) - plain
    except OSError:  # no /proc here
        return "not measured"
    return "copied" if more > arrays[1].nbytes / 2 else "no copy"


def probe_dtype(m: ModuleType) -> str:
    """Pass float32, which fits into float64, and complex, which does not."""
    *matrix, b = system(9)
    expected = np.linalg.solve(dense(*matrix), b)
    accepts = []
    for dtype, eps in ((np.float32, np.finfo(np.float32).eps), (np.complex128, EPS)):
        arrays = [a.astype(dtype) for a in (*matrix, b)]
        accepts.append(raised(lambda a=arrays: m.solve_tridiagonal(*a)) is None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Wrong bytes give wrong numbers; float32 loses the digits it does not have.
            if accepts[-1] and not same(m.solve_tridiagonal(*arrays), expected, eps):
                return "misread"
    names = {(False, False): "refused", (True, False): "converted if safe"}
    return names.get(tuple(accepts), "converted")


def probe_exceptions(m: ModuleType) -> str:
    """Raise in the 5th call: that exception must come out, and no call may follow."""
    error = ArithmeticError("mine")
    calls = 0

    def f(x: float) -> float:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise error
        return x

    found = raised(lambda: m.integrate(f, 0.0, 1.0))
    if found is None:
        return "lost"
    if calls > 5:
        return "late"
    return "kept" if found is error else "replaced"


def files(route: str) -> Iterator[Path]:
    """Paths of the installed files."""
    for file in importlib.metadata.files(f"glue_{route}") or []:
        yield Path(str(file.locate()))


def probe_stubs(m: ModuleType) -> str:
    """Look for a stub file, or a Python face with annotations that says so."""
    installed = list(files(m.__name__.removeprefix("glue_")))
    if any(p.suffix == ".pyi" for p in installed):
        return "stub file"
    annotated = inspect.isfunction(m.erf) and bool(m.erf.__annotations__)
    return "annotations" if annotated and any(p.name == "py.typed" for p in installed) else "none"


def probe_pythons(m: ModuleType) -> str:
    """Read the tag of the wheel."""
    wheel = importlib.metadata.distribution(m.__name__).read_text("WHEEL") or ""
    tags = [x.split()[1].split("-") for x in wheel.splitlines() if x.startswith("Tag:")]
    python, abi, _ = tags[0]
    if abi == "none":
        return "any 3"
    if abi == "abi3":
        return f"{python[2]}.{python[3:]} and later"
    return "one"


CHECKS = [check_erf, check_solve, check_singular, check_lengths, check_records]
CHECKS += [check_integrate, check_nested, check_callback_input]
PROBES = [probe_gil, probe_broadcasting, probe_strided, probe_dtype, probe_exceptions]
PROBES += [probe_stubs, probe_pythons]


def main() -> None:
    """Run all on the route that the command line names."""
    route = sys.argv[1]
    m = importlib.import_module(f"glue_{route}")
    checks = {}
    for check in CHECKS:
        try:
            check(m)
            outcome = "ok"
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
        checks[check.__name__.removeprefix("check_")] = outcome
    native = [p for p in files(route) if p.suffix == ".so"]
    result = {
        "checks": checks,
        "properties": {p.__name__.removeprefix("probe_"): p(m) for p in PROBES},
        "module_bytes": sum(p.stat().st_size for p in native),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
