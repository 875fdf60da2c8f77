"""The integral families of table 4.1 of the QUADPACK book, with their integrals.

Piessens, de Doncker-Kapenga, Ueberhuber, Kahaner, QUADPACK, Springer 1983. The integrals are
in tests/data/quad.csv, with their generator beside them.
"""

import csv
import math
from pathlib import Path

PI_4 = math.pi / 4

# Limits, places of interior difficulty, integrand.
FAMILIES = {
    1: (0, 1, None, lambda x, p: x**p * math.log(1 / x)),
    2: (0, 1, [PI_4], lambda x, p: 4**-p / ((x - PI_4) ** 2 + 16**-p)),
    3: (0, math.pi, None, lambda x, p: math.cos(2**p * math.sin(x))),
    7: (0, 1, [1 / 3], lambda x, p: abs(x - 1 / 3) ** p),
    8: (0, 1, [PI_4], lambda x, p: abs(x - PI_4) ** p),
    9: (-1, 1, None, lambda x, p: 1 / ((x + 1 + 2**-p) * math.sqrt((1 - x) * (1 + x)))),
    10: (0, math.pi / 2, None, lambda x, p: math.sin(x) ** (p - 1)),
    11: (0, 1, None, lambda x, p: math.log(1 / x) ** (p - 1)),
    12: (0, 1, None, lambda x, p: math.exp(20 * (x - 1)) * math.sin(2**p * x)),
    13: (0, 1, None, lambda x, p: math.cos(2**p * x) / math.sqrt(x * (1 - x))),
    14: (0, math.inf, None, lambda x, p: math.exp(-(2**-p) * x) * math.cos(x) / math.sqrt(x)),
    15: (0, math.inf, None, lambda x, p: x * x * math.exp(-(2**-p) * x)),
    16: (0, math.inf, None, lambda x, p: x ** (p - 1) / (1 + 10 * x) ** 2),
}


def rows():
    """Family, parameter and integral of every row of the table."""
    path = Path(__file__).resolve().parents[1] / "data" / "quad.csv"
    with path.open() as file:
        for row in csv.DictReader(file):
            yield int(row["family"]), float(row["parameter"]), float(row["integral"])
