"""Write the tables of csrc/special from their definitions, at 50 digits.

Usage: python scripts/special_tables.py    (needs mpmath; rewrites csrc/special/*_table.inc)

Polynomials are Chebyshev fits (mpmath.chebyfit), which lie within a small factor of the
minimax error; the script prints the error bound of each, relative to what it multiplies.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import mpmath as mp

DIGITS = 50
FOLDER = Path(__file__).resolve().parent.parent / "csrc" / "special"
HEAD = f"/* By scripts/special_tables.py (python scripts/special_tables.py), {DIGITS} digits. */\n"
Function = Callable[[mp.mpf], mp.mpf]
mp.mp.dps = DIGITS


def literal(value: mp.mpf) -> str:
    """Return the double nearest to `value` as a C literal."""
    return repr(float(value))


def poly(name: str, what: str, function: Function, interval: list, degree: int) -> str:
    """Return the C array of the fit of `function` on `interval`, lowest degree first."""
    coefficients, error = mp.chebyfit(function, interval, degree + 1, error=True)
    print(f"{name:16} degree {degree:2}  error {mp.nstr(error, 3)}")
    rows = "".join(f"    {literal(c)},\n" for c in reversed(coefficients))
    return f"/* {what} */\nstatic const double {name}[{degree + 1}] = {{\n{rows}}};\n"


def split(name: str, what: str, value: mp.mpf, bits: int = 53) -> str:
    """Return `value` as the unevaluated sum of a number of `bits` bits and a double."""
    scale = mp.mpf(2) ** (bits - 1 - math.floor(mp.log(abs(value), 2)))
    high = mp.nint(value * scale) / scale
    return (
        f"/* {what} */\nstatic const double {name}_hi = {literal(high)};\n"
        f"static const double {name}_lo = {literal(value - high)};\n"
    )


def write(name: str, *parts: str) -> None:
    """Write one table file."""
    (FOLDER / name).write_text(HEAD + "".join(parts))


def table(name: str, what: str, count: int, function: Function) -> str:
    """Return the C array of `function(k)`, k < count.

    One array per column: gcc 12 gathers from `table[k]` but not from `table[k][1]`.
    """
    rows = "".join(f"    {literal(function(k))},\n" for k in range(count))
    return f"/* {what} */\nstatic const double {name}[{count}] = {{\n{rows}}};\n"


def erfcx(x: mp.mpf) -> mp.mpf:
    """Return exp(x^2) erfc(x)."""
    return mp.exp(x * x) * mp.erfc(x)


def near(point: float, limit: mp.mpf, function: Function) -> Function:
    """Return `function` with its removable singularity at `point` filled by `limit`."""
    return lambda t: limit if abs(t - point) < mp.mpf(10) ** -20 else function(t)


def exp_remainder(r: mp.mpf) -> mp.mpf:
    """Return (exp(r) - 1 - r) / r^2."""
    return mp.fsum(r**k / mp.factorial(k + 2) for k in range(40))


def log_tail(t: mp.mpf) -> mp.mpf:
    """Return P with log((1+s)/(1-s)) = 2s + s t (2/3 + t P), t = s^2."""
    return mp.fsum(2 * t**k / (2 * k + 5) for k in range(60))


def sine_tail(t: mp.mpf) -> mp.mpf:
    """Return (sin(pi f) / (pi f) - 1) / t, t = f^2."""
    return mp.fsum(
        (-1) ** (k + 1) * mp.pi ** (2 * k + 2) * t**k / mp.factorial(2 * k + 3) for k in range(40)
    )


def turn_sine_tail(t: mp.mpf) -> mp.mpf:
    """Return (sin(2 pi r) / r - 2 pi) / t, t = r^2."""
    return mp.fsum(
        (-1) ** (k + 1) * (2 * mp.pi) ** (2 * k + 3) * t**k / mp.factorial(2 * k + 3)
        for k in range(40)
    )


def turn_cosine_tail(t: mp.mpf) -> mp.mpf:
    """Return (cos(2 pi r) - 1) / t, t = r^2."""
    return mp.fsum(
        (-1) ** (k + 1) * (2 * mp.pi) ** (2 * k + 2) * t**k / mp.factorial(2 * k + 2)
        for k in range(40)
    )


def stirling_tail(v: mp.mpf) -> mp.mpf:
    """Return y phi(y), v = 1/y^2, phi(y) = log Gamma(y) - (y - 1/2) log y + y - log(2 pi)/2."""
    if v < mp.mpf(10) ** -4:
        return mp.fsum(
            mp.bernoulli(2 * k) / (2 * k * (2 * k - 1)) * v ** (k - 1) for k in range(1, 16)
        )
    y = 1 / mp.sqrt(v)
    return y * (mp.loggamma(y) - (y - 0.5) * mp.log(y) + y - mp.log(2 * mp.pi) / 2)


def erfcx_tail(v: mp.mpf) -> mp.mpf:
    """Return (sqrt(pi) x erfcx(x) - 1) / v, v = 1/x^2, by the asymptotic series (x >= 28)."""
    return mp.fsum(
        (-1) ** k * mp.fac2(2 * k - 1) / mp.mpf(2) ** k * v ** (k - 1) for k in range(1, 25)
    )


def main() -> None:
    """Write every table."""
    half_log2 = mp.log(2) / 2
    write(
        "explog_table.inc",
        split("FT_LN2", "log 2, the high part with 32 bits", mp.log(2), 32),
        "/* log 2, 1 / log 2 */\n",
        f"static const double FT_LN2 = {literal(mp.log(2))};\n",
        f"static const double FT_INV_LN2 = {literal(1 / mp.log(2))};\n",
        poly(
            "FT_EXP_POLY",
            "(exp(r) - 1 - r) / r^2 for |r| <= log(2)/2",
            exp_remainder,
            [-half_log2 * 1.001, half_log2 * 1.001],
            9,
        ),
        split("FT_TWO_THIRDS", "2/3, the first coefficient below", mp.mpf(2) / 3),
        poly(
            "FT_LOG_POLY",
            "((log((1+s)/(1-s)) / s - 2) / t - 2/3) / t, t = s^2 < 0.0296",
            log_tail,
            [0, 0.0296],
            6,
        ),
    )
    square = mp.mpf(1) / 64
    write(
        "turns_table.inc",
        split("FT_TWO_PI", "2 pi", 2 * mp.pi),
        split("FT_INV_TWO_PI", "1 / (2 pi)", 1 / (2 * mp.pi)),
        poly(
            "FT_TURN_SINE",
            "(sin(2 pi r) / r - 2 pi) / t, t = r^2 <= 1/64",
            turn_sine_tail,
            [0, square],
            6,
        ),
        poly(
            "FT_TURN_COSINE",
            "(cos(2 pi r) - 1) / t, t = r^2 <= 1/64",
            turn_cosine_tail,
            [0, square],
            6,
        ),
    )
    root = 2 / mp.sqrt(mp.pi)
    count = 6 * 128 + 1
    write(
        "erf_table.inc",
        table("FT_ERF", "erf(k/128)", count, lambda k: mp.erf(mp.mpf(k) / 128)),
        table(
            "FT_ERF_SLOPE", "erf'(k/128)", count, lambda k: root * mp.exp(-((mp.mpf(k) / 128) ** 2))
        ),
    )
    count = 28 * 64 + 1
    write(
        "erfcx_table.inc",
        table("FT_ERFCX", "erfcx(k/64)", count, lambda k: erfcx(mp.mpf(k) / 64)),
        table(
            "FT_ERFCX_SLOPE",
            "erfcx'(k/64)",
            count,
            lambda k: mp.mpf(k) / 32 * erfcx(mp.mpf(k) / 64) - root,
        ),
        poly(
            "FT_ERFCX_POLY",
            "(sqrt(pi) x erfcx(x) - 1) x^2, v = 1/x^2 < 1/27^2",
            erfcx_tail,
            [0, mp.mpf(1) / 729],
            4,
        ),
        split("FT_INV_ROOT_PI", "1 / sqrt(pi)", 1 / mp.sqrt(mp.pi)),
    )
    write(
        "gamma_table.inc",
        poly(
            "FT_RGAMMA_POLY",
            "(1/Gamma(1+w) - 1) / (w (1 - w)) for 0 <= w <= 1",
            near(
                0, mp.euler, near(1, 1 - mp.euler, lambda w: (mp.rgamma(1 + w) - 1) / (w - w * w))
            ),
            [0, 1],
            13,
        ),
        poly(
            "FT_STIRLING_POLY", "y phi(y), v = 1/y^2 <= 1/25", stirling_tail, [0, mp.mpf(1) / 25], 7
        ),
        poly("FT_SINE_POLY", "(sin(pi f)/(pi f) - 1) / t, t = f^2 <= 1/4", sine_tail, [0, 0.25], 7),
        split("FT_HALF_LOG_2PI", "log(2 pi) / 2", mp.log(2 * mp.pi) / 2),
    )
    write(
        "gammaln_table.inc",
        poly(
            "FT_LGAMMA_POLY",
            "log Gamma(1+w) / (w (w - 1)) for 0 <= w <= 1",
            near(0, mp.euler, near(1, 1 - mp.euler, lambda w: mp.loggamma(1 + w) / (w * (w - 1)))),
            [0, 1],
            20,
        ),
    )


if __name__ == "__main__":
    main()
