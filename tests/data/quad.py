"""Write quad.csv: the integral families of table 4.1 of Piessens et al., QUADPACK, 1983.

Usage: python tests/data/quad.py > tests/data/quad.csv

Each row is family, parameter, integral. The families keep the numbers of the table; 4 to 6
repeat 1 to 3 and 17 is a principal value. Closed forms, evaluated with 50 digits at the
parameter as a double.
"""

from mpmath import atan, besselj, cos, exp, gamma, mp, mpf, pi, sin, sqrt

mp.dps = 50


def family_12(a):
    """The integral of exp(20 (x - 1)) sin(2^a x) over [0, 1]."""
    w = 2**a
    return (20 * sin(w) - w * cos(w) + w * exp(-20)) / (400 + w * w)


FORMS = {
    1: lambda a: 1 / (1 + a) ** 2,
    2: lambda a: atan((4 - pi) * 4 ** (a - 1)) + atan(pi * 4 ** (a - 1)),
    3: lambda a: pi * besselj(0, 2**a),
    # 1/3 as the double that the integrand subtracts; pi/4 likewise.
    7: lambda a: ((1 - mpf(1 / 3)) ** (a + 1) + mpf(1 / 3) ** (a + 1)) / (a + 1),
    8: lambda a: ((1 - mpf(float(pi / 4))) ** (a + 1) + mpf(float(pi / 4)) ** (a + 1)) / (a + 1),
    9: lambda a: pi / sqrt((1 + mpf(2) ** -a) ** 2 - 1),
    10: lambda a: 2 ** (a - 2) * gamma(a / 2) ** 2 / gamma(a),
    11: lambda a: gamma(a),
    12: family_12,
    13: lambda a: pi * cos(2 ** (a - 1)) * besselj(0, 2 ** (a - 1)),
    14: lambda a: sqrt(pi) * (1 + mpf(4) ** -a) ** -mpf(0.25) * cos(atan(2**a) / 2),
    15: lambda a: mpf(2) ** (3 * a + 1),
    16: lambda a: 10**-a * (1 - a) * pi / sin(pi * a),
}

# First, last and number of parameters: the ranges of the table, 14 to 16 as there.
GRIDS = {
    1: (-0.9, 2.6, 36),
    2: (0.0, 20.0, 41),
    3: (0.0, 10.0, 41),
    7: (-0.8, 2.1, 30),
    8: (-0.8, 2.1, 30),
    9: (1.0, 20.0, 39),
    10: (0.1, 2.0, 39),
    11: (0.1, 2.0, 39),
    12: (0.0, 9.0, 37),
    13: (0.0, 8.0, 33),
    14: (0.0, 6.0, 25),
    15: (0.0, 5.0, 21),
    16: (0.1, 1.9, 36),
}


def main():
    """Print the rows."""
    print("family,parameter,integral")
    for family, (first, last, count) in GRIDS.items():
        for k in range(count):
            a = first + k * (last - first) / (count - 1)
            if family == 16 and a == 1.0:
                continue
            print(f"{family},{a!r},{mp.nstr(FORMS[family](mpf(a)), 20)}")


if __name__ == "__main__":
    main()
