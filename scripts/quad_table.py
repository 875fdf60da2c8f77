"""Write the Gauss-Kronrod tables of `fortran/integrate/quad_table.inc`.

Usage: python scripts/quad_table.py > fortran/integrate/quad_table.inc

The Stieltjes polynomial E of degree n + 1 is the one for which P_n E is orthogonal to every
polynomial of degree at most n (Kronrod 1965). Its coefficients solve a small linear system,
set up and solved with 100 digits; the weights integrate the Lagrange polynomials exactly.
"""

import sys
from collections.abc import Callable
from itertools import pairwise

from mpmath import mp, mpf

mp.dps = 100
DIGITS = 33

Rule = tuple[list[mpf], list[mpf]]


def legendre(n: int, x: mpf) -> mpf:
    """P_n(x) by its three-term recurrence."""
    before, value = mpf(0), mpf(1)
    for k in range(n):
        before, value = value, ((2 * k + 1) * x * value - k * before) / (k + 1)
    return value


def gauss(n: int) -> Rule:
    """Nodes, ascending, and weights of the n-point Gauss-Legendre rule."""
    nodes = []
    for k in range(n, 0, -1):
        guess = mp.cos(mp.pi * (k - mpf(1) / 4) / (n + mpf(1) / 2))
        for _ in range(10):
            slope = n * (guess * legendre(n, guess) - legendre(n - 1, guess)) / (guess**2 - 1)
            guess -= legendre(n, guess) / slope
        nodes.append(guess)
    weights = [2 * (1 - x * x) / ((n + 1) * legendre(n + 1, x)) ** 2 for x in nodes]
    return nodes, weights


def bisect(f: Callable[[mpf], mpf], low: mpf, high: mpf) -> mpf:
    """Find the root of f between `low` and `high`, where it changes sign."""
    sign = f(low)
    assert sign * f(high) < 0
    for _ in range(mp.prec + 4):
        middle = (low + high) / 2
        if sign * f(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def kronrod(n: int) -> Rule:
    """Nodes, ascending, and weights of the (2n + 1)-point Kronrod extension."""
    exact_nodes, exact_weights = gauss(2 * n + 4)

    def integral(f: Callable[[mpf], mpf]) -> mpf:
        return mp.fsum(w * f(x) for x, w in zip(exact_nodes, exact_weights, strict=True))

    # E = P_{n+1} + sum_j c_j P_j with j of the parity of n + 1; test functions P_i likewise.
    free = list(range((n + 1) % 2, n + 1, 2))

    def moment(i: int, j: int) -> mpf:
        return integral(lambda x: legendre(n, x) * legendre(i, x) * legendre(j, x))

    # P_n E against P_i, i <= n of odd total parity; the others vanish by symmetry.
    tests = [i for i in range(n + 1) if (n + n + 1 + i) % 2 == 0]
    matrix = mp.matrix([[moment(i, j) for j in free] for i in tests])
    right = mp.matrix([-moment(i, n + 1) for i in tests])
    coefficients = mp.lu_solve(matrix, right)

    def stieltjes(x: mpf) -> mpf:
        return legendre(n + 1, x) + mp.fsum(
            c * legendre(j, x) for c, j in zip(coefficients, free, strict=True)
        )

    inner, _ = gauss(n)
    edges = [mpf(-1) - mpf(1) / 100, *inner, mpf(1) + mpf(1) / 100]
    outer = [bisect(stieltjes, low, high) for low, high in pairwise(edges)]
    nodes = sorted(inner + outer)

    def weight(k: int) -> mpf:
        def lagrange(x: mpf) -> mpf:
            return mp.fprod((x - t) / (nodes[k] - t) for i, t in enumerate(nodes) if i != k)

        return integral(lagrange)

    return nodes, [weight(k) for k in range(len(nodes))]


def check(nodes: list[mpf], weights: list[mpf], degree: int) -> None:
    """Assert that the rule is exact up to `degree`, and no further."""
    for power in range(degree + 3):
        value = mp.fsum(w * x**power for x, w in zip(nodes, weights, strict=True))
        right = mpf(2) / (power + 1) if power % 2 == 0 else mpf(0)
        exact = abs(value - right) < mpf(10) ** -80
        assert exact == (power <= degree or power % 2 == 1), (power, value - right)


def declare(name: str, text: str, values: list[mpf]) -> None:
    """Print one named constant."""
    print(f"   ! {text}")
    print(f"   real(dp), parameter :: {name}({len(values)}) = [ &")
    for i, value in enumerate(values):
        end = "]" if i + 1 == len(values) else ", &"
        print(f"      {mp.nstr(value, DIGITS, min_fixed=-mp.inf, max_fixed=mp.inf)}_dp{end}")


def main() -> None:
    """Print the tables of the 21- and the 15-point rule, positive nodes descending."""
    print(f"! python scripts/quad_table.py, mpmath, {DIGITS} digits.")
    for n in (10, 7):
        nodes, weights = kronrod(n)
        check(nodes, weights, 3 * n + 1 + n % 2)
        gauss_nodes, gauss_weights = gauss(n)
        check(gauss_nodes, gauss_weights, 2 * n - 1)
        size = 2 * n + 1
        declare(f"node{size}", f"Positive nodes of the {size}-point Kronrod rule.", nodes[:n:-1])
        declare(
            f"weight{size}", "Their weights; the last is that of the centre.", weights[: n - 1 : -1]
        )
        # The Gauss rule owns every second node, counted from the outermost but one.
        declare(
            f"gauss{n}",
            f"Weights of the {n}-point Gauss rule, outermost node first.",
            gauss_weights[: (n - 1) // 2 : -1] if n % 2 == 0 else gauss_weights[: n // 2 - 1 : -1],
        )
        print(f"n = {n}: exact to degree {3 * n + 1 + n % 2}", file=sys.stderr)


if __name__ == "__main__":
    main()
