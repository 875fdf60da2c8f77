"""Write tests/data/special/<function>.csv: arguments and values at 50 digits.

Usage: python tests/data/special/generate.py [function ...]    (needs mpmath; seeded)

A row is `x,y,e`: the argument as a hexadecimal double, the value's nearest double `y` as
hexadecimal, and the rest `e` with value = y + e ulp(y), |e| <= 0.5, so that an error is known to
a thousandth of an ulp. Where the value overflows, `y` is inf; where it is subnormal, ulp is
2**-1074. Rows that name a float32 argument serve the single-precision kernel as well.

A function is one entry of FUNCTIONS: its definition and its points.
"""

from __future__ import annotations

import math
import random
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import mpmath as mp

mp.mp.dps = 50
FOLDER = Path(__file__).resolve().parent
LARGEST = sys.float_info.max


def ulp_exponent(value: mp.mpf) -> int:
    """Return the exponent of the last bit of the double nearest to `value`."""
    return max(-1074, int(mp.frexp(value)[1]) - 53) if value else -1074


def row(x: float, value: mp.mpf) -> str:
    """Return the row of one argument."""
    exponent = ulp_exponent(value)
    scaled = mp.ldexp(value, -exponent)
    nearest = mp.nint(scaled)
    if abs(mp.ldexp(nearest, exponent)) > LARGEST:
        return f"{x.hex()},{'-' if value < 0 else ''}inf,0\n"
    y = math.ldexp(int(nearest), exponent)
    return f"{x.hex()},{y.hex()},{mp.nstr(scaled - nearest, 4)}\n"


def uniform(rng: random.Random, low: float, high: float, count: int) -> list[float]:
    """Return points spread evenly over [low, high]."""
    return [rng.uniform(low, high) for _ in range(count)]


def scales(rng: random.Random, low: float, high: float, count: int) -> list[float]:
    """Return points spread evenly over the decades from 10**low to 10**high."""
    return [10 ** rng.uniform(low, high) for _ in range(count)]


def around(points: list[float], steps: int = 3) -> list[float]:
    """Return each point with its neighbours on either side."""
    near = []
    for point in points:
        down = up = point
        near.append(point)
        for _ in range(steps):
            down, up = math.nextafter(down, -math.inf), math.nextafter(up, math.inf)
            near += [down, up]
    return near


def random_bits(rng: random.Random, count: int) -> Iterator[float]:
    """Yield finite doubles of random bits."""
    while count:
        x = struct.unpack("<d", rng.randbytes(8))[0]
        if math.isfinite(x):
            count -= 1
            yield x


def singles(points: list[float]) -> list[float]:
    """Return the points rounded to float32."""
    return [struct.unpack("<f", struct.pack("<f", x))[0] for x in points if abs(x) < 3e38]


def erfcx(x: mp.mpf) -> mp.mpf:
    """Return exp(x^2) erfc(x)."""
    if x < 1000:
        return mp.exp(x * x) * mp.erfc(x)
    v = 1 / (2 * x * x)
    series = mp.fsum((-1) ** k * mp.fac2(2 * k - 1) * v**k for k in range(12))
    return series / (x * mp.sqrt(mp.pi))


def gammaln(x: mp.mpf) -> mp.mpf:
    """Return log|Gamma(x)|; the guard digits serve the zeros at 1, 2 and below zero."""
    with mp.workdps(90):
        if x > 1000:
            return mp.loggamma(x)
        return mp.log(abs(mp.gamma(x)))


def below_poles(rng: random.Random, lowest: int, count: int) -> list[float]:
    """Return points at all distances from the poles at -1, ..., lowest."""
    return [
        -rng.randint(1, -lowest) * (1 + rng.choice([-1, 1]) * 10 ** rng.uniform(-15.5, -2))
        for _ in range(count)
    ]


def points_erf(rng: random.Random) -> list[float]:
    """Return points for erf: the table's steps, the range of r = 0, the saturation at 6."""
    return [
        *uniform(rng, -6.2, 6.2, 600),
        *uniform(rng, -1, 1, 400),
        *uniform(rng, -0.04, 0.04, 300),
        *scales(rng, -323, 0, 150),
        *around([2.5 / 128, 6.0, 5.9, 1.0, 0.5, *((k + 0.5) / 128 for k in range(1, 40, 3))]),
        *random_bits(rng, 100),
    ]


def points_erfc(rng: random.Random) -> list[float]:
    """Return points for erfc: both tails, the subnormal results, the underflow."""
    return [
        *uniform(rng, -6, 27.4, 900),
        *uniform(rng, -1, 1, 300),
        *uniform(rng, 26.5, 27.3, 300),
        *scales(rng, -323, 0, 50),
        *around([0.0, 26.5432, 27.2264, 28.0, -5.9]),
        *random_bits(rng, 100),
    ]


def points_erfcx(rng: random.Random) -> list[float]:
    """Return points for erfcx: the overflow, the table up to 28, the asymptotic series."""
    return [
        *uniform(rng, -26.7, 30, 900),
        *uniform(rng, -1, 1, 300),
        *scales(rng, 1.3, 308, 300),
        *around([0.0, 28.0, -26.6287, 26.7]),
        *random_bits(rng, 100),
    ]


def points_gamma(rng: random.Random) -> list[float]:
    """Return points for gamma: both sides, poles, over- and underflow, subnormal results."""
    return [
        *uniform(rng, -185, 172, 700),
        *uniform(rng, -6, 6, 500),
        *uniform(rng, 1, 5, 300),
        *uniform(rng, 171, 171.7, 60),
        *uniform(rng, -184, -170, 200),
        *below_poles(rng, -184, 400),
        *scales(rng, -308.3, 0, 100),
        *(-x for x in scales(rng, -308.3, 0, 100)),
        *around([1.0, 2.0, 3.0, 4.0, 5.0, -0.5, 170.0, 171.0, 171.62437695630272, 0.5]),
        *(n + 0.5 for n in range(-20, 20)),
        *range(1, 172),
        *random_bits(rng, 60),
    ]


def points_gammaln(rng: random.Random) -> list[float]:
    """Return points for gammaln: both zeros from all distances, both sides, the overflow."""
    both = [1 - 10 ** rng.uniform(-16, -1) for _ in range(100)]
    return [
        *uniform(rng, 0, 10, 500),
        *uniform(rng, 1, 5, 300),
        *both,
        *(2 - x for x in both),
        *(1 + x for x in both),
        *(3 - x for x in both),
        *scales(rng, -323, 305.4, 400),
        *uniform(rng, -20, 0, 500),
        *uniform(rng, -1e6, 0, 100),
        *below_poles(rng, -300, 300),
        *around([1.0, 2.0, 5.0, 3.0, 2.5563481638716906e305, 1e-308, 0.5, 8.0]),
        *random_bits(rng, 60),
    ]


def bessel(order: int, second: bool) -> Callable:
    """Return J or Y of an order; mpmath wants digits beyond those of a huge argument."""

    def value(x: mp.mpf) -> mp.mpf:
        if second and x < 1e-60:  # the other terms are smaller by x^2, mpmath gives NaN
            return -2 / (mp.pi * x) if order else 2 / mp.pi * (mp.log(x / 2) + mp.euler)
        with mp.workdps(60 if x < 1e10 else 380):
            return (mp.bessely if second else mp.besselj)(order, x)

    return value


def points_bessel(order: int, second: bool) -> Callable:
    """Return points for a Bessel function: every range, every distance from the first zeros.

    None is negative: there J follows from symmetry, and Y is NaN.
    """

    def points(rng: random.Random) -> list[float]:
        zero_of = mp.besselyzero if second else mp.besseljzero
        zeros = [float(zero_of(order, k)) for k in [*range(1, 25), 40, 300]]
        near = [
            z + rng.choice([-1, 1]) * 10 ** -rng.uniform(1, 15) for z in zeros for _ in range(12)
        ]
        # The series about a zero gives way to the phase 2^-7 from it, above 8 at 2^-9.
        sides = [side * 2**-power for side in (-1.001, -0.999, 0.999, 1.001) for power in (7, 9)]
        rim = [z + side for z in zeros for side in sides]
        limits = [2.0**-30, 1.25, 2.3125, 8.0, 64.0, 256.0, 2.0**21, 1e15, 1e300]
        return [
            *uniform(rng, 0, 2.4, 300),
            *uniform(rng, 2.3, 8, 200),
            *uniform(rng, 8, 64, 300),
            *uniform(rng, 64, 300, 100),
            *scales(rng, 2, 7, 150),
            *scales(rng, 6, 308, 40),
            *scales(rng, -307, -1, 100),
            *around(zeros, 2),
            *near,
            *rim,
            *around(limits),
            5e-324,
            1e-310,
            LARGEST,
        ]

    return points


FUNCTIONS: dict[str, tuple[Callable, Callable]] = {
    "erf": (mp.erf, points_erf),
    "erfc": (mp.erfc, points_erfc),
    "erfcx": (erfcx, points_erfcx),
    "gamma": (mp.gamma, points_gamma),
    "gammaln": (gammaln, points_gammaln),
    "j0": (bessel(0, False), points_bessel(0, False)),
    "j1": (bessel(1, False), points_bessel(1, False)),
    "y0": (bessel(0, True), points_bessel(0, True)),
    "y1": (bessel(1, True), points_bessel(1, True)),
}


def inside(name: str, x: float) -> bool:
    """Tell whether the value of `name` at `x` is a finite number that mpmath can compute."""
    pole = x <= 0 and x == math.floor(x)
    return {
        "erfc": x < 30,
        "erfcx": x > -40,
        "gamma": not pole and abs(x) < 1000,
        "gammaln": not pole and (x > 0 or x > -1e15),
        "y0": x > 0,
        "y1": x > 0,
    }.get(name, True)


def main(names: list[str]) -> None:
    """Write the file of every function named, of all if none is."""
    for name in names or FUNCTIONS:
        function, points = FUNCTIONS[name]
        some = [float(x) for x in points(random.Random(name))]
        some += singles(some[::4])
        arguments = sorted({x for x in some if inside(name, x)})
        rows = "".join(row(x, function(mp.mpf(x))) for x in arguments)
        path = FOLDER / f"{name}.csv"
        path.write_text(
            "# by tests/data/special/generate.py, 50 digits: x, y, (value - y) / ulp(y)\n" + rows
        )
        print(f"{name}: {len(arguments)} rows")


if __name__ == "__main__":
    main(sys.argv[1:])
