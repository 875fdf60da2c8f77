"""Writes csrc/special/bessel_table.inc, the constants of the Bessel kernels.

Usage: python scripts/bessel_table.py > csrc/special/bessel_table.inc

Every number is computed by mpmath with DIGITS digits and rounded once. The polynomials are
weighted least-squares fits at Chebyshev points, which are close to the minimax polynomials;
`--check` prints their largest weighted errors instead of the table.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction

from mpmath import mp, mpf

DIGITS = 60
SPLIT_SMALL = 2.3125  # below: expansions about 0 and the first zero
SPLIT_FAR = 8  # above: modulus and phase in 1/x^2; between the two: in 1/x
SPLIT_ASYMPTOTIC = 64  # above: the phase near a zero comes from its asymptotic series
PI_WORDS = 20  # 64-bit words of 1/pi behind the leading zero word
PHASE_TERMS = 14

mp.dps = DIGITS


def fit(
    f: Callable[[mpf], mpf], weight: Callable[[mpf], mpf], a: float, b: float, terms: int
) -> tuple[list[mpf], mpf]:
    """Fit a polynomial in `u = v - centre` to `f(v)` on [a, b]; return it and its error."""
    a, b = mpf(a), mpf(b)
    half = (b - a) / 2
    count = 3 * terms
    nodes = [mp.cos(mp.pi * (2 * k + 1) / (2 * count)) for k in range(count)]
    values = [f(a + half * (t + 1)) for t in nodes]
    weights = [weight(a + half * (t + 1)) for t in nodes]
    rows = mp.matrix(count, terms)
    right = mp.matrix(count, 1)
    for i, t in enumerate(nodes):
        before, now = mpf(1), t
        for j in range(terms):
            rows[i, j] = weights[i] * before
            before, now = now, 2 * t * now - before
        right[i] = weights[i] * values[i]
    chebyshev = mp.qr_solve(rows, right)[0]
    # Chebyshev -> monomials in t -> monomials in u = half * t.
    poly = [mpf(0)] * terms
    t_before, t_now = [mpf(1)], [mpf(0), mpf(1)]
    for j in range(terms):
        for power, c in enumerate(t_before):
            poly[power] += chebyshev[j] * c
        following = [mpf(0), *(2 * c for c in t_now)]
        for power, c in enumerate(t_before):
            following[power] -= c
        t_before, t_now = t_now, following
    poly = [c / half**power for power, c in enumerate(poly)]
    worst = mpf(0)
    for k in range(2 * count + 1):
        t = mp.cos(mp.pi * k / (2 * count))
        v = a + half * (t + 1)
        residual = mp.polyval(poly[::-1], half * t) - f(v)
        worst = max(worst, abs(weight(v) * residual))
    return poly, worst


def recentre(poly: list[mpf], centre: mpf) -> list[mpf]:
    """Rewrite a polynomial in `v - centre` as one in `v`."""
    out = [mpf(0)]
    for c in reversed(poly):
        out = [mpf(0), *out]
        for power in range(len(out) - 1):
            out[power] -= centre * out[power + 1]
        out[0] += c
    return out[: len(poly)]


def phase_lead(order: int) -> Fraction:
    """First coefficient of the phase: theta = x - (order/2 + 1/4) pi + lead / x + ..."""
    return Fraction(4 * order * order - 1, 8)


def modulus_phase(order: int, x: mpf) -> tuple[mpf, mpf]:
    """Return sqrt(x) M(x) and x^3 (theta(x) - x + (order/2 + 1/4) pi - lead / x)."""
    j, y = mp.besselj(order, x), mp.bessely(order, x)
    modulus = mp.sqrt(x * (j * j + y * y))
    rest = mp.atan2(y, j) - x + (mpf(order) / 2 + mpf(1) / 4) * mp.pi
    rest -= 2 * mp.pi * mp.nint(rest / (2 * mp.pi))
    lead = phase_lead(order)
    return modulus, x**3 * (rest - mpf(lead.numerator) / lead.denominator / x)


def asymptotic_phase(order: int, terms: int) -> list[Fraction]:
    """Coefficients of 1/x, 1/x^3, ... in theta (DLMF 10.18.18), exactly.

    From theta' = 2 / (pi x M^2) and the series of M^2 (DLMF 10.18.17).
    """
    mu = 4 * order * order
    square = [Fraction(1)]  # pi x M^2 / 2 in powers of 1/x^2
    for k in range(1, terms + 1):
        square.append(square[-1] * Fraction(2 * k - 1, 2 * k) * (mu - (2 * k - 1) ** 2) / 4)
    inverse = [Fraction(1)]
    for k in range(1, terms + 1):
        inverse.append(-sum(square[i] * inverse[k - i] for i in range(1, k + 1)))
    return [-inverse[k] / (2 * k - 1) for k in range(1, terms + 1)]


def zeros(order: int, second: bool, first: float, last: float) -> list[mpf]:
    """Zeros of J (or Y, if `second`) in (first, last)."""
    function = mp.besselyzero if second else mp.besseljzero
    found, k = [], 1
    while True:
        z = function(order, k)
        if z > last:
            return found
        if z > first:
            found.append(z)
        k += 1


class Table:
    """Collects C definitions."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.report: list[str] = []

    def array(self, name: str, values: list[mpf], comment: str) -> None:
        """Add an array of doubles."""
        self.lines.append(f"/* {comment} */")
        self.lines.append(f"static const double {name}[{len(values)}] = {{")
        self.lines += [f"    {float(v).hex()}," for v in values]
        self.lines.append("};")

    def pairs(self, name: str, values: list[mpf], comment: str) -> None:
        """Add an array of numbers as unevaluated sums of two doubles."""
        self.lines.append(f"/* {comment} */")
        self.lines.append(f"static const double {name}[{len(values)}][2] = {{")
        for v in values:
            high = float(v)
            self.lines.append(f"    {{{high.hex()}, {float(v - mpf(high)).hex()}}},")
        self.lines.append("};")

    def scalar(self, name: str, value: mpf) -> None:
        """Add one number as the doubles `name`_hi and `name`_lo."""
        high = float(value)
        self.lines.append(f"static const double {name}_hi = {high.hex()};")
        self.lines.append(f"static const double {name}_lo = {float(value - mpf(high)).hex()};")

    def fitted(
        self,
        name: str,
        f: Callable[[mpf], mpf],
        weight: Callable[[mpf], mpf],
        a: float,
        b: float,
        terms: int,
        variable: str,
        origin: float | None = None,
    ) -> mpf:
        """Add the coefficients of a fit in powers of `variable` = v - origin.

        Returns the relative rounding error of the first coefficient.
        """
        poly, error = fit(f, weight, a, b, terms)
        centre = (mpf(a) + mpf(b)) / 2
        poly = recentre(poly, centre - (mpf(origin) if origin is not None else 0))
        note = f"powers of {variable}, weighted error {mp.nstr(error, 2)}"
        self.report.append(f"{name}: {terms} terms, {mp.nstr(error, 3)}")
        self.array(name, poly, note)
        return poly[0] / mpf(float(poly[0])) - 1


def phase_tables(table: Table, order: int) -> None:
    """Modulus and phase of order 0 or 1 on both ranges, and the asymptotic phase."""
    cache: dict[mpf, tuple[mpf, mpf]] = {}

    def both(x: mpf) -> tuple[mpf, mpf]:
        if x not in cache:
            cache[x] = modulus_phase(order, x)
        return cache[x]

    far, mid = mpf(SPLIT_FAR), mpf(SPLIT_SMALL)

    def far_point(s: mpf) -> mpf:
        return 1 / mp.sqrt(s)

    tiny = mpf(10) ** -8
    far_lost = table.fitted(
        f"FT_FAR_MODULUS{order}",
        lambda s: both(far_point(s))[0],
        lambda _: mpf(1),
        tiny,
        1 / far**2,
        FAR_TERMS[0],
        "1/x^2",
    )
    table.fitted(
        f"FT_FAR_PHASE{order}",
        lambda s: both(far_point(s))[1],
        lambda s: s ** mpf(1.5) + mpf(10) ** -6,
        tiny,
        1 / far**2,
        FAR_TERMS[1],
        "1/x^2",
    )
    mid_lost = table.fitted(
        f"FT_MID_MODULUS{order}",
        lambda t: both(1 / t)[0],
        lambda _: mpf(1),
        1 / far,
        1 / mid,
        MID_TERMS[0],
        "1/x - FT_MID_CENTRE",
        MID_CENTRE,
    )
    table.fitted(
        f"FT_MID_PHASE{order}",
        lambda t: both(1 / t)[1],
        lambda t: t**3,
        1 / far,
        1 / mid,
        MID_TERMS[1],
        "1/x - FT_MID_CENTRE",
        MID_CENTRE,
    )
    table.array(f"FT_LOST{order}", [far_lost, mid_lost], "relative rounding of the first moduli")
    series = [mpf(c.numerator) / c.denominator for c in asymptotic_phase(order, PHASE_TERMS)]
    table.pairs(f"FT_SERIES{order}", series, "powers 1, 3, 5, ... of 1/x in the phase")


FAR_TERMS = (12, 14)
MID_TERMS = (18, 20)
MID_CENTRE = 0.28125
OUTER_CENTRE = 2.0
INNER = 1.25
INNER_TERMS = 7
OUTER_TERMS = 10
RATIO_TERMS = 8
MID_NEAR_ZERO = 2.0**-14  # squared sines below which a zero is near
FAR_NEAR_ZERO = 2.0**-18


def small_tables(table: Table) -> None:
    """Expansions on [0, SPLIT_SMALL)."""
    constant = 2 / mp.pi * (mp.log(mp.besselyzero(0, 1) / 2) + mp.euler)
    table.lines.append(f"static const double FT_Y0_CONSTANT = {float(constant).hex()};")
    one = lambda _: mpf(1)  # noqa: E731
    end = mpf(SPLIT_SMALL) ** 2
    start = mpf(10) ** -12
    z = mp.besseljzero(0, 1)
    y0z, y1z = mp.besselyzero(0, 1), mp.besselyzero(1, 1)
    table.scalar("FT_J0_ZERO", z)
    table.scalar("FT_Y0_ZERO", y0z)
    table.scalar("FT_Y1_ZERO", y1z)
    root = mp.sqrt
    inner = mpf(INNER) ** 2
    table.fitted(
        "FT_J0_INNER",
        lambda w: (mp.besselj(0, root(w)) - 1 + w / 4) / w**2,
        lambda w: w**2 + mpf("0.01"),
        start,
        inner,
        INNER_TERMS,
        "x^2",
    )
    table.fitted(
        "FT_J1_INNER",
        lambda w: (mp.besselj(1, root(w)) / root(w) - mpf(1) / 2) / w,
        lambda w: w + mpf("0.01"),
        start,
        inner,
        INNER_TERMS,
        "x^2",
    )
    table.fitted(
        "FT_J0_OUTER",
        lambda w: mp.besselj(0, root(w)) / (w - z * z),
        lambda w: 10 * mpf(1),
        inner,
        end,
        OUTER_TERMS,
        "x^2 - FT_CENTRE",
        OUTER_CENTRE,
    )
    table.fitted(
        "FT_J1_OUTER",
        lambda w: mp.besselj(1, root(w)) / root(w),
        lambda w: 4 * mpf(1),
        inner,
        end,
        OUTER_TERMS,
        "x^2 - FT_CENTRE",
        OUTER_CENTRE,
    )
    for order, zero in ((0, y0z), (1, y1z)):

        def log_part(w: mpf, order: int = order) -> mpf:
            return 2 / mp.pi * mp.besselj(order, root(w)) / root(w) ** order

        def rest(w: mpf, order: int = order, zero: mpf = zero) -> mpf:
            x = root(w)
            y = mp.bessely(order, x) * x**order
            return (y - log_part(w) * x ** (2 * order) * mp.log(x / zero)) / (w - zero**2)

        label = "x^2 - FT_CENTRE"
        table.fitted(
            f"FT_Y{order}_LOG", log_part, one, start, end, OUTER_TERMS, label, OUTER_CENTRE
        )
        table.fitted(f"FT_Y{order}_REST", rest, one, start, end, OUTER_TERMS, label, OUTER_CENTRE)


def main() -> None:
    """Write the table, or with --check the errors of its fits."""
    table = Table()
    table.lines.append("/* Generated by scripts/bessel_table.py with 60 digits. Do not edit. */")
    table.lines.append("/* clang-format off */")
    counts = {
        "FT_FAR_MODULUS": FAR_TERMS[0],
        "FT_FAR_PHASE": FAR_TERMS[1],
        "FT_MID_MODULUS": MID_TERMS[0],
        "FT_MID_PHASE": MID_TERMS[1],
        "FT_SERIES_PHASE": PHASE_TERMS,
        "FT_INNER": INNER_TERMS,
        "FT_OUTER": OUTER_TERMS,
        "FT_RATIO": RATIO_TERMS,
    }
    table.lines.append("enum { " + ", ".join(f"{k} = {v}" for k, v in counts.items()) + " };")
    note = "/* square of the sine below which a zero is near */"
    for name, value in ("MID", MID_NEAR_ZERO), ("FAR", FAR_NEAR_ZERO):
        table.lines.append(f"static const double FT_{name}_NEAR_ZERO = {value.hex()}; {note}")
    table.lines.append(f"static const double FT_MID_CENTRE = {MID_CENTRE.hex()};")
    table.lines.append(f"static const double FT_CENTRE = {OUTER_CENTRE.hex()};")
    table.lines.append(f"static const double FT_J_INNER = {INNER.hex()};")
    for order in (0, 1):
        phase_tables(table, order)
    small_tables(table)
    turn = mpf("0.95") ** 2
    table.fitted(
        "FT_SINE",
        lambda v: (mp.sin(mp.sqrt(v)) / mp.sqrt(v) - 1) / v,
        lambda v: v,
        mpf(10) ** -8,
        turn,
        7,
        "r^2 in (sin r - r) / r^3",
    )
    table.fitted(
        "FT_COSINE",
        lambda v: (mp.cos(mp.sqrt(v)) - 1 + v / 2) / v**2,
        lambda v: v**2 / mp.cos(mp.sqrt(v)),
        mpf(10) ** -8,
        turn,
        6,
        "r^2 in (cos r - 1 + r^2 / 2) / r^4",
    )
    top = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2
    table.fitted(
        "FT_LOG_RATIO",
        lambda v: (2 * mp.atanh(mp.sqrt(v)) / mp.sqrt(v) - 2) / v,
        lambda v: v,
        mpf(10) ** -8,
        top,
        RATIO_TERMS,
        "s^2 in (2 atanh s - 2 s) / s^3",
    )
    # 31 bits + 31 bits + the rest: the product of 22 bits with the first two is exact.
    turn = mp.pi / 2
    first = mp.floor(mp.ldexp(turn, 30)) / 2**30
    second_part = mp.floor(mp.ldexp(turn - first, 64)) / 2**64
    table.array("FT_TURN", [first, second_part, turn - first - second_part], "pi / 2")
    log2_head = mp.floor(mp.ldexp(mp.log(2), 40)) / 2**40
    table.array("FT_LOG2", [log2_head, mp.log(2) - log2_head], "log 2: 40 bits + the rest")
    table.scalar("FT_HALF_PI", turn)
    table.scalar("FT_TWO_OVER_PI", 2 / mp.pi)
    for name, order, second in (("j0", 0, 0), ("j1", 1, 0), ("y0", 0, 1), ("y1", 1, 1)):
        found = zeros(order, bool(second), SPLIT_SMALL, SPLIT_ASYMPTOTIC + 3)
        function = mp.bessely if second else mp.besselj
        rows = []
        for z in found:
            high = float(z)
            slope = function(order, z, derivative=1)
            rows.append((high, float(z - mpf(high)), float(slope)))
        table.lines.append("/* zeros in two parts, and the derivative there */")
        table.lines.append(f"static const double FT_{name.upper()}_ZEROS[{len(rows)}][3] = {{")
        table.lines += [f"    {{{a.hex()}, {b.hex()}, {c.hex()}}}," for a, b, c in rows]
        table.lines.append("};")
    with mp.workdps(450):
        bits = int(mp.floor(mp.ldexp(1 / mp.pi, 64 * PI_WORDS)))
    words = [(bits >> (64 * (PI_WORDS - 1 - i))) & (2**64 - 1) for i in range(PI_WORDS)]
    table.lines.append("/* 1/pi in binary: 64 zeros, then the digits after the point */")
    table.lines.append(f"static const uint64_t FT_INVERSE_PI[{PI_WORDS + 1}] = {{")
    table.lines += [f"    0x{w:016x}," for w in [0, *words]]
    table.lines.append("};")
    print("\n".join(table.report if "--check" in sys.argv else table.lines))


if __name__ == "__main__":
    main()
